"""Two simulated readers agree as two experts do; the table in docs/simulator_cohort.md comes from the same command."""

from functools import cache

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb
from opensvh.workflows.reader_study import ReaderStudy, smallest_detectable_change, study_readers


@cache
def study() -> ReaderStudy:
    return study_readers(patients=250, seed=1)


@pytest.mark.parametrize("limb", list(Limb))
@pytest.mark.parametrize("kind", list(Kind))
def test_two_readers_agree_on_sites_as_experts_do(limb: Limb, kind: Kind) -> None:
    assert 0.82 <= study().kappa[limb, kind] <= 0.93


def test_totals_agree_as_published() -> None:
    assert 0.85 <= study().icc_early <= 0.97
    assert study().icc > study().icc_early
    assert study().icc > 0.95


def test_the_smallest_detectable_change_is_that_of_trials() -> None:
    assert 2.3 <= study().sdc <= 3.7
    assert 1.5 <= study().sdc_80 <= 2.5
    among = study().sdc_among
    assert among["no true change"] < among["1-4 points"] < among["5 points or more"]


def test_single_erosion_changes_are_rarely_consistent() -> None:
    assert 0.002 < study().consistent < 0.025
    assert study().consistent_of_seen < 0.15


def test_sound_sites_are_rarely_called_damaged() -> None:
    assert 0.002 < study().false_damage < 0.04


def test_the_smallest_detectable_change_follows_its_formula() -> None:
    rng = np.random.default_rng(0)
    change = np.round(rng.normal(0, 10, (2, 20_000))).astype(np.int64)
    assert smallest_detectable_change(change) == pytest.approx(1.96 * 10 / np.sqrt(2), rel=0.02)
