"""`opensvh score` from outside: what the user can mend is said in a line, with code 2 and without a traceback."""

import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import opensvh
from opensvh.workflows.results import ALWAYS, PATIENT_FORMATS, RUN_FORMATS

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]
BUNDLES = Path(opensvh.__file__).parent / "bundles"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # Nothing is exported into the cache of whoever runs the tests.
    command = [*PROGRAM, "score", "--backend", "torch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def failure(result: subprocess.CompletedProcess[str]) -> str:
    """The line that names the failure; there is no other but the progress bar's."""
    assert result.returncode == 2
    assert result.stdout == ""
    [line] = [line for line in result.stderr.splitlines() if line.strip() and not line.startswith("Reading films")]
    assert line.startswith("opensvh: ")
    return line


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "P-LH.png"
    cv2.imwrite(str(path), np.eye(80, dtype=np.uint8) * 255)
    return path


@pytest.mark.parametrize("degrees", ["45", "-10"])
def test_a_turn_that_is_no_quarter_is_refused(film: Path, tmp_path: Path, degrees: str) -> None:
    result = run(film, "-o", tmp_path / "out", "--rotate", degrees)
    assert result.returncode == 2
    assert f"--rotate: {degrees} is not a multiple of 90" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_nothing_at_the_path_is_one_line_that_names_it(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere.png", "-o", tmp_path / "out")
    assert "nowhere.png" in failure(result)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_folder_without_films_is_one_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    assert f"{tmp_path / 'films'}: holds no films" in failure(run(tmp_path / "films", "-o", tmp_path / "out"))


@pytest.mark.slow
def test_an_unknown_model_is_one_line_with_those_that_are_shipped(film: Path, tmp_path: Path) -> None:
    line = failure(run(film, "-o", tmp_path / "out", "--model", "nonsense"))
    shipped = ", ".join(sorted(path.parent.name for path in BUNDLES.glob("*/SHA256SUMS"))) or "none"
    assert "nonsense: is neither a folder nor the name of a shipped bundle" in line
    assert line.endswith(f"({shipped})")
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_one_line_with_those_there_are(film: Path, tmp_path: Path) -> None:
    line = failure(run(film, "-o", tmp_path / "out", "--format", "pdf,docx"))
    assert "--format: docx is none of csv, dicom, fhir, fhir-r5, html, parquet, pdf, sdtm, xlsx" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give films or folders of films"),
        (["--dicomweb", "http://localhost:1"], "belong together"),
        (["--study", "1.2.3"], "belong together"),
    ],
)
def test_films_come_from_paths_or_from_a_server_with_a_study(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = run("-o", tmp_path / "out", *arguments)
    assert result.returncode == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_server_that_is_away_is_one_line(tmp_path: Path) -> None:
    line = failure(run("-o", tmp_path / "out", "--dicomweb", "http://127.0.0.1:9/dicom-web", "--study", "1.2.3"))
    assert "study 1.2.3: cannot be fetched" in line


@pytest.mark.slow
def test_results_to_compare_with_that_are_none_are_named(film: Path, tmp_path: Path) -> None:
    line = failure(run(film, "-o", tmp_path / "out", "--previous", tmp_path / "nothing"))
    assert "nothing: holds no results to compare with" in line


def test_help_names_every_format() -> None:
    told = " ".join(run("--help").stdout.split())
    for name in (*ALWAYS, *PATIENT_FORMATS, *RUN_FORMATS):
        assert re.search(rf"[ (,]{name}[,);]", told), name
