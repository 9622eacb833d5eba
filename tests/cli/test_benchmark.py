"""`opensvh benchmark` and `reproduce` as typed: what they offer, and one line for what the user can mend."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)


def test_help_names_sizes_and_experiments() -> None:
    assert "tiny" in run("benchmark", "make", "--help").stdout
    shown = " ".join(run("reproduce", "--help").stdout.split())
    for name in ("figure-1", "smoothing", "radius", "single-vs-two-stage"):
        assert name in shown


@pytest.mark.slow
def test_a_folder_that_holds_no_benchmark_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    result = run("benchmark", "check", str(tmp_path))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "opensvh benchmark make" in result.stderr


@pytest.mark.slow
def test_an_unknown_experiment_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    result = run("reproduce", "smothing", "-o", str(tmp_path))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "smoothing" in result.stderr
