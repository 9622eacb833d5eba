"""What one upright film looks like, in numbers: grey levels, spectrum, profiles, contrast, texture, framing.

Lengths are in units of the limb (`sampling.unit_px`), grey levels in [0, 1] of the film's range. How two sets of films
differ is `realism`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point
from opensvh.evaluation.bone_profiles import JointProfile, ShaftProfile
from opensvh.evaluation.limb_axes import JOINT_GROUPS, joint_axis, shaft_axes
from opensvh.evaluation.sampling import Pixels, patch, profile, unit_px
from opensvh.evaluation.texture import anisotropy, band_energy, power_spectrum

Curve = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEVELS = 64
PATCH, PATCH_UNITS = 192, 0.45
"""A joint's square: pixels of a side, and the side in units (about 28 mm, so 0.15 mm a pixel)."""
SHAFT_REACH, SHAFT_BAND, JOINT_REACH, JOINT_BAND = 0.2, 0.08, 0.1, 0.04
"""Half lengths of the profiles and the width they are averaged over, in units (0.1: about 6 mm)."""
SAMPLES = 161
TEXTURE_BESIDE, TEXTURE_SIDE = 0.12, 0.085
"""Spongy bone is looked at this far from a joint along its axis, in a square of this side, in units."""
TEXTURE_PX = 36
TEXTURED = {Limb.HAND: ("MCP2", "MCP3", "MCP4", "MCP5", "RADCAR"), Limb.FOOT: ("MTP1",)}
"""Joints with spongy bone as wide as the square beside them; texture is taken on their proximal side."""


@dataclass(frozen=True)
class UprightFilm:
    """A film turned digits up and mirrored to a left limb, with its marked points and the limb's silhouette there.

    `tissue` is None where no limb could be made out; `group` names the person, as well as that is known.
    """

    name: str
    group: str
    limb: Limb
    pixels: Pixels
    points: Mapping[str, Point]
    tissue: Mask | None = None


@dataclass(frozen=True)
class FilmMeasures:
    """The numbers of one film.

    `histograms` shares of the levels [64] of film, limb and background; `spectra` mean power [frequencies] of joints
    and of the limb; `profiles` mean level curves by group, background 0 and cortex 1; `scalars` by name with unit;
    `patches` the joints' squares [192, 192] by point.
    """

    name: str
    group: str
    histograms: Mapping[str, Curve]
    spectra: Mapping[str, Curve]
    profiles: Mapping[str, Curve]
    scalars: Mapping[str, float]
    patches: Mapping[str, Pixels] = field(repr=False, default_factory=dict)


def measure_film(film: UprightFilm) -> FilmMeasures:
    """Measure one film; raises ValueError where the points that tell its scale are not marked."""
    unit = unit_px(film.limb, film.points)
    if unit is None or unit < 8:
        raise ValueError(f"{film.name}: the points that tell a {film.limb}'s scale are not marked")
    ground = background_level(film)
    patches = {name: patch(film.pixels, at, PATCH_UNITS * unit, PATCH) for name, at in film.points.items()}
    curves, figures = _profiles(film, unit, ground)
    figures |= _texture(film, unit, ground) | _framing(film, unit) | _grain(film)
    return FilmMeasures(
        name=film.name,
        group=film.group,
        histograms=_histograms(film),
        spectra=_spectra(film, unit, patches),
        profiles=curves,
        scalars={"background level": ground, **figures},
        patches=patches,
    )


def background_level(film: UprightFilm) -> float:
    """Median level beside the limb; the 5th percentile of the film where no silhouette is known or nothing is left."""
    if film.tissue is not None and (~film.tissue).mean() > 0.02:
        return float(np.median(film.pixels[~film.tissue][::7]))
    return float(np.percentile(film.pixels[::4, ::4], 5))


def _histograms(film: UprightFilm) -> dict[str, Curve]:
    parts = {"film": film.pixels}
    if film.tissue is not None:
        parts |= {"limb": film.pixels[film.tissue], "background": film.pixels[~film.tissue]}
    return {name: _histogram(levels) for name, levels in parts.items() if levels.size}


def _histogram(levels: Pixels) -> Curve:
    counts = np.histogram(levels, bins=LEVELS, range=(0.0, 1.0))[0].astype(float)
    return np.asarray(counts / counts.sum())


def _spectra(film: UprightFilm, unit: float, patches: Mapping[str, Pixels]) -> dict[str, Curve]:
    """Joints: the mean over all squares; limb: one square four units wide around the joints' middle."""
    xs, ys = zip(*film.points.values(), strict=True)
    middle = Point(float(np.mean(xs)), float(np.mean(ys)))
    whole = patch(film.pixels, middle, (4.0 if film.limb is Limb.HAND else 2.5) * unit, 2 * PATCH)
    return {
        "joints": np.mean([power_spectrum(each) for each in patches.values()], axis=0),
        "limb": power_spectrum(whole),
    }


def _profiles(film: UprightFilm, unit: float, ground: float) -> tuple[dict[str, Curve], dict[str, float]]:
    """Mean curves by group of bones or joints, and what is read off the single ones."""
    found: dict[str, list[Curve]] = {}
    figures: dict[str, list[float]] = {}
    for group, axis in shaft_axes(film.limb, film.points, unit):
        across = (-axis.direction[1], axis.direction[0])
        levels = profile(film.pixels, axis.centre, across, SHAFT_REACH * unit, SHAFT_BAND * unit, SAMPLES)
        shaft = ShaftProfile(levels, ground, SHAFT_REACH)
        _collect(f"across {group}", shaft.normalised(), shaft.figures(), found, figures)
    for group, names in JOINT_GROUPS[film.limb].items():
        for name in (name for name in names if name in film.points):
            axis = joint_axis(film.limb, name, film.points)
            levels = profile(film.pixels, axis.centre, axis.direction, JOINT_REACH * unit, JOINT_BAND * unit, SAMPLES)
            joint = JointProfile(levels, ground, JOINT_REACH)
            _collect(f"through {group}", joint.normalised(), joint.figures(), found, figures)
    curves = {name: np.mean(each, axis=0) for name, each in found.items()}
    return curves, {name: float(np.mean(each)) for name, each in figures.items()}


def _collect(
    name: str,
    curve: Curve | None,
    read: Mapping[str, float],
    curves: dict[str, list[Curve]],
    figures: dict[str, list[float]],
) -> None:
    if curve is None:
        return
    curves.setdefault(name, []).append(curve)
    for what, value in read.items():
        figures.setdefault(f"{name}: {what}", []).append(value)


def _texture(film: UprightFilm, unit: float, ground: float) -> dict[str, float]:
    """Spongy bone proximal to the large joints: relative strength of its lines, and how much they keep one way."""
    energies, courses = [], []
    for name in (name for name in TEXTURED[film.limb] if name in film.points):
        axis = joint_axis(film.limb, name, film.points)
        length = float(np.hypot(*axis.direction))
        step = TEXTURE_BESIDE * unit / length
        centre = Point(axis.centre.x - step * axis.direction[0], axis.centre.y - step * axis.direction[1])
        square = patch(film.pixels, centre, TEXTURE_SIDE * unit, TEXTURE_PX)
        energies.append(band_energy(square) / max(float(square.mean()) - ground, 0.02))
        courses.append(anisotropy(square, axis.direction))
    if not energies:
        return {}
    return {
        "spongy bone: lines, share of its level": float(np.mean(energies)),
        "spongy bone: lines along the axis (-1 to 1)": float(np.mean(courses)),
    }


def _framing(film: UprightFilm, unit: float) -> dict[str, float]:
    rows, columns = film.pixels.shape
    xs, ys = np.array(list(film.points.values())).T
    low, high = ("CMC3", "MCP3") if film.limb is Limb.HAND else ("MTP1", "IP1")
    tilt = np.degrees(np.arctan2(film.points[high].x - film.points[low].x, film.points[low].y - film.points[high].y))
    share = {} if film.tissue is None else {"framing: limb's share of the film": float(film.tissue.mean())}
    return {
        "framing: width / height": columns / rows,
        "framing: film height, limb units": rows / unit,
        "framing: joints' middle, share of width": float(xs.mean() / columns),
        "framing: joints' middle, share of height": float(ys.mean() / rows),
        "framing: tilt of the axis, degrees": float(tilt),
        **share,
    }


def _grain(film: UprightFilm) -> dict[str, float]:
    """Noise of the background at the file's own pixels: its robust deviation after a Laplacian (Immerkaer 1996)."""
    if film.tissue is None:
        return {}
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32) / 6
    rough = np.abs(cv2.filter2D(film.pixels, -1, kernel)[~film.tissue])
    return {"grain of the background, of 255": float(255 * np.median(rough[::7]) / 0.6745)} if rough.size else {}
