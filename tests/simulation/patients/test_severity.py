"""How damaged sites are: grades in range, correlated as published, and the cuts between grades."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import spearmanr

from opensvh.domain.anatomy import SITES, Kind, Limb, Side, site_named, sites_of
from opensvh.simulation.patients.patient import PatientTruth, draw_patient
from opensvh.simulation.patients.severity import COHORTS, Severity, grade_of, grade_shares

COHORT = 500
MODES: tuple[Severity, ...] = ("reference", "training")


@cache
def cohort(mode: Severity) -> tuple[PatientTruth, ...]:
    return tuple(draw_patient(f"P{seed}", np.random.default_rng(seed), mode) for seed in range(COHORT))


def grades(mode: Severity, limb: Limb, name: str, kind: Kind, *sides: Side) -> list[int]:
    return [patient.grades[limb, side][name, kind] for patient in cohort(mode) for side in sides or tuple(Side)]


def eroded(patient: PatientTruth) -> list[bool]:
    return [grade > 0 for film in patient.grades.values() for (_, kind), grade in film.items() if kind is Kind.EROSION]


def totals(mode: Severity) -> np.ndarray:
    return np.array([patient.total for patient in cohort(mode)])


@pytest.mark.parametrize("mode", MODES)
def test_the_shares_of_latent_variance_sum_to_one(mode: Severity) -> None:
    assert sum(COHORTS[mode].variance.values()) == pytest.approx(1)


@pytest.mark.parametrize("mode", MODES)
def test_every_site_of_every_film_has_a_grade_in_range(mode: Severity) -> None:
    for patient in cohort(mode)[:50]:
        for (limb, _), film in patient.grades.items():
            assert set(film) == {(site.name, kind) for kind in Kind for site in sites_of(limb, kind)}
            for (name, kind), grade in film.items():
                assert grade in range((site_named(limb, name).maximum(kind) or 0) + 1)


@pytest.mark.parametrize(
    ("damage", "grade"), [(-1.0, 0), (0.49, 0), (0.5, 1), (1.49, 1), (2.6, 3), (4.49, 4), (9.0, 4)]
)
def test_a_damage_has_the_nearest_grade(damage: float, grade: int) -> None:
    assert grade_of(damage, 4) == grade


def test_a_reference_cohort_has_the_skew_of_the_challenge() -> None:
    sums = totals("reference")
    assert 7 <= np.median(sums) <= 14
    assert 80 <= np.percentile(sums, 95) <= 150
    assert sums.max() > 180
    assert 0.08 < np.mean(sums == 0) < 0.2


def test_a_fifth_to_a_quarter_of_a_reference_cohort_is_free_of_erosions() -> None:
    """PMC3133482: 21 % of 271 patients (hands only), at the first visit and two years on."""
    free = [not any(eroded(patient)) for patient in cohort("reference")]
    assert np.mean(free) == pytest.approx(0.23, abs=0.06)


def test_narrowing_and_erosion_of_a_joint_go_together_as_in_aspire() -> None:
    """Odds ratio 8.3 at baseline (Smolen et al. 2009)."""
    counts = np.zeros((2, 2))
    for limb in Limb:
        for site in sites_of(limb):
            if site.narrowing is not None and site.erosion is not None:
                narrowed = np.array(grades("reference", limb, site.name, Kind.NARROWING)) > 0
                eroded = np.array(grades("reference", limb, site.name, Kind.EROSION)) > 0
                np.add.at(counts, (narrowed.astype(int), eroded.astype(int)), 1)
    assert 6 < counts[0, 0] * counts[1, 1] / (counts[0, 1] * counts[1, 0]) < 12


def test_a_tenth_of_the_pairs_of_joints_is_asymmetrical() -> None:
    """9.7 to 14.4 % differ by two Larsen grades or more; Larsen's grades follow erosions."""
    apart = [
        abs(patient.grades[limb, Side.LEFT][key] - patient.grades[limb, Side.RIGHT][key]) >= 2
        for patient in cohort("reference")
        for limb in Limb
        for key in patient.grades[limb, Side.LEFT]
        if key[1] is Kind.EROSION
    ]
    assert 0.08 < np.mean(apart) < 0.15


def test_hands_and_feet_go_together_but_less_than_sides() -> None:
    left = grades("training", Limb.HAND, "MCP3", Kind.EROSION, Side.LEFT)
    right = grades("training", Limb.HAND, "MCP3", Kind.EROSION, Side.RIGHT)
    toe = grades("training", Limb.FOOT, "MTP2", Kind.EROSION, Side.RIGHT)
    assert 0.3 < spearmanr(left, toe)[0] < spearmanr(left, right)[0] < 0.95


def test_wrist_and_second_mcp_and_fifth_mtp_come_first_in_a_reference_cohort() -> None:
    def damaged(limb: Limb, name: str) -> float:
        return float(np.mean([grade > 0 for grade in grades("reference", limb, name, Kind.NARROWING)]))

    assert damaged(Limb.HAND, "MCP2") > damaged(Limb.HAND, "MCP4")
    assert damaged(Limb.HAND, "RADCAR") > damaged(Limb.HAND, "PIP4")
    assert damaged(Limb.FOOT, "MTP5") > damaged(Limb.FOOT, "MTP2")


def test_in_training_each_grade_of_each_site_is_seen() -> None:
    for site in SITES:
        for kind in Kind:
            if (maximum := site.maximum(kind)) is None:
                continue
            assert min(grade_shares(site, kind, "training")) >= 0.016
            seen = grades("training", site.limb, site.name, kind)
            shares = np.bincount(seen, minlength=maximum + 1) / len(seen)
            assert shares == pytest.approx(grade_shares(site, kind, "training"), abs=0.08), (site.name, kind)
            assert shares.min() > 0.006


def test_in_training_a_third_is_undamaged_and_the_others_range_from_mild_to_severe() -> None:
    sums = totals("training")
    assert np.mean(sums == 0) == pytest.approx(0.34, abs=0.04)
    shares = [np.mean((low <= sums) & (sums <= high)) for low, high in ((1, 30), (31, 120), (121, 448))]
    assert min(shares) > 0.15


def test_in_training_a_patient_is_mild_or_severe_as_a_whole() -> None:
    """Sites vary around the patient's level: less within a patient than over the cohort."""
    shares = np.array(
        [[grade > 0 for film in p.grades.values() for grade in film.values()] for p in cohort("training")]
    )
    per_patient = shares.mean(axis=1)
    assert np.mean(per_patient < 0.2) > 0.35
    assert np.mean(per_patient > 0.7) > 0.1
    assert 0.25 < shares.mean() < 0.35
