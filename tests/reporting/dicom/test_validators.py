"""Other people's programs on every result: what they say is explained, line by line."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from dicom_results import ACCEPTED, ACCEPTED_OF_TEMPLATES, PACKAGES, checked, dicom_files

DOCUMENT = Path(__file__).parents[3] / "docs" / "dicom_out.md"


def needs(program: str) -> None:
    """CI has the program; elsewhere the test says what it lacks."""
    if shutil.which(program) is None:
        words = f"{program} is not installed: apt-get install -y {PACKAGES[program]}"
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)


@pytest.mark.parametrize("name", ["good", "bare", "pictures"])
def test_validators_find_nothing_that_is_not_explained(name: str, request: pytest.FixtureRequest) -> None:
    needs("dciodvfy")
    needs("dsrdump")
    made = request.getfixturevalue(name)
    findings = [finding for path in dicom_files(made.folder) for finding in checked(path)]
    assert [f"{each.file}: {each.line}" for each in findings if not each.reason] == []


def test_a_fault_is_found(good: Any, tmp_path: Path) -> None:
    """The check can fail: a report without its content, a sheet without its rows."""
    needs("dciodvfy")
    broken = good["score-sheet"]
    del broken.Rows
    broken.save_as(tmp_path / "score-sheet.dcm")
    assert any("Rows" in each.line and not each.reason for each in checked(tmp_path / "score-sheet.dcm"))


@pytest.mark.slow
def test_reports_follow_their_templates(good: Any) -> None:
    needs("dciodvfy")
    needs("dsrdump")
    needs("DicomSRValidator")
    findings = list(checked(good.folder / "totals.dcm", with_templates=True))
    assert [each.line for each in findings if not each.reason] == []


def test_every_accepted_line_is_in_the_document() -> None:
    text = re.sub(r"\s+", " ", DOCUMENT.read_text(encoding="utf-8"))
    for reason in (*ACCEPTED.values(), *ACCEPTED_OF_TEMPLATES.values()):
        assert reason in text
