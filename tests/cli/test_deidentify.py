"""`opensvh deidentify`: options reach the workflow, bad input is told in one line, films left out make exit code 1."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from opensvh.cli import main as program
from opensvh.io.deidentify_table import Option
from opensvh.workflows import deidentify as workflow
from opensvh.workflows.deidentify import Request, Result
from opensvh.workflows.deidentify_record import FilmRecord, Status


@pytest.fixture
def films(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "A-LH.png"), np.eye(80, dtype=np.uint8) * 255)
    return tmp_path / "in"


def test_options_reach_the_workflow(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def ran(found: list[Path], given: object, out: object, key: object, request: Request, progress: object) -> Result:
        asked.append(request)
        refused = FilmRecord("0", Status.REFUSED, reason="no hand or foot")
        return Result(((found[0], refused), (found[0], FilmRecord("1", Status.WRITTEN))), 0)

    monkeypatch.setattr(workflow, "deidentify", ran)
    flags = ["--shift-dates", "--keep-characteristics", "--keep-pixels", "--link", str(tmp_path / "link.csv")]
    arguments = ["deidentify", str(films), "-o", str(tmp_path / "out"), "--key", str(tmp_path / "key"), "--new-key"]
    result = CliRunner().invoke(program.app, [*arguments, *flags])
    assert result.exit_code == 1, result.output
    wanted = frozenset({Option.SHIFTED_DATES, Option.PATIENT_CHARACTERISTICS})
    assert asked == [Request(wanted, keep_pixels=True, link=tmp_path / "link.csv")]
    assert "A-LH.png: no hand or foot" in result.output
    assert "1 written, 1 refused, 0 failed" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["in", "-o", "out", "--key", "missing"], "--new-key"),
        (["in", "-o", "in/out", "--key", "key", "--new-key"], "apart from the originals"),
        (["in", "-o", "out", "--key", "out/key", "--new-key"], "must not lie"),
        (["nowhere", "-o", "out", "--key", "key", "--new-key"], "correct the path"),
    ],
)
def test_bad_input_is_one_line_and_code_2(
    films: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(films.parent)
    monkeypatch.setattr(sys, "argv", ["opensvh", "deidentify", *arguments])
    with pytest.raises(SystemExit) as leaving:
        program.main()
    message = capsys.readouterr().err
    assert leaving.value.code == 2
    assert told in message
    assert message.count("\n") == 1
    assert not (films.parent / "out").exists()
    assert not (films.parent / "key").exists()
