"""An export calibrates and checks itself on simulated films, tells of each, and never writes over what it exports."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import BundleInvalid, ConfigInvalid, LimbNotFound
from opensvh.inference.bundle import Bundle, BundleConfig, BundleContents, load_bundle, write_bundle
from opensvh.inference.export import CalibrationFilms, Check, Target
from opensvh.inference.export_bundle import Equality, ExportHeader
from opensvh.inference.predictor import FilmPrediction, Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph
from opensvh.model.config import ModelConfig
from opensvh.model.network import SvHNet
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.workflows import export as workflow
from opensvh.workflows.export import ExportSettings, drawn_films, export

MODEL = ModelConfig(encoder="b0", decoder=(8, 8, 8), output_stride=4, radius_px=6, outer_radius_px=8)
INT8 = Target(Backend.OPENVINO, Precision.INT8)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    torch.manual_seed(0)
    config = BundleConfig(model=MODEL, preprocessing=PreprocessingConfig(width=64, height=96))
    contents = BundleContents("small", "1", config, SvHNet(MODEL).state_dict())
    return load_bundle(write_bundle(tmp_path_factory.mktemp("bundles") / "small", contents))


@pytest.mark.slow
def test_the_films_are_of_both_limbs_and_the_same_for_a_seed() -> None:
    films = list(drawn_films(4, seed=5))
    assert [(film.limb, film.side) for film in films] == [
        (Limb.HAND, Side.LEFT), (Limb.HAND, Side.RIGHT), (Limb.FOOT, Side.LEFT), (Limb.FOOT, Side.RIGHT)
    ]  # fmt: skip
    assert all(0 <= film.radiograph.pixels.min() < film.radiograph.pixels.max() <= 1 for film in films)
    [again] = drawn_films(1, seed=5)
    [another] = drawn_films(1, seed=6)
    assert np.array_equal(films[0].radiograph.pixels, again.radiograph.pixels)
    assert not np.array_equal(again.radiograph.pixels[:99, :99], another.radiograph.pixels[:99, :99])


@pytest.mark.slow
def test_int8_is_given_canonical_films_and_every_film_is_told_of(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[CalibrationFilms] = []

    def exported(
        out: Path, bundles: Sequence[Bundle], target: Target, films: CalibrationFilms, check: Check
    ) -> ExportHeader:
        given.append(films)
        pictures = films.pictures(bundles[0].config.preprocessing)
        assert [picture.shape for picture in pictures] == [(96, 64)] * 2
        assert films.pictures(bundles[0].config.preprocessing) is pictures
        return ExportHeader(backend=target.backend, precision=target.precision, members=(), libraries={})

    monkeypatch.setattr(workflow, "export_bundles", exported)
    told: list[str] = []
    settings = ExportSettings(INT8, calibration_films=2, checked_films=0, seed=3)
    export([str(bundle.folder)], tmp_path / "out", settings, told.append)
    assert (given[0].record.films, given[0].record.seed) == (2, 3)
    assert len(told) == settings.steps == 2


@pytest.mark.slow
def test_a_film_without_a_limb_is_passed_over_in_the_check(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(self: Predictor, film: Radiograph, identity: FilmIdentity) -> FilmPrediction:
        raise LimbNotFound("nothing")

    monkeypatch.setattr(Predictor, "read", blind)
    told: list[str] = []
    target = Target(Backend.ONNX, Precision.FP32)
    header = export([str(bundle.folder)], tmp_path / "out", ExportSettings(target, checked_films=1), told.append)
    assert header.equality == Equality(films=0, sites=0, largest=0, share_99=0, lost=0)
    assert len(told) == 1


def test_a_bundle_is_not_written_over_itself(bundle: Bundle) -> None:
    before = load_bundle(bundle.folder).digest
    with pytest.raises(BundleInvalid, match="is the bundle to be exported"):
        export([str(bundle.folder)], bundle.folder, ExportSettings(Target(Backend.ONNX, Precision.FP32)))
    assert load_bundle(bundle.folder).digest == before


def test_what_cannot_be_exported_is_refused_before_a_bundle_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="knows no bf16"):
        export(["nowhere"], tmp_path / "out", ExportSettings(Target(Backend.ONNX, Precision.BF16)))
