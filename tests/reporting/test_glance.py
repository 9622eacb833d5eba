from dataclasses import replace

import pytest

from opensvh.domain.reading import ModelIdentity, StudyReading
from opensvh.reporting.glance import glance_at


def test_sums_come_with_their_shares_and_intervals(study: StudyReading) -> None:
    total, narrowing, erosion = glance_at(study, {}, None).sums

    assert (total.title, narrowing.title, erosion.title) == ("Total score", "Narrowing", "Erosion")
    assert float(total.value) == pytest.approx(float(narrowing.value) + float(erosion.value), abs=0.11)
    assert total.share == pytest.approx(float(total.value) / 448, abs=1e-3)
    assert total.band is not None
    assert total.band[0] < (total.share or 0) < total.band[1]
    assert not total.is_complete


def test_nothing_read_has_no_value_and_no_place_on_the_bar(study: StudyReading) -> None:
    total = glance_at(replace(study, films=()), {}, None).sums[0]

    assert (total.value, total.interval, total.share, total.band) == ("–", "", None, None)
    assert total.counted == "0 of 86 scores"


def test_a_human_reading_says_that_it_has_no_interval(study: StudyReading) -> None:
    films = tuple(
        replace(film, sites=tuple(replace(each, probabilities=()) for each in film.sites)) for film in study.films
    )

    assert "no interval" in glance_at(replace(study, films=films), {}, None).sums[0].interval


def test_a_warning_is_said_once_with_all_its_films_and_not_again_where_it_is_a_reason(study: StudyReading) -> None:
    reason = study.films[1].reading("MCP2", study.films[1].sites[1].kind).reason
    films = (*study.films[:1], replace(study.films[1], warnings=("a warning", reason)), study.films[2])

    cautions = glance_at(replace(study, films=films), {}, None).cautions

    assert cautions == (("Left hand, Right hand and Left foot", "a warning"),)


def test_the_visit_before_is_named_by_its_day_and_doubts_are_told(study: StudyReading) -> None:
    previous = replace(
        study, date="2024-05-01", visit="Baseline", patient="P2", models=(ModelIdentity("tiny", "2", "cd" * 32),)
    )

    glance = glance_at(replace(study, date="2025-05-01", visit="Week 52"), {}, previous)

    assert glance.subtitle.startswith("2025-05-01 · Week 52 · 3 films read, 1 refused")
    assert glance.change.title == "Since the last visit (2024-05-01)"
    assert [doubt for doubt in glance.change.doubts if "tiny 2" in doubt]
    assert [doubt for doubt in glance.change.doubts if "P2" in doubt]


def test_visits_without_a_common_score_are_not_compared(study: StudyReading) -> None:
    change = glance_at(replace(study, films=study.films[:1]), {}, replace(study, films=study.films[2:])).change

    assert (change.value, change.lines, change.sites) == ("–", (), ())
    assert change.verdict == "No score was read at both visits."
