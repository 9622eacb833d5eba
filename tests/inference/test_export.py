"""Exported graphs give what PyTorch gives; a target that there is not is refused before any work."""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb, Side, sites_of
from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import ConfigInvalid, OutputConflict
from opensvh.domain.geometry import Box
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.inference import backends, export
from opensvh.inference.backends import Pooled, TorchEngine
from opensvh.inference.bundle import Bundle
from opensvh.inference.export import CalibrationFilms, Target, compared, export_bundles
from opensvh.inference.export_bundle import Calibration, Equality, load_export, read_header
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph

FP32 = 1e-4
"""Of a probability."""


def picture(seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((96, 64), dtype=np.float32)


def assert_same(found: Pooled, wanted: Pooled, atol: float = FP32) -> None:
    for name in ("peaks", "narrowing", "erosion"):
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), abs=atol), name
    assert np.abs(found.areas - wanted.areas).sum() <= 6  # pixels of two classes that are equally likely
    assert found.middles[wanted.areas > 20] == pytest.approx(wanted.middles[wanted.areas > 20], abs=0.2)


@pytest.mark.slow
def test_openvino_gives_what_pytorch_gives_of_every_member(openvino_pair: Path, small: Bundle, other: Bundle) -> None:
    members = load_export(openvino_pair)
    for exported, bundle in zip(members, (small, other), strict=True):
        for seed in range(3):
            wanted = TorchEngine(bundle.network, bundle.config).look(picture(seed))
            found = exported.engine.look(picture(seed))
            assert_same(found, wanted)
            assert found.maps.shape == (4, 24, 16)
            assert found.maps[1] == pytest.approx(wanted.maps[1, ::2, ::2], abs=FP32)
        assert exported.engine.name == "openvino fp32"


@pytest.mark.slow
def test_an_ensemble_reads_a_film_as_its_models_would(openvino_pair: Path, small: Bundle, other: Bundle) -> None:
    pixels = np.full((420, 340), 0.1, np.float32)
    pixels[60:380, 90:250] = np.linspace(0.3, 0.9, 160, dtype=np.float32)
    film, identity = Radiograph(pixels, "film.png"), FilmIdentity("P", Limb.FOOT, Side.LEFT, 0, "option")
    before, after = Predictor([small, other]), Predictor(load_export(openvino_pair))
    assert after.engines == ("openvino fp32", "openvino fp32")
    wanted, found = (predictor.read(film, identity).reading for predictor in (before, after))
    assert found.facts["network_run_by"] == "openvino fp32"
    assert found.confidences == pytest.approx(wanted.confidences, abs=FP32)
    assert compared([(wanted, found)]).largest < 0.001


@pytest.mark.slow
@pytest.mark.parametrize("backend", [Backend.ONNX, Backend.OPENVINO])
def test_a_graph_for_onnx_runs_in_both(onnx_small: Path, small: Bundle, backend: Backend) -> None:
    [exported] = load_export(onnx_small, backend)
    assert exported.engine.name == f"{backend} fp32"
    assert_same(exported.engine.look(picture()), TorchEngine(small.network, small.config).look(picture()))


@pytest.mark.slow
@pytest.mark.parametrize("backend", [Backend.OPENVINO, Backend.ONNX])
def test_int8_takes_its_ranges_from_the_films_and_keeps_the_pooling(
    small: Bundle, tmp_path: Path, backend: Backend
) -> None:
    pytest.importorskip("nncf")
    films = CalibrationFilms(lambda config: [picture(seed) for seed in range(4)], Calibration(films=4, seed=0))
    header = export_bundles(tmp_path / "int8", [small], Target(backend, Precision.INT8), films)
    assert header.calibration == Calibration(films=4, seed=0)
    [exported] = load_export(tmp_path / "int8")
    assert exported.engine.name == f"{backend} int8"
    wanted = TorchEngine(small.network, small.config).look(picture())
    found = exported.engine.look(picture())
    assert found.narrowing.sum(axis=1) == pytest.approx(np.ones(22), abs=1e-4)
    assert found.areas.sum() == pytest.approx(wanted.areas.sum(), abs=1)
    apart = np.abs(found.narrowing - wanted.narrowing)
    assert 0 < apart.max() < 0.2


@pytest.mark.slow
def test_the_header_says_what_the_bundle_was_made_with(openvino_pair: Path, small: Bundle, other: Bundle) -> None:
    header = read_header(openvino_pair)
    assert (header.backend, header.precision) == (Backend.OPENVINO, Precision.FP32)
    assert [member.weights for member in header.members] == [small.identity.sha256, other.identity.sha256]
    assert set(header.libraries) == {"torch", "openvino", "onnx"}
    assert header.equality is None


@pytest.mark.slow
def test_the_same_bundle_gives_the_same_graph(small: Bundle, onnx_small: Path, tmp_path: Path) -> None:
    export_bundles(tmp_path / "again", [small], Target(Backend.ONNX, Precision.FP32))
    digests = [
        hashlib.sha256((each / "1" / "graph.onnx").read_bytes()).hexdigest()
        for each in (onnx_small, tmp_path / "again")
    ]
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_what_the_check_finds_is_kept(small: Bundle, tmp_path: Path) -> None:
    found = Equality(films=2, sites=9, largest=0.1, share_99=0.05, lost=0)
    seen: list[tuple[str, str]] = []

    def check(before: object, after: object) -> Equality:
        seen.extend((one.identity.name, two.engine.name) for one, two in zip(before, after, strict=True))  # type: ignore[call-overload]
        return found

    export_bundles(tmp_path / "checked", [small], Target(Backend.ONNX, Precision.FP32), check=check)
    assert read_header(tmp_path / "checked").equality == found
    assert seen == [("small-1", "onnx fp32")]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(Backend.TORCH, Precision.FP32), "runs in PyTorch as it is"),
        (Target(Backend.ONNX, Precision.BF16), "knows no bf16"),
    ],
)
def test_targets_that_there_are_not_are_refused(target: Target, words: str, small: Bundle, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=words):
        export_bundles(tmp_path / "out", [small], target)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("precision", "missing"), [(Precision.FP32, "openvino"), (Precision.INT8, "nncf")])
def test_a_missing_library_is_named(precision: Precision, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda module: None if module == missing else object())
    with pytest.raises(ConfigInvalid, match=f"needs {missing}"):
        Target(Backend.OPENVINO, precision).check()


def test_another_folder_is_not_overwritten(small: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "write_graph", lambda *arguments: pytest.fail("worked before it looked"))
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputConflict, match="is not a model bundle"):
        export_bundles(tmp_path / "mine", [small], Target(Backend.ONNX, Precision.FP32))


@pytest.mark.slow
def test_nothing_reports_its_use(openvino_pair: Path) -> None:
    load_export(openvino_pair)
    assert sys.modules["openvino_telemetry"] is None
    from openvino.tools.ovc import telemetry_utils

    assert telemetry_utils.tm.__name__.endswith("telemetry_stub")


def reading(*expected: float | None) -> FilmReading:
    sites = tuple(
        SiteReading(site, Kind.NARROWING, Status.NOT_ASSESSABLE if grade is None else Status.SCORED, grade)
        for site, grade in zip(sites_of(Limb.FOOT, Kind.NARROWING), expected, strict=False)
    )
    return FilmReading("P", "film", Limb.FOOT, Side.LEFT, sites, Box(0, 0, 9, 9), {})


def test_scores_are_compared_site_by_site() -> None:
    found = compared([(reading(1.0, 2.0, None), reading(1.25, 2.0, None)), (reading(0.5, 3.0), reading(0.5, None))])
    assert (found.films, found.sites, found.largest, found.lost) == (2, 3, 0.25, 1)
