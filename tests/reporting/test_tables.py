import csv
from dataclasses import replace
from pathlib import Path

import pytest

from opensvh.domain.anatomy import RA2_COLUMNS, RA2_SITE_COLUMNS
from opensvh.domain.reading import RefusedFilm, StudyReading
from opensvh.reporting.tables import SITES_COLUMNS, write_refused, write_scores, write_sites


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_scores_have_the_challenges_columns_and_empty_gaps(study: StudyReading, tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.csv", [study])

    (row,) = _rows(tmp_path / "scores.csv")
    assert tuple(row) == RA2_COLUMNS
    assert row["Patient_ID"] == "P <1>"
    assert (row["LH_mcp_E__2"], row["LF_mtp_E__1"]) == ("1.2500", "2.5000")
    assert row["RH_mcp_E__2"] == row["RH_mcp_J__2"] == row["RF_mtp_E__1"] == ""


def test_a_sum_that_lacks_a_site_is_empty_not_smaller(study: StudyReading, tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.csv", [study])

    (row,) = _rows(tmp_path / "scores.csv")
    assert row["Overall_Tol"] == row["Overall_erosion"] == row["Overall_narrowing"] == ""


def test_filled_gaps_take_the_training_mean_and_complete_the_sums(study: StudyReading, tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.csv", [study], dict.fromkeys(RA2_COLUMNS[1:], 0.5))

    (row,) = _rows(tmp_path / "scores.csv")
    assert row["RH_mcp_E__2"] == "0.5000"
    assert row["LH_mcp_E__2"] == "1.2500"
    sites = sum(float(row[column]) for column in RA2_SITE_COLUMNS)
    assert float(row["Overall_Tol"]) == pytest.approx(sites, abs=1e-3)


def test_visits_of_one_patient_are_told_apart_after_the_90_columns(whole_study: StudyReading, tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.csv", [replace(whole_study, date="2023-01-01", visit=None), whole_study])

    first, second = _rows(tmp_path / "scores.csv")
    assert tuple(first) == (*RA2_COLUMNS, "date", "visit")
    assert (first["Patient_ID"], first["date"], first["visit"]) == ("W1", "2023-01-01", "")
    assert (second["Patient_ID"], second["date"], second["visit"]) == ("W1", "2024-05-01", "Week 24")


def test_sites_are_one_line_a_score_with_navicular_at_the_radiocarpal_joint(
    study: StudyReading, tmp_path: Path
) -> None:
    write_sites(tmp_path / "sites.csv", [study])

    rows = _rows(tmp_path / "sites.csv")
    assert tuple(rows[0]) == SITES_COLUMNS
    assert len(rows) == 31 + 31 + 12
    left = [row for row in rows if (row["side"], row["limb"]) == ("L", "hand")]
    (navicular,) = (row for row in left if row["site"] == "NAVICULAR")
    (radiocarpal,) = (row for row in left if row["site"] == "RADCAR")
    assert (navicular["kind"], radiocarpal["kind"]) == ("erosion", "narrowing")
    assert (navicular["x"], navicular["y"]) == (radiocarpal["x"], radiocarpal["y"])
    (lost,) = (row for row in rows if (row["side"], row["site"], row["kind"]) == ("R", "MCP2", "erosion"))
    assert (lost["score"], lost["expected"], lost["status"], lost["x"]) == ("", "", "not assessable", "")


def test_refused_films_are_listed_with_their_reason(tmp_path: Path) -> None:
    write_refused(tmp_path / "refused.csv", [RefusedFilm("a,b.png", "cut short")])

    assert _rows(tmp_path / "refused.csv") == [{"film": "a,b.png", "reason": "cut short"}]
