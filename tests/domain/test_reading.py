"""A reading cannot say two things at once: a score belongs to the status SCORED, and lies in the site's range."""

import pytest

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.domain.geometry import Box
from opensvh.domain.reading import FilmReading, SiteReading, Status, StudyReading

MCP2 = site_named(Limb.HAND, "MCP2")
MTP2 = site_named(Limb.FOOT, "MTP2")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SCORED])
def test_a_missing_site_carries_no_score(status: Status) -> None:
    assert SiteReading(MCP2, Kind.EROSION, status).score is None
    with pytest.raises(ValueError, match="MCP2"):
        SiteReading(MCP2, Kind.EROSION, status, 0.0)


def test_a_scored_site_carries_a_score() -> None:
    with pytest.raises(ValueError, match="MCP2"):
        SiteReading(MCP2, Kind.EROSION, Status.SCORED)


@pytest.mark.parametrize("expected", [-0.01, 5.01, float("nan"), float("inf")])
def test_a_score_outside_the_sites_range_is_refused(expected: float) -> None:
    with pytest.raises(ValueError, match="outside 0-5"):
        SiteReading(MCP2, Kind.EROSION, Status.SCORED, expected)


def test_foot_erosion_reaches_10() -> None:
    assert SiteReading(MTP2, Kind.EROSION, Status.SCORED, 10.0).score == 10


def test_a_kind_that_the_site_does_not_score_is_refused() -> None:
    with pytest.raises(ValueError, match="IP1 of a hand is not scored for narrowing"):
        SiteReading(site_named(Limb.HAND, "IP1"), Kind.NARROWING, Status.NOT_ASSESSABLE)


@pytest.mark.parametrize(("expected", "score"), [(0.0, 0), (0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3), (4.99, 5)])
def test_the_score_is_the_nearest_grade_halves_upwards(expected: float, score: int) -> None:
    assert SiteReading(MCP2, Kind.EROSION, Status.SCORED, expected).score == score


def test_a_film_finds_its_readings_by_site_and_kind() -> None:
    narrowing = SiteReading(MCP2, Kind.NARROWING, Status.SCORED, 1.0)
    erosion = SiteReading(MCP2, Kind.EROSION, Status.SCORED, 2.0)
    film = FilmReading("p", "p-LH.png", Limb.HAND, Side.LEFT, (narrowing, erosion), Box(0, 0, 9, 9))
    assert film.reading("MCP2", Kind.EROSION) is erosion
    with pytest.raises(KeyError, match="no erosion reading of MCP3"):
        film.reading("MCP3", Kind.EROSION)
    study = StudyReading("p", (film,), (), (), "opensvh")
    assert list(study.site_readings()) == [(film, narrowing), (film, erosion)]


@pytest.mark.parametrize("date", ["2024-13-01", "01.05.2024", "20240501", "2024-5-1", ""])
def test_a_study_has_a_whole_day_or_none(date: str) -> None:
    assert StudyReading("p", (), (), (), "opensvh", "2024-05-01").date == "2024-05-01"
    assert StudyReading("p", (), (), (), "opensvh").date is None
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|isoformat|month"):
        StudyReading("p", (), (), (), "opensvh", date)
