"""From a film set to bundles: which models are trained, on whom, and what is left for those who read with them."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import FILM_CODES, POINTS, RA2_SITE_COLUMNS, Kind, Limb, Side
from opensvh.domain.errors import BundleInvalid, ConfigInvalid, DatasetInvalid, FilmUnreadable
from opensvh.domain.geometry import Point
from opensvh.inference.bundle import CARD, load_bundle
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import FilmRecord, write_joints
from opensvh.training.config import Preset, load_preset, with_training
from opensvh.workflows.train import Folds, Watch, train, training_means

MARKED = ("A", "B", "C")
"""Patients with joints on all four films; A and B have scores too, D has scores and no joints."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Films of noise: three patients with joints, three with scores of some sites."""
    folder = tmp_path / "films"
    (folder / "images").mkdir(parents=True)
    noise = np.random.default_rng(1)
    for patient in "ABCD":
        for code in FILM_CODES:
            picture = noise.integers(0, 255, (100, 80), dtype=np.uint8)
            cv2.imwrite(str(folder / "images" / f"{patient}-{code}.png"), picture)
    places = {
        (patient, code): {name: Point(10 + 12 * (i % 5), 20 + 15 * (i // 5)) for i, name in enumerate(POINTS[limb])}
        for patient in MARKED
        for code, (limb, _) in FILM_CODES.items()
    }
    write_joints(folder / "joints.csv", places)
    write_ra2(
        folder / "training.csv",
        {
            "A": {"LH_mcp_E__2": 1, "LF_mtp_E__1": 10},
            "B": {"LH_mcp_E__2": 4},
            "D": {"LH_mcp_E__2": 5, "RH_mcp_E__2": 5},
        },
    )
    return folder


@pytest.fixture
def preset() -> Preset:
    return with_training(load_preset("tiny"), steps=2, batch_size=2, threads=1, precision="fp32", folds=3)


def test_one_run_a_fold_or_one_in_the_folder_itself() -> None:
    out = Path("out")
    assert Folds().runs(out, 8) == [(1, out)]
    assert Folds(8).runs(out, 8) == [(8, out)]
    assert Folds(None).runs(out, 8) == [(None, out)]
    assert Folds(every=True).runs(out, 3) == [(1, out / "fold1"), (2, out / "fold2"), (3, out / "fold3")]


@pytest.mark.parametrize("fold", [0, 9])
def test_a_fold_that_is_not_dealt_is_refused(fold: int) -> None:
    with pytest.raises(ConfigInvalid, match=f"fold {fold}: there are 8 folds"):
        Folds(fold).runs(Path("out"), 8)


def film(patient: str, limb: Limb, side: Side, scores: Mapping[tuple[str, Kind], float]) -> FilmRecord:
    return FilmRecord(patient, limb, side, Path("film.png"), scores=scores)


def test_means_are_by_column_over_the_films_that_have_it() -> None:
    erosion, narrowing = ("MCP2", Kind.EROSION), ("MCP2", Kind.NARROWING)
    means = training_means(
        [
            film("A", Limb.HAND, Side.LEFT, {erosion: 1, narrowing: 4}),
            film("B", Limb.HAND, Side.LEFT, {erosion: 4}),
            film("B", Limb.HAND, Side.RIGHT, {erosion: 0, ("NAVICULAR", Kind.EROSION): 3}),
            film("B", Limb.FOOT, Side.RIGHT, {("MTP2", Kind.EROSION): 9}),
            film("C", Limb.HAND, Side.LEFT, {}),
        ]
    )
    assert means == {
        "LH_mcp_E__2": 2.5, "LH_mcp_J__2": 4, "RH_mcp_E__2": 0, "RH_wrist_E__nav": 3, "RF_mtp_E__2": 9,
    }  # fmt: skip


def test_films_with_some_scores_and_joints_leave_a_bundle(data: Path, preset: Preset, tmp_path: Path) -> None:
    stored: list[tuple[int, int]] = []
    steps: list[int] = []
    watch = Watch(lambda done, of: stored.append((done, of)), lambda step, figures: steps.append(step))
    [folder] = train(preset, data, tmp_path / "out", Folds(1), watch=watch)
    assert folder == tmp_path / "out" / "bundle"
    # The films of D show nobody where their joints are: they are left out.
    assert stored[-1] == (12, 12)
    assert max(steps) == 2
    bundle = load_bundle(folder)
    assert bundle.identity.name == "out"
    assert bundle.config.model == preset.model
    assert bundle.config.preprocessing == preset.preprocessing
    assert bundle.config.reading.mirrored_pair is False
    assert bundle.config.training["patients"] == 2
    assert "joint_median_percent" in bundle.metrics["validation"]  # type: ignore[operator]
    assert set(bundle.training_means) <= set(RA2_SITE_COLUMNS)
    trained = torch.load(tmp_path / "out" / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    for name, weight in bundle.network.state_dict().items():
        # Matrices are stored in half precision.
        torch.testing.assert_close(weight, trained[f"network.{name}"], rtol=5e-4 if weight.ndim > 1 else 0, atol=1e-7)


def test_a_further_film_set_trains_at_its_share_and_leaves_no_path(data: Path, preset: Preset, tmp_path: Path) -> None:
    further = tmp_path / "further"
    shutil.copytree(data, further)
    [folder] = train(with_training(preset, mix={str(further): 0.25}), data, tmp_path / "out", Folds(1))
    bundle = load_bundle(folder)
    assert bundle.config.training["patients"] == 2
    assert bundle.config.training["training"]["mix"] == {"further": 0.25}  # type: ignore[index]
    assert "25 % from `further`" in (folder / CARD).read_text()
    [alone] = train(preset, data, tmp_path / "alone", Folds(1))
    assert bundle.training_means == load_bundle(alone).training_means


def test_shares_that_leave_nothing_are_refused(preset: Preset) -> None:
    with pytest.raises(ConfigInvalid, match="leave some"):
        with_training(preset, mix={"a": 0.5, "b": 0.5})


def test_a_run_starts_from_the_weights_of_a_bundle(data: Path, preset: Preset, tmp_path: Path) -> None:
    [first] = train(preset, data, tmp_path / "first", Folds(None))
    no_progress = with_training(preset, start=str(first), steps=1, learning_rate=1e-12, seed=1)
    [second] = train(no_progress, data, tmp_path / "second", Folds(None))
    begun, ended = (load_bundle(folder).network.state_dict() for folder in (first, second))
    for name, weight in begun.items():
        if "running" not in name and "num_batches" not in name:
            torch.testing.assert_close(ended[name], weight, rtol=0, atol=1e-6)
    assert load_bundle(second).config.training["training"]["start"] == str(first)  # type: ignore[index]


def test_a_bundle_of_another_network_is_refused_as_a_start(data: Path, preset: Preset, tmp_path: Path) -> None:
    [first] = train(with_training(preset, steps=1), data, tmp_path / "first", Folds(None))
    wider = preset.model_copy(update={"model": preset.model.model_copy(update={"erosion_classes": 11})})
    with pytest.raises(ConfigInvalid, match=r"first/bundle: its weights do not fit this network \(.*heads"):
        train(with_training(wider, start=str(first)), data, tmp_path / "second", Folds(None))
    with pytest.raises(BundleInvalid, match="nowhere: is neither"):
        train(with_training(preset, start="nowhere"), data, tmp_path / "third", Folds(None))


def test_means_are_of_the_patients_trained_on_alone(data: Path, preset: Preset, tmp_path: Path) -> None:
    [folder] = train(preset, data, tmp_path / "out", Folds(None))
    bundle = load_bundle(folder)
    # D has scores, but was not trained on.
    assert bundle.training_means == {"LH_mcp_E__2": 2.5, "LF_mtp_E__1": 10}
    assert bundle.config.training["patients"] == 3
    assert bundle.metrics == {"validation": {}}


def test_a_model_trained_with_flips_reads_films_both_ways(data: Path, preset: Preset, tmp_path: Path) -> None:
    flipping = preset.model_copy(update={"augmentation": preset.augmentation.model_copy(update={"flip_share": 0.5})})
    [folder] = train(with_training(flipping, steps=1), data, tmp_path / "out", Folds(None))
    assert load_bundle(folder).config.reading.mirrored_pair is True


def test_a_model_a_fold_has_a_bundle_each_and_one_store_of_films(data: Path, preset: Preset, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bundles = train(with_training(preset, steps=1, folds=3), data, out, Folds(every=True))
    assert bundles == [out / f"fold{number}" / "bundle" for number in (1, 2, 3)]
    assert len({load_bundle(bundle).identity.sha256 for bundle in bundles}) == 3
    assert len(list((out / "cache").iterdir())) == 1


def test_films_without_any_joint_are_refused(data: Path, preset: Preset, tmp_path: Path) -> None:
    (data / "joints.csv").unlink()
    with pytest.raises(DatasetInvalid, match=r"add joints\.csv"):
        train(preset, data, tmp_path / "out", Folds())
    assert not (tmp_path / "out").exists()


def test_a_film_that_cannot_be_read_is_named_and_the_folder_stays_free(
    data: Path, preset: Preset, tmp_path: Path
) -> None:
    broken = data / "images" / "B-RH.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:200])
    with pytest.raises(FilmUnreadable, match=r"B-RH\.png"):
        train(preset, data, tmp_path / "out", Folds())
    broken.write_bytes(whole)
    assert train(with_training(preset, steps=1), data, tmp_path / "out", Folds())


def test_a_fold_without_patients_is_refused(data: Path, preset: Preset, tmp_path: Path) -> None:
    with pytest.raises((ConfigInvalid, DatasetInvalid), match="fold"):
        train(with_training(preset, steps=1, folds=8), data, tmp_path / "out", Folds(5))
