"""`opensvh realism`: what it offers, and that bad input ends in one line and exit code 2."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()", "realism"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)


def test_help_names_every_measure() -> None:
    shown = run("--help").stdout
    for command in ("films", "joints", "gaps", "sheet"):
        assert command in shown


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("films", "--simulated", "{}", "--real", "{}", "-o", "{}/out"), "joints.json"),
        (("films", "--simulated", "{}", "--real", "{}", "-o", "{}/out", "--baseline", "{}/old.json"), "old.json"),
        (("sheet", "--simulated", "{}", "--real", "{}", "-o", "{}/out"), "joints.json"),
        (("sheet", "-o", "{}/out"), "--simulated"),
        (("sheet", "-o", "{}", "--answers", "{}/answers.csv"), "key.csv"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path, arguments: tuple[str, ...], named: str) -> None:
    result = run(*(argument.format(tmp_path) for argument in arguments))
    assert result.returncode == 2
    assert named in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
