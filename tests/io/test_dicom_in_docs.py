"""The table of traps names a test for each, and each is there."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "dicom_in.md"
NAMED = re.findall(r"`(test_\w+\.py)::(test_\w+)`", DOCUMENT.read_text(encoding="utf-8"))


def test_there_are_many() -> None:
    assert len(NAMED) > 70
    assert len(set(NAMED)) == len(NAMED)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_named_test_is_there(file: str, test: str) -> None:
    assert f"\ndef {test}(" in (HERE / file).read_text(encoding="utf-8")


def test_every_row_of_the_table_names_one() -> None:
    table = DOCUMENT.read_text(encoding="utf-8").split("## Traps")[1].split("## What")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert [row for row in rows if "::test_" not in row] == []
