"""Damage as one number a pixel and kind instead of a map a grade; constrained regression is one use (paper, section 3).

The number v becomes logits `slope` v k + `offset`_k over the classes k. As a bell, (v k - k^2 / 2) / VARIANCE, their
softmax has a fixed width about v and its expectation follows v within the range of grades: regression. As a binomial,
v k + log C(n, k), it is that of n coins that fall with probability sigmoid(v): an ordinal head, trained as classes are.
Both are linear in v: once trained, the head is an ordinary head of `heads` (`plain_heads`), and whatever reads, pools
or exports a network needs not know.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from opensvh.model.config import LossConfig
from opensvh.model.heads import JOINT_MAPS, NARROWING_MAPS, Heads, Logits
from opensvh.model.losses import Losses, Targets, joint_loss

VARIANCE = 0.25
"""Of the bell, in grades squared: with a standard deviation of half a grade its expectation is v within 0.03."""


CurveName = Literal["bell", "binomial"]


@dataclass(frozen=True)
class Curve:
    """What a number says of the classes: `slope`, and the number that a head begins with."""

    name: CurveName
    slope: float
    begin: float

    def offset(self, classes: int) -> Tensor:
        """What each class has beside the number's part, [classes]."""
        if self.name == "bell":
            return -torch.arange(classes).float().square() / 2 / VARIANCE
        return torch.tensor([math.log(math.comb(classes - 1, k)) for k in range(classes)])


CURVES: dict[CurveName, Curve] = {
    "bell": Curve("bell", 1 / VARIANCE, 0.0),
    "binomial": Curve("binomial", 1.0, -2.0),
}


class RegressionHeads(nn.Module):
    """In place of `heads.Heads`: joints are classified as there, narrowing and erosion are one map each."""

    def __init__(self, channels: int, erosion_classes: int, curve: CurveName = "bell") -> None:
        super().__init__()
        self.damage_sizes, self.curve = (NARROWING_MAPS, erosion_classes), CURVES[curve]
        self.classify = nn.Conv2d(channels, JOINT_MAPS + len(self.damage_sizes), kernel_size=1)
        with torch.no_grad():
            bias = _bias(self.classify)
            bias.fill_(self.curve.begin)
            bias[:JOINT_MAPS] = _bias(Heads(channels, erosion_classes).classify)[:JOINT_MAPS]

    def forward(self, features: Tensor) -> Logits:
        joint, narrowing, erosion = self.classify(features).split((JOINT_MAPS, 1, 1), dim=1)
        return Logits(
            joint, *(self._classes(*each) for each in zip((narrowing, erosion), self.damage_sizes, strict=True))
        )

    def _classes(self, number: Tensor, classes: int) -> Tensor:
        # In single precision: a bell's logits reach 50, where bf16 has steps of a quarter.
        steps = torch.arange(classes, dtype=torch.float32, device=number.device)
        offset = self.curve.offset(classes).to(number.device)
        return number.float() * (self.curve.slope * steps)[:, None, None] + offset[:, None, None]


def regression_heads(heads: Heads, curve: CurveName = "bell") -> RegressionHeads:
    """Of the size of ordinary heads; with their weights where those came from `plain_heads`."""
    own = RegressionHeads(heads.classify.in_channels, heads.sizes[2], curve)
    slope = own.curve.slope
    weight, bias = heads.classify.weight, _bias(heads.classify)
    with torch.no_grad():
        own.classify.weight[:JOINT_MAPS] = weight[:JOINT_MAPS]
        _bias(own.classify)[:JOINT_MAPS] = bias[:JOINT_MAPS]
        if _is_one_number(heads):
            for place, first in ((JOINT_MAPS, JOINT_MAPS), (JOINT_MAPS + 1, JOINT_MAPS + NARROWING_MAPS)):
                offset = own.curve.offset(own.damage_sizes[place - JOINT_MAPS])
                own.classify.weight[place] = (weight[first + 1] - weight[first]) / slope
                _bias(own.classify)[place] = (bias[first + 1] - bias[first] - (offset[1] - offset[0])) / slope
    return own


def plain_heads(heads: RegressionHeads) -> Heads:
    """The same function as ordinary heads."""
    plain = Heads(heads.classify.in_channels, heads.damage_sizes[1])
    weight, bias = heads.classify.weight, _bias(heads.classify)
    weights, biases = [weight[:JOINT_MAPS]], [bias[:JOINT_MAPS]]
    for place, size in enumerate(heads.damage_sizes, JOINT_MAPS):
        steps = torch.arange(size, dtype=weight.dtype, device=weight.device)
        weights.append(weight[place] * steps[:, None, None, None] * heads.curve.slope)
        biases.append(bias[place] * steps * heads.curve.slope + heads.curve.offset(size).to(bias))
    plain.load_state_dict({"classify.weight": torch.cat(weights), "classify.bias": torch.cat(biases)})
    return plain


def regression_losses(logits: Logits, targets: Targets, config: LossConfig) -> Losses:
    """As `losses.svh_losses`, with the squared error of the expected grade for damage."""
    joint = joint_loss(logits.joint, targets.joint)
    narrowing = squared_error(logits.narrowing, targets.joint, targets.narrowing, config.per_joint)
    erosion = squared_error(logits.erosion, targets.joint, targets.erosion, config.per_joint)
    total = config.joint * joint + config.narrowing * narrowing + config.erosion * erosion
    return Losses(total, joint, narrowing, erosion)


def squared_error(logits: Tensor, joint: Tensor, labels: Tensor, per_joint: bool) -> Tensor:
    """Mean squared error, in classes, of the expectation over the pixels of scored joints; 0 where there are none.

    Arguments as of `losses.damage_loss`; the grade wanted is the expectation of the labels.
    """
    known = labels.sum(dim=-1) > 0
    known[:, 0] = False
    film, row, column = torch.nonzero(joint > 0, as_tuple=True)
    place = film * labels.shape[1] + joint[film, row, column]
    kept = known.flatten()[place]
    film, row, column, place = film[kept], row[kept], column[kept], place[kept]
    classes = torch.arange(labels.shape[-1], dtype=torch.float32, device=labels.device)
    expected = logits[film, :, row, column].float().softmax(dim=-1) @ classes
    errors = (expected - (labels.flatten(0, 1) @ classes)[place]).square()
    if not per_joint:
        return errors.sum() / max(len(errors), 1)
    pixels = torch.bincount(place, minlength=known.numel())
    return (errors / pixels[place]).sum() / (pixels > 0).sum().clamp(min=1)


def _bias(convolution: nn.Conv2d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias


def _is_one_number(heads: Heads) -> bool:
    """Whether the damage rows are multiples of one, as `plain_heads` leaves them."""
    rows = heads.classify.weight[JOINT_MAPS : JOINT_MAPS + NARROWING_MAPS].flatten(1)
    return bool(torch.allclose(rows[2], 2 * rows[1], rtol=1e-2, atol=1e-3) and rows[0].abs().max() < 1e-3)
