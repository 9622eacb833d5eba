"""SC1 to SC3 against the organisers' formula written out patient by patient, and the plain errors by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.challenge import (
    StatedTotals,
    challenge_scores,
    completed,
    example_rmse,
    mean_prediction,
    patient_errors,
    patient_weights,
    pooled_rmse,
    score_of,
    score_parts,
    site_columns,
    site_rmse,
    total_rmse,
)


def weight(total: float) -> float:
    """The challenge's table of weights, one `if` a row."""
    if total == 0:
        return 1
    if total <= 1:
        return 2
    if total <= 3:
        return 2.143547
    if total <= 7:
        return 3.863745
    if total <= 20:
        return 8
    if total <= 55:
        return 16
    if total <= 148:
        return 32
    return 64


def literal_scores(gold: pd.DataFrame, predicted: pd.DataFrame, limb: Limb | None) -> list[float]:
    """[SC1, SC2, SC3] with loops and `math`, as the description reads."""
    sums, weights = [0.0, 0.0, 0.0], 0.0
    for patient in gold.index:
        w = weight(sum(gold.loc[patient, column] for column in RA2_SITE_COLUMNS))
        gold_total = predicted_total = 0.0
        squares: dict[Kind, list[float]] = {Kind.NARROWING: [], Kind.EROSION: []}
        for column, (_, site, kind) in RA2_SITE_COLUMNS.items():
            if limb in (None, site.limb):
                g, p = gold.loc[patient, column], max(0.0, predicted.loc[patient, column])
                gold_total, predicted_total = gold_total + g, predicted_total + p
                squares[kind].append((math.log2(g + 1) - math.log2(p + 1)) ** 2)
        sums[0] += w * abs(math.log2(gold_total + 1) - math.log2(predicted_total + 1))
        for position, kind in ((1, Kind.NARROWING), (2, Kind.EROSION)):
            sums[position] += w * math.sqrt(sum(squares[kind]) / len(squares[kind]))
        weights += w
    return [value / weights for value in sums]


def table(scores: np.ndarray) -> pd.DataFrame:
    columns = list(RA2_SITE_COLUMNS)
    return pd.DataFrame(scores, index=[f"P{row}" for row in range(len(scores))], columns=columns, dtype=float)


@pytest.fixture
def gold() -> pd.DataFrame:
    """Twelve patients from no damage at all to the highest grades."""
    rng = np.random.default_rng(0)
    maxima = np.array([site.maximum(kind) for _, site, kind in RA2_SITE_COLUMNS.values()])
    return table(np.stack([rng.binomial(maxima, share) for share in np.linspace(0, 1, 12) ** 2]))


@pytest.fixture
def predicted(gold: pd.DataFrame) -> pd.DataFrame:
    return gold + np.random.default_rng(1).normal(0.2, 0.7, gold.shape)


@pytest.mark.parametrize("limb", [None, Limb.HAND, Limb.FOOT])
def test_scores_follow_the_formula(gold: pd.DataFrame, predicted: pd.DataFrame, limb: Limb | None) -> None:
    scores = challenge_scores(gold, predicted, limb)
    assert [scores.sc1, scores.sc2, scores.sc3] == pytest.approx(literal_scores(gold, predicted, limb), rel=1e-12)
    assert (scores.patients, scores.left_out) == (12, 0)


def test_weights_change_exactly_at_the_table_s_bounds() -> None:
    totals = np.arange(449)
    assert patient_weights(totals.astype(float)).tolist() == [weight(total) for total in totals]


def test_a_perfect_prediction_scores_zero(gold: pd.DataFrame) -> None:
    scores = challenge_scores(gold, gold)
    assert (scores.sc1, scores.sc2, scores.sc3) == (0, 0, 0)


def test_negative_predictions_count_as_zero(gold: pd.DataFrame) -> None:
    assert challenge_scores(gold, table(np.full((12, 86), -3.0))) == challenge_scores(gold, table(np.zeros((12, 86))))


def test_patients_are_matched_by_name_not_by_row(gold: pd.DataFrame, predicted: pd.DataFrame) -> None:
    assert challenge_scores(gold, predicted.iloc[::-1]) == challenge_scores(gold, predicted)


def test_a_missing_prediction_is_left_out_and_counted(gold: pd.DataFrame) -> None:
    gappy = gold.copy()
    gappy.loc["P3", "LH_mcp_E__2"] = np.nan
    scores = challenge_scores(gold, gappy)
    assert (scores.sc1, scores.sc3, scores.left_out) == (0, 0, 1)
    assert challenge_scores(gold, table(np.full((12, 86), np.nan))).sc2 is None


def test_gaps_are_filled_with_the_training_means_of_their_columns(gold: pd.DataFrame) -> None:
    means = {column: float(number) for number, column in enumerate(site_columns())}
    gappy = gold.copy()
    gappy.loc["P3", ["LH_mcp_E__2", "RF_mtp_J__5"]] = np.nan
    filled = completed(gappy, means)
    assert filled.loc["P3", "LH_mcp_E__2"] == means["LH_mcp_E__2"]
    assert filled.loc["P3", "RF_mtp_J__5"] == means["RF_mtp_J__5"]
    assert filled.drop(index="P3").equals(gold.drop(index="P3"))
    assert mean_prediction(gold, means).loc["P7"].to_dict() == means


def test_columns_by_kind_and_limb() -> None:
    sizes = [len(site_columns(kind, limb)) for kind in Kind for limb in (None, Limb.HAND, Limb.FOOT)]
    assert sizes == [42, 30, 12, 44, 32, 12]


def test_pooled_and_example_rmse_by_hand() -> None:
    gold, predicted = table(np.zeros((1, 86))), table(np.zeros((1, 86)))
    predicted.loc["P0", "LF_mtp_J__1"] = 3.0
    assert pooled_rmse(gold, predicted, Kind.NARROWING) == pytest.approx(math.sqrt(9 / 42))
    assert pooled_rmse(gold, predicted, Kind.NARROWING, Limb.FOOT) == pytest.approx(math.sqrt(9 / 12))
    assert pooled_rmse(gold, predicted, Kind.EROSION) == 0
    # One of the patient's four films is off, by the root of 9 over its 6 joints.
    assert example_rmse(gold, predicted, Kind.NARROWING) == pytest.approx(math.sqrt(9 / 6) / 4)


def test_errors_without_any_pair_are_none() -> None:
    nothing = table(np.full((2, 86), np.nan))
    assert pooled_rmse(nothing, nothing, Kind.EROSION) is None
    assert example_rmse(nothing, nothing, Kind.EROSION) is None


def test_site_errors_keep_their_sign_in_the_bias(gold: pd.DataFrame) -> None:
    rows = site_rmse(gold, gold + 0.5)
    assert rows["rmse"].tolist() == pytest.approx([0.5] * 86)
    assert rows["bias"].tolist() == pytest.approx([0.5] * 86)
    assert rows.loc["RH_wrist_E__nav", ["site", "side", "limb", "kind", "n"]].tolist() == [
        "NAVICULAR", "R", "hand", "erosion", 12,
    ]  # fmt: skip


def test_total_rmse_by_hand(gold: pd.DataFrame) -> None:
    assert total_rmse(gold, gold + 0.5) == pytest.approx(43.0)


def test_a_total_that_is_stated_goes_before_the_sum_of_sites(gold: pd.DataFrame, predicted: pd.DataFrame) -> None:
    """A submission's total is an answer of its own; SC2, SC3 and the hand and foot variants know only sites."""
    sums = gold.sum(axis=1)
    stated = StatedTotals(sums, sums * 1.5 + 1)
    expected = sum(weight(t) * abs(math.log2(t + 1) - math.log2(1.5 * t + 2)) for t in sums) / sum(map(weight, sums))
    found, summed = challenge_scores(gold, predicted, stated=stated), challenge_scores(gold, predicted)
    assert found.sc1 == pytest.approx(expected)
    assert (found.sc2, found.sc3) == (summed.sc2, summed.sc3)
    assert challenge_scores(gold, predicted, Limb.HAND, stated) == challenge_scores(gold, predicted, Limb.HAND)


def test_a_total_that_only_one_side_states_is_summed(gold: pd.DataFrame, predicted: pd.DataFrame) -> None:
    stated = StatedTotals(gold.sum(axis=1), predicted.sum(axis=1) * np.nan)
    assert challenge_scores(gold, predicted, stated=stated).sc1 == challenge_scores(gold, predicted).sc1


def test_the_weight_is_that_of_the_stated_gold_total(gold: pd.DataFrame) -> None:
    stated = StatedTotals(pd.Series(0.0, gold.index), gold.sum(axis=1))
    assert patient_errors(gold, gold, stated=stated)["weight"].tolist() == [1.0] * 12


def test_sums_of_patients_parts_are_the_scores(gold: pd.DataFrame, predicted: pd.DataFrame) -> None:
    predicted.loc["P4"] = np.nan
    errors, scores = patient_errors(gold, predicted), challenge_scores(gold, predicted)
    for name in ("sc1", "sc2", "sc3"):
        assert score_of(score_parts(errors, name).sum(axis=0)[None])[0] == pytest.approx(getattr(scores, name))


def test_stated_totals_of_different_sites_are_not_compared(gold: pd.DataFrame) -> None:
    """Gold lacks a site of P7 and its total says so; the prediction has the site, read right, and counts it."""
    predicted = gold.copy()
    gold.loc["P7", "LF_mtp_E__1"] = np.nan
    stated = StatedTotals(gold.sum(axis=1), predicted.sum(axis=1))
    assert stated.gold["P7"] != stated.predicted["P7"]
    assert challenge_scores(gold, predicted, stated=stated).sc1 == 0
