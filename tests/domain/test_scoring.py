"""Totals: the published maxima, and a missing site that is counted, never taken as 0."""

import pytest

from opensvh.domain.anatomy import Kind, Limb, Side, site_named, sites_of
from opensvh.domain.reading import SiteReading, Status
from opensvh.domain.scoring import maximum_total, site_count, total


def scored(name: str, kind: Kind, expected: float, limb: Limb = Limb.HAND, confidence: float = 1.0) -> SiteReading:
    return SiteReading(site_named(limb, name), kind, Status.SCORED, expected, confidence=confidence)


def missing(name: str, kind: Kind, limb: Limb = Limb.HAND) -> SiteReading:
    return SiteReading(site_named(limb, name), kind, Status.NOT_ASSESSABLE, reason="joint not found")


def worst_patient() -> list[tuple[Side, SiteReading]]:
    return [
        (side, SiteReading(site, kind, Status.SCORED, float(site.maximum(kind) or 0)))
        for side in Side
        for limb in Limb
        for kind in Kind
        for site in sites_of(limb, kind)
    ]


def test_a_patient_has_42_narrowing_and_44_erosion_sites() -> None:
    assert (site_count(Kind.NARROWING), site_count(Kind.EROSION)) == (42, 44)


def test_the_maxima_are_168_and_280_and_448_together() -> None:
    assert (maximum_total(Kind.NARROWING), maximum_total(Kind.EROSION)) == (168, 280)
    worst = total(worst_patient())
    assert (worst.value, worst.maximum, worst.assessed, worst.complete) == (448, 448, 86, True)


@pytest.mark.parametrize(("limb", "kind", "maximum"), [
    (Limb.HAND, Kind.NARROWING, 120), (Limb.HAND, Kind.EROSION, 160),
    (Limb.FOOT, Kind.NARROWING, 48), (Limb.FOOT, Kind.EROSION, 120),
])  # fmt: skip
def test_maxima_by_limb(limb: Limb, kind: Kind, maximum: int) -> None:
    assert maximum_total(kind, limb) == maximum
    assert total(worst_patient(), kind, limb).value == maximum


def test_a_missing_site_is_left_out_and_counted() -> None:
    readings = [(Side.LEFT, scored("MCP2", Kind.EROSION, 3.5)), (Side.LEFT, missing("MCP3", Kind.EROSION))]
    both = total(readings, Kind.EROSION)
    assert (both.value, both.assessed, both.sites, both.maximum) == (3.5, 1, 44, 5)
    assert not both.complete


def test_no_reading_at_all_is_an_incomplete_total() -> None:
    nothing = total([])
    assert (nothing.value, nothing.assessed, nothing.sites, nothing.maximum) == (0, 0, 86, 0)
    assert not nothing.complete


def test_a_site_read_twice_counts_once_by_the_surer_reading() -> None:
    readings = [
        (Side.LEFT, scored("MCP2", Kind.EROSION, 1.0, confidence=0.4)),
        (Side.LEFT, scored("MCP2", Kind.EROSION, 4.0, confidence=0.9)),
        (Side.RIGHT, scored("MCP2", Kind.EROSION, 2.0, confidence=0.1)),
    ]
    assert total(readings).value == 6.0
    assert total(reversed(readings)).value == 6.0


def test_a_score_beats_a_missing_reading_of_the_same_site() -> None:
    readings = [
        (Side.LEFT, missing("MCP2", Kind.EROSION)),
        (Side.LEFT, scored("MCP2", Kind.EROSION, 0.0, confidence=0)),
    ]
    assert total(readings).assessed == 1
    assert total(reversed(readings)).assessed == 1


def test_hallux_and_thumb_are_different_sites() -> None:
    readings = [
        (Side.LEFT, scored("IP1", Kind.EROSION, 5.0)),
        (Side.LEFT, scored("IP1", Kind.EROSION, 10.0, limb=Limb.FOOT)),
    ]
    assert total(readings).value == 15.0
    assert total(readings, limb=Limb.FOOT).value == 10.0
