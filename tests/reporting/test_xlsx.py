"""A workbook whose numbers are numbers, whose days are days, and whose texts are never formulas."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from opensvh.domain.errors import OutputConflict
from opensvh.domain.reading import RefusedFilm, StudyReading
from opensvh.reporting import xlsx
from opensvh.reporting.xlsx import write_xlsx


def book_of(path: Path, studies: Sequence[StudyReading], refused: Sequence[RefusedFilm] = ()) -> Workbook:
    write_xlsx(path / "scores.xlsx", studies, refused)
    return load_workbook(path / "scores.xlsx")


def rows(book: Workbook, sheet: str) -> list[dict[str, object]]:
    header, *lines = book[sheet].iter_rows(values_only=True)
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_the_sheets_are_totals_sites_films_refused_and_what_it_is(
    study: StudyReading, whole_study: StudyReading, tmp_path: Path
) -> None:
    book = book_of(tmp_path, [study, whole_study], study.refused)
    assert book.sheetnames == ["totals", "sites", "films", "refused", "read me"]
    assert [len(rows(book, sheet)) for sheet in book.sheetnames[:4]] == [2, 74 + 86, 3 + 4, 1]
    said = " ".join(str(row["what to know"]) for row in rows(book, "read me"))
    assert "For research use only" in said
    assert "tiny 3, OpenSvH 0.1" in said
    assert "ab" * 32 in said


def test_a_sum_has_its_value_and_how_much_it_sums(
    study: StudyReading, whole_study: StudyReading, tmp_path: Path
) -> None:
    part, whole = rows(book_of(tmp_path, [study, whole_study]), "totals")
    assert (whole["total"], whole["total assessed"], whole["total of"]) == (112, 86, 86)
    assert (whole["erosion"], whole["narrowing"]) == (70, 42)
    assert (part["narrowing"], part["narrowing assessed"], part["narrowing of"]) == (35, 35, 42)
    assert (whole["date"], whole["visit"]) == (datetime(2024, 5, 1), "Week 24")
    assert part["date"] is None


def test_nothing_assessed_is_an_empty_cell_and_no_zero(study: StudyReading, tmp_path: Path) -> None:
    [row] = rows(book_of(tmp_path, [replace(study, films=())]), "totals")
    assert (row["total"], row["total assessed"]) == (None, 0)


def test_scores_are_numbers_and_statuses_words(study: StudyReading, tmp_path: Path) -> None:
    sites = rows(book_of(tmp_path, [study]), "sites")
    [lost] = [row for row in sites if (row["side"], row["site"], row["kind"]) == ("right", "MCP2", "erosion")]
    assert (lost["grade"], lost["expected"], lost["x"], lost["status"]) == (None, None, None, "not assessable")
    [found] = [row for row in sites if (row["side"], row["site"], row["kind"]) == ("left", "MCP2", "erosion")]
    assert (found["grade"], found["expected"], found["maximum"], found["name"]) == (1, 1.25, 5, "MCP 2")
    assert isinstance(found["grade"], int)
    assert isinstance(found["confidence"], float)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")'])
def test_a_name_that_looks_like_a_formula_is_text(study: StudyReading, tmp_path: Path, name: str) -> None:
    film = replace(study.films[0], patient=name, film=name)
    book = book_of(tmp_path, [replace(study, patient=name, films=(film,), visit=name)], [RefusedFilm(name, name)])
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value == name]
    assert len(cells) == 2 + 3 * 31 + 3 + 2
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    assert not [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]


def test_characters_that_xml_has_no_place_for_are_left_out(study: StudyReading, tmp_path: Path) -> None:
    [row] = rows(book_of(tmp_path, [replace(study, patient="a\x00b\x1fc")]), "totals")
    assert row["patient"] == "abc"


def test_the_header_stays_in_sight_and_columns_fit(study: StudyReading, tmp_path: Path) -> None:
    book = book_of(tmp_path, [study])
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(cell.font.bold for cell in sheet[1])
    widths = {book["sites"].cell(1, column).value: book["sites"].column_dimensions[letter].width
              for column, letter in ((6, "F"), (13, "M"), (17, "Q"))}  # fmt: skip
    assert widths["reason"] > len("the joint was not found") > widths["site"]


def test_a_run_of_no_patients_is_a_workbook_too(tmp_path: Path) -> None:
    book = book_of(tmp_path, [])
    assert [row["patient"] for row in rows(book, "totals")] == []


def test_more_rows_than_a_sheet_holds_are_refused_and_not_cut(
    study: StudyReading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "LARGEST_SHEET", 74)
    with pytest.raises(OutputConflict, match=r"sheet sites.*use parquet"):
        write_xlsx(tmp_path / "scores.xlsx", [study], [])
    assert list(tmp_path.iterdir()) == []
