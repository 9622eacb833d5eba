"""Patches of joints: where they are cut, that training varies them about the joint, and whose label they carry."""

from pathlib import Path

import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import POINTS, Kind, Limb, joint_class
from opensvh.domain.geometry import Point, Size
from opensvh.io.tables import FilmRecord
from opensvh.preprocessing.augment import AugmentationConfig
from opensvh.training.config import Preset
from opensvh.training.dataset import film_labels
from opensvh.training.patches import (
    STORED,
    PatchExamples,
    _order,
    cut_patches,
    middle_frame,
    open_patches,
    patch_losses,
    patch_probabilities,
)

STILL = AugmentationConfig(
    rotation_deg=0, scale=0, stretch=0, shift=0, gamma=0, contrast=0, brightness=0, blur_share=0, edge_share=0,
    noise=0, patch_share=0,
)  # fmt: skip


def dotted(points: dict[str, Point]) -> np.ndarray:
    """A dark film with a bright pixel at each joint."""
    film = np.zeros((300, 240), np.float32)
    for x, y in points.values():
        film[round(y), round(x)] = 1
    return film


def test_a_joint_lies_in_the_middle_of_its_patch() -> None:
    points = {name: Point(30 + 30 * place, 60 + 5 * place) for place, name in enumerate(POINTS[Limb.FOOT])}
    patches = cut_patches(dotted(points), points, Limb.FOOT, 31)
    assert list(patches) == list(points)
    for patch in patches.values():
        assert patch.shape == (31, 31)
        row, column = np.unravel_index(int(patch.argmax()), patch.shape)
        assert abs(row - 15) <= 1
        assert abs(column - 15) <= 1


def test_a_joint_at_the_films_edge_has_a_patch_all_the_same() -> None:
    points = {name: Point(2 + 40 * place, 3) for place, name in enumerate(POINTS[Limb.FOOT])}
    patches = cut_patches(dotted(points), points, Limb.FOOT, 32)
    assert all(patch.shape == (32, 32) and np.isfinite(patch).all() for patch in patches.values())


def test_too_few_joints_tell_no_size() -> None:
    points = {name: Point(50, 50 + place) for place, name in enumerate(POINTS[Limb.FOOT][:3])}
    assert cut_patches(dotted(points), points, Limb.FOOT, 32) == {}


def test_the_networks_picture_is_the_middle_of_what_is_stored() -> None:
    frame = middle_frame(Size(96, 96), Size(64, 64))
    [middle] = frame.to_model([Point(47.5, 47.5)])
    assert middle == pytest.approx((31.5, 31.5))
    assert frame.scale == pytest.approx(STORED * 64 / 96)


@pytest.fixture
def patches(films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path) -> PatchExamples:
    store = open_patches(tmp_path, films, 32)
    labels = film_labels(films, tiny.model)
    return PatchExamples.of(store, labels, Kind.EROSION, range(8), 32, "b0").varied_as(STILL)


def test_every_scored_joint_of_the_chosen_films_is_an_example(
    patches: PatchExamples, films: tuple[FilmRecord, ...]
) -> None:
    eroded = sum(len({name for name, kind in film.scores if kind is Kind.EROSION}) for film in films[:8])
    # Two sites share a point, and a class.
    assert len(patches.chosen) == eroded
    assert set(patches.store.whose[patches.chosen, 0]) == set(range(8))


def test_an_example_carries_its_joints_class_and_label(patches: PatchExamples, films: tuple[FilmRecord, ...]) -> None:
    image, joint, label = patches.example(seed=3, number=5)
    assert image.shape == (1, 32, 32)
    assert joint.sum() == 1
    assert label.sum() == pytest.approx(1)
    again = patches.example(seed=3, number=5)
    assert all(np.array_equal(one, other) for one, other in zip((image, joint, label), again, strict=True))


def test_all_patches_come_before_one_comes_again() -> None:
    turns = [_order(30, 1, turn) for turn in (0, 1)]
    assert [sorted(turn) for turn in turns] == [list(range(30))] * 2
    assert turns[0] != turns[1]


def test_a_second_opening_reads_what_the_first_cut(
    films: tuple[FilmRecord, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_patches(tmp_path, films, 32)
    monkeypatch.setattr("opensvh.training.patches._cut_all", lambda *told: pytest.fail("cut again"))
    again = open_patches(tmp_path, films, 32)
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.whose, again.whose)


def test_the_loss_looks_at_the_joints_own_row() -> None:
    output = torch.zeros(1, 22, 5)
    output[0, 3, 2] = 20
    joint, label = torch.eye(22)[[3]], torch.eye(5)[[2]]
    assert patch_losses(output, (joint, label))["damage"].item() == pytest.approx(0, abs=1e-3)
    assert patch_losses(output, (torch.eye(22)[[4]], label))["damage"].item() == pytest.approx(np.log(5), abs=1e-3)


def test_each_joint_is_read_by_its_own_row() -> None:
    def network(images: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(len(images), 22, 5)
        logits[:, joint_class(Limb.HAND, "MCP3"), 4] = 30
        return logits

    patch = np.zeros((32, 32), np.float32)
    read = patch_probabilities(network, {"MCP2": patch, "MCP3": patch}, Limb.HAND)  # type: ignore[arg-type]
    assert read["MCP3"][4] == pytest.approx(1)
    assert read["MCP2"] == pytest.approx(np.full(5, 0.2))
    assert patch_probabilities(network, {}, Limb.HAND) == {}  # type: ignore[arg-type]
