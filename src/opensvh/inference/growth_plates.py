"""Whether growth plates are open: looked for where they lie, in the bones beside the joints that were found.

An open plate is a dark line across a bone some millimetres from its joint. Levels along the bone are read there and
weighed; the weights come from simulated films (`validation/growth_plates.py`), since real films of children are few.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import SITE_TABLE_VERSION, Limb
from opensvh.domain.errors import BundleInvalid
from opensvh.domain.geometry import Point
from opensvh.domain.placement import LimbPlacement, Pose, Skeleton
from opensvh.domain.reading import FilmReading
from opensvh.inference.shape_model import ShapeFit, canonical_points, film_point, fitted
from opensvh.inference.shape_model_file import shipped_shape_models

SHIPPED_WEIGHTS = Path(__file__).with_name("growth_plates.json")
STEPS, ALONG, HALF_WIDTH, LINES = 48, (-0.02, 0.12), 0.012, 9
"""Levels along a bone: so many, from before its joint to beyond its plate, mean of lines across; in limb lengths (a
hand's hundredth is 2 mm)."""
SMOOTHING = 0.0015
"""Standard deviation of what levels are smoothed by, so that films of any sharpness compare."""
TREND = 2
"""Degree of the polynomial taken off along the bone: soft parts and the bone's waist are no plates."""
FLAT = 1e-4

Profile = NDArray[np.float64]


@dataclass(frozen=True)
class PlateWeights:
    """What a profile is worth, by kind of bone end: `weights` [STEPS] and `offset`; a film whose kinds have a mean
    worth above `threshold` shows open plates."""

    weights: Mapping[str, Profile]
    offset: Mapping[str, float]
    threshold: float


@dataclass(frozen=True)
class _BoneEnd:
    """Where a plate is looked for: from joint `at` along the digit from `near` to `far`, or along the limb's own axis;
    towards the body where it is `backwards`."""

    kind: str
    at: str
    near: str = ""
    far: str = ""
    backwards: bool = False


BONE_ENDS: Mapping[Limb, tuple[_BoneEnd, ...]] = {
    Limb.HAND: (
        *(_BoneEnd("proximal phalanx", f"MCP{digit}", f"MCP{digit}", f"PIP{digit}") for digit in range(2, 6)),
        *(_BoneEnd("middle phalanx", f"PIP{digit}", f"MCP{digit}", f"PIP{digit}") for digit in range(2, 6)),
        *(_BoneEnd("metacarpal head", f"MCP{digit}", backwards=True) for digit in range(2, 6)),
        _BoneEnd("radius", "RADIUS", backwards=True),
    ),
    Limb.FOOT: (
        _BoneEnd("proximal phalanx of the hallux", "MTP1", "MTP1", "IP1"),
        _BoneEnd("distal phalanx of the hallux", "IP1", "MTP1", "IP1"),
        *(_BoneEnd("proximal phalanx", f"MTP{digit}") for digit in range(2, 6)),
        *(_BoneEnd("metatarsal head", f"MTP{digit}", backwards=True) for digit in range(2, 6)),
    ),
}
"""The bone ends whose plates close last and lie near scored joints (Greulich and Pyle 1959; the thumb's distal phalanx
and the ulna told little on simulated films)."""


def with_plates(pixels: NDArray[np.float32], reading: FilmReading, placement: LimbPlacement) -> LimbPlacement:
    """The placement with a growing skeleton where plates are seen open, and how sure that is; what was said of the
    skeleton before stands where too few bone ends are seen or where none looks open.

    `pixels` of the film as stored, [rows, columns] in [0, 1]; the reading's joints lie as the placement says.
    """
    fit = fitted(shipped_shape_models()[reading.limb], canonical_points(reading.points, placement.pose))
    if fit is None:
        return placement
    weights = shipped_plate_weights()[reading.limb]
    points = {name: at for name, at in reading.points.items() if name not in fit.strays}
    worth = growing_worth(weights, plate_profiles(reading.limb, pixels, points, placement.pose, fit))
    if worth is None or (worth <= weights.threshold and placement.skeleton is Skeleton.GROWING):
        return placement
    share = 1 / (1 + math.exp(weights.threshold - worth))
    skeleton = Skeleton.GROWING if worth > weights.threshold else Skeleton.ADULT
    return replace(placement, skeleton=skeleton, confidence={**placement.confidence, "skeleton": max(share, 1 - share)})


def plate_profiles(
    limb: Limb, pixels: NDArray[np.float32], points: Mapping[str, Point], pose: Pose, fit: ShapeFit
) -> dict[str, list[Profile]]:
    """Levels along every bone end whose joints were found, by kind: each [STEPS] of mean 0 and deviation 1.

    `points` in pixels of the film as stored, lying in `pose` and fitted as `fit`.
    """
    smooth = cv2.GaussianBlur(pixels, (0, 0), max(SMOOTHING * fit.length_px, 0.5))
    profiles: dict[str, list[Profile]] = {}
    for end, start, way in _located(limb, points, pose, fit):
        profiles.setdefault(end.kind, []).append(_normal(_levels(np.asarray(smooth), start, way, fit.length_px)))
    return profiles


def growing_worth(weights: PlateWeights, profiles: Mapping[str, list[Profile]]) -> float | None:
    """How much the bone ends look like those with open plates, 0 where as much as not; None where too few are seen."""
    kinds = [kind for kind in weights.weights if profiles.get(kind)]
    if 2 * len(kinds) < len(weights.weights):
        return None
    worths = [
        np.mean([weights.weights[kind] @ each + weights.offset[kind] for each in profiles[kind]]) for kind in kinds
    ]
    return float(np.mean(worths))


@cache
def shipped_plate_weights() -> Mapping[Limb, PlateWeights]:
    """The weights that come with the package; raises BundleInvalid where they are damaged."""
    try:
        content = json.loads(SHIPPED_WEIGHTS.read_text(encoding="utf-8"))
        if content["site_table"] != SITE_TABLE_VERSION:
            raise ValueError(f"made for site table {content['site_table']!r}")
        return {Limb(limb): _weights(each) for limb, each in content["limbs"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleInvalid(f"{SHIPPED_WEIGHTS}: holds no weights ({error}); install the package again") from error


def _weights(content: Mapping[str, object]) -> PlateWeights:
    weights, offset = content["weights"], content["offset"]
    if not isinstance(weights, dict) or not isinstance(offset, dict) or weights.keys() != offset.keys():
        raise ValueError("weights and offsets differ")
    arrays = {kind: np.asarray(each, np.float64) for kind, each in weights.items()}
    if any(each.shape != (STEPS,) for each in arrays.values()):
        raise ValueError(f"not {STEPS} weights a bone end")
    return PlateWeights(arrays, {kind: float(each) for kind, each in offset.items()}, float(str(content["threshold"])))


def _located(
    limb: Limb, points: Mapping[str, Point], pose: Pose, fit: ShapeFit
) -> Iterator[tuple[_BoneEnd, Point, Point]]:
    """Each bone end with its joint and the unit vector along the bone, in film pixels."""
    turned = math.radians(fit.turned_cw_deg)
    upwards = film_point(Point(math.sin(turned), -math.cos(turned)), pose)
    for end in BONE_ENDS[limb]:
        if any(name not in points for name in (end.at, end.near or end.at, end.far or end.at)):
            continue
        way = _unit(points[end.near], points[end.far]) if end.near else upwards
        yield end, points[end.at], Point(-way.x, -way.y) if end.backwards else way


def _unit(near: Point, far: Point) -> Point:
    length = math.hypot(far.x - near.x, far.y - near.y) or 1.0
    return Point((far.x - near.x) / length, (far.y - near.y) / length)


def _levels(smooth: NDArray[np.float32], start: Point, way: Point, limb_px: float) -> Profile:
    """Levels [STEPS] along the way, the mean of lines on both sides of it."""
    along = np.linspace(*ALONG, STEPS)[:, None] * limb_px
    across = np.linspace(-HALF_WIDTH, HALF_WIDTH, LINES)[None, :] * limb_px
    x = (start.x + along * way.x - across * way.y).astype(np.float32)
    y = (start.y + along * way.y + across * way.x).astype(np.float32)
    levels = cv2.remap(smooth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.mean(levels, axis=1), np.float64)


def _normal(levels: Profile) -> Profile:
    places = np.linspace(-1, 1, STEPS)
    rest = levels - np.polyval(np.polyfit(places, levels, TREND), places)
    return np.asarray(rest / (rest.std() + FLAT))
