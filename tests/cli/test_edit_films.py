"""`opensvh edit-films` hands its options on and says what can be done with the folder."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from opensvh.cli.edit_films import edit_films
from opensvh.workflows import edit_films as workflow
from opensvh.workflows import edit_sources

app = typer.Typer()
app.command()(edit_films)


def test_options_reach_the_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(edit_sources, "source_films", lambda folder, limb: ("one", "two"))
    monkeypatch.setattr(workflow, "edit_films", lambda *given: asked.append(given) or 6)
    options = ["--films", str(tmp_path), "-o", str(tmp_path / "out"), "--copies", "3", "--seed", "8", "--jobs", "1"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert asked[0][:4] == (tmp_path, tmp_path / "out", workflow.EditSettings(3, 8, 0.33), 1)
    assert "6 edited films" in result.output
