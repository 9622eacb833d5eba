"""A reader errs a little, never out of range, keeps to what was seen, and agrees with another one as published."""

from dataclasses import replace

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, site_named
from opensvh.simulation.patients.patient import PatientTruth, draw_patient
from opensvh.simulation.patients.progression import progressed
from opensvh.simulation.patients.reader import EXACT, Reader, Reading, draw_reader, read_grades, read_visits

COHORT = [draw_patient(f"P{seed}", np.random.default_rng(seed), "training") for seed in range(60)]
WORST = max(COHORT, key=lambda patient: patient.total)
READER = Reader(bias=dict.fromkeys(Kind, 0.0))


def flat(reading: Reading) -> np.ndarray:
    return np.array([grade for film in reading.values() for grade in film.values()])


def off(reader: Reader, truth: PatientTruth = WORST, repeats: int = 30) -> np.ndarray:
    """Read minus true grades, [repeat, site]."""
    return np.array(
        [flat(read_grades(truth, reader, np.random.default_rng(n))) - flat(truth.grades) for n in range(repeats)]
    )


def test_readings_are_exact_or_one_off() -> None:
    errors = np.concatenate([off(READER, truth, repeats=1)[0] for truth in COHORT])
    assert np.mean(errors == 0) > 0.65
    assert np.mean(np.abs(errors) <= 1) > 0.97
    assert np.mean(errors != 0) > 0.05


def test_a_reader_without_error_reads_the_truth() -> None:
    assert read_grades(WORST, EXACT, np.random.default_rng(0)) == WORST.grades


def test_readings_cover_the_same_sites_and_stay_in_range() -> None:
    rough = Reader(bias=dict.fromkeys(Kind, 3.0), site=8.0)
    for (limb, side), film in read_grades(WORST, rough, np.random.default_rng(0)).items():
        assert set(film) == set(WORST.grades[limb, side])
        for (name, kind), grade in film.items():
            assert 0 <= grade <= (site_named(limb, name).maximum(kind) or 0)


def test_a_strict_reader_gives_more_points() -> None:
    strict = replace(READER, bias=dict.fromkeys(Kind, 1.0))
    assert off(strict).mean() > off(READER).mean() + 0.1


def test_sites_at_the_border_of_two_grades_are_where_readers_differ() -> None:
    film = {key: 1.5 if key[1] is Kind.EROSION else 1.0 for key in next(iter(WORST.damage.values()))}
    border = PatientTruth("P", WORST.traits, {next(iter(WORST.damage)): film})
    wrong = (off(replace(READER, mood=0.0), border, repeats=60) != 0).mean(axis=0)
    at_border = np.array([kind is Kind.EROSION for _, kind in film])
    assert wrong[at_border].mean() == pytest.approx(0.5, abs=0.1)
    assert wrong[~at_border].mean() < 0.42


def test_a_patient_read_twice_side_by_side_hardly_changes_where_nothing_did() -> None:
    later = replace(WORST, patient_id="later")
    pairs = [read_visits([WORST, later], READER, np.random.default_rng(n)) for n in range(20)]
    alone = [[read_grades(WORST, READER, np.random.default_rng((n, visit))) for visit in range(2)] for n in range(20)]
    moved, moved_alone = (np.mean([flat(one) != flat(two) for one, two in cases]) for cases in (pairs, alone))
    assert 0.01 < moved < 0.6 * moved_alone


def test_a_true_change_is_mostly_seen() -> None:
    later = progressed(COHORT[1], rate=20.0, months=12, rng=np.random.default_rng(3))
    true = flat(later.grades).sum() - flat(COHORT[1].grades).sum()
    seen = [
        flat(second).sum() - flat(first).sum()
        for first, second in (read_visits([COHORT[1], later], READER, np.random.default_rng(n)) for n in range(30))
    ]
    assert true == 20
    assert np.mean(seen) == pytest.approx(true, rel=0.2)


def test_the_first_of_two_visits_is_read_as_if_alone() -> None:
    assert read_visits([WORST, WORST], READER, np.random.default_rng(5))[0] == read_grades(
        WORST, READER, np.random.default_rng(5)
    )


def test_two_readers_are_two_persons() -> None:
    assert draw_reader(np.random.default_rng(1)) != draw_reader(np.random.default_rng(2))
