"""A table with anything wrong names the file, the row and the remedy; totals and visits are read as they stand."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from opensvh.domain.anatomy import RA2_COLUMNS, RA2_SITE_COLUMNS
from opensvh.domain.errors import TableInvalid
from opensvh.io.score_table import in_both, read_score_table, read_visits

Row = Mapping[str, object]


def write(path: Path, rows: list[Row], columns: tuple[str, ...] = RA2_COLUMNS) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(patient: str, grade: object = 1, **cells: object) -> Row:
    return {"Patient_ID": patient, **dict.fromkeys(RA2_SITE_COLUMNS, grade), **cells}


def test_sites_and_stated_totals_are_read_and_gaps_stay_gaps(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [row("P1", Overall_Tol=80.5), row("P2", LF_mtp_E__ip="")])
    table = read_score_table(path)
    assert table.totals.to_dict() == pytest.approx({"P1": 80.5, "P2": float("nan")}, nan_ok=True)
    assert table.sites.isna().to_numpy().sum() == 1
    assert table.sites.loc["P1"].sum() == 86
    assert table.visits == {}


def test_totals_may_be_left_out_altogether(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [row("P1")], ("Patient_ID", *RA2_SITE_COLUMNS))
    assert read_score_table(path).totals.isna().all()


@pytest.mark.parametrize(
    ("rows", "fact"),
    [
        ([row("P1"), row("P1")], "row 3: patient P1 twice"),
        ([row("")], "row 2: no Patient_ID"),
        ([row("P1", LH_mcp_E__1=6)], "row 2: LH_mcp_E__1 is '6', not 0-5"),
        ([row("P1", LF_mtp_E__1=10.5)], "row 2: LF_mtp_E__1 is '10.5', not 0-10"),
        ([row("P1", LH_mcp_J__1="two")], "row 2: LH_mcp_J__1 is 'two', not 0-4"),
        ([row("P1", LH_mcp_J__1="nan")], "row 2: LH_mcp_J__1 is 'nan', not 0-4"),
        ([row("P1", LH_mcp_J__1=-1)], "row 2: LH_mcp_J__1 is '-1', not 0-4"),
        ([row("P1", Overall_Tol=449)], "row 2: Overall_Tol is '449', not 0-448"),
        ([], "holds no patients"),
        ([row("P1", "")], "holds no site score"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, rows: list[Row], fact: str) -> None:
    path = write(tmp_path / "wrong.csv", rows)
    with pytest.raises(TableInvalid) as failure:
        read_score_table(path)
    assert str(failure.value).startswith(f"{path}: ")
    assert fact in str(failure.value)


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    columns = tuple(column for column in RA2_COLUMNS if column != "RF_mtp_J__5")
    path = write(tmp_path / "a.csv", [{"Patient_ID": "P1"}], columns)
    with pytest.raises(TableInvalid, match="lacks RF_mtp_J__5; take the challenge's 90 columns"):
        read_score_table(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\xff\xfe"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(TableInvalid, match=r"a\.csv: is no CSV table"):
        read_score_table(tmp_path / "a.csv")
    with pytest.raises(TableInvalid, match=r"b\.csv: cannot be read"):
        read_score_table(tmp_path / "b.csv")


def test_predictions_below_zero_become_zero_and_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [row("P1", LH_mcp_E__1=-0.3, Overall_Tol=-2)])
    table = read_score_table(path, prediction=True)
    assert (table.negative, table.sites.loc["P1", "LH_mcp_E__1"], table.totals["P1"]) == (1, 0, 0)
    write(path, [row("P1", LH_mcp_E__1="-inf")])
    with pytest.raises(TableInvalid, match="'-inf'"):
        read_score_table(path, prediction=True)


def test_rows_of_one_patient_are_told_apart_by_date_and_visit(tmp_path: Path) -> None:
    columns = (*RA2_COLUMNS, "date", "visit")
    rows = [row("P1", date="2024-05-01", visit="Week 0"), row("P1", date="2025-05-01", visit="Week 52"), row("P2")]
    table = read_score_table(write(tmp_path / "a.csv", rows, columns))
    assert list(table.sites.index) == ["P1 2024-05-01 Week 0", "P1 2025-05-01 Week 52", "P2"]
    assert table.visits["P1 2025-05-01 Week 52"] == ("P1", "2025-05-01 Week 52")
    again = write(tmp_path / "b.csv", [rows[0], rows[0]], columns)
    with pytest.raises(TableInvalid, match="row 3: patient P1 2024-05-01 Week 0 twice"):
        read_score_table(again)


def test_patients_that_differ_are_named_with_both_files(tmp_path: Path) -> None:
    gold = read_score_table(write(tmp_path / "gold.csv", [row("P1"), row("P2"), row("P3")]))
    other = read_score_table(write(tmp_path / "other.csv", [row("P3"), row("P1"), row("P9")]))
    with pytest.raises(TableInvalid) as failure:
        in_both(gold, other, common=False)
    message = str(failure.value)
    assert "other.csv: lacks P2 of" in message
    assert "has P9, which" in message
    assert "--common" in message
    assert list(in_both(gold, other, common=True)) == ["P1", "P3"]
    nobody = read_score_table(write(tmp_path / "nobody.csv", [row("Q")]))
    with pytest.raises(TableInvalid, match="has no patient of"):
        in_both(gold, nobody, common=True)


def test_visits_are_ordered_by_months_else_by_number(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("patient,person,visit,months\nA,A,1,0\nA2,A,2,12.5\n")
    assert read_visits(path) == {"A": ("A", 0.0), "A2": ("A", 12.5)}
    path.write_text("patient,person,visit\nA,A,1\n")
    assert read_visits(path) == {"A": ("A", 1.0)}
    path.write_text("patient,person\nA,A\n")
    with pytest.raises(TableInvalid, match="lacks months"):
        read_visits(path)
    path.write_text("patient,person,visit\nA,A,first\n")
    with pytest.raises(TableInvalid, match="row 2: visit is no number"):
        read_visits(path)
