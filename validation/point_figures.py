"""How far found joints lie from the marked ones on real films, with intervals over persons, for one trial or two.

One error is measured as `opensvh evaluate` does (`evaluation.localization`), in percent of the limb's length.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from opensvh.domain.anatomy import Limb
from opensvh.evaluation.bootstrap import Interval, patient_interval
from opensvh.evaluation.localization import POINT_GROUPS

PARTS = ("fingers", "wrist", "toes", "hallux IP", "MTP")
BOUNDS = (2, 3, 4)
WANTED_RATIO = 0.7
SEED, DRAWS = 0, 2000


@dataclass(frozen=True)
class MarkedPoint:
    """One joint that was plain to see: `person` is the group of films, the error infinite where it was not found."""

    film: str
    person: str
    limb: str
    point: str
    error_percent: float


def write_points(path: Path, points: Sequence[MarkedPoint]) -> None:
    """A row a point."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([each.name for each in fields(MarkedPoint)])
        writer.writerows(astuple(point) for point in points)


def read_points(path: Path) -> list[MarkedPoint]:
    """The inverse of `write_points`."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [MarkedPoint(r["film"], r["person"], r["limb"], r["point"], float(r["error_percent"])) for r in rows]


def in_part(points: Sequence[MarkedPoint], part: str) -> list[MarkedPoint]:
    """The points of one of `PARTS`."""
    limb, names = POINT_GROUPS[part]
    return [point for point in points if Limb(point.limb) is limb and point.point in names]


def figures(points: Sequence[MarkedPoint]) -> dict[str, Any]:
    """By part: how many points, how many not found, the median error and the shares within 2, 3 and 4 percent."""
    return {part: _part_figures(chosen) for part in PARTS if (chosen := in_part(points, part))}


def _part_figures(points: Sequence[MarkedPoint]) -> dict[str, Any]:
    errors = _by_person(points)
    every = np.concatenate(errors)
    return {
        "points": len(every),
        "persons": len(errors),
        "missed": int(np.isinf(every).sum()),
        "median_percent": _plain(patient_interval(lambda rows: _median(_of(errors, rows)), len(errors), SEED, DRAWS)),
        "within": {bound: _plain(_share_within(errors, bound)) for bound in BOUNDS},
    }


def _share_within(errors: Sequence[NDArray[np.float64]], bound: float) -> Interval | None:
    return patient_interval(lambda rows: float((_of(errors, rows) <= bound).mean()), len(errors), SEED, DRAWS)


def ratio(before: Sequence[MarkedPoint], after: Sequence[MarkedPoint]) -> Interval | None:
    """Median error after over before, with an interval over persons, who are drawn for both alike."""
    persons = sorted({point.person for point in before} & {point.person for point in after})
    first, second = _by_person(before, persons), _by_person(after, persons)

    def of_medians(rows: NDArray[np.int64]) -> float | None:
        below, above = _median(_of(first, rows)), _median(_of(second, rows))
        return None if below is None or above is None or below == 0 else above / below

    return patient_interval(of_medians, len(persons), SEED, DRAWS)


def _by_person(points: Sequence[MarkedPoint], persons: Sequence[str] | None = None) -> list[NDArray[np.float64]]:
    names = sorted({point.person for point in points}) if persons is None else persons
    return [np.array([point.error_percent for point in points if point.person == name]) for name in names]


def _of(errors: Sequence[NDArray[np.float64]], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.concatenate([errors[row] for row in rows])


def _median(errors: NDArray[np.float64]) -> float | None:
    # The lower middle, not the mean of two: half an infinity would hide a found joint.
    middle = float(np.quantile(errors, 0.5, method="lower"))
    return middle if math.isfinite(middle) else None


def _plain(interval: Interval | None) -> dict[str, float] | None:
    return None if interval is None else {"value": interval.value, "low": interval.low, "high": interval.high}


def figure_table(results: Mapping[str, Sequence[MarkedPoint]]) -> Table:
    """Parts in rows, a column a trial; with two trials also the ratio of their medians, second to first."""
    table = Table(
        "joints", "points", title="Real films, measuring half: error in percent of limb length (95 % interval)"
    )
    for name in results:
        table.add_column(f"{name}: median")
        table.add_column("within 2 / 3 / 4 %")
    both = list(results.values())
    if len(both) == 2:
        table.add_column(f"ratio of medians (wanted: at most {WANTED_RATIO:g})")
    summaries = [figures(points) for points in both]
    for part in PARTS:
        if any(part not in summary for summary in summaries):
            continue
        cells = [cell for summary in summaries for cell in _cells(summary[part])]
        if len(both) == 2:
            cells.append(_interval_text(_plain(ratio(in_part(both[0], part), in_part(both[1], part)))))
        table.add_row(part, str(summaries[0][part]["points"]), *cells)
    return table


def _cells(part: Mapping[str, Any]) -> tuple[str, str]:
    within = " / ".join(f"{100 * part['within'][bound]['value']:.0f}" for bound in BOUNDS)
    return _interval_text(part["median_percent"]), f"{within} %, {part['missed']} not found"


def _interval_text(interval: Mapping[str, float] | None) -> str:
    return "–" if interval is None else f"{interval['value']:.2f} ({interval['low']:.2f}-{interval['high']:.2f})"
