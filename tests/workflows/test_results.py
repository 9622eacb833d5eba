"""Formats are named in a table: an unknown name is refused with those there are, and a folder appears whole."""

from pathlib import Path

import pytest

from opensvh.domain.errors import ConfigInvalid
from opensvh.workflows import results
from opensvh.workflows.results import (
    ALWAYS,
    PATIENT_FORMATS,
    RUN_FORMATS,
    Format,
    chosen_formats,
    formats_there,
    write_format,
)

ALL = {*ALWAYS, *PATIENT_FORMATS, *RUN_FORMATS}


def test_names_may_be_parted_by_commas_and_repeated() -> None:
    assert chosen_formats(["fhir, sdtm", "FHIR", "html"]) == ("fhir", "sdtm", "html")
    assert chosen_formats([]) == chosen_formats([" ,"]) == ()


def test_an_unknown_name_is_refused_with_all_there_are() -> None:
    with pytest.raises(ConfigInvalid, match=r"--format: docx is none of ") as failure:
        chosen_formats(["pdf,docx"])
    assert all(name in str(failure.value) for name in ALL)


def test_a_missing_library_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "find_spec", lambda name: None)
    with pytest.raises(ConfigInvalid, match=r"--format dicom: needs highdicom.*pip install 'opensvh\[dicom\]'"):
        chosen_formats(["dicom"])
    with pytest.raises(ConfigInvalid, match=r"needs openpyxl.*opensvh\[export\]"):
        chosen_formats(["xlsx"])
    assert chosen_formats(["fhir,sdtm"]) == ("fhir", "sdtm")


def test_no_two_formats_have_one_place() -> None:
    for table in (PATIENT_FORMATS, RUN_FORMATS):
        places = [made.place for made in table.values()]
        assert len(set(places)) == len(places)


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    def two_files(folder: Path, content: str) -> None:
        (folder / "one").write_text(content)
        if content == "bad":
            raise RuntimeError("half done")
        (folder / "two").write_text(content)

    made = Format("dicom", two_files, is_folder=True)
    write_format(made, tmp_path, "first")
    with pytest.raises(RuntimeError):
        write_format(made, tmp_path, "bad")
    assert {path.name: path.read_text() for path in (tmp_path / "dicom").iterdir()} == {"one": "first", "two": "first"}
    (tmp_path / ".dicom.killed.partial").mkdir()
    write_format(made, tmp_path, "second")
    assert {path.read_text() for path in (tmp_path / "dicom").iterdir()} == {"second"}
    assert [path.name for path in tmp_path.iterdir()] == ["dicom"]


def test_formats_that_are_there_are_seen(tmp_path: Path) -> None:
    (tmp_path / "fhir.json").write_text("{}")
    assert formats_there(tmp_path, PATIENT_FORMATS) == ("fhir",)
