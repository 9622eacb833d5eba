"""A reader errs a little, never out of range, and agrees with another one as experts do."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from opensvh.domain.anatomy import Kind, Limb, Side, site_named, sites_of
from opensvh.simulation.patient import Grades, PatientTruth, draw_patient
from opensvh.simulation.reader import Reader, draw_reader, read_grades

COHORT = [draw_patient(f"P{seed}", np.random.default_rng(seed), "training") for seed in range(150)]
Reading = dict[tuple[Limb, Side], Grades]


def readings(reader_seed: int) -> list[Reading]:
    reader = draw_reader(np.random.default_rng(reader_seed))
    return [read_grades(truth, reader, np.random.default_rng((reader_seed, n))) for n, truth in enumerate(COHORT)]


def pooled(cohort: list[Reading], limb: Limb, kind: Kind) -> np.ndarray:
    return np.array([film[limb, side][s.name, kind] for film in cohort for side in Side for s in sites_of(limb, kind)])


@pytest.mark.parametrize("limb", list(Limb))
@pytest.mark.parametrize("kind", list(Kind))
def test_two_readers_agree_as_experts_do(limb: Limb, kind: Kind) -> None:
    first, second = pooled(readings(1), limb, kind), pooled(readings(2), limb, kind)
    assert 0.85 <= cohen_kappa_score(first, second, weights="quadratic") <= 0.92


def test_hand_readings_are_exact_or_one_off() -> None:
    truth = [dict(patient.grades) for patient in COHORT]
    for kind in Kind:
        off = np.abs(pooled(readings(3), Limb.HAND, kind) - pooled(truth, Limb.HAND, kind))
        assert np.mean(off == 0) > 0.6
        assert np.mean(off <= 1) > 0.97


def test_readings_cover_the_same_sites_and_stay_in_range() -> None:
    rough = Reader(bias=dict.fromkeys(Kind, 0.3), noise=1.0, noise_at_zero=1.0)
    truth = COHORT[0]
    read = read_grades(truth, rough, np.random.default_rng(0))
    for (limb, side), film in read.items():
        assert set(film) == set(truth.grades[limb, side])
        for (name, kind), grade in film.items():
            assert 0 <= grade <= (site_named(limb, name).maximum(kind) or 0)


def test_a_reader_without_error_reads_the_truth() -> None:
    exact = Reader(bias=dict.fromkeys(Kind, 0.0), noise=0.0, noise_at_zero=0.0)
    truth: PatientTruth = COHORT[1]
    assert read_grades(truth, exact, np.random.default_rng(0)) == truth.grades
