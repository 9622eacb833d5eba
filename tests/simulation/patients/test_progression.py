"""Later visits: the points asked for, where damage is, never less, and none where there is no disease."""

from functools import cache

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, site_named
from opensvh.simulation.patients.patient import PatientTruth, draw_patient
from opensvh.simulation.patients.progression import COURSES, MONTHS, draw_months, draw_rate, progressed, true_change
from opensvh.simulation.patients.severity import no_damage


@cache
def cohort() -> tuple[PatientTruth, ...]:
    return tuple(draw_patient(f"P{seed}", np.random.default_rng(seed), "reference") for seed in range(120))


def mild() -> PatientTruth:
    return min(cohort(), key=lambda patient: abs(patient.total - 20))


def test_shares_of_courses_and_intervals_sum_to_one() -> None:
    assert sum(course.share for course in COURSES) == pytest.approx(1)
    assert sum(MONTHS.values()) == pytest.approx(1)
    assert draw_months(np.random.default_rng(0)) in MONTHS


def test_a_years_progression_is_distributed_as_in_espoir() -> None:
    rng = np.random.default_rng(0)
    rates = np.array([draw_rate(float(rng.standard_normal()), rng) for _ in range(4000)])
    assert np.mean(rates > 0) == pytest.approx(0.341, abs=0.03)
    rapid = rates[rates >= 5]
    assert len(rapid) / len(rates) == pytest.approx(0.111, abs=0.02)
    assert np.median(rapid) == pytest.approx(10, abs=2)


def test_the_worse_progress_faster() -> None:
    rng = np.random.default_rng(1)
    mean = {severity: np.mean([draw_rate(severity, rng) for _ in range(1500)]) for severity in (-1.0, 1.0)}
    assert mean[1.0] > 1.8 * mean[-1.0]


@pytest.mark.parametrize(("rate", "months", "points"), [(0.0, 24, 0), (0.2, 12, 1), (7.0, 12, 7), (7.0, 24, 14)])
def test_the_total_grows_by_exactly_the_points_asked_for(rate: float, months: int, points: int) -> None:
    later = progressed(mild(), rate, months, np.random.default_rng(2))
    change = true_change(mild(), later)
    assert later.total - mild().total == points == sum(change.values())
    assert min(change.values()) == 0
    assert later.traits.age == pytest.approx(mild().traits.age + months / 12, abs=0.01)


def test_sites_without_a_point_keep_their_damage() -> None:
    later = progressed(mild(), 6.0, 12, np.random.default_rng(3))
    for (limb, side, name, kind), gained in true_change(mild(), later).items():
        if gained == 0:
            assert later.damage[limb, side][name, kind] == mild().damage[limb, side][name, kind]


def test_points_go_where_damage_is() -> None:
    hit, sound = 0, 0
    for seed in range(60):
        later = progressed(mild(), 3.0, 12, np.random.default_rng(seed))
        for (limb, side, name, kind), gained in true_change(mild(), later).items():
            if gained:
                already = mild().grades[limb, side][name, kind] > 0
                hit, sound = hit + already, sound + (not already)
    damaged_sites = sum(grade > 0 for film in mild().grades.values() for grade in film.values())
    assert hit / (hit + sound) > 2 * damaged_sites / 86
    assert sound > 0


def test_damage_stops_at_the_end_of_the_scale() -> None:
    end = progressed(mild(), 10_000.0, 12, np.random.default_rng(4))
    assert end.total == 448
    for (limb, _), film in end.grades.items():
        assert all(grade == site_named(limb, name).maximum(kind) for (name, kind), grade in film.items())


def test_who_has_no_disease_keeps_none() -> None:
    healthy = PatientTruth("P", mild().traits, no_damage())
    assert progressed(healthy, 10.0, 24, np.random.default_rng(5)).total == 0


def test_both_kinds_of_damage_progress() -> None:
    change = true_change(mild(), progressed(mild(), 40.0, 12, np.random.default_rng(6)))
    assert all(sum(gained for (*_, its_kind), gained in change.items() if its_kind is kind) > 3 for kind in Kind)
