"""The challenge's score table: what is written comes back, and wrong cells are named by row."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opensvh.domain.anatomy import RA2_COLUMNS, RA2_SITE_COLUMNS
from opensvh.domain.errors import TableInvalid
from opensvh.io.ra2 import read_ra2, write_ra2


def _maximum(column: str) -> int:
    _, site, kind = RA2_SITE_COLUMNS[column]
    return site.maximum(kind) or 0


SCORES = st.dictionaries(st.sampled_from(list(RA2_SITE_COLUMNS)), st.none() | st.floats(0, 4), max_size=12)
PATIENTS = st.text("abcXYZ0189_.", min_size=1, max_size=8)


@settings(max_examples=25, deadline=None)
@given(rows=st.dictionaries(PATIENTS, SCORES, max_size=4))
def test_scores_survive_writing_and_reading(tmp_path_factory: pytest.TempPathFactory, rows: dict) -> None:
    path = tmp_path_factory.mktemp("ra2") / "training.csv"
    write_ra2(path, rows)
    table = read_ra2(path)
    assert list(table.index) == list(rows)
    assert list(table.columns) == list(RA2_SITE_COLUMNS)
    for patient, scores in rows.items():
        for column in RA2_SITE_COLUMNS:
            score, cell = scores.get(column), table.at[patient, column]
            assert pd.isna(cell) if score is None else cell == pytest.approx(score, abs=1e-9)


def test_totals_are_sums_of_what_is_present_and_empty_where_nothing_is(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_ra2(path, {"P1": {"LH_mcp_E__1": 5, "LH_mcp_J__1": 3.0, "RF_mtp_E__ip": 10}, "P2": {"LH_mcp_J__1": None}})
    written = pd.read_csv(path)
    assert tuple(written.columns) == RA2_COLUMNS
    assert written.loc[0, ["Overall_Tol", "Overall_erosion", "Overall_narrowing"]].tolist() == [18, 15, 3]
    assert written.loc[1, ["Overall_Tol", "Overall_erosion", "Overall_narrowing"]].isna().all()


def test_patient_that_looks_like_a_number_stays_text(tmp_path: Path) -> None:
    write_ra2(tmp_path / "training.csv", {"007": {"LH_mcp_E__1": 1}, "NA": {"LH_mcp_E__1": 2}})
    assert list(read_ra2(tmp_path / "training.csv").index) == ["007", "NA"]


@pytest.mark.parametrize(
    ("column", "value"), [("LH_mcp_J__1", "5"), ("LF_mtp_E__1", "11"), ("LH_mcp_E__1", "-1"), ("LH_mcp_E__1", "bad")]
)
def test_score_outside_its_range_is_named_by_row_and_column(tmp_path: Path, column: str, value: str) -> None:
    path = tmp_path / "training.csv"
    write_ra2(path, {"P1": {}, "P2": {}})
    table = pd.read_csv(path, dtype=str)
    table.loc[1, column] = value
    table.to_csv(path, index=False)
    with pytest.raises(TableInvalid, match=f"row 3: {column} is '{value}', not 0-{_maximum(column)}"):
        read_ra2(path)


def test_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "training.csv"
    write_ra2(path, {"P1": {}})
    pd.read_csv(path, dtype=str).drop(columns="RF_mtp_J__ip").to_csv(path, index=False)
    with pytest.raises(TableInvalid, match="RF_mtp_J__ip"):
        read_ra2(path)


def test_patient_listed_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "training.csv"
    write_ra2(path, {"P1": {}})
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    with pytest.raises(TableInvalid, match="row 3: patient P1 twice"):
        read_ra2(path)


def test_refused_score_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_ra2(path, {"P1": {"LH_mcp_E__1": 1}})
    before = path.read_bytes()
    with pytest.raises(TableInvalid, match="not 0-5"):
        write_ra2(path, {"P1": {"LH_mcp_E__1": 6}})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["scores.csv"]


def test_table_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "training.csv").write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(TableInvalid, match="no CSV table"):
        read_ra2(tmp_path / "training.csv")
