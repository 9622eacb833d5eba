"""The space of a joint on a film: the dark valley between two subchondral lines, as a parabola across the joint.

A parabola cannot run astray as a free trace can, and is smooth enough to cut the film along. The joint's centre is
only where the search begins.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter1d

from opensvh.simulation.edited_films.places import STEP_MM, JointPlace, Picture, Plane

LINE_REACH_MM = 3.0
"""How far from the floor of the space its subchondral line is looked for."""
REACH_MM = 3.0
"""How far along the axis the space may lie from the joint's centre."""
FARTHEST_MM = 2.05
"""A valley further than this from the joint's centre belongs to something else."""
GAPS_MM = (0.35, 2.8)
"""Widths between which a space is a healthy adult's; a growing end has its cartilage plate near by."""
LINE_SHARE = 0.6
"""The first peak that rises at least this share of the highest one's height is the subchondral line."""


@dataclass(frozen=True)
class JointSpaceFound:
    """A space in its joint's frame: the middle line `level + slope x + curve x^2` at x mm across, and its width in mm.

    `depth` is the valley's depth as a share of the grey range around.
    """

    level: float
    slope: float
    curve: float
    gap_mm: float
    depth: float
    half_mm: float

    def middle(self, across: Plane) -> Plane:
        """The middle line in mm along; straight on beyond the measured part."""
        edge = 1.25 * self.half_mm
        near = np.clip(across, -edge, edge)
        tangent = self.slope + 2 * self.curve * near
        return np.asarray(self.level + self.slope * near + self.curve * near**2 + 0.5 * tangent * (across - near))


def find_space(pixels: Picture, place: JointPlace) -> JointSpaceFound | None:
    """The space of a joint; None where no valley is seen."""
    half = place.span.half_mm
    picture = place.frame.picture(pixels, place.room_mm + 1.0, REACH_MM + LINE_REACH_MM + 3.0)[::-1]
    quiet = gaussian_filter(picture.astype(np.float64), 0.15 / STEP_MM)
    contrast = float(np.ptp(np.percentile(quiet, (3, 97))))
    if contrast < 1e-3:
        return None
    level, slope, curve, depth = _best_parabola(quiet, half, place.span.curves)
    across = (np.arange(quiet.shape[1]) - quiet.shape[1] // 2) * STEP_MM
    straight = _straightened(quiet, across, (level, slope, curve), half)
    margins = _margins(straight)
    if depth < place.span.least_depth * contrast or margins is None:
        return None
    proximal, distal = margins
    middle, gap = level + (proximal + distal) / 2, distal - proximal
    if not (GAPS_MM[0] <= gap <= GAPS_MM[1]) or abs(level) > FARTHEST_MM:
        return None
    return JointSpaceFound(middle, slope, curve, gap, depth / contrast, half)


@lru_cache(maxsize=8)
def _parabolas(bounds: tuple[float, float]) -> Plane:
    """Every parabola that is tried: level (mm), slope, curve (1/mm); [curves, 3]."""
    levels = np.arange(-REACH_MM, REACH_MM + 0.01, STEP_MM)
    slopes = np.linspace(-0.36, 0.36, 13)
    curves = np.linspace(*bounds, 7)
    return np.stack(np.meshgrid(levels, slopes, curves, indexing="ij"), -1).reshape(-1, 3)


def _best_parabola(quiet: Plane, half: float, curves: tuple[float, float]) -> tuple[float, float, float, float]:
    """The parabola along which the valley is deepest, near the centre for choice, and that depth."""
    span = round(LINE_REACH_MM / STEP_MM)
    above = maximum_filter1d(quiet, span, axis=0, origin=-(span // 2), mode="nearest")
    below = maximum_filter1d(quiet, span, axis=0, origin=(span - 1) // 2, mode="nearest")
    valley = np.minimum(above, below) - quiet
    across = np.arange(-half, half + 0.01, 2 * STEP_MM)
    tried = _parabolas(curves)
    rows = tried[:, :1] + tried[:, 1:2] * across + tried[:, 2:] * across**2
    index = np.clip(np.rint(rows / STEP_MM).astype(int) + quiet.shape[0] // 2, 0, quiet.shape[0] - 1)
    columns = np.rint(across / STEP_MM).astype(int) + quiet.shape[1] // 2
    depth = valley[index, columns].mean(axis=1)
    wander = 1 - 0.09 * np.abs(tried[:, 0]) - 0.25 * np.abs(tried[:, 1])
    best = int((depth * wander).argmax())
    level, slope, curve = (float(value) for value in tried[best])
    return level, slope, curve, float(depth[best])


def _straightened(quiet: Plane, across: Plane, line: tuple[float, float, float], half: float) -> Plane:
    """The mean profile along the axis around the middle line: from proximal to distal, [rows] at `STEP_MM`."""
    level, slope, curve = line
    near = np.abs(across) <= half
    rows = np.arange(-LINE_REACH_MM, LINE_REACH_MM + 0.01, STEP_MM)[:, None]
    middle = level + slope * across[near] + curve * across[near] ** 2
    return np.asarray(_sample(quiet[:, near], rows + middle).mean(axis=1))


def _sample(picture: Plane, along: Plane) -> Plane:
    """Linear in the rows, at `along` [places, columns] mm."""
    rows = np.clip(along / STEP_MM + picture.shape[0] // 2, 0, picture.shape[0] - 1.001)
    low = rows.astype(int)
    columns = np.broadcast_to(np.arange(picture.shape[1]), rows.shape)
    share = rows - low
    return np.asarray((1 - share) * picture[low, columns] + share * picture[low + 1, columns])


def _margins(profile: Plane) -> tuple[float, float] | None:
    """Proximal and distal margin in mm from the profile's middle, half way up from the floor to the line beyond."""
    middle, near = len(profile) // 2, round(0.9 / STEP_MM)
    floor = middle - near + int(profile[middle - near : middle + near + 1].argmin())
    proximal, distal = _rise(profile[floor::-1]), _rise(profile[floor:])
    if proximal is None or distal is None:
        return None
    return (floor - proximal - middle) * STEP_MM, (floor + distal - middle) * STEP_MM


def _rise(profile: Plane) -> float | None:
    """Samples from the floor to half the height of the first line beyond."""
    rise = profile - profile[0]
    if len(rise) < 4 or rise.max() <= 1e-4:
        return None
    peaks = [i for i in range(1, len(rise) - 1) if rise[i - 1] <= rise[i] > rise[i + 1]]
    high = [i for i in peaks if rise[i] >= LINE_SHARE * rise.max()]
    line = high[0] if high else int(rise.argmax())
    beyond = int(np.argmax(rise[: line + 1] >= rise[line] / 2))
    return beyond - 1 + float((rise[line] / 2 - rise[beyond - 1]) / (rise[beyond] - rise[beyond - 1]))
