"""Who is simulated: builds within their ranges, children who grow and have no damage, and repeatable draws."""

from functools import cache

import numpy as np
import pytest

from opensvh.simulation.patients.patient import PatientTraits, PatientTruth, aged, draw_patient
from opensvh.simulation.patients.severity import Severity

COHORT = 500
CHILD = PatientTraits("female", age=8.0, size=0.73, bone_density=0.9, soft_tissue=1.0, severity=-1.5, child=True)


@cache
def cohort(mode: Severity) -> tuple[PatientTruth, ...]:
    return tuple(draw_patient(f"P{seed}", np.random.default_rng(seed), mode) for seed in range(COHORT))


def children() -> list[PatientTruth]:
    return [patient for patient in cohort("training") if patient.traits.child]


def test_the_worse_a_patient_the_higher_the_total_the_thinner_the_bone_and_the_older() -> None:
    severity = [patient.traits.severity for patient in cohort("reference")]
    totals = [patient.total for patient in cohort("reference")]
    density = [patient.traits.bone_density for patient in cohort("reference")]
    age = [patient.traits.age for patient in cohort("reference")]
    assert np.corrcoef(severity, totals)[0, 1] > 0.6
    assert np.corrcoef(severity, density)[0, 1] < -0.2
    assert 0.15 < np.corrcoef(severity, age)[0, 1] < 0.35


def test_adults_stay_within_their_ranges() -> None:
    traits = [patient.traits for patient in cohort("training") if not patient.traits.child]
    assert all(0.6 <= each.bone_density <= 1.15 and 0.8 <= each.size <= 1.25 for each in traits)
    assert all(18 <= each.age <= 90 and 0.7 <= each.soft_tissue <= 1.5 for each in traits)
    sizes = {sex: np.mean([each.size for each in traits if each.sex == sex]) for sex in ("female", "male")}
    assert sizes["male"] / sizes["female"] == pytest.approx(56.4 / 50.1, abs=0.04)


def test_one_patient_in_14_of_a_training_cohort_is_a_child_and_none_of_a_trial() -> None:
    assert len(children()) / COHORT == pytest.approx(0.07, abs=0.025)
    assert not any(patient.traits.child for patient in cohort("reference"))


def test_children_are_small_and_have_no_damage() -> None:
    assert children()
    for patient in children():
        assert patient.total == 0
        assert 5 <= patient.traits.age < 18
        assert 0.5 <= patient.traits.size <= 1.25
    ages = [patient.traits.age for patient in children()]
    assert np.corrcoef(ages, [patient.traits.size for patient in children()])[0, 1] > 0.7


def test_a_child_grows_as_the_median_girl_does() -> None:
    later = aged(CHILD, months=24)
    assert later.age == 10.0
    assert later.size == pytest.approx(CHILD.size * 138.6 / 126.6)
    assert later.child


def test_a_child_comes_of_age_and_an_adult_keeps_the_size() -> None:
    adult = aged(CHILD, months=12 * 11)
    assert not adult.child
    assert adult.size == pytest.approx(CHILD.size * 163.2 / 126.6)
    assert aged(adult, months=120).size == pytest.approx(adult.size)


def test_the_same_seed_gives_the_same_patient() -> None:
    first, again, other = (draw_patient("P", np.random.default_rng(seed), "training") for seed in (1, 1, 2))
    assert first == again
    assert first != other
