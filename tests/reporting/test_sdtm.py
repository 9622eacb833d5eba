"""The MK table has a row for every score of the method, in the words and bounds of SDTM, and says what is private."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from opensvh.domain.anatomy import SITES, Limb
from opensvh.domain.reading import Status, StudyReading
from opensvh.reporting.sdtm import COLUMNS, DEFINE_FILE, VARIABLES, mk_rows, write_mk
from opensvh.reporting.sdtm_terms import REASONS, SITE_TESTS, SUM_TESTS, location

Rows = list[dict[str, str]]


def written(folder: Path, *studies: StudyReading) -> Rows:
    write_mk(folder / "mk.csv", studies)
    with (folder / "mk.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def row_of(rows: Rows, test: str, place: str, side: str) -> dict[str, str]:
    [found] = [row for row in rows if (row["MKTESTCD"], row["MKLOC"], row["MKLAT"]) == (test, place, side)]
    return found


def test_a_score_is_a_row_of_the_standard_s_variables(whole_study: StudyReading, tmp_path: Path) -> None:
    rows = written(tmp_path, whole_study)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 86 + 3
    row = row_of(rows, "SVBESCR", "METACARPOPHALANGEAL JOINT 2", "LEFT")
    assert {name: value for name, value in row.items() if value and name != "MKSEQ"} == {
        "DOMAIN": "MK",
        "USUBJID": "W1",
        "MKREFID": "L-hand.png",
        "MKTESTCD": "SVBESCR",
        "MKTEST": "Sharp/van der Heijde Bone Erosion Score",
        "MKCAT": "SHARP/VAN DER HEIJDE",
        "MKORRES": "1.2500",
        "MKSTRESC": "1.2500",
        "MKSTRESN": "1.2500",
        "MKLOC": "METACARPOPHALANGEAL JOINT 2",
        "MKLAT": "LEFT",
        "MKMETHOD": "X-RAY",
        "MKEVAL": "ALGORITHM",
        "MKEVALID": "tiny 3",
        "VISIT": "Week 24",
        "MKDTC": "2024-05-01",
    }


def test_what_was_not_assessed_is_not_done_with_a_reason(study: StudyReading, tmp_path: Path) -> None:
    rows = written(tmp_path, study)
    assert len(rows) == 86 + 3
    lost = row_of(rows, "SVJSNSCR", "METACARPOPHALANGEAL JOINT 2", "RIGHT")
    assert (lost["MKSTAT"], lost["MKORRES"], lost["MKSTRESN"]) == ("NOT DONE", "", "")
    assert lost["MKREASND"].startswith("JOINT NOT EVALUABLE: the joint was not found")
    no_film = row_of(rows, "SVBESCR", "METATARSOPHALANGEAL JOINT 1", "RIGHT")
    assert (no_film["MKSTAT"], no_film["MKREASND"]) == ("NOT DONE", "NO IMAGE OF THE LIMB WAS READ")
    for row in rows:
        assert (row["MKSTAT"] == "NOT DONE") == (row["MKORRES"] == "") == (row["MKREASND"] != "")


def test_sums_are_derived_rows_of_private_tests(study: StudyReading, whole_study: StudyReading, tmp_path: Path) -> None:
    sums = {row["USUBJID"]: {} for row in written(tmp_path, study, whole_study)}
    for row in written(tmp_path, study, whole_study):
        if row["MKDRVFL"] == "Y":
            sums[row["USUBJID"]][row["MKTESTCD"]] = (row["MKSTRESN"], row["MKREASND"])
    assert sums["W1"] == {"SVJSNTOT": ("42.0000", ""), "SVBETOT": ("70.0000", ""), "SVTOT": ("112.0000", "")}
    assert sums["P <1>"]["SVTOT"] == ("", "72 OF 86 SCORES ASSESSED")


def test_rows_of_a_subject_are_counted_over_the_visits_in_order_of_days(whole_study: StudyReading) -> None:
    first = replace(whole_study, date="2023-01-01", visit=None)
    rows = list(mk_rows([whole_study, first]))
    assert [row["MKSEQ"] for row in rows] == [str(number) for number in range(1, 2 * 89 + 1)]
    assert [row["MKDTC"] for row in rows] == ["2023-01-01"] * 89 + ["2024-05-01"] * 89


def test_a_row_is_told_by_subject_test_place_side_and_day(study: StudyReading, whole_study: StudyReading) -> None:
    rows = list(mk_rows([study, whole_study]))
    keys = {(row["USUBJID"], row["MKTESTCD"], row.get("MKLOC"), row.get("MKLAT"), row["MKDTC"]) for row in rows}
    assert len(keys) == len(rows)


def test_names_keep_within_the_standard_s_lengths() -> None:
    tests = [*SITE_TESTS.values(), *SUM_TESTS.values()]
    assert all(len(test.short) <= 8 and test.short.isalnum() and not test.short[0].isdigit() for test in tests)
    assert all(len(test.name) <= 40 for test in tests)
    assert all(len(name) <= 8 and len(label) <= 40 for name, label, _, _ in VARIABLES)


def test_places_of_one_limb_are_all_different() -> None:
    assert len({location(site).term for site in SITES}) == len(SITES)
    assert all("HAND" not in location(site).term for site in SITES if site.limb is Limb.FOOT)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SCORED])
def test_every_status_has_a_reason(status: Status) -> None:
    assert REASONS[status].isupper()


def test_the_definition_names_every_variable_and_every_term_of_the_table(
    whole_study: StudyReading, tmp_path: Path
) -> None:
    rows = written(tmp_path, whole_study)
    define = json.loads((tmp_path / DEFINE_FILE).read_text(encoding="utf-8"))
    assert [variable["name"] for variable in define["variables"]] == list(COLUMNS)
    lists = {each["variable"]: each for each in define["codelists"]}
    assert {name: lists[name]["codelist"] for name in ("MKTESTCD", "MKLOC", "MKLAT")} == {
        "MKTESTCD": "C127269", "MKLOC": "C74456", "MKLAT": "C99073",
    }  # fmt: skip
    for name, each in lists.items():
        used = {row[name] for row in rows} - {""}
        assert used <= {term["term"] for term in each["terms"]}
    codes = {term["term"]: term for term in lists["MKTESTCD"]["terms"]}
    assert (codes["SVBESCR"]["code"], codes["SVJSNSCR"]["code"]) == ("C128988", "C128989")
    assert codes["SVTOT"] == {"term": "SVTOT", "private": True}
    assert define["models"] == [{"name": "tiny", "version": "3", "sha256": "ab" * 32}]
