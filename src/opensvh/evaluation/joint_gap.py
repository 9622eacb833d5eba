"""The radiographic joint space on an aligned picture: traced along the joint, its margins found at half height.

At each place across the joint the space is the valley between the two subchondral lines; a margin lies where the grey
level passes half way from the valley's floor to the first line beyond it, as in computed joint space measurement.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d, maximum_filter1d

LINE_REACH_MM = 3.0
"""How far from the floor of the space its subchondral line is looked for."""
LINE_SHARE = 0.6
"""The first peak that rises at least this share of the highest one's height is the line."""
STEEPEST = 1
"""Rows that a trace may move from one column to the next."""
RISE_SMOOTH_MM = 0.12
"""SD of the Gaussian along the axis before slopes are taken."""
LEADS_TO_MM = 0.4
"""A rise counts by the grey level this far behind it: about half the thickness of a subchondral plate."""
FLOOR_POWER = 8
"""How much more a rise is preferred in a hollow bone where it leads up to more: a line's over a lip's."""
BEHIND_MM = 2.5
"""A rise of a bulging bone is preferred less, by a factor of e, for each so many mm of bone before it."""


@dataclass(frozen=True)
class JointSpaceTrace:
    """The space at places across the joint, each array [columns] in mm along the axis from the picture's middle.

    `floor` is the darkest place, `distal` and `proximal` the margins, `distal_line` and `proximal_line` the tops of the
    subchondral lines; the grey levels of the three are `floor_grey`, `distal_grey` and `proximal_grey`. `across_mm` is
    the place across, towards the thumb; columns without a visible space hold NaN.
    """

    across_mm: NDArray[np.float64]
    floor: NDArray[np.float64]
    distal: NDArray[np.float64]
    proximal: NDArray[np.float64]
    distal_line: NDArray[np.float64]
    proximal_line: NDArray[np.float64]
    floor_grey: NDArray[np.float64]
    distal_grey: NDArray[np.float64]
    proximal_grey: NDArray[np.float64]

    @property
    def gap_mm(self) -> NDArray[np.float64]:
        """Width of the space at each place, at right angles to the space."""
        return width_across(self.across_mm, self.proximal, self.distal)

    @property
    def visible(self) -> NDArray[np.bool_]:
        return np.isfinite(self.gap_mm)


def trace_space(
    picture: NDArray[np.floating], step_mm: float, half_mm: float, reach_mm: float, smooth_mm: float = 0.3
) -> JointSpaceTrace:
    """The joint space within `half_mm` either side of the picture's middle and `reach_mm` along the axis.

    `smooth_mm` is the SD of a Gaussian across the joint that quiets noise; nothing is smoothed along the axis.
    """
    quiet = gaussian_filter(picture.astype(np.float64), (0.0, smooth_mm / step_mm))
    middle_row, middle_column = (size // 2 for size in picture.shape)
    half, reach = round(half_mm / step_mm), round(reach_mm / step_mm)
    columns = np.arange(middle_column - half, middle_column + half + 1)
    # From here on index 0 of a profile is the most proximal row: along the axis, upward.
    profiles, middle = quiet[::-1, columns].T, picture.shape[0] - 1 - middle_row
    span = round(LINE_REACH_MM / step_mm)
    floor = _steady_path(_valley_depth(profiles, span), middle, reach)
    measured = [_margins(profile, place, span) for profile, place in zip(profiles, floor, strict=True)]
    table = np.array(measured, dtype=np.float64).T
    table[:5] = (table[:5] - middle) * step_mm
    return JointSpaceTrace((columns - middle_column) * step_mm, *table)


def trace_margin(
    picture: NDArray[np.floating], step_mm: float, half_mm: float, reach_mm: float, distal: bool, hollow: bool
) -> NDArray[np.float64]:
    """Subchondral margin of a bone that is alone on the picture, in mm along the axis at each place across, [columns].

    The bone lies above the picture's middle where it is the `distal` one. A `hollow` bone's margin is the steepest rise
    that leads up to the bright line of its floor: a lip beyond that line rises too, but to less. A bulging bone's is
    its outline: what rises behind that is another side of the bone. NaN where there is no bone.
    """
    quiet = gaussian_filter(picture.astype(np.float64), (0.0, 0.3 / step_mm))
    middle_row, middle_column = (size // 2 for size in picture.shape)
    half, reach = round(half_mm / step_mm), round(reach_mm / step_mm)
    columns = np.arange(middle_column - half, middle_column + half + 1)
    inward = quiet[::-1, columns].T if distal else quiet[:, columns].T
    middle = picture.shape[0] - 1 - middle_row if distal else middle_row
    rise = gaussian_filter1d(inward, RISE_SMOOTH_MM / step_mm, axis=1, order=1)
    leads_to = np.roll(inward, -round(LEADS_TO_MM / step_mm), axis=1)
    steep = np.maximum(rise, 0) * leads_to
    preferred = steep * (leads_to ** (FLOOR_POWER - 1) if hollow else np.exp(-inward / BEHIND_MM))
    path = [_uphill(each, row) for each, row in zip(steep, _steady_path(preferred, middle, reach), strict=True)]
    found = [row + _vertex(each, row) if each[row] > 0 else np.nan for each, row in zip(steep, path, strict=True)]
    places = (np.array(found) - middle) * step_mm
    return np.asarray(places if distal else -places)


def width_across(
    across_mm: NDArray[np.float64], proximal: NDArray[np.float64], distal: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Width of a space at right angles to it, in mm, from its margins in mm along the axis at places across it.

    The slope is that of a cubic through the middle line; with fewer than six places the width along the axis is given.
    """
    middle, width = (proximal + distal) / 2, distal - proximal
    seen = np.isfinite(middle)
    if seen.sum() < 6:
        return width
    slope = np.polyval(np.polyder(np.polyfit(across_mm[seen], middle[seen], 3)), across_mm)
    return np.asarray(width / np.sqrt(1 + slope**2))


def _steady_path(gain: NDArray[np.float64], middle: int, reach: int) -> NDArray[np.int64]:
    """The row of the largest gain for each profile, within `reach` of the middle row and steady from one profile to
    the next (dynamic programming); `gain` is [profiles, rows]."""
    rows = np.arange(max(middle - reach, 1), min(middle + reach + 1, gain.shape[1] - 1))
    gain = gain[:, rows]
    best, came = gain[0].copy(), np.zeros(gain.shape, np.int64)
    for number in range(1, len(gain)):
        padded = np.pad(best, STEEPEST, constant_values=-np.inf)
        moved = np.stack([padded[move : move + len(rows)] for move in range(2 * STEEPEST + 1)])
        choice = moved.argmax(axis=0)
        came[number] = np.arange(len(rows)) + choice - STEEPEST
        best = moved.max(axis=0) + gain[number]
    path = np.zeros(len(gain), np.int64)
    path[-1] = best.argmax()
    for number in range(len(gain) - 1, 0, -1):
        path[number - 1] = came[number, path[number]]
    return np.asarray(rows[path])


def _uphill(profile: NDArray[np.float64], row: int) -> int:
    """The peak that a row lies on the flank of."""
    while 1 < row < len(profile) - 2 and max(profile[row - 1], profile[row + 1]) > profile[row]:
        row += 1 if profile[row + 1] > profile[row - 1] else -1
    return row


def _vertex(profile: NDArray[np.float64], row: int) -> float:
    """Where the parabola through a peak and its two neighbours is highest, in rows from the peak."""
    before, at, after = profile[row - 1 : row + 2]
    curve = before - 2 * at + after
    return float(np.clip((before - after) / (2 * curve), -0.5, 0.5)) if curve < 0 else 0.0


def _valley_depth(profiles: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """How far each place lies below the lower of the highest places within `span` on either side."""
    above = maximum_filter1d(profiles, span, axis=1, origin=-(span // 2), mode="nearest")
    below = maximum_filter1d(profiles, span, axis=1, origin=(span - 1) // 2, mode="nearest")
    return np.minimum(above, below) - profiles


def _margins(profile: NDArray[np.float64], floor: int, span: int) -> tuple[float, ...]:
    """Floor, distal and proximal margin, distal and proximal line (places), then the three grey levels."""
    distal = _side(profile[floor : floor + span + 1])
    proximal = _side(profile[floor::-1][: span + 1])
    if distal is None or proximal is None:
        return (np.nan,) * 8
    return (
        floor,
        floor + distal[0],
        floor - proximal[0],
        floor + distal[1],
        floor - proximal[1],
        float(profile[floor]),
        distal[2],
        proximal[2],
    )


def _side(profile: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Going outward from the floor: place of the margin, place and grey level of the line."""
    rise = profile - profile[0]
    if len(rise) < 3 or rise.max() <= 0:
        return None
    peaks = [i for i in range(1, len(rise) - 1) if rise[i] >= rise[i - 1] and rise[i] > rise[i + 1]]
    high = [i for i in peaks if rise[i] >= LINE_SHARE * rise.max()]
    line = high[0] if high else int(rise.argmax())
    beyond = int(np.argmax(rise[: line + 1] >= rise[line] / 2))
    before = rise[beyond - 1]
    margin = beyond - 1 + (rise[line] / 2 - before) / (rise[beyond] - before) if beyond else 0.0
    return float(margin), float(line), float(profile[line])
