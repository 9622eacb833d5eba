"""The cohort: every grade in range, correlated as damage is, skewed or flat as asked."""

from functools import cache

import numpy as np
import pytest

from opensvh.domain.anatomy import SITES, Kind, Limb, Side, sites_of
from opensvh.simulation.patient import LATENT_VARIANCE, PatientTruth, Severity, draw_patient, grade_shares

COHORT = 500


@cache
def cohort(mode: Severity) -> tuple[PatientTruth, ...]:
    return tuple(draw_patient(f"P{seed}", np.random.default_rng(seed), mode) for seed in range(COHORT))


def grades(mode: Severity, limb: Limb, name: str, kind: Kind, side: Side) -> list[int]:
    return [patient.grades[limb, side][name, kind] for patient in cohort(mode)]


def totals(mode: Severity) -> np.ndarray:
    return np.array([sum(sum(film.values()) for film in patient.grades.values()) for patient in cohort(mode)])


def test_the_shares_of_latent_variance_sum_to_one() -> None:
    assert sum(LATENT_VARIANCE.values()) == pytest.approx(1)


@pytest.mark.parametrize("mode", ["reference", "training"])
def test_every_site_of_every_film_has_a_grade_in_range(mode: Severity) -> None:
    for patient in cohort(mode)[:50]:
        for (limb, _), film in patient.grades.items():
            assert set(film) == {(site.name, kind) for kind in Kind for site in sites_of(limb, kind)}
            for site in sites_of(limb):
                for kind in Kind:
                    if (maximum := site.maximum(kind)) is not None:
                        assert film[site.name, kind] in range(maximum + 1)


def test_in_training_each_grade_of_each_site_is_common() -> None:
    for site in SITES:
        for kind in Kind:
            if (maximum := site.maximum(kind)) is None:
                continue
            assert min(grade_shares(site, kind, "training")) >= 0.04
            both = [g for side in Side for g in grades("training", site.limb, site.name, kind, side)]
            shares = np.bincount(both, minlength=maximum + 1) / len(both)
            assert shares.min() >= 0.04, (site.name, kind, shares)


def test_in_training_a_third_of_the_sites_is_healthy() -> None:
    zero = np.mean([grade == 0 for p in cohort("training") for film in p.grades.values() for grade in film.values()])
    assert 0.3 < zero < 0.42


def test_a_reference_cohort_has_low_totals_with_a_long_tail() -> None:
    sums = totals("reference")
    assert 18 <= np.median(sums) <= 36
    assert 130 <= np.percentile(sums, 95) <= 230
    assert sums.max() > 250
    assert np.mean(sums <= 3) > 0.08


def test_wrist_and_second_mcp_and_fifth_mtp_come_first_in_a_reference_cohort() -> None:
    def damaged(limb: Limb, name: str) -> float:
        return float(np.mean([g > 0 for side in Side for g in grades("reference", limb, name, Kind.NARROWING, side)]))

    assert damaged(Limb.HAND, "MCP2") > damaged(Limb.HAND, "MCP4")
    assert damaged(Limb.HAND, "RADCAR") > damaged(Limb.HAND, "PIP4")
    assert damaged(Limb.FOOT, "MTP5") > damaged(Limb.FOOT, "MTP2")


def test_left_and_right_and_both_kinds_of_damage_go_together() -> None:
    left = grades("training", Limb.HAND, "MCP3", Kind.EROSION, Side.LEFT)
    right = grades("training", Limb.HAND, "MCP3", Kind.EROSION, Side.RIGHT)
    narrowing = grades("training", Limb.HAND, "MCP3", Kind.NARROWING, Side.LEFT)
    toe = grades("training", Limb.FOOT, "MTP2", Kind.EROSION, Side.RIGHT)
    assert np.corrcoef(left, right)[0, 1] == pytest.approx(0.65, abs=0.1)
    assert np.corrcoef(left, narrowing)[0, 1] == pytest.approx(0.65, abs=0.1)
    assert 0.2 < np.corrcoef(left, toe)[0, 1] < 0.6


def test_the_worse_a_patient_the_higher_the_total_and_the_thinner_the_bone() -> None:
    severity = [patient.traits.severity for patient in cohort("reference")]
    density = [patient.traits.bone_density for patient in cohort("reference")]
    assert np.corrcoef(severity, totals("reference"))[0, 1] > 0.6
    assert np.corrcoef(severity, density)[0, 1] < -0.2


def test_traits_stay_within_their_ranges() -> None:
    traits = [patient.traits for patient in cohort("training")]
    assert all(
        0.6 <= each.bone_density <= 1.15 and 0.8 <= each.size <= 1.25 and 18 <= each.age <= 90 for each in traits
    )
    sizes = {sex: np.mean([each.size for each in traits if each.sex == sex]) for sex in ("female", "male")}
    assert sizes["male"] / sizes["female"] == pytest.approx(56.4 / 50.1, abs=0.04)


def test_the_same_seed_gives_the_same_patient() -> None:
    first, again, other = (draw_patient("P", np.random.default_rng(seed), "training") for seed in (1, 1, 2))
    assert first == again
    assert first != other
