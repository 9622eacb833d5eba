from typing import Any

import pytest

from opensvh.evaluation.real_wanted import WANTED, wanted_figures


def cell(figures: dict[str, Any], name: str) -> dict[str, Any]:
    line = next(each for each in wanted_figures({"measuring": figures}) if each["name"] == name)
    return line["halves"]["measuring"]


def share(value: float) -> dict[str, Any]:
    return {"value": value, "low": value - 0.1, "high": value}


@pytest.mark.parametrize(("value", "met"), [(0.97, True), (0.9699, False), (1.0, True)])
def test_a_bound_that_is_reached_is_met(value: float, met: bool) -> None:
    figures = {"placement": {"all": {"right": {"side": share(value)}}}}
    found = cell(figures, "apparent side right")
    assert found["met"] is met
    assert found["interval"] == [pytest.approx(value - 0.1), value]


@pytest.mark.parametrize(("mean", "met"), [(0.29, True), (0.3, False)])
def test_false_damage_must_stay_under_its_bound(mean: float, met: bool) -> None:
    figures = {"false_damage": {"all": {"narrowing": {"mean": share(mean)}}}}
    assert cell(figures, "false damage, narrowing: mean a site")["met"] is met


def test_a_severe_hand_as_high_as_the_others_is_not_above_them() -> None:
    name = "severe hand: total above the others' 99th percentile"
    assert cell({"severe": [{"total": 50.0, "percentile_99": 50.0}]}, name)["met"] is False
    assert cell({"severe": [{"total": 50.1, "percentile_99": 50.0}]}, name)["met"] is True
    assert cell({"severe": []}, name) == {"value": None, "bound": None, "interval": None, "met": None}


def test_no_figure_is_wanted_twice() -> None:
    assert len({wanted.name for wanted in WANTED}) == len(WANTED)
