"""`opensvh train-analyser` wants real films and what they show together, and hands its options on."""

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from opensvh.cli.train_analyser import train_analyser
from opensvh.workflows import train_analyser as workflow

app = typer.Typer()
app.command()(train_analyser)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the workflow was asked for, instead of doing it."""
    monkeypatch.setenv("OPENSVH_TUNED_MALLOC", "1")
    calls: list[tuple[Any, ...]] = []

    def noted(films: Any, out: Path, runs: Any, resume: bool, watch: Any) -> Path:
        calls.append((films, out, runs, resume))
        return out / "film_analyser"

    monkeypatch.setattr(workflow, "train", noted)
    return calls


def test_options_reach_the_run(asked: list[tuple[Any, ...]]) -> None:
    options = [
        "--data",
        "d",
        "-o",
        "o",
        "--real",
        "r",
        "--labels",
        "l.csv",
        "--steps",
        "7",
        "--look-steps",
        "9",
        "--seed",
        "3",
    ]
    assert CliRunner().invoke(app, [*options, "--resume"]).exit_code == 0
    ((films, out, runs, resume),) = asked
    assert (films.data, films.real, films.labels, out) == (Path("d"), Path("r"), Path("l.csv"), Path("o"))
    assert (runs.overview.steps, runs.look.steps, resume) == (7, 9, True)
    assert runs.overview.seed == runs.look.seed == 3


def test_real_films_without_labels_are_refused(asked: list[tuple[Any, ...]]) -> None:
    result = CliRunner().invoke(app, ["--data", "d", "-o", "o", "--real", "r"])
    assert result.exit_code == 2
    assert "--labels" in result.output
    assert not asked
