import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from point_figures import MarkedPoint, figures, ratio, read_points, write_points


def points(persons: int = 12) -> list[MarkedPoint]:
    """Errors that differ from person to person."""
    rng = np.random.default_rng(0)
    return [
        MarkedPoint(f"films/{person}.jpg", f"person{person}", "hand", f"MCP{digit}", float(rng.uniform(0.5, 3.0)))
        for person in range(persons)
        for digit in range(1, 6)
    ]


def test_half_the_errors_have_the_ratio_one_half_whoever_is_drawn() -> None:
    halved = [replace(point, error_percent=point.error_percent / 2) for point in points()]
    interval = ratio(points(), halved)
    assert interval is not None
    assert (interval.low, interval.value, interval.high) == pytest.approx((0.5, 0.5, 0.5))


def test_shares_and_medians_are_of_all_marked_points() -> None:
    lost = [replace(point, error_percent=math.inf) if point.point == "MCP1" else point for point in points()]
    fingers = figures(lost)["fingers"]
    assert fingers["points"] == 60
    assert fingers["missed"] == 12
    assert fingers["within"][4]["value"] == pytest.approx(0.8), "a joint that is not found is within nothing"
    median = fingers["median_percent"]
    assert median["low"] <= median["value"] <= median["high"]


def test_a_part_where_half_is_not_found_has_no_median() -> None:
    lost = [replace(point, error_percent=math.inf) for point in points()]
    assert figures(lost)["fingers"]["median_percent"] is None
    assert ratio(points(), lost) is None


def test_points_are_read_as_written(tmp_path: Path) -> None:
    written = [*points(2), MarkedPoint("f", "p", "foot", "MTP1", math.inf)]
    write_points(tmp_path / "points.csv", written)
    assert read_points(tmp_path / "points.csv") == written
