"""The statistics of a pair of tables are the modules' figures, whole, and can be written as JSON."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.agreement import to_grades
from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.challenge import challenge_scores, pooled_rmse, site_columns, total_rmse
from opensvh.evaluation.pairing import Pairing, ScoreSet
from opensvh.evaluation.progression import Visits
from opensvh.evaluation.score_statistics import difference_figures, statistics

MAXIMA = np.array([site.maximum(kind) for _, site, kind in RA2_SITE_COLUMNS.values()])


def table(scores: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(scores, [f"P{row}" for row in range(len(scores))], list(RA2_SITE_COLUMNS), dtype=float)


@pytest.fixture
def gold() -> pd.DataFrame:
    """20 persons at two visits, P0 and P20 being one person; one score missing."""
    rng = np.random.default_rng(0)
    first = rng.binomial(MAXIMA, rng.beta(0.5, 2, (20, 1)), (20, 86))
    scores = table(np.concatenate([first, np.minimum(first + rng.poisson(0.05, first.shape), MAXIMA)]))
    scores.loc["P3", "LH_mcp_E__1"] = np.nan
    return scores


def noisy(gold: pd.DataFrame, sd: float, seed: int) -> pd.DataFrame:
    return (gold.fillna(1) + np.random.default_rng(seed).normal(0, sd, gold.shape)).clip(
        0, pd.Series(MAXIMA, gold.columns), axis=1
    )


def pairing(gold: pd.DataFrame, predicted: pd.DataFrame, name: str = "model") -> Pairing:
    names = [str(name) for name in gold.index]
    persons = {each: f"P{int(each[1:]) % 20}" for each in names}
    visits = Visits(persons, {each: float(int(each[1:]) >= 20) for each in names})
    resamples = Resamples([persons[each] for each in names], draws=60)
    return Pairing(ScoreSet("gold", gold), ScoreSet(name, predicted), resamples, visits)


def test_measures_are_the_figures_of_their_modules(gold: pd.DataFrame) -> None:
    predicted = noisy(gold, 0.6, 1)
    found = statistics(pairing(gold, predicted))
    measures = found["measures"]
    for part, limb in (("all", None), ("hand", Limb.HAND), ("foot", Limb.FOOT)):
        scores = challenge_scores(gold, predicted, limb)
        values = [measures[f"{score}_{part}"]["value"] for score in ("sc1", "sc2", "sc3")]
        assert values == pytest.approx([scores.sc1, scores.sc2, scores.sc3])
    assert measures["rmse_erosion"]["value"] == pytest.approx(pooled_rmse(gold, predicted, Kind.EROSION))
    assert measures["rmse_total"]["value"] == pytest.approx(total_rmse(gold, predicted))
    assert all(each["low"] <= each["value"] <= each["high"] for each in measures.values())
    assert (found["film_sets"], found["persons"]) == (40, 20)
    assert found["left_out"] == {"without_gold": 1, "without_prediction": 0}


def test_a_site_s_row_is_of_both_sides_and_a_column_s_of_one(gold: pd.DataFrame) -> None:
    predicted = noisy(gold, 0.8, 2)
    found = statistics(pairing(gold, predicted))
    columns = ["LF_mtp_E__1", "RF_mtp_E__1"]
    row = next(each for each in found["sites"] if (each["name"], each["kind"]) == ("MTP1", "erosion"))
    grades = [to_grades(each[columns].to_numpy().ravel(), 10) for each in (gold, predicted)]
    assert row["n"] == 80
    assert row["kappa"]["value"] == pytest.approx(cohen_kappa_score(*grades, weights="quadratic"))
    assert [each["column"] for each in found["columns"]] == list(RA2_SITE_COLUMNS)
    one = next(each for each in found["columns"] if each["column"] == "LH_mcp_E__1")
    assert one["n"] == 39
    error = (predicted - gold)["LH_mcp_E__1"]
    assert one["bias"]["value"] == pytest.approx(error.mean())


def test_severities_add_up_to_all_patients(gold: pd.DataFrame) -> None:
    predicted = noisy(gold, 0.6, 3)
    rows = statistics(pairing(gold, predicted))["severity"]
    assert sum(row["film_sets"] for row in rows) == 40
    mild = gold[gold.sum(axis=1).between(0.001, 20)]
    row = next(each for each in rows if each["severity"] == "mild")
    assert row["sc3"]["value"] == pytest.approx(challenge_scores(mild, predicted).sc3)
    assert row["total"]["rmse"]["value"] == pytest.approx(total_rmse(mild, predicted))


def test_change_is_measured_by_person(gold: pd.DataFrame) -> None:
    predicted = noisy(gold, 0.3, 4)
    change = statistics(pairing(gold, predicted))["change"]
    assert (change["persons"], len(change["by_person"])) == (20, 20)
    gained = [
        (each.loc["P27"] - each.loc["P7"]).sum() for each in (gold, predicted)
    ]  # fmt: skip
    assert change["by_person"]["P7"] == pytest.approx(gained)
    assert change["progression"]["threshold"] == change["sdc"]["value"]
    given = statistics(pairing(gold, predicted), threshold=3.0)["change"]["progression"]
    assert (given["threshold"], given["threshold_is"]) == (3.0, "given")


def test_whole_grades_are_not_calibrated_and_expectations_are(gold: pd.DataFrame) -> None:
    assert statistics(pairing(gold, gold))["calibration"] == []
    rows = statistics(pairing(gold, gold * 0.8))["calibration"]
    assert [(row["limb"], row["kind"]) for row in rows] == [(limb, kind) for limb in Limb for kind in Kind]
    assert [row["slope"]["value"] for row in rows] == pytest.approx([1.25] * 4)


def test_probabilities_are_held_against_shares_of_grades(gold: pd.DataFrame) -> None:
    """A model that knows the grade and says so; feet in the hand's six classes."""
    certain = {}
    for column, (_, site, kind) in RA2_SITE_COLUMNS.items():
        classes = 5 if kind is Kind.NARROWING else 6
        place = gold[column].fillna(0).to_numpy() * (classes - 1) / (site.maximum(kind) or 1)
        certain[column] = np.clip(1 - np.abs(place[:, None] - np.arange(classes)), 0, 1)
    base = pairing(gold, gold * 0.99)
    told = Pairing(base.gold, ScoreSet("certain", gold * 0.99, probabilities=certain), base.resamples)
    for row in statistics(told)["calibration"]:
        assert row["probabilities"]["any_damage"]["ece"]["value"] == pytest.approx(0)
        assert row["probabilities"]["brier"]["value"] == pytest.approx(0)


def test_differences_are_paired_and_the_better_one_wins(gold: pd.DataFrame) -> None:
    good, bad = (pairing(gold, noisy(gold, sd, 5), name) for sd, name in ((0.3, "good"), (1.0, "bad")))
    rows = difference_figures(good, bad)
    first, second = statistics(good)["measures"], statistics(bad)["measures"]
    for name, row in rows.items():
        assert row["value"] == pytest.approx(first[name]["value"] - second[name]["value"])
    assert rows["sc2_all"]["high"] < 0 < rows["kappa_hand_erosion"]["low"]
    assert (rows["sc2_all"]["bayes_factor"], rows["sc2_all"]["tied"]) == (None, False)
    even = difference_figures(good, good)["sc1_all"]
    assert (even["value"], even["bayes_factor"], even["tied"]) == (0, 1, True)


def test_everything_can_be_written_as_json_even_of_one_patient_with_gaps(gold: pd.DataFrame) -> None:
    one = gold.iloc[[3]]
    predicted = one * np.nan
    predicted.loc["P3", site_columns(Kind.EROSION)] = 1.5
    found = statistics(Pairing(ScoreSet("gold", one), ScoreSet("model", predicted), Resamples(["P3"], draws=10)))
    json.dumps(found, allow_nan=False)
    assert found["measures"]["sc2_all"] is None
    assert found["measures"]["sc3_all"]["low"] is None
    assert "change" not in found


def test_tables_in_another_order_are_refused(gold: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="in their order"):
        pairing(gold, gold.iloc[::-1])
