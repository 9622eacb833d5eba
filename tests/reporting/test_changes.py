from collections.abc import Callable
from dataclasses import replace

import pytest

from opensvh.domain.anatomy import Kind
from opensvh.domain.reading import ModelIdentity, SiteReading, Status, StudyReading
from opensvh.reporting.changes import READERS_SDC, changes_since


def _with_sites(study: StudyReading, change: Callable[[SiteReading], SiteReading]) -> StudyReading:
    films = tuple(replace(film, sites=tuple(map(change, film.sites))) for film in study.films)
    return replace(study, films=films)


def _sure(grade: int) -> Callable[[SiteReading], SiteReading]:
    """Every narrowing is `grade` without doubt, every erosion 0."""

    def change(reading: SiteReading) -> SiteReading:
        value = grade if reading.kind is Kind.NARROWING else 0
        odds = tuple(float(index == value) for index in range((reading.site.maximum(reading.kind) or 0) + 1))
        return replace(reading, status=Status.SCORED, reason="", expected=float(value), probabilities=odds)

    return change


def test_a_first_visit_has_no_change(study: StudyReading) -> None:
    assert changes_since(study, None) is None


def test_the_same_reading_twice_is_no_change(study: StudyReading) -> None:
    changes = changes_since(study, study)

    assert changes is not None
    assert changes.total.difference == 0
    assert not changes.total.is_detectable
    assert changes.sites == ()
    assert changes.same_model


def test_sure_changes_of_two_grades_are_told_site_by_site(study: StudyReading) -> None:
    changes = changes_since(_with_sites(study, _sure(3)), _with_sites(study, _sure(1)))

    assert changes is not None
    assert changes.total.difference == pytest.approx(2 * (15 + 15 + 6))
    assert changes.total.is_detectable
    assert changes.total.detectable == READERS_SDC
    assert [each.difference for each in changes.kinds] == [changes.total.difference, 0]
    assert len(changes.sites) == 36


def test_one_grade_at_a_joint_is_no_finding_however_sure_the_model_is(study: StudyReading) -> None:
    changes = changes_since(_with_sites(study, _sure(2)), _with_sites(study, _sure(1)))

    assert changes is not None
    assert changes.sites == ()


def test_an_unsure_model_needs_more_change(study: StudyReading) -> None:
    changes = changes_since(study, study)

    assert changes is not None
    assert changes.total.detectable is not None
    assert changes.total.detectable > READERS_SDC


def test_a_site_that_one_visit_lacks_is_no_change(study: StudyReading) -> None:
    only_hands = replace(study, films=study.films[:2])

    changes = changes_since(study, only_hands)

    assert changes is not None
    assert (changes.compared, changes.scored_now) == (60, 72)
    assert changes.total.difference == 0


def test_two_human_readings_have_no_known_chance(study: StudyReading) -> None:
    human = _with_sites(study, lambda reading: replace(reading, probabilities=()))

    changes = changes_since(human, human)

    assert changes is not None
    assert changes.total.detectable is None
    assert not changes.total.is_detectable


def test_another_model_is_noticed(study: StudyReading) -> None:
    changes = changes_since(study, replace(study, models=(ModelIdentity("tiny", "2", "cd" * 32),)))

    same = changes_since(study, study)
    assert changes is not None
    assert same is not None
    assert not changes.same_model
    assert (changes.total.detectable or 0) > 1.5 * (same.total.detectable or 0)
