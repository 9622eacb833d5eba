"""What a worker makes of one file, without Ray."""

import dataclasses
import datetime
import hashlib
from pathlib import Path

import numpy as np
import pyarrow
import pytest
import torch

from opensvh.batch.gpu import on_device
from opensvh.batch.rows import SITES, FileResult, FilmStatus
from opensvh.batch.scorer import FilmScorer, ModelChoice, load_scorer
from opensvh.batch.sources import FilmTask, find_archive
from opensvh.domain.anatomy import Kind, Limb, Side, sites_of
from opensvh.domain.backends import Choice
from opensvh.domain.errors import BundleInvalid, ConfigInvalid
from opensvh.domain.geometry import Box, Point
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.inference.backends import TorchEngine
from opensvh.inference.bundle import load_bundle
from opensvh.inference.film_reader import FilmOutcome
from opensvh.inference.predictor import FilmPrediction
from opensvh.io.identity import KnownFilm
from opensvh.io.radiograph import Radiograph


@pytest.fixture(scope="module")
def scorer(small_bundle: Path) -> FilmScorer:
    return load_scorer(ModelChoice((str(small_bundle),), Choice.TORCH))


def tasks(manifest: Path) -> dict[str, FilmTask]:
    return {Path(task.file).name: task for task in find_archive(str(manifest), "out").tasks}


class OneReading:
    """Finds what it was told to, on every film."""

    def __init__(self, *sites: SiteReading) -> None:
        self.sites = sites

    def read(self, film: Radiograph, known: KnownFilm) -> FilmOutcome:
        reading = FilmReading(known.patient, film.path, Limb.HAND, Side.LEFT, self.sites, Box(0, 0, 9, 9))
        return FilmOutcome((FilmPrediction(reading, maps=None),), ())  # type: ignore[arg-type]


def test_every_reading_has_a_row_with_its_film_and_model(scorer: FilmScorer, hands: Path) -> None:
    one, two, *_ = sites_of(Limb.HAND, Kind.EROSION)
    reader = OneReading(
        SiteReading(one, Kind.EROSION, Status.SCORED, 2.5, (0.0, 0.25, 0.25, 0.25, 0.25, 0.0), Point(7, 8), 0.9),
        SiteReading(two, Kind.EROSION, Status.NOT_ASSESSABLE, reason="the joint was not found"),
    )
    task = tasks(hands)["P1-LH.png"]
    result = dataclasses.replace(scorer, reader=reader).read(task)  # type: ignore[arg-type]
    [film] = result.films
    assert (film["status"], film["patient"], film["limbs"], film["stamp"]) == (FilmStatus.SCORED, "P1", 1, task.stamp)
    assert film["worker_mb"] > 50
    assert film["sha256"] == hashlib.sha256(Path(task.file).read_bytes()).hexdigest()
    scored, missing = pyarrow.Table.from_pylist([dict(row) for row in result.sites], schema=SITES).to_pylist()
    for row in (scored, missing):
        assert (row["film"], row["sha256"], row["limb"], row["side"]) == (task.file, film["sha256"], "hand", "L")
        assert row["date"] == datetime.date(2024, 5, 1)
        assert (row["model_name"], row["model_version"], row["model_digest"]) == ("small", "1", scorer.label.digest)
    assert (scored["site"], scored["expected"], scored["score"], scored["maximum"]) == (one.name, 2.5, 3, 5)
    assert (scored["probabilities"], scored["x"], scored["y"]) == ([0.0, 0.25, 0.25, 0.25, 0.25, 0.0], 7.0, 8.0)
    assert (missing["status"], missing["expected"], missing["probabilities"]) == ("not assessable", None, None)
    assert missing["reason"] == "the joint was not found"


def test_what_is_no_picture_is_refused_by_its_name(scorer: FilmScorer, hands: Path) -> None:
    task = tasks(hands)["P3-LH.png"]
    [film] = scorer.read(task).films
    assert film["status"] is FilmStatus.REFUSED
    assert film["reason"].startswith(f"{task.file}: is no whole picture")


def test_a_film_that_was_only_touched_is_not_read_again(scorer: FilmScorer, hands: Path) -> None:
    task = tasks(hands)["P1-LH.png"]
    [film] = scorer.read(task).films
    touched = dataclasses.replace(task, stamp="other", known=film["key"])
    assert scorer.read(touched) == FileResult(task.file, is_same=True)


def test_a_file_without_suffix_that_is_no_dicom_is_no_film(scorer: FilmScorer, tmp_path: Path) -> None:
    (tmp_path / "README").write_text("about these films")
    assert scorer.read(FilmTask(str(tmp_path / "README"), "1-1")) == FileResult(str(tmp_path / "README"))


def test_a_failure_of_the_reading_itself_quarantines_the_film(
    scorer: FilmScorer, hands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of a kind that nobody thought of")

    monkeypatch.setattr("opensvh.batch.scorer.read_film", fail)
    [film] = scorer.read(tasks(hands)["P1-LH.png"]).films
    assert film["status"] is FilmStatus.QUARANTINED
    assert film["reason"] == "ZeroDivisionError: of a kind that nobody thought of"


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(BundleInvalid, match="nonsense: is neither a folder"):
        _ = ModelChoice(("nonsense",)).digest


def test_another_model_has_another_digest(small_bundle: Path) -> None:
    one, two = ModelChoice((str(small_bundle),)), ModelChoice((str(small_bundle), "reference"))
    assert one.digest != two.digest
    assert one.digest == ModelChoice((str(small_bundle),), Choice.ONNX).digest


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_named(small_bundle: Path) -> None:
    with pytest.raises(ConfigInvalid, match="PyTorch sees no GPU"):
        load_scorer(ModelChoice((str(small_bundle),), on_gpu=True))


def test_a_gpu_and_a_cpus_backend_exclude_each_other(small_bundle: Path) -> None:
    with pytest.raises(ConfigInvalid, match="--backend openvino: runs on CPUs"):
        load_scorer(ModelChoice((str(small_bundle),), Choice.OPENVINO, on_gpu=True))


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(
    not torch.cuda.is_available(), reason="this machine has no GPU"))])  # fmt: skip
def test_the_engine_of_a_device_sees_what_the_cpus_sees(small_bundle: Path, device: str) -> None:
    bundle = load_bundle(small_bundle)
    image = np.random.default_rng(3).random((96, 64), dtype=np.float32)
    wanted = TorchEngine(bundle.network, bundle.config).look(image)
    [moved] = on_device([load_bundle(small_bundle)], device)
    seen = moved.engine.look(image)  # type: ignore[union-attr]
    assert moved.engine.name == f"torch {device} fp32"  # type: ignore[union-attr]
    for one, other in zip(vars(wanted).values(), vars(seen).values(), strict=True):
        assert np.allclose(one, other, atol=1e-3)
