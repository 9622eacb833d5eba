"""What checks bundles sees a fault in one, and says where."""

import json
import sys
from pathlib import Path

import pytest
from fhir_results import main, problems_by_model

from opensvh.domain.reading import ModelIdentity, StudyReading
from opensvh.reporting.fhir import write_fhir
from opensvh.reporting.fhir_terms import Release


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    study = StudyReading("P", (), (), (ModelIdentity("tiny", "3", "ab" * 32),), "OpenSvH", "2024-05-01")
    write_fhir(tmp_path / "P" / "fhir.json", study, {}, Release.R4)
    return tmp_path / "P" / "fhir.json"


def exit_code(monkeypatch: pytest.MonkeyPatch, folder: Path) -> object:
    monkeypatch.setattr(sys, "argv", ["fhir_results.py", str(folder)])
    with pytest.raises(SystemExit) as leaving:
        main()
    return leaving.value.code


def test_a_sound_bundle_passes_and_no_bundle_does_not(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exit_code(monkeypatch, tmp_path) == 0
    (tmp_path / "empty").mkdir()
    assert exit_code(monkeypatch, tmp_path / "empty") == 1


def test_a_planted_fault_is_found_and_placed(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.loads(bundle.read_text())
    [report] = [entry for entry in body["entry"] if entry["resource"]["resourceType"] == "DiagnosticReport"]
    del report["resource"]["status"]
    bundle.write_text(json.dumps(body))
    assert "status" in " ".join(problems_by_model(bundle))
    assert exit_code(monkeypatch, tmp_path) == 1
