"""What is kept of a patient's studies: found by ID and issuer together, replaced, and deleted when it is old."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from pydicom import dcmread

from opensvh.serving.patient_readings import PatientReadings, patient_of


def results(folder: Path, text: str) -> Path:
    (folder / "P1" / "2024-01-01").mkdir(parents=True)
    (folder / "P1" / "2024-01-01" / "study.json").write_text(text, encoding="utf-8")
    return folder


def test_other_studies_of_the_patient_are_found_and_nobody_else_s(tmp_path: Path) -> None:
    kept = PatientReadings(tmp_path)
    kept.keep("anna", "1.1", results(tmp_path / "a", "first"))
    kept.keep("anna", "1.2", results(tmp_path / "b", "second"))
    kept.keep("otto", "1.3", results(tmp_path / "c", "other"))
    assert [path.read_text(encoding="utf-8") for path in kept.of_others("anna", "1.2")] == ["first"]
    assert kept.of_others("nobody", "1.2") == ()


def test_a_new_version_takes_the_place_of_the_old_under_a_corrected_patient_too(tmp_path: Path) -> None:
    kept = PatientReadings(tmp_path)
    kept.keep("anna", "1.1", results(tmp_path / "a", "old"))
    kept.keep("otto", "1.1", results(tmp_path / "b", "new"))
    assert kept.of_others("anna", "1.9") == ()
    assert [path.read_text(encoding="utf-8") for path in kept.of_others("otto", "1.9")] == ["new"]


def test_films_that_name_nobody_are_compared_with_nothing(tmp_path: Path) -> None:
    kept = PatientReadings(tmp_path)
    kept.keep("", "1.1", results(tmp_path / "a", "first"))
    assert kept.of_others("", "1.2") == ()


def test_old_readings_are_deleted(tmp_path: Path) -> None:
    kept = PatientReadings(tmp_path)
    kept.keep("anna", "1.1", results(tmp_path / "a", "first"))
    assert kept.delete_before(time.time() - 60) == 0
    assert kept.delete_before(time.time() + 60) == 1
    assert kept.of_others("anna", "1.2") == ()
    assert not any((tmp_path / "readings").iterdir())


def test_the_patient_is_id_and_issuer_together(film: Callable[..., Path]) -> None:
    def issued(path: Path, issuer: str) -> Path:
        dataset = dcmread(path)
        dataset.IssuerOfPatientID = issuer
        dataset.save_as(path.with_suffix(f".{issuer}.dcm"))
        return path.with_suffix(f".{issuer}.dcm")

    here, again, other = film(), film(last=1), film(patient="P2")
    north, south = issued(here, "north"), issued(here, "south")
    assert patient_of([here]) == patient_of([again]) == patient_of([here, again])
    assert patient_of([north]) == patient_of([north, here])  # one film of a study leaves the issuer out
    assert len({patient_of([each]) for each in (here, north, south, other)}) == 4
    assert patient_of([here, other]) == patient_of([north, south]) == patient_of([]) == ""
    assert "P1" not in json.dumps(patient_of([here]))
