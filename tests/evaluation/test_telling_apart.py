"""Folds and figures of classifiers that tell real from simulated."""

import numpy as np
import pytest

from opensvh.evaluation.telling_apart import Verdicts, balanced_accuracy, folds, linear_verdicts


def two_sets(real: int = 24, made: int = 48, a_person: int = 2) -> tuple[np.ndarray, np.ndarray]:
    flags = np.r_[np.ones(real, bool), np.zeros(made, bool)]
    groups = np.array([f"{'r' if flag else 's'}{row // a_person}" for row, flag in enumerate(flags)])
    return flags, groups


def test_every_row_is_tested_once_and_no_person_is_in_both() -> None:
    real, groups = two_sets()
    tested = []
    for train, test in folds(real, groups, 4):
        assert not set(groups[train]) & set(groups[test])
        assert set(real[test].tolist()) == {True, False}
        tested += test.tolist()
    assert sorted(tested) == list(range(len(real)))


def test_balanced_accuracy_does_not_gain_by_calling_all_simulated() -> None:
    real, _ = two_sets(10, 90)
    assert balanced_accuracy(real, np.zeros(100)) == 0.5
    assert balanced_accuracy(real, real.astype(float)) == 1.0


def test_regression_cannot_tell_two_halves_of_one_set() -> None:
    real, groups = two_sets(100, 100)
    features = np.random.default_rng(1).normal(size=(200, 20))
    figures = linear_verdicts(features, real, groups, 4).figures(np.random.default_rng(0))
    assert 0.35 < figures["accuracy"] < 0.65
    assert figures["interval"][0] < 0.55
    assert figures["interval"][1] > 0.45


def test_regression_tells_sets_that_differ() -> None:
    real, groups = two_sets()
    features = np.random.default_rng(1).normal(size=(72, 20)) + 3 * real[:, None]
    figures = linear_verdicts(features, real, groups, 4).figures(np.random.default_rng(0))
    assert figures["accuracy"] == 1
    assert figures["auc"] == 1


def test_interval_widens_when_a_person_has_many_pictures() -> None:
    rng = np.random.default_rng(3)
    real, single = two_sets(60, 60, a_person=1)
    few = two_sets(60, 60, a_person=12)[1]
    by_person = {name: rng.random() for name in np.unique(few)}
    probability = np.array([by_person[name] for name in few])
    widths = []
    for groups in (single, few):
        low, high = Verdicts(real, probability, groups).figures(np.random.default_rng(0))["interval"]
        widths.append(high - low)
    assert widths[1] > 1.5 * widths[0]


def test_surest_rows_are_real_ones_first_each_kind_by_its_own_confidence() -> None:
    verdicts = Verdicts(np.array([True, True, False, False]), np.array([0.6, 0.9, 0.8, 0.1]), np.array(list("abcd")))
    assert verdicts.surest(1) == [1, 3]
    assert verdicts.surest(2) == [1, 0, 3, 2]


def test_more_folds_than_persons_are_refused() -> None:
    real, groups = two_sets(4, 40)
    with pytest.raises(ValueError, match="splits"):
        list(folds(real, groups, 3))
