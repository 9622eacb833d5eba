from pathlib import Path
from typing import Any

import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import ModelIdentity
from opensvh.evaluation import real_intervals
from opensvh.evaluation.real_figures import RealEvaluation
from opensvh.reporting.evaluation import Heading
from opensvh.reporting.real_evaluation import around, real_evaluation_page, share, wanted_cell
from opensvh.reporting.real_evaluation_tables import write_tables

HEADING = Heading((ModelIdentity("tiny", "3", "ab" * 32),), "films", "OpenSvH 0.1")


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_intervals, "DRAWS", 20)


def figure(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert share(figure(0.9968, 0.9, 1.0)) == "99.7 % (90–100)"
    assert wanted_cell(0.998, True) == "99.8 %"


def test_one_person_has_no_interval() -> None:
    assert around(figure(0.5, 0.5, 0.5)) == "0.50"
    assert around(figure(0.5, 0.4, 0.6)) == "0.50 (0.40–0.60)"


def test_what_is_missing_is_a_dash() -> None:
    assert around(None) == share(None) == wanted_cell(None, False) == "–"


@pytest.mark.parametrize("told", [True, False])
def test_the_page_says_what_was_told(made: Any, real_read: Any, told: bool) -> None:
    placement = None if told else LimbPlacement(Limb.FOOT, Side.LEFT, 0.0, Box(90, 90, 310, 510))
    evaluation = RealEvaluation([real_read(made(placement=placement))], (), told)
    page = real_evaluation_page(HEADING, evaluation, evaluation.figures(), {})
    assert ("were told to the program" in page) is told
    assert ("What was found out about the films" in page) is not told


def test_names_of_films_cannot_break_the_page(made: Any, real_read: Any) -> None:
    evaluation = RealEvaluation([real_read(made("<b>film", refused="no <limb>"))], (), told=True)
    page = real_evaluation_page(HEADING, evaluation, evaluation.figures(), {})
    assert "<b>film" not in page
    assert "no &lt;limb&gt;" in page


def test_a_joint_that_was_not_found_has_no_error_in_the_table(made: Any, real_read: Any, tmp_path: Path) -> None:
    evaluation = RealEvaluation([real_read(made(lost=("MTP5",), off_px=4))], (), told=True)
    write_tables(tmp_path, evaluation, evaluation.figures())
    rows = (tmp_path / "points.csv").read_text().splitlines()
    assert rows[0].endswith("point,uncertain,error_px,error_percent")
    assert rows[1].endswith("IP1,False,4.0000,1.0000")
    assert rows[-1].endswith("MTP5,False,,")
    assert not (tmp_path / "edits.csv").exists()
