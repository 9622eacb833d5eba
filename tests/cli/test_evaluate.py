"""Which films to measure is said once, and a mistake there is one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from opensvh.cli import evaluate as command
from opensvh.cli.evaluate_real_table import wanted_table
from opensvh.cli.main import app
from opensvh.domain.errors import DatasetInvalid


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without starting anew for the allocator's sake."""
    monkeypatch.setattr(command, "tune_malloc", lambda: None)


@pytest.mark.parametrize("films", [[], ["--data", "a", "--real", "b"]])
def test_known_films_and_real_films_are_one_or_the_other(films: list[str]) -> None:
    result = CliRunner().invoke(app, ["evaluate", *films, "-o", "out"])
    assert result.exit_code == 2
    assert "either --data or --real" in result.output


def test_a_folder_without_marks_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", "--real", str(tmp_path), "--told", "-o", str(tmp_path / "out")])
    assert isinstance(result.exception, DatasetInvalid)
    assert str(tmp_path) in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_an_unknown_half_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", "--real", str(tmp_path), "--half", "third", "-o", "out"])
    assert result.exit_code == 2


def test_the_table_shows_each_figure_wanted_by_half() -> None:
    cell = {"value": 0.5, "bound": 0.97, "met": False}
    line = {"name": "side", "wanted": "at least", "percent": True, "halves": {"tuning": cell}}
    table = wanted_table({"halves": {"tuning": {}}, "wanted": [line]})
    assert [list(column.cells) for column in table.columns] == [
        ["side"], ["≥ 97.0 %"], ["50.0 % [red]not met[/]"],
    ]  # fmt: skip
