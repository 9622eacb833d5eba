"""Readouts made for the challenge's scores: better than the paper's where they should be."""

import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS
from opensvh.evaluation.challenge import challenge_scores, site_columns
from opensvh.evaluation.readout_sites import COLUMNS, SiteModel, SiteValues, log_scores
from opensvh.evaluation.readout_total import TotalModel, least_absolute
from opensvh.evaluation.site_distributions import Distributions, highest_grade

Array = np.ndarray


def cohort(patients: int, seed: int, noise: float = 1.0) -> tuple[Distributions, pd.DataFrame]:
    """Patients whose sites share a severity; of each site a model has a distribution from a noisy view."""
    rng = np.random.default_rng(seed)
    severity = rng.exponential(0.12, patients)
    names = [f"P{number}" for number in range(patients)]
    gold, by_column = {}, {}
    for column in RA2_SITE_COLUMNS:
        highest = highest_grade(column)
        classes = np.linspace(0, highest, 6 if highest == 10 else highest + 1)
        grade = rng.binomial(highest, np.clip(severity * rng.gamma(1.0, 1.0, patients), 0, 1))
        seen = grade + rng.normal(0, noise, patients)
        likelihood = np.exp(-((seen[:, None] - classes) ** 2) / (2 * noise**2)) * np.exp(-1.2 * classes)
        by_column[column] = likelihood / likelihood.sum(axis=1, keepdims=True)
        gold[column] = grade.astype(float)
    index = pd.Index(names, name="Patient_ID")
    return Distributions(tuple(names), by_column), pd.DataFrame(gold, index=index)[site_columns()]


def scores(sites: Array, gold: pd.DataFrame) -> dict[str, float]:
    found = challenge_scores(gold, pd.DataFrame(sites, index=gold.index, columns=site_columns()))
    return {"sc1": found.sc1 or 0, "sc2": found.sc2 or 0, "sc3": found.sc3 or 0}


def test_a_site_is_read_as_the_grade_whose_logarithm_is_expected() -> None:
    half = {column: np.eye(6 if highest_grade(column) == 10 else highest_grade(column) + 1)[[0]] for column in COLUMNS}
    half["LH_mcp_E__1"] = np.array([[0.5, 0, 0, 0.5, 0, 0]])  # 0 or 3: half of log2(4) is 1, so 1
    values = SiteValues.of(Distributions(("P",), half), {})
    place = COLUMNS.index("LH_mcp_E__1")
    assert values.expected[0, place] == pytest.approx(1.5)
    assert log_scores(values)[0, place] == pytest.approx(1.0)
    assert np.delete(log_scores(values)[0], place) == pytest.approx(0.0)


def test_where_nothing_was_read_the_training_mean_stands() -> None:
    read, _ = cohort(3, 0)
    read.by_column["RF_mtp_E__2"][1] = np.nan
    values = SiteValues.of(read, {"RF_mtp_E__2": 0.7})
    assert values.expected[1, COLUMNS.index("RF_mtp_E__2")] == pytest.approx(0.7)


def test_where_a_model_is_right_about_its_doubts_logarithms_err_less() -> None:
    read, _ = cohort(80, 7)
    rng = np.random.default_rng(8)
    drawn = {}
    for column, rows in read.by_column.items():
        classes = np.linspace(0, highest_grade(column), rows.shape[1])
        drawn[column] = [classes[rng.choice(len(classes), p=row)] for row in rows]
    gold = pd.DataFrame(drawn, index=pd.Index(read.film_sets, name="Patient_ID"))[site_columns()]
    values = SiteValues.of(read, {})
    plain, log = scores(values.expected, gold), scores(log_scores(values), gold)
    assert log["sc2"] < plain["sc2"]
    assert log["sc3"] < plain["sc3"]


def test_sites_fitted_with_context_err_less_on_other_patients() -> None:
    read, gold = cohort(150, 1)
    other, truth = cohort(150, 2)
    known, own = SiteValues.of(read, {}), SiteValues.of(other, {})
    plain = scores(own.expected, truth)
    context = scores(SiteModel.fit(known, gold, context=True).scores(own), truth)
    alone = scores(SiteModel.fit(known, gold, context=False).scores(own), truth)
    for name in ("sc2", "sc3"):
        assert context[name] < alone[name] < plain[name]


def test_scores_stay_within_each_sites_range() -> None:
    read, gold = cohort(40, 3)
    fitted = SiteModel.fit(SiteValues.of(read, {}), gold, context=True).scores(SiteValues.of(cohort(40, 4)[0], {}))
    assert fitted.min() >= 0
    assert (fitted <= [highest_grade(column) for column in COLUMNS]).all()


def test_a_total_fitted_for_it_has_a_lower_sc1_than_the_sum() -> None:
    read, gold = cohort(150, 5)
    other, truth = cohort(150, 6)
    known, own = SiteValues.of(read, {}), SiteValues.of(other, {})
    totals = TotalModel.fit(known, gold).totals(own)
    weights = np.log2(truth.sum(axis=1).to_numpy() + 1)

    def error(guess: Array) -> float:
        return float(np.abs(np.log2(guess + 1) - weights).mean())

    assert error(totals) < 0.9 * error(own.expected.sum(axis=1))


def test_least_absolute_deviations_find_the_weighted_median() -> None:
    target, weights = np.array([0.0, 1.0, 2.0, 10.0]), np.array([1.0, 1.0, 1.0, 4.0])
    assert least_absolute(np.ones((4, 1)), target, weights) == pytest.approx([10.0])
    assert least_absolute(np.ones((4, 1)), target, np.array([3.0, 1.0, 1.0, 0.5])) == pytest.approx([0.0])
