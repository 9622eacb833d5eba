"""The page of an experiment says plainly whether the claim held, and at which size."""

from typing import Any

import pytest

from opensvh.reporting.experiment_plot import experiment_plot
from opensvh.reporting.experiment_table import experiment_table, verdict

MEASURES = ("rmse", "rmse_narrowing", "rmse_erosion", "sc1_all", "sc2_all", "sc3_all", "rmse_total")


def row(value: float, low: float | None, high: float | None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "runs": [value, value]}


def results(
    share: dict[str, Any], x: float | None = None, finished: int = 4, part: str = "development"
) -> dict[str, Any]:
    measured = {name: row(0.5, 0.4, 0.6) for name in MEASURES}
    difference = {name: row(-0.02, -0.03, -0.01) | {"share": share} for name in MEASURES}
    arms = {
        "plain": {"x": x and 0.0, "reader": measured, "exact": measured},
        "better": {"x": x, "reader": measured, "exact": measured, "reader_difference": difference,
                   "exact_difference": difference},
    }  # fmt: skip
    figures: dict[str, Any] = {
        key: key for key in ("name", "title", "purpose", "claim", "command", "expected", "configuration")
    }
    figures |= {"axis": "p" if x else "", "than": "plain", "size": "small", "benchmark": "0" * 64, "seeds": [1, 2]}
    figures |= {"runs": {"planned": 4, "finished": finished}, "measures": {name: name.upper() for name in MEASURES}}
    figures |= {"development": {"arms": arms, "best": "better", "lowest": "better"}}
    return figures | {part: figures["development"]}


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (row(-0.05, -0.08, -0.02), "5.0 % lower than `plain` (95 % interval -8.0 to -2.0 %): the claim's order holds"),
        (row(0.04, 0.01, 0.08), "4.0 % higher than `plain` (95 % interval +1.0 to +8.0 %): the claim does not"),
        (row(-0.01, -0.03, 0.02), "the interval holds zero"),
        (row(-0.01, None, None), "no interval"),
    ],
)
def test_the_verdict_follows_the_interval(share: dict[str, Any], words: str) -> None:
    assert words in verdict(results(share))


def test_test_patients_go_before_development_patients() -> None:
    assert verdict(results(row(-0.05, -0.08, -0.02), part="test")).startswith("On test patients")
    assert verdict(results(row(-0.05, -0.08, -0.02))).startswith("On development patients")


def test_an_unfinished_experiment_is_called_provisional() -> None:
    assert "4 of 4 runs finished." in experiment_table(results(row(-0.05, -0.08, -0.02)))
    page = experiment_table(results(row(-0.05, -0.08, -0.02), finished=3))
    assert "3 of 4 runs finished: what follows is provisional" in page
    assert "**Found.** Provisional. On development" in page


def test_the_heading_names_the_size_and_rows_hold_intervals() -> None:
    page = experiment_table(results(row(-0.05, -0.08, -0.02)))
    assert page.splitlines()[0] == "# title: size `small`"
    assert "| better | 2 | 0.5000 (0.4000 to 0.6000) |" in page
    assert "| better | -5.0 (-8.0 to -2.0) |" in page


def test_without_a_finished_arm_nothing_is_claimed() -> None:
    figures = results(row(-0.05, -0.08, -0.02))
    figures["development"] = {"arms": {}, "best": None, "lowest": None}
    assert "nothing yet" in verdict(figures)


@pytest.mark.parametrize("x", [None, 0.1])
def test_the_figure_is_a_picture_with_and_without_an_axis(x: float | None) -> None:
    assert experiment_plot(results(row(-0.05, -0.08, -0.02), x)).startswith(b"\x89PNG")


def test_measures_of_ones_own_choice_decide_each_in_a_sentence() -> None:
    figures = results(row(-0.2, -0.3, -0.1)) | {"decides": ["sc1_all", "sc3_all"]}
    said = verdict(figures)
    assert "`better` has an SC1 20.0 % lower than `plain`" in said
    assert "`better` has an SC3 20.0 % lower than `plain`" in said
    assert "RMSE" not in said
