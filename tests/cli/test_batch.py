"""`opensvh batch` from outside: what the user can mend is said in a line, with code 2; a run ends with its figures."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.batch.archive import Tally
from opensvh.batch.rows import FilmStatus
from opensvh.cli.batch_progress import shown, tell

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, "batch", "--backend", "torch", "--workers", "1", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "films" / "P-LH.png"
    path.parent.mkdir()
    cv2.imwrite(str(path), np.eye(80, dtype=np.uint8) * 255)
    return path


def failure(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2
    [line] = result.stderr.strip().splitlines()
    return line.removeprefix("opensvh: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: is not there; correct the path"),
        (["films", "--model", "nonsense"], "nonsense: is neither a folder nor the name of a shipped bundle"),
        (["gopher://films"], "gopher://films: cannot be opened"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    film: Path, tmp_path: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert failure(run(*arguments, "-o", tmp_path / "out")).startswith(said)
    assert not list(tmp_path.rglob("*.parquet"))


def told(tally: Tally, capsys: pytest.CaptureFixture[str]) -> str:
    tell(tally, "out")
    return capsys.readouterr().out


def test_the_summary_has_every_count_and_names_the_quarantined(capsys: pytest.CaptureFixture[str]) -> None:
    films = {FilmStatus.SCORED: 5, FilmStatus.REFUSED: 2, FilmStatus.QUARANTINED: 12}
    tally = Tally(
        files=30, there=10, films=films, quarantined=[(f"bad{number}.dcm", "crashed") for number in range(10)],
        all_films={FilmStatus.SCORED: 15}, engine="openvino fp32", seconds=2.0,
    )  # fmt: skip
    lines = told(tally, capsys)
    assert "30 files, 10 of them done before; 19 films read now" in lines
    assert "9.50 films/s: 5 scored, 2 refused, 12 quarantined" in lines
    assert "quarantined: bad0.dcm: crashed" in lines
    assert "and 2 more; the table films names all" in lines
    assert "out holds 15 scored films of this model" in lines


def test_progress_outside_a_terminal_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with shown() as show:
        for left in range(100, 0, -1):
            show(Tally(files=100, left=left))
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("100 of 100 files left, 0.00 films/s: 0 scored")
