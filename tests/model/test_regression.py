"""Regression of damage: the number follows the grade, its loss is the squared error, and it reads as any head does."""

import math

import pytest
import torch

from opensvh.model.config import LossConfig, ModelConfig
from opensvh.model.heads import JOINT_MAPS, Heads, Logits
from opensvh.model.losses import Targets
from opensvh.model.network import SvHNet
from opensvh.model.pooling import expected_class
from opensvh.model.regression import (
    CurveName,
    RegressionHeads,
    plain_heads,
    regression_heads,
    regression_losses,
    squared_error,
)


def heads_of(value: float) -> RegressionHeads:
    """Heads that say `value` everywhere, for both kinds."""
    heads = RegressionHeads(3, 6)
    with torch.no_grad():
        heads.classify.weight.zero_()
        heads.classify.bias[JOINT_MAPS:] = value
    return heads


@pytest.mark.parametrize("value", [1.0, 1.3, 2.0, 2.75, 3.0])
def test_the_expectation_is_the_number_within_the_range(value: float) -> None:
    logits = heads_of(value)(torch.rand(1, 3, 4, 4))
    for maps in (logits.narrowing, logits.erosion):
        assert expected_class(maps.softmax(dim=1).movedim(1, -1)).mean().item() == pytest.approx(value, abs=0.03)


@pytest.mark.parametrize(("value", "grade"), [(-4.0, 0.0), (9.0, 4.0)])
def test_no_number_leaves_the_range(value: float, grade: float) -> None:
    narrowing = heads_of(value)(torch.rand(1, 3, 4, 4)).narrowing
    assert expected_class(narrowing.softmax(dim=1).movedim(1, -1)).mean().item() == pytest.approx(grade, abs=1e-3)


@pytest.mark.parametrize("curve", ["bell", "binomial"])
def test_as_ordinary_heads_it_gives_the_same_logits_and_back_again(curve: CurveName) -> None:
    heads, features = RegressionHeads(5, 11, curve), torch.randn(2, 5, 6, 4)
    plain = plain_heads(heads)
    for one, other in zip(heads(features), plain(features), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    again = regression_heads(plain, curve)
    torch.testing.assert_close(again.classify.weight, heads.classify.weight, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(again.classify.bias, heads.classify.bias, rtol=1e-4, atol=1e-5)


def test_of_heads_for_classes_only_the_joints_are_taken_over() -> None:
    heads = Heads(5, 6)
    own = regression_heads(heads)
    assert torch.equal(own.classify.weight[:JOINT_MAPS], heads.classify.weight[:JOINT_MAPS])
    assert own.classify.weight.shape[0] == JOINT_MAPS + 2


def test_the_loss_is_the_squared_error_over_the_pixels_of_scored_joints() -> None:
    joint = torch.tensor([[[0, 1, 1, 2, -1]]])
    labels = torch.zeros(1, JOINT_MAPS, 5)
    labels[0, 1, 3] = 1  # joint 1 has grade 3; joint 2 has no score
    logits = torch.full((1, 5, 1, 5), -30.0)
    logits[0, 1, 0, 1] = logits[0, 2, 0, 2] = 30  # read as 1 and as 2
    logits[0, 4, 0, 3] = 30
    assert squared_error(logits, joint, labels, per_joint=False).item() == pytest.approx((4 + 1) / 2)
    assert squared_error(logits, joint, torch.zeros_like(labels), per_joint=False).item() == 0


def test_a_joint_counts_once_where_asked() -> None:
    joint = torch.tensor([[[1, 1, 1, 2]]])
    labels = torch.zeros(1, JOINT_MAPS, 5)
    labels[0, 1, 0] = labels[0, 2, 0] = 1
    logits = torch.full((1, 5, 1, 4), -30.0)
    logits[0, 0, 0, :3] = logits[0, 2, 0, 3] = 30  # joint 1 right, joint 2 off by two
    assert squared_error(logits, joint, labels, per_joint=True).item() == pytest.approx(2.0)
    assert squared_error(logits, joint, labels, per_joint=False).item() == pytest.approx(1.0)


def test_learning_moves_the_number_to_the_grade() -> None:
    torch.manual_seed(0)
    heads = RegressionHeads(4, 6)
    joint = torch.ones(1, 3, 3, dtype=torch.int64)
    labels = torch.zeros(1, JOINT_MAPS, 6)
    labels[0, 1, 4] = 1
    targets = Targets(joint, torch.zeros(1, JOINT_MAPS, 5), labels)
    features, optimizer = torch.rand(1, 4, 3, 3), torch.optim.Adam(heads.parameters(), lr=0.1)
    for _ in range(150):
        losses = regression_losses(heads(features), targets, LossConfig())
        optimizer.zero_grad()
        losses.total.backward()
        optimizer.step()
    erosion: Logits = heads(features)
    assert expected_class(erosion.erosion.softmax(1).movedim(1, -1)).mean().item() == pytest.approx(4, abs=0.15)


def test_a_network_with_it_is_saved_as_any_other() -> None:
    network = SvHNet(ModelConfig(encoder="b0", damage="regression"))
    assert isinstance(network.heads, Heads)


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.8])
def test_a_binomial_head_gives_the_distribution_of_as_many_coins(chance: float) -> None:
    heads = RegressionHeads(3, 6, "binomial")
    with torch.no_grad():
        heads.classify.weight.zero_()
        heads.classify.bias[JOINT_MAPS:] = math.log(chance / (1 - chance))  # type: ignore[index]
    said = heads(torch.rand(1, 3, 2, 2)).erosion.softmax(dim=1)[0, :, 0, 0]
    coins = [math.comb(5, k) * chance**k * (1 - chance) ** (5 - k) for k in range(6)]
    assert said.tolist() == pytest.approx(coins, abs=1e-5)
