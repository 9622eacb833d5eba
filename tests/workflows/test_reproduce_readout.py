"""An arm's readout: the paper's by default, smoothing taken back, and nobody's score learnt from his own grades."""

import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.site_distributions import Distributions, highest_grade
from opensvh.targets.smoothing import Smoothing, smoothing_matrix
from opensvh.workflows.reproduce_config import ReadoutConfig
from opensvh.workflows.reproduce_readout import Gold, Read, crossed_readout, fitted_readout, plain_readout, unsmoothed


def drawn(patients: int, seed: int = 0) -> tuple[Read, Gold]:
    rng = np.random.default_rng(seed)
    names = [f"P{number}" for number in range(patients)]
    gold, by_column = {}, {}
    for column in RA2_SITE_COLUMNS:
        highest = highest_grade(column)
        classes = 6 if highest == 10 else highest + 1
        place = rng.integers(0, classes, patients)
        by_column[column] = 0.7 * np.eye(classes)[place] + 0.3 / classes
        gold[column] = place * highest / (classes - 1)
    table = pd.DataFrame(gold, index=pd.Index(names, name="Patient_ID"))[site_columns()]
    persons = [f"person {number // 2}" for number in range(patients)]
    return Read(Distributions(tuple(names), by_column), Smoothing(0.1), {}), Gold(table, persons)


def test_by_default_scores_are_expectations_and_the_total_is_their_sum() -> None:
    read, _ = drawn(3)
    scores = plain_readout("arm", read, ReadoutConfig())
    pd.testing.assert_frame_equal(scores.table, read.distributions.expected)
    assert scores.totals is not None
    np.testing.assert_allclose(scores.totals, read.distributions.expected.sum(axis=1))


@pytest.mark.parametrize("smoothing", [0.05, 0.1, 0.3])
def test_what_smoothing_added_is_taken_back(smoothing: float) -> None:
    sharp, _ = drawn(4)
    matrix = {
        len(rows[0]): smoothing_matrix(len(rows[0]), smoothing) for rows in sharp.distributions.by_column.values()
    }
    smooth = {column: rows @ matrix[rows.shape[1]] for column, rows in sharp.distributions.by_column.items()}
    back = unsmoothed(Distributions(sharp.distributions.film_sets, smooth), Smoothing(smoothing))
    for column, rows in sharp.distributions.by_column.items():
        np.testing.assert_allclose(back.by_column[column], rows, atol=1e-6)


def test_a_healthy_patient_has_five_points_of_smoothing_in_the_sum() -> None:
    healthy = {column: smoothing_matrix(6 if highest_grade(column) == 10 else highest_grade(column) + 1, 0.1)[[0]]
               for column in RA2_SITE_COLUMNS}  # fmt: skip
    read = Read(Distributions(("P",), healthy), Smoothing(0.1), {})
    plain = plain_readout("arm", read, ReadoutConfig())
    clean = plain_readout("arm", read, ReadoutConfig(unsmoothed=True))
    assert plain.totals is not None
    assert clean.totals is not None
    assert plain.totals.iloc[0] == pytest.approx(0.05 * 74 + 0.1 * 12)
    assert clean.totals.iloc[0] == pytest.approx(0, abs=1e-4)


def test_no_ones_score_depends_on_his_own_grades() -> None:
    read, gold = drawn(24)
    config = ReadoutConfig(sites="context", total="fitted")
    before = crossed_readout("arm", read, config, gold)
    changed = gold.table.copy()
    changed.iloc[:2] = 0.0  # both film sets of one person
    after = crossed_readout("arm", read, config, Gold(changed, gold.persons))
    np.testing.assert_allclose(after.table.iloc[:2], before.table.iloc[:2])
    assert not np.allclose(after.table.iloc[2:], before.table.iloc[2:])


def test_other_patients_are_read_with_what_all_known_ones_teach() -> None:
    known, gold = drawn(24)
    other, truth = drawn(10, seed=1)
    config = ReadoutConfig(unsmoothed=True, sites="fitted", total="fitted")
    scores = fitted_readout("arm", other, config, known, gold)
    plain = plain_readout("arm", other, ReadoutConfig())
    errors = [
        np.square(np.log2(each.table + 1) - np.log2(truth.table + 1)).to_numpy().mean() for each in (scores, plain)
    ]
    assert errors[0] < 0.5 * errors[1]
    assert scores.totals is not None
    assert scores.totals.between(0, 448).all()
