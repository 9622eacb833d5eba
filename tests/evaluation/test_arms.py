"""Arms of an experiment: figures are means over runs, differences are paired, intervals hold what they should."""

import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind
from opensvh.evaluation.arms import ARM_MEASURES, Arm, arm_differences, arm_figures, best_arm
from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.challenge import example_rmse, site_columns
from opensvh.evaluation.pairing import Pairing, ScoreSet

PATIENTS = [f"P{number}" for number in range(40)]


def gold_table(rng: np.random.Generator) -> pd.DataFrame:
    highest = np.array([site.maximum(kind) or 0 for _, site, kind in RA2_SITE_COLUMNS.values()])
    grades = rng.integers(0, highest + 1, (len(PATIENTS), len(highest))).astype(float)
    return pd.DataFrame(grades, index=pd.Index(PATIENTS, name="Patient_ID"), columns=site_columns())


def arm(name: str, gold: pd.DataFrame, errors: list[float], rng: np.random.Generator) -> Arm:
    """A run for each size of error."""
    resamples = Resamples(PATIENTS, draws=300)
    tables = [(gold + rng.normal(0, size, gold.shape)).clip(lower=0) for size in errors]
    return Arm(name, [Pairing(ScoreSet("gold", gold), ScoreSet(name, table), resamples) for table in tables])


@pytest.fixture
def gold() -> pd.DataFrame:
    return gold_table(np.random.default_rng(1))


def test_the_papers_rmse_is_that_of_films_averaged(gold: pd.DataFrame) -> None:
    one = arm("one", gold, [0.6], np.random.default_rng(2))
    figures = arm_figures(one)
    predicted = one.runs[0].predicted.table
    by_kind = [example_rmse(gold, predicted, kind) for kind in Kind]
    assert [figures[f"rmse_{kind}"]["value"] for kind in Kind] == pytest.approx(by_kind)
    assert figures["rmse"]["value"] == pytest.approx(np.mean(by_kind))


def test_sites_without_a_grade_are_left_out_of_it(gold: pd.DataFrame) -> None:
    gold.iloc[3, :50] = np.nan
    gold.iloc[5] = np.nan
    one = arm("one", gold, [0.6], np.random.default_rng(2))
    expected = example_rmse(gold, one.runs[0].predicted.table, Kind.EROSION)
    assert arm_figures(one)["rmse_erosion"]["value"] == pytest.approx(expected)


def test_an_arms_figure_is_the_mean_over_its_runs(gold: pd.DataFrame) -> None:
    three = arm("three", gold, [0.4, 0.6, 0.9], np.random.default_rng(3))
    for row in arm_figures(three).values():
        assert row["value"] == pytest.approx(np.mean(row["runs"]))
        assert row["low"] < row["value"] < row["high"]


def test_a_difference_is_below_zero_where_the_arm_is_better(gold: pd.DataFrame) -> None:
    rng = np.random.default_rng(4)
    good, bad = arm("good", gold, [0.4] * 3, rng), arm("bad", gold, [0.8] * 3, rng)
    row = arm_differences(good, bad)["rmse"]
    assert row["high"] < 0
    assert row["value"] == pytest.approx(np.mean(row["runs"]))
    base = arm_figures(bad)["rmse"]["value"]
    assert row["share"]["value"] == pytest.approx(row["value"] / base)
    assert best_arm([bad, good]) is good


def test_an_arm_beside_itself_differs_by_nothing(gold: pd.DataFrame) -> None:
    one = arm("one", gold, [0.4, 0.9, 0.5], np.random.default_rng(5))
    for row in arm_differences(one, one).values():
        assert (row["value"], row["low"], row["high"]) == pytest.approx((0, 0, 0))


def test_runs_that_differ_widen_the_interval(gold: pd.DataFrame) -> None:
    rng = np.random.default_rng(6)
    alike, apart = arm("alike", gold, [0.6] * 3, rng), arm("apart", gold, [0.2, 0.6, 1.0], rng)
    widths = [figures["rmse"]["high"] - figures["rmse"]["low"] for figures in (arm_figures(alike), arm_figures(apart))]
    assert widths[1] > 3 * widths[0]


def test_arms_of_unequally_many_runs_are_compared_too(gold: pd.DataFrame) -> None:
    rng = np.random.default_rng(7)
    row = arm_differences(arm("one", gold, [0.5], rng), arm("three", gold, [0.5] * 3, rng))["rmse"]
    assert row["low"] < 0 < row["high"]
    assert "runs" not in row


@pytest.mark.slow
def test_the_interval_of_a_difference_covers_the_truth() -> None:
    """Two arms whose errors are alike: the interval of 200 studies should hold zero in about 95 of 100."""
    held = 0
    for study in range(200):
        rng = np.random.default_rng(study)
        gold = gold_table(rng)
        row = arm_differences(
            arm("a", gold, [0.6] * 3, rng), arm("b", gold, [0.6] * 3, rng), {"rmse": ARM_MEASURES["rmse"]}
        )["rmse"]
        held += row["low"] <= 0 <= row["high"]
    assert 0.88 <= held / 200 <= 0.999
