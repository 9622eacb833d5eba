"""The command hands its options on and says what was fitted."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from opensvh.cli.fit_shapes import fit_shapes
from opensvh.domain.anatomy import Limb
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.workflows.fit_shapes import FittedShapes


def test_the_command_says_what_was_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fitted(data: Path, out: Path, seed: int) -> FittedShapes:
        asked.append((data, out, seed))
        return FittedShapes(shipped_shape_models(), {Limb.HAND: 40, Limb.FOOT: 38})

    monkeypatch.setattr("opensvh.workflows.fit_shapes.fit_shapes", fitted)
    app = typer.Typer()
    app.command()(fit_shapes)
    told = CliRunner().invoke(app, ["--data", "films", "-o", "shapes.json", "--seed", "7"])
    assert told.exit_code == 0
    assert asked == [(Path("films"), Path("shapes.json"), 7)]
    assert "hand: 40 films" in told.output
    assert "foot: 38 films" in told.output
