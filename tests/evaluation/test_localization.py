"""A joint that is not found stays in every denominator; percentages are of the limb's length."""

import math

import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.evaluation.localization import (
    POINT_GROUPS,
    PointError,
    in_group,
    limb_length_px,
    point_errors,
    summarize,
    summarize_groups,
)


def error(point: str, percent: float, limb: Limb = Limb.HAND) -> PointError:
    return PointError("film", limb, point, 10 * percent, percent)


def test_errors_in_pixels_and_percent_of_length() -> None:
    marked = {"MCP2": Point(100, 100), "MCP3": Point(0, 0)}
    [found, missed] = point_errors("film", Limb.HAND, marked, {"MCP2": Point(103, 104)}, length_px=1000)
    assert (found.point, found.error_px, found.error_percent) == ("MCP2", 5, 0.5)
    assert (missed.point, missed.error_px) == ("MCP3", math.inf)


def test_points_found_but_not_marked_are_no_error() -> None:
    assert point_errors("film", Limb.FOOT, {}, {"MTP1": Point(1, 1)}, 1000) == []


def test_a_missed_joint_counts_as_infinitely_far() -> None:
    summary = summarize([error("MCP2", 0.5), error("MCP3", 1.5), error("MCP4", math.inf)])
    assert summary is not None
    assert (summary.marked, summary.missed, summary.median_percent, summary.median_px) == (3, 1, 1.5, 15)
    assert summary.within == {1: pytest.approx(1 / 3), 2: pytest.approx(2 / 3), 3: pytest.approx(2 / 3),
                              4: pytest.approx(2 / 3)}  # fmt: skip


def test_the_median_is_none_where_most_joints_are_missed() -> None:
    summary = summarize([error("MCP2", 0.5), error("MCP3", math.inf), error("MCP4", math.inf)])
    assert summary is not None
    assert summary.median_percent is None


def test_nothing_marked_no_summary() -> None:
    assert summarize([]) is None
    assert summarize_groups([]) == {}


def test_fingers_and_wrist_part_the_hand_and_toes_the_foot() -> None:
    parts = POINT_GROUPS["fingers"][1] + POINT_GROUPS["wrist"][1]
    assert sorted(parts) == sorted(POINTS[Limb.HAND])
    assert (len(POINT_GROUPS["fingers"][1]), len(POINT_GROUPS["wrist"][1])) == (10, 11)
    assert sorted(POINT_GROUPS["hallux IP"][1] + POINT_GROUPS["MTP"][1]) == sorted(POINT_GROUPS["toes"][1])


def test_the_thumb_s_ip_is_a_finger_and_the_hallux_s_a_toe() -> None:
    errors = [error("IP1", 1), error("IP1", 2, Limb.FOOT), error("MTP1", 3, Limb.FOOT)]
    assert in_group(errors, "fingers") == errors[:1]
    assert in_group(errors, "toes") == errors[1:]
    assert list(summarize_groups(errors)) == ["fingers", "toes", "hallux IP", "MTP"]


def test_a_hand_is_measured_from_fingertip_to_radiocarpal_joint() -> None:
    assert limb_length_px(Limb.HAND, 1000) == pytest.approx(930)
    assert limb_length_px(Limb.FOOT, 1000) == 1000
