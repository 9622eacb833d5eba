"""Films become visits by what is told of their day; each visit has its folder, and knows the one before it."""

from dataclasses import replace
from pathlib import Path

import pytest

from opensvh.domain.errors import OutputConflict
from opensvh.domain.reading import StudyReading
from opensvh.io.identity import KnownFilm
from opensvh.reporting.study_file import StudyFile, write_study
from opensvh.workflows.films import Film, Patient
from opensvh.workflows.visits import (
    EarlierResults,
    Visit,
    folder_name,
    stored_studies,
    studies_of,
    study_folder,
    visit_before,
    visits_of,
)

STUDY = StudyReading("P", (), (), (), "software")


def patient(*films: tuple[str, str | None, str | None]) -> Patient:
    """Films of P as (path, date, visit)."""
    return Patient("P", tuple(Film(path, KnownFilm("P", date=date, visit=visit), True) for path, date, visit in films))


def told(visits: list[Visit]) -> list[tuple[str | None, str | None, str]]:
    """Date, name and films, as letters."""
    return [(visit.date, visit.name, "".join(film.path for film in visit.films)) for visit in visits]


def stored(date: str | None, key: str = "") -> StudyFile:
    return StudyFile(key or f"key of {date}", replace(STUDY, date=date))


def test_films_of_which_nobody_knows_the_day_are_one_visit() -> None:
    assert told(visits_of(patient(("a", None, None), ("b", None, None)))) == [(None, None, "ab")]


def test_films_of_two_days_are_two_visits_in_order_of_days() -> None:
    films = patient(("a", "2024-05-01", None), ("b", "2023-05-01", None), ("c", "2024-05-01", None))
    assert told(visits_of(films)) == [("2023-05-01", None, "b"), ("2024-05-01", None, "ac")]


def test_a_film_without_a_day_belongs_to_the_only_visit() -> None:
    films = patient(("a", None, None), ("b", "2024-05-01", None), ("c", None, None))
    assert told(visits_of(films)) == [("2024-05-01", None, "abc")]


def test_beside_several_visits_films_without_a_day_are_one_of_their_own() -> None:
    films = patient(("a", None, None), ("b", "2024-05-01", None), ("c", "2023-05-01", None))
    assert told(visits_of(films)) == [("2023-05-01", None, "c"), ("2024-05-01", None, "b"), (None, None, "a")]


def test_a_visit_s_name_binds_films_of_several_days() -> None:
    films = patient(("a", "2024-05-02", "Week 24"), ("b", "2024-05-01", "Week 24"), ("c", "2024-05-02", None))
    assert told(visits_of(films)) == [("2024-05-01", "Week 24", "abc")]


def test_a_named_visit_without_a_day_takes_no_undated_film_from_others() -> None:
    films = patient(("a", None, "Baseline"), ("b", None, "Week 24"), ("c", None, None))
    assert told(visits_of(films)) == [(None, None, "c"), (None, "Baseline", "a"), (None, "Week 24", "b")]


def test_a_visit_of_unknown_day_lies_in_the_patient_s_folder_and_a_dated_one_below(tmp_path: Path) -> None:
    assert study_folder(tmp_path, STUDY) == tmp_path / "P"
    assert study_folder(tmp_path, replace(STUDY, date="2024-05-01")) == tmp_path / "P" / "2024-05-01"
    named = replace(STUDY, date="2024-05-01", visit="Baseline")
    assert study_folder(tmp_path, named) == tmp_path / "P" / "2024-05-01-Baseline"
    assert study_folder(tmp_path, replace(named, date=None)) == tmp_path / "P" / "Baseline"
    strange = study_folder(tmp_path, replace(named, visit="../Week 24"))
    assert strange.parent == tmp_path / "P"
    assert strange.name.startswith("2024-05-01-")


def test_no_patient_s_folder_stands_where_a_table_belongs() -> None:
    for name in ("scores.xlsx", "sites.parquet", "mk.csv", "mk.define.json"):
        assert folder_name(name) != name


def test_stored_studies_are_found_at_both_depths(tmp_path: Path) -> None:
    for study in (STUDY, replace(STUDY, date="2024-05-01"), replace(STUDY, patient="Q", date="2024-05-01")):
        folder = study_folder(tmp_path, study)
        folder.mkdir(parents=True, exist_ok=True)
        write_study(folder, StudyFile("key", study))
    assert [content.study.date for _, content in stored_studies(tmp_path)] == ["2024-05-01", None, "2024-05-01"]
    assert {folder for folder, _ in studies_of(tmp_path, "P")} == {tmp_path / "P", tmp_path / "P" / "2024-05-01"}


def test_the_visit_before_is_the_last_of_an_earlier_day() -> None:
    visit = Visit("P", (), "2024-05-01")
    days = [stored("2022-01-01"), stored("2023-01-01"), stored("2024-05-01"), stored("2025-01-01"), stored(None)]
    before = visit_before(visit, days, [])
    assert before is not None
    assert before.study.date == "2023-01-01"
    assert visit_before(replace(visit, date="2021-01-01"), days, []) is None
    assert visit_before(replace(visit, date=None), days, []) is None


def test_results_that_the_user_calls_earlier_count_without_a_day_too() -> None:
    undated = stored(None, "earlier")
    assert visit_before(Visit("P", (), "2024-05-01"), [], [undated]) is undated
    assert visit_before(Visit("P", ()), [], [undated]) is undated
    dated = [stored("2023-01-01"), stored("2022-01-01")]
    assert visit_before(Visit("P", ()), [], dated) is dated[0]
    # A day that is not earlier is not, whatever the user says.
    assert visit_before(Visit("P", (), "2021-01-01"), [], dated) is None


def test_earlier_results_are_of_patients_by_name_and_never_of_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "before" / "P"
    folder.mkdir(parents=True)
    write_study(folder, StudyFile("key", STUDY))
    earlier = EarlierResults.of_folder(tmp_path / "before", tmp_path / "out")
    assert ([each.key for each in earlier.of_patient("P")], earlier.of_patient("Q")) == (["key"], [])
    assert EarlierResults.of_folder(None, tmp_path).of_patient("P") == []
    with pytest.raises(OutputConflict, match=r"nowhere: holds no results.*--out folder of an earlier run"):
        EarlierResults.of_folder(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(OutputConflict, match="without --previous"):
        EarlierResults.of_folder(tmp_path / "before", tmp_path / "films" / ".." / "before")
