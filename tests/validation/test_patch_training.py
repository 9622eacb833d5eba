from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from damage_data import GradedJoints, Joints
from patch_training import Schedule, expectations, plain, trained, varied
from patches import SHOWN_PX, STORED_PX, Patches, PatchOf

from opensvh.domain.anatomy import Kind, Limb, site_named

SCHEDULE = Schedule(steps=10, batch=4, checkpoint_seconds=1e9)


def graded(kind: Kind = Kind.EROSION, count: int = 8) -> GradedJoints:
    """Noise with grades."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (count, STORED_PX, STORED_PX), np.uint8)
    sites = tuple(
        site_named(Limb.FOOT if number % 2 else Limb.HAND, f"M{'TC'[number % 2 == 0]}P2") for number in range(count)
    )
    index = tuple(PatchOf(f"film{number}", site.limb, site.point) for number, site in enumerate(sites))
    joints = Joints(kind, Patches(pixels, index), np.arange(count), sites, tuple(each.film for each in index))
    grades = rng.integers(0, 5, count).astype(float)
    return GradedJoints(joints, grades, grades)


class Killed(Exception):
    """The run is ended from outside."""


def test_a_run_taken_up_again_ends_as_one_that_was_never_stopped(tmp_path: Path) -> None:
    def kill(done: int, loss: float) -> None:
        if done == 4:
            raise Killed

    whole = trained(tmp_path / "whole", graded(), SCHEDULE, lambda done, loss: None)
    with pytest.raises(Killed):
        trained(tmp_path / "broken", graded(), replace(SCHEDULE, checkpoint_seconds=0), kill)
    steps: list[int] = []
    broken = trained(tmp_path / "broken", graded(), SCHEDULE, lambda done, loss: steps.append(done))
    assert steps == [4, 5, 6, 7, 8, 9, 10], "the step whose result was not stored is made again"
    for name, weight in whole.state_dict().items():
        torch.testing.assert_close(broken.state_dict()[name], weight, rtol=0, atol=0)


def test_a_foots_erosion_is_read_on_its_own_scale(tmp_path: Path) -> None:
    joints = graded()
    network = trained(tmp_path, joints, SCHEDULE, lambda done, loss: None)
    with torch.no_grad():  # all mass on the highest class
        network.head[1].weight.zero_()
        network.head[1].bias.copy_(torch.tensor([0.0] * 5 + [50.0]))
    read = expectations(network, joints.joints)
    assert read[::2] == pytest.approx(5)
    assert read[1::2] == pytest.approx(10)


def test_labels_of_feet_are_halved_and_smoothed() -> None:
    joints = graded()
    joints = replace(joints, read=np.full(8, 4.0))
    assert joints.labels[0] == pytest.approx([0, 0, 0, 0.05, 0.9, 0.05])
    assert joints.labels[1] == pytest.approx([0, 0.05, 0.9, 0.05, 0, 0])


def test_variation_follows_its_generator_and_keeps_the_joint_in_the_middle() -> None:
    patch = np.zeros((STORED_PX, STORED_PX), np.uint8)
    middle = STORED_PX // 2
    patch[middle - 6 : middle + 6, middle - 6 : middle + 6] = 250
    for seed in range(20):
        shown = varied(patch, np.random.default_rng(seed))
        assert shown.shape == (SHOWN_PX, SHOWN_PX)
        assert np.array_equal(shown, varied(patch, np.random.default_rng(seed)))
        row, column = np.unravel_index(np.argmax(shown), shown.shape)
        assert max(abs(row - SHOWN_PX // 2), abs(column - SHOWN_PX // 2)) < 20
    assert np.argmax(plain(patch).sum(axis=0)) == pytest.approx(SHOWN_PX / 2, abs=7)
