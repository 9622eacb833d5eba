"""Erosions on a film: round defects at a bone's edge that let the level of the soft parts through.

The shapes are the simulator's (`disease.lesions`) seen along the beam: a defect is a ball drawn out along the beam, so
that it takes all of the bone at its thin edge and a part of it deeper in. Sizes, grades and places are the simulator's
too (`disease.erosions`, `disease.bare_areas`); how a bone's depth grows inward from its edge is an ellipse's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter

from opensvh.simulation.disease.lesions import RIM_SHARE, THROUGH
from opensvh.simulation.edited_films.grain import Grain
from opensvh.simulation.edited_films.outline import Outline
from opensvh.simulation.edited_films.places import Picture, Plane, Window

UNSHARP_MM = 0.13
"""SD of the Gaussian that a defect's border is seen through: as sharp as the bone's own edges on the films."""
ROUGH = 0.07
"""SD of a defect's radius around it, in shares: a scalloped border."""
SOLID_MM = 0.5
"""Deeper than this under the edge even what is darker than the soft parts (a gap between trabeculae) is levelled."""
OUTSIDE_MM = (0.7, 1.05)
"""Beyond the edge a loss fades out between these distances: the edge is unsharp, what lies further is another bone."""
KEPT = (0.16, 0.12)
"""Mean and SD of the share of bone that even a defect's middle leaves before and behind it; our choice."""
RIM_GAIN = 0.22
"""How much denser a rim is than the bone it lies in; our choice."""


@dataclass(frozen=True)
class Defect:
    """A ball of bone that is gone: centre in the outline's frame and radius in mm; `through` is the share of the bone
    along the beam that its middle takes; `rim_mm` of dense bone around it; `wobble` are amplitudes and phases of the
    harmonics 2 to 4 of its border."""

    across: float
    along: float
    radius: float
    through: float
    rim_mm: float = 0.0
    wobble: Plane = field(default_factory=lambda: np.zeros((3, 2)))

    def reach(self, across: Plane, along: Plane) -> Plane:
        """Distance from the centre in radii; 1 on the border."""
        right, up = across - self.across, along - self.along
        angle = np.arctan2(right, up)
        border = np.ones_like(angle)
        for number, (size, phase) in enumerate(self.wobble, start=2):
            border += size * np.cos(number * angle + phase)
        return np.asarray(np.hypot(right, up) / (self.radius * np.maximum(border, 0.4)))


def draw_wobble(rng: np.random.Generator) -> Plane:
    """Amplitudes and phases of an uneven border."""
    sizes = rng.normal(0, ROUGH, 3)
    return np.column_stack([sizes, rng.uniform(0, 2 * np.pi, 3)])


def through_share(radius: float, width_mm: float) -> float:
    """Share of the bone along the beam that a defect takes: small ones pass through the thin edge they lie at."""
    return float(np.interp(radius / width_mm, (0.12, 0.25), THROUGH[::-1]))


def eroded_picture(
    pixels: Picture, outline: Outline, defects: Sequence[Defect], grain: Grain, rng: np.random.Generator
) -> Picture:
    """The film with the defects of one bone's end."""
    if not defects:
        return pixels
    window = _window(pixels, outline, defects)
    before = pixels[window.part].astype(np.float64)
    angle = np.degrees(np.arctan2(window.across, window.along))
    depth = outline.edge(angle) - np.hypot(window.across, window.along)
    lost, rim = _lost(outline, defects, window.across, window.along, depth)
    unsharp = UNSHARP_MM * outline.frame.scale
    lost *= 1 - _kept(lost.shape, outline.frame.scale, rng) * np.clip((depth - 0.5) / 1.5, 0, 1)
    lost = gaussian_filter(lost * np.interp(-depth, OUTSIDE_MM, (1.0, 0.0)), unsharp)
    bone = before - outline.beyond_level(window.across, window.along)
    bone = np.where(depth > SOLID_MM, bone, np.maximum(bone, 0))
    after = before - lost * bone + RIM_GAIN * gaussian_filter(rim, unsharp) * (1 - lost) * np.maximum(bone, 0)
    noise = grain.beside(before, (depth < -0.3) & (depth > -3.0)).drawn(before.shape, rng)
    after += np.sqrt(1 - (1 - np.clip(lost, 0, 1)) ** 2) * noise
    edited = pixels.copy()
    edited[window.part] = np.clip(after, 0, 1).astype(np.float32)
    return edited


def _window(pixels: Picture, outline: Outline, defects: Sequence[Defect]) -> Window:
    """The part of the film that the defects lie in."""
    low = np.min([(d.across - 1.6 * d.radius, d.along - 1.6 * d.radius) for d in defects], axis=0) - 1.5
    high = np.max([(d.across + 1.6 * d.radius, d.along + 1.6 * d.radius) for d in defects], axis=0) + 1.5
    return outline.frame.window(pixels.shape, (low[0], high[0]), (low[1], high[1]))


def _kept(shape: tuple[int, ...], scale: float, rng: np.random.Generator) -> Plane:
    """Share of the bone that a defect leaves at each place, uneven over about a millimetre."""
    uneven = gaussian_filter(rng.standard_normal(shape), 0.7 * scale)
    return np.asarray(np.clip(KEPT[0] + KEPT[1] * uneven / max(float(uneven.std()), 1e-12), 0.0, 0.6))


def _lost(
    outline: Outline, defects: Sequence[Defect], across: Plane, along: Plane, depth: Plane
) -> tuple[Plane, Plane]:
    """Share of the bone along the beam that is gone, and where rims lie, each in [0, 1]."""
    left, rim = np.ones_like(across), np.zeros_like(across)
    thick = _thickness(depth, outline.width_mm)
    for defect in defects:
        reach = defect.reach(across, along)
        chord = np.sqrt(np.maximum(1 - reach**2, 0))
        probe = float(_thickness(np.array(_depth_at(outline, defect)), outline.width_mm))
        left *= 1 - np.clip(1.25 * defect.through * chord * probe / thick, 0, 1)
        if defect.rim_mm > 0:
            band = 1 + min(defect.rim_mm / defect.radius, RIM_SHARE * 2)
            rim = np.maximum(rim, np.where((reach > 0.97) & (reach < band) & (depth > 0), 1.0, 0.0))
    return 1 - left, rim


def _depth_at(outline: Outline, defect: Defect) -> float:
    """How deep under the edge a defect's inner part lies, in mm."""
    angle = float(np.degrees(np.arctan2(defect.across, defect.along)))
    return float(outline.edge(angle)) - float(np.hypot(defect.across, defect.along)) + 0.3 * defect.radius


def _thickness(depth: Plane, width_mm: float) -> Plane:
    """How thick the bone is along the beam at a depth under its edge, in shares of its greatest."""
    inward = np.clip(2 * depth / width_mm, 0.0, 1.0)
    return np.asarray(np.maximum(np.sqrt(1 - (1 - inward) ** 2), 0.25))
