"""Losses against plain loops: which pixels count, and how much."""

import pytest
import torch
from torch import Tensor

from opensvh.domain.anatomy import IGNORED
from opensvh.model.config import LossConfig
from opensvh.model.heads import Logits
from opensvh.model.losses import Targets, damage_loss, joint_loss, svh_losses

ROWS, COLUMNS = 6, 7


def drawn(classes: int, seed: int = 0) -> Tensor:
    return torch.randn(2, classes, ROWS, COLUMNS, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def joint() -> Tensor:
    """Joint 3 with four pixels and joint 5 with one on the first film, joint 3 with two on the second."""
    mask = torch.zeros(2, ROWS, COLUMNS, dtype=torch.int64)
    mask[0, 1:3, 1:3], mask[0, 5, 5], mask[1, 0, 0:2] = 3, 5, 3
    mask[0, 3, 3] = IGNORED
    return mask


@pytest.fixture
def labels() -> Tensor:
    """Joint 3 of both films has a score, joint 5 has none; a label of the background must never count."""
    soft = torch.zeros(2, 22, 5)
    soft[0, 3] = torch.tensor([0.0, 0.1, 0.8, 0.1, 0.0])
    soft[1, 3] = torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0])
    soft[:, 0, 4] = 1.0
    return soft


def plain_damage(logits: Tensor, joint: Tensor, labels: Tensor) -> list[list[float]]:
    """Loss of each pixel of each scored joint, joint by joint."""
    groups: dict[tuple[int, int], list[float]] = {}
    for film in range(2):
        for row in range(ROWS):
            for column in range(COLUMNS):
                name = int(joint[film, row, column])
                if name > 0 and float(labels[film, name].sum()) > 0:
                    log = logits[film, :, row, column].log_softmax(0)
                    groups.setdefault((film, name), []).append(float(-(labels[film, name] * log).sum()))
    return list(groups.values())


def test_damage_is_the_mean_over_the_pixels_of_scored_joints(joint: Tensor, labels: Tensor) -> None:
    logits = drawn(5)
    pixels = [pixel for group in plain_damage(logits, joint, labels) for pixel in group]
    assert len(pixels) == 6
    assert float(damage_loss(logits, joint, labels, per_joint=False)) == pytest.approx(sum(pixels) / 6, rel=1e-5)


def test_per_joint_every_joint_counts_the_same(joint: Tensor, labels: Tensor) -> None:
    logits = drawn(5)
    means = [sum(group) / len(group) for group in plain_damage(logits, joint, labels)]
    assert float(damage_loss(logits, joint, labels, per_joint=True)) == pytest.approx(sum(means) / 2, rel=1e-5)


def test_pixels_outside_scored_joints_do_not_move_damage(joint: Tensor, labels: Tensor) -> None:
    logits = drawn(5)
    changed = logits.clone()
    changed[:, 0][joint != 3] += 5
    assert torch.equal(damage_loss(logits, joint, labels, False), damage_loss(changed, joint, labels, False))


def test_ignored_pixels_do_not_move_the_joint_loss(joint: Tensor) -> None:
    logits = drawn(22)
    changed = logits.clone()
    changed[:, 0][joint == IGNORED] += 5
    assert torch.equal(joint_loss(logits, joint), joint_loss(changed, joint))
    logs = logits.log_softmax(1)
    known = [(f, r, c) for f in range(2) for r in range(ROWS) for c in range(COLUMNS) if joint[f, r, c] != IGNORED]
    plain = sum(float(-logs[f, int(joint[f, r, c]), r, c]) for f, r, c in known) / len(known)
    assert float(joint_loss(logits, joint)) == pytest.approx(plain, rel=1e-5)


def test_a_film_without_any_label_adds_nothing_and_breaks_nothing() -> None:
    logits = Logits(drawn(22).requires_grad_(), drawn(5).requires_grad_(), drawn(6).requires_grad_())
    nothing = Targets(torch.full((2, ROWS, COLUMNS), IGNORED), torch.zeros(2, 22, 5), torch.zeros(2, 22, 6))
    total = svh_losses(logits, nothing, LossConfig()).total
    total.backward()  # type: ignore[no-untyped-call]
    assert float(total.detach()) == 0
    assert all(each.grad is not None and not each.grad.isnan().any() for each in logits[:1])


def test_the_total_is_the_weighted_sum(joint: Tensor, labels: Tensor) -> None:
    targets = Targets(joint, labels, torch.nn.functional.pad(labels, (0, 1)))
    logits = Logits(drawn(22), drawn(5, 1), drawn(6, 2))
    losses = svh_losses(logits, targets, LossConfig(joint=2, narrowing=0.5, erosion=3))
    expected = 2 * losses.joint + 0.5 * losses.narrowing + 3 * losses.erosion
    assert float(losses.total) == pytest.approx(float(expected))
