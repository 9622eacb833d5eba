"""The long table keeps types, and says what made it."""

import json
from datetime import date
from pathlib import Path

import pandas
import pyarrow
from pyarrow import parquet

from opensvh.domain.reading import StudyReading
from opensvh.reporting.parquet import EXTRA_COLUMNS, write_parquet
from opensvh.reporting.tables import SITES_COLUMNS


def test_every_score_is_a_row_with_types(study: StudyReading, whole_study: StudyReading, tmp_path: Path) -> None:
    write_parquet(tmp_path / "sites.parquet", [study, whole_study])
    table = parquet.read_table(tmp_path / "sites.parquet")
    assert table.column_names == [*SITES_COLUMNS, *EXTRA_COLUMNS]
    assert table.num_rows == 74 + 86
    types = {field.name: field.type for field in table.schema}
    assert (types["expected"], types["score"], types["date"]) == (pyarrow.float64(), pyarrow.int8(), pyarrow.date32())
    assert pyarrow.types.is_dictionary(types["status"])
    assert table.column("date").to_pylist()[0] is None
    assert table.column("date").to_pylist()[-1] == date(2024, 5, 1)


def test_a_missing_score_is_null_and_no_number(study: StudyReading, tmp_path: Path) -> None:
    write_parquet(tmp_path / "sites.parquet", [study])
    frame = pandas.read_parquet(tmp_path / "sites.parquet")
    lost = frame[(frame["side"] == "R") & (frame["site"] == "MCP2")]
    assert list(lost["expected"].isna()) == list(lost["score"].isna()) == [True, True]
    assert set(lost["status"]) == {"not assessable"}
    assert frame["expected"].sum() == sum(each.expected or 0 for _, each in study.site_readings())


def test_the_schema_says_what_made_it(study: StudyReading, tmp_path: Path) -> None:
    write_parquet(tmp_path / "sites.parquet", [study])
    said = {
        key.decode(): value.decode() for key, value in parquet.read_schema(tmp_path / "sites.parquet").metadata.items()
    }
    assert json.loads(said["opensvh.models"]) == [{"name": "tiny", "version": "3", "sha256": "ab" * 32}]
    assert json.loads(said["opensvh.software"]) == ["OpenSvH 0.1"]
    assert said["opensvh.notice"].startswith("For research use only")


def test_a_run_of_no_patients_has_the_columns(tmp_path: Path) -> None:
    write_parquet(tmp_path / "sites.parquet", [])
    assert parquet.read_table(tmp_path / "sites.parquet").num_rows == 0
