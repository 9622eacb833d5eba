"""The fastest backend that there is runs a model, unless one is named; what is exported for it is exported once."""

from pathlib import Path

import pytest

from opensvh.domain.backends import Backend, Choice, Precision
from opensvh.domain.errors import BundleInvalid, ConfigInvalid
from opensvh.inference import backends_choice
from opensvh.inference.backends_choice import could_be_faster, load_models, ready_folder
from opensvh.inference.backends_openvino import OpenVinoEngine
from opensvh.inference.bundle import Bundle
from opensvh.inference.export import Target, export_bundles
from opensvh.inference.export_bundle import Equality, ExportedModel


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[Backend]:
    """The backends that this machine seems to have; to be changed by the test."""
    there = {Backend.TORCH}
    monkeypatch.setattr(backends_choice, "is_installed", there.__contains__)
    return there


def test_with_no_choice_a_trained_bundle_runs_in_pytorch(small: Bundle, cache: Path) -> None:
    [model] = load_models(small.folder)
    assert isinstance(model, Bundle)
    assert not cache.exists()


def test_pytorch_runs_it_where_there_is_nothing_else(small: Bundle, installed: set[Backend]) -> None:
    [model] = load_models(small.folder, Choice.AUTO)
    assert isinstance(model, Bundle)


@pytest.mark.slow
def test_the_fastest_that_there_is_is_taken_and_exported_once(
    small: Bundle, installed: set[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed |= set(Backend)
    [model] = load_models(small.folder, Choice.AUTO)
    assert isinstance(model, ExportedModel)
    assert model.engine.name == "openvino fp32"
    assert model.identity == small.identity
    assert model.training_means == small.training_means
    monkeypatch.setattr(backends_choice, "_make_ready", lambda *arguments: pytest.fail("exported again"))
    [again] = load_models(small.folder, Choice.OPENVINO)
    assert again.digest == model.digest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("largest", "lost", "name"),
    [(0.03, 0, "openvino bf16"), (0.06, 0, "openvino fp32"), (0.03, 1, "openvino fp32")],
    ids=["equal", "too far", "a site lost"],
)
def test_bf16_is_taken_where_it_lies_ready_and_was_found_equal(
    small: Bundle, installed: set[Backend], monkeypatch: pytest.MonkeyPatch, largest: float, lost: int, name: str
) -> None:
    installed |= set(Backend)
    monkeypatch.setattr(backends_choice, "reckons_in_bf16", lambda: True)
    monkeypatch.setattr(OpenVinoEngine, "name", property(lambda engine: f"openvino {engine.precision}"))
    found = Equality(films=8, sites=160, largest=largest, share_99=largest / 2, lost=lost)
    ready = ready_folder(small.folder, Backend.OPENVINO, Precision.BF16)
    export_bundles(ready, [small], Target(Backend.OPENVINO, Precision.BF16), check=lambda before, after: found)
    [model] = load_models(small.folder, Choice.AUTO)
    assert isinstance(model, ExportedModel)
    assert model.engine.name == name


@pytest.mark.slow
def test_a_damaged_export_in_the_cache_is_made_anew(small: Bundle, installed: set[Backend], cache: Path) -> None:
    [model] = load_models(small.folder, Choice.ONNX)
    [graph] = cache.rglob("graph.onnx")
    graph.write_bytes(b"damaged")
    [again] = load_models(small.folder, Choice.ONNX)
    assert isinstance(again, ExportedModel)
    assert again.digest == model.digest


def test_a_cache_that_cannot_be_written_leaves_pytorch(
    small: Bundle, installed: set[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*arguments: object) -> None:
        raise PermissionError("read-only")

    installed |= set(Backend)
    monkeypatch.setattr(backends_choice, "_make_ready", refusing)
    [model] = load_models(small.folder, Choice.AUTO)
    assert isinstance(model, Bundle)


def test_where_nothing_can_export_pytorch_is_left(
    small: Bundle, installed: set[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed |= set(Backend)
    monkeypatch.setattr("opensvh.inference.backends.find_spec", lambda module: None if module == "onnx" else object())
    [model] = load_models(small.folder, Choice.AUTO)
    assert isinstance(model, Bundle)


@pytest.mark.slow
def test_an_exported_bundle_runs_as_it_was_exported_and_in_auto_by_the_fastest(
    onnx_small: Path, installed: set[Backend]
) -> None:
    installed |= set(Backend)
    for choice, name in ((None, "onnx fp32"), (Choice.ONNX, "onnx fp32"), (Choice.AUTO, "openvino fp32")):
        [model] = load_models(onnx_small, choice)
        assert isinstance(model, ExportedModel)
        assert model.engine.name == name


@pytest.mark.slow
def test_an_exported_bundle_says_what_it_cannot_be_run_by(openvino_pair: Path, installed: set[Backend]) -> None:
    with pytest.raises(BundleInvalid, match="exported for openvino, which torch cannot run"):
        load_models(openvino_pair, Choice.TORCH)
    with pytest.raises(BundleInvalid, match="which onnx cannot run"):
        load_models(openvino_pair, Choice.ONNX)
    with pytest.raises(ConfigInvalid, match=r"needs openvino, .* pip install 'opensvh\[fast\]'"):
        load_models(openvino_pair, Choice.AUTO)


def test_a_faster_graph_is_spoken_of_until_it_was_made(
    small: Bundle, installed: set[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends_choice, "reckons_in_bf16", lambda: True)
    assert not could_be_faster(small.folder, Choice.AUTO)  # OpenVINO is not there
    installed |= set(Backend)
    assert could_be_faster(small.folder, Choice.AUTO)
    assert not could_be_faster(small.folder, Choice.OPENVINO)
    ready = ready_folder(small.folder, Backend.OPENVINO, Precision.BF16)
    ready.mkdir(parents=True)
    (ready / "SHA256SUMS").write_text("")
    assert not could_be_faster(small.folder, Choice.AUTO)  # made, whether its scores were equal or not


def test_a_machine_without_bf16_units_gains_nothing(
    small: Bundle, installed: set[Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed |= set(Backend)
    monkeypatch.setattr(backends_choice, "reckons_in_bf16", lambda: False)
    assert not could_be_faster(small.folder, Choice.AUTO)
