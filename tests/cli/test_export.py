"""`opensvh export` from outside: a bundle for another library, how far it differs, and one line where it cannot."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from opensvh.cli.main import app
from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import BundleInvalid, ConfigInvalid
from opensvh.inference.export_bundle import Equality, ExportHeader
from opensvh.workflows import export as workflow
from opensvh.workflows.export import ExportSettings

SAME = Equality(films=8, sites=172, largest=0.0004, share_99=0.0001, lost=0)


@pytest.fixture(autouse=True)
def no_new_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The allocator's setting would start the tests anew."""
    monkeypatch.setattr("opensvh.cli.export.tune_malloc", lambda: None)


def told(monkeypatch: pytest.MonkeyPatch, equality: Equality | None, *options: str) -> tuple[str, ExportSettings]:
    """What the command prints when an export differs so, and with what it was asked for."""
    asked: list[ExportSettings] = []

    def run(names: list[str], out: Path, settings: ExportSettings, progress: object) -> ExportHeader:
        asked.append(settings)
        target = settings.target
        return ExportHeader(
            backend=target.backend, precision=target.precision, members=(), libraries={}, equality=equality
        )

    monkeypatch.setattr(workflow, "export", run)
    result = CliRunner().invoke(app, ["export", "reference", "-o", "out", *options])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split()), asked[0]


def test_it_says_how_far_the_scores_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    output, asked = told(monkeypatch, SAME)
    assert "Exported for openvino fp32: out" in output
    assert "172 sites of 8 simulated films: largest difference 0.0004" in output
    assert "more than" not in output
    assert (asked.target.backend, asked.target.precision) == (Backend.OPENVINO, Precision.FP32)


@pytest.mark.parametrize(
    ("equality", "precision", "warned"),
    [
        (SAME.model_copy(update={"largest": 0.04}), "bf16", False),
        (SAME.model_copy(update={"largest": 0.04}), "fp32", True),
        (SAME.model_copy(update={"largest": 0.06}), "int8", True),
        (SAME.model_copy(update={"lost": 1}), "bf16", True),
    ],
)
def test_it_warns_of_scores_that_differ_too_much(
    monkeypatch: pytest.MonkeyPatch, equality: Equality, precision: str, warned: bool
) -> None:
    output, asked = told(monkeypatch, equality, "--precision", precision)
    assert ("This is more than" in output) == warned
    assert asked.target.precision == precision


def test_without_a_check_nothing_is_said_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    output, asked = told(monkeypatch, None, "--checked-films", "0")
    assert "Against" not in output
    assert asked.checked_films == 0


def test_what_cannot_be_is_a_named_failure(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["export", "nowhere", "-o", str(tmp_path / "out")])
    assert isinstance(result.exception, BundleInvalid)
    bf16 = ["--backend", "onnx", "--precision", "bf16"]
    result = CliRunner().invoke(app, ["export", "reference", "-o", str(tmp_path / "out"), *bf16])
    assert isinstance(result.exception, ConfigInvalid)
    assert not (tmp_path / "out").exists()
