"""Changes by person, AUC against scikit-learn, and cumulative probabilities by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.progression import Visits, auc_samples, changes, cumulative_shares, progression

VISITS = Visits(
    person={"A": "A", "A2": "A", "A3": "A", "B": "B", "B2": "B", "C": "C"},
    when={"A": 0, "A2": 12, "A3": 24, "B": 12, "B2": 0, "C": 0},
)


def table(grades: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(dict.fromkeys(site_columns(), grades), dtype=float)


def test_change_is_from_the_first_visit_to_the_last_by_time_not_by_name() -> None:
    gold = table({"A": 0, "A2": 2, "A3": 1, "B": 3, "B2": 1, "C": 0})
    change = changes(gold, gold * 0.5, VISITS)
    assert change.to_dict("index") == {"A": {"gold": 86, "predicted": 43}, "B": {"gold": 172, "predicted": 86}}


def test_a_site_that_any_of_the_four_scores_lacks_is_no_change() -> None:
    gold = table({"B": 3, "B2": 1})
    predicted = gold.copy()
    gold.loc["B2", "LH_mcp_E__1"] = np.nan
    predicted.loc["B", "LH_mcp_E__2"] = np.nan
    assert changes(gold, predicted, VISITS).loc["B"].tolist() == [168, 168]
    assert changes(gold, predicted, VISITS, ["LH_mcp_E__1", "LH_mcp_E__3"]).loc["B"].tolist() == [2, 2]
    assert changes(gold * np.nan, predicted, VISITS).empty


def test_auc_is_scikit_learn_s_on_the_whole_and_on_each_sample() -> None:
    rng = np.random.default_rng(0)
    gold = rng.poisson(1.5, 60)
    predicted = np.round(gold + rng.normal(0, 1.5, 60))
    resamples = Resamples([str(person) for person in range(60)], draws=20)
    found = auc_samples(gold > 2, predicted, resamples)
    assert found[0] == pytest.approx(roc_auc_score(gold > 2, predicted))
    weighted = [roc_auc_score(gold > 2, predicted, sample_weight=weights) for weights in resamples.weights]
    assert found[1:] == pytest.approx(weighted)


def test_progression_counts_sensitivity_and_specificity_by_hand() -> None:
    change = pd.DataFrame({"gold": [0.0, 0, 4, 6], "predicted": [1.0, 3.5, 2, 8]}, index=list("ABCD"))
    found = progression(change, 3.0, Resamples(list(change.index), draws=50))
    assert (found.progressed, found.stayed, found.sensitivity, found.specificity) == (2, 2, 0.5, 0.5)
    assert found.auc is not None
    assert found.auc.value == 0.75
    nobody = progression(change, 100.0, Resamples(list(change.index), draws=50))
    assert (nobody.auc, nobody.sensitivity, nobody.specificity) == (None, None, 1.0)


def test_cumulative_probability_plot_by_hand() -> None:
    shares, sorted_changes = cumulative_shares(np.array([5.0, -1, 0, 2]))
    assert shares.tolist() == [12.5, 37.5, 62.5, 87.5]
    assert sorted_changes.tolist() == [-1, 0, 2, 5]
