"""`opensvh train` takes one way of holding patients out, and says in one line what it cannot train on."""

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from opensvh.cli.main import app, main
from opensvh.domain.geometry import Point
from opensvh.io.tables import write_joints
from opensvh.training.config import Preset
from opensvh.workflows import train as workflow
from opensvh.workflows.train import Folds


@pytest.fixture(autouse=True)
def started_already(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program starts itself anew to tune the allocator; under pytest it must not."""
    monkeypatch.setenv("OPENSVH_TUNED_MALLOC", "1")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    (folder / "images").mkdir(parents=True)
    picture = np.random.default_rng(1).integers(0, 255, (100, 80), dtype=np.uint8)
    cv2.imwrite(str(folder / "images" / "P1-LH.png"), picture)
    write_joints(folder / "joints.csv", {("P1", "LH"): {"MCP2": Point(4, 5)}})
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Preset, Folds, bool]]:
    """What the workflow was asked for, instead of doing it."""
    calls: list[tuple[Preset, Folds, bool]] = []

    def noted(preset: Preset, data: Path, out: Path, folds: Folds, resume: bool, watch: Any) -> list[Path]:
        calls.append((preset, folds, resume))
        return [out / "bundle"]

    monkeypatch.setattr(workflow, "train", noted)
    return calls


def invoked(*options: str) -> Any:
    return CliRunner().invoke(app, ["train", "--config", "tiny", "--data", "films", "-o", "out", *options])


@pytest.mark.parametrize(
    "options",
    [
        ("--fold", "1", "--folds", "4"),
        ("--fold", "1", "--all-data"),
        ("--folds", "4", "--all-data"),
        ("--fold", "0"),
        ("--folds", "1"),
        ("--steps", "0"),
    ],
)
def test_options_that_contradict_or_cannot_be_are_refused(
    asked: list[tuple[Preset, Folds, bool]], options: tuple[str, ...]
) -> None:
    assert invoked(*options).exit_code == 2
    assert asked == []


@pytest.mark.parametrize(
    ("options", "folds"),
    [
        ((), Folds(1)),
        (("--fold", "3"), Folds(3)),
        (("--all-data",), Folds(None)),
        (("--folds", "4"), Folds(1, every=True)),
    ],
)
def test_an_option_says_who_is_held_out(
    asked: list[tuple[Preset, Folds, bool]], options: tuple[str, ...], folds: Folds
) -> None:
    assert invoked(*options).exit_code == 0
    [(preset, chosen, resume)] = asked
    assert (chosen, resume) == (folds, False)
    assert preset.training.folds == (4 if folds.every else 8)


def test_options_replace_the_configured_values(asked: list[tuple[Preset, Folds, bool]]) -> None:
    result = invoked("--steps", "7", "--seed", "3", "--threads", "1", "--resume")
    assert "out/bundle" in result.output
    [(preset, _, resume)] = asked
    assert (preset.training.steps, preset.training.seed, preset.training.threads, resume) == (7, 3, 1, True)


def left_with(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["opensvh", "train", *options])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code


def test_a_broken_film_set_is_one_line_and_leaves_no_folder(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (data / "joints.csv").open("a") as file:
        file.write("P1,LH,MCP9,3,1\n")
    out = tmp_path / "out"
    assert left_with(monkeypatch, "--config", "tiny", "--data", str(data), "-o", str(out)) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "joints.csv: row 3: a hand has no point 'MCP9'" in line
    assert not out.exists()


def test_an_unknown_preset_is_one_line_and_leaves_no_folder(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert left_with(monkeypatch, "--config", "huge", "--data", str(data), "-o", str(out)) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("opensvh: huge: ")
    assert not out.exists()


def test_a_fold_beyond_the_last_is_one_line_and_leaves_no_folder(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert left_with(monkeypatch, "--config", "tiny", "--data", str(data), "-o", str(out), "--fold", "9") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "fold 9: there are 8 folds" in line
    assert not out.exists()
