from dataclasses import replace

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.domain.reading import SiteReading, Status, StudyReading
from opensvh.reporting.intervals import NORMAL_90, WIDENING, Interval, site_variance, total_interval, total_variance


def _reading(*probabilities: float, expected: float = 1.0, limb: Limb = Limb.HAND, name: str = "MCP2") -> SiteReading:
    return SiteReading(site_named(limb, name), Kind.EROSION, Status.SCORED, expected, probabilities)


def test_a_sites_variance_is_that_of_its_grades() -> None:
    assert site_variance(_reading(0.5, 0, 0, 0, 0, 0.5)) == pytest.approx(6.25)
    assert site_variance(_reading(0, 1, 0, 0, 0, 0)) == 0


def test_six_classes_of_a_foot_span_ten_grades() -> None:
    assert site_variance(_reading(0.5, 0, 0, 0, 0, 0.5, limb=Limb.FOOT, name="MTP1")) == pytest.approx(25)


def test_a_human_readers_score_has_no_variance() -> None:
    assert site_variance(_reading()) is None
    assert total_variance([_reading(0.5, 0, 0, 0, 0, 0.5), _reading()]) is None


def test_variances_of_sites_add_and_missing_ones_add_nothing() -> None:
    lost = SiteReading(site_named(Limb.HAND, "MCP3"), Kind.EROSION, Status.NOT_VISIBLE)

    assert total_variance([_reading(0.5, 0, 0, 0, 0, 0.5), _reading(0.5, 0.5, 0, 0, 0, 0), lost]) == pytest.approx(6.5)
    assert total_variance([lost]) is None


def test_the_interval_lies_around_the_sum_and_within_what_can_be(study: StudyReading) -> None:
    found = total_interval(study, Kind.EROSION, Limb.HAND, Side.LEFT)

    sd = np.sqrt(16 * (0.75 * 1.25**2 + 0.25 * 3.75**2))
    assert found is not None
    assert found.high == pytest.approx(20 + NORMAL_90 * WIDENING[Kind.EROSION] * sd)
    assert found.low == pytest.approx(max(0, 20 - NORMAL_90 * WIDENING[Kind.EROSION] * sd))


def test_an_interval_never_leaves_the_range_of_the_sum(study: StudyReading) -> None:
    film = study.films[0]
    worst = [
        replace(each, expected=float(each.site.maximum(each.kind) or 0)) if each.site.name == "MCP2" else each
        for each in film.sites
        if each.site.name == "MCP2"
    ]
    found = total_interval(replace(study, films=(replace(film, sites=tuple(worst)),)))

    assert found == Interval(pytest.approx(found.low if found else 0), 9.0)


def test_nothing_read_has_no_interval(study: StudyReading) -> None:
    assert total_interval(replace(study, films=())) is None


def test_sums_are_never_taken_to_be_surer_than_independent_sites() -> None:
    assert set(WIDENING) == {None, *Kind}
    assert min(WIDENING.values()) >= 1
