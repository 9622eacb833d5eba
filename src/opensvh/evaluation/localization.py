"""How far found joint centres lie from the marked ones, in film pixels and in percent of the limb's length.

A marked joint that was not found counts as infinitely far off: it is in every denominator. Scores are `challenge`'s.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point

HAND_LENGTH_PER_BOX_HEIGHT = 0.93
"""Tip of the middle finger to the radiocarpal joint over the height of the hand's box (median of 22 real hands)."""

SHARES_WITHIN_PERCENT = (1, 2, 3, 4)

_FINGERS = tuple(point for point in POINTS[Limb.HAND] if point.startswith(("IP", "PIP", "MCP")))
POINT_GROUPS: dict[str, tuple[Limb, tuple[str, ...]]] = {
    "fingers": (Limb.HAND, _FINGERS),
    "wrist": (Limb.HAND, tuple(point for point in POINTS[Limb.HAND] if point not in _FINGERS)),
    "toes": (Limb.FOOT, POINTS[Limb.FOOT]),
    "hallux IP": (Limb.FOOT, ("IP1",)),
    "MTP": (Limb.FOOT, tuple(point for point in POINTS[Limb.FOOT] if point.startswith("MTP"))),
}
"""Groups of points to report, some inside others: name -> limb and points."""


@dataclass(frozen=True)
class PointError:
    """One marked joint: how far the found centre is off; infinite where none was found."""

    film: str
    limb: Limb
    point: str
    error_px: float
    error_percent: float


@dataclass(frozen=True)
class LocalizationSummary:
    """Errors of a group of joints; medians are None where half of the joints were not found.

    `within` maps percent of limb length to the share of all marked joints found that close.
    """

    marked: int
    missed: int
    median_px: float | None
    median_percent: float | None
    within: Mapping[int, float]


def limb_length_px(limb: Limb, box_height_px: float) -> float:
    """Length that errors are taken in percent of, from the height of the limb's box with its digits up."""
    return box_height_px * (HAND_LENGTH_PER_BOX_HEIGHT if limb is Limb.HAND else 1.0)


def point_errors(
    film: str, limb: Limb, marked: Mapping[str, Point], found: Mapping[str, Point], length_px: float
) -> list[PointError]:
    """One error for each marked point, in film pixels and percent of `length_px`."""
    errors = [(point, _distance(where, found.get(point))) for point, where in marked.items()]
    return [PointError(film, limb, point, error, 100 * error / length_px) for point, error in errors]


def summarize(errors: Iterable[PointError]) -> LocalizationSummary | None:
    """Medians and shares within 1 to 4 percent; None without marked joints."""
    listed = list(errors)
    if not listed:
        return None
    percent = np.array([error.error_percent for error in listed])
    return LocalizationSummary(
        marked=len(listed),
        missed=int(np.isinf(percent).sum()),
        median_px=_finite_median([error.error_px for error in listed]),
        median_percent=_finite_median(percent),
        within={bound: float((percent <= bound).mean()) for bound in SHARES_WITHIN_PERCENT},
    )


def summarize_groups(errors: Iterable[PointError]) -> dict[str, LocalizationSummary]:
    """A summary for each group of points that has marked joints."""
    listed = list(errors)
    summaries = {group: summarize(in_group(listed, group)) for group in POINT_GROUPS}
    return {group: summary for group, summary in summaries.items() if summary is not None}


def in_group(errors: Iterable[PointError], group: str) -> list[PointError]:
    """The errors of one of `POINT_GROUPS`."""
    limb, points = POINT_GROUPS[group]
    return [error for error in errors if error.limb is limb and error.point in points]


def _distance(marked: Point, found: Point | None) -> float:
    return math.inf if found is None else math.hypot(found.x - marked.x, found.y - marked.y)


def _finite_median(values: Iterable[float]) -> float | None:
    # The lower middle, not the mean of two: half an infinity would hide a found joint.
    middle = float(np.quantile(np.array(list(values)), 0.5, method="lower"))
    return middle if math.isfinite(middle) else None
