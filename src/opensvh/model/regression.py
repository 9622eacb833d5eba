"""Constrained regression of damage, the paper's alternative to classification (section 3): one number a pixel and kind.

The number v becomes logits (v k - k^2 / 2) / VARIANCE over the classes k, so that their softmax is a bell of fixed
width about v and its expectation follows v within the range of grades. That is linear in v: once trained, the head is
an ordinary head of `heads` (`plain_heads`), and whatever reads, pools or exports a network needs not know.
"""

import torch
from torch import Tensor, nn

from opensvh.model.config import LossConfig
from opensvh.model.heads import JOINT_MAPS, NARROWING_MAPS, Heads, Logits
from opensvh.model.losses import Losses, Targets, joint_loss

VARIANCE = 0.25
"""Of the bell, in grades squared: with a standard deviation of half a grade its expectation is v within 0.03."""


class RegressionHeads(nn.Module):
    """In place of `heads.Heads`: joints are classified as there, narrowing and erosion are one map each."""

    def __init__(self, channels: int, erosion_classes: int) -> None:
        super().__init__()
        self.damage_sizes = (NARROWING_MAPS, erosion_classes)
        self.classify = nn.Conv2d(channels, JOINT_MAPS + len(self.damage_sizes), kernel_size=1)
        with torch.no_grad():
            bias = _bias(self.classify)
            bias.zero_()
            bias[:JOINT_MAPS] = _bias(Heads(channels, erosion_classes).classify)[:JOINT_MAPS]

    def forward(self, features: Tensor) -> Logits:
        joint, narrowing, erosion = self.classify(features).split((JOINT_MAPS, 1, 1), dim=1)
        return Logits(joint, *map(_bell, (narrowing, erosion), self.damage_sizes))


def regression_heads(heads: Heads) -> RegressionHeads:
    """Of the size of ordinary heads; with their weights where those came from `plain_heads`."""
    own = RegressionHeads(heads.classify.in_channels, heads.sizes[2])
    weight, bias = heads.classify.weight, _bias(heads.classify)
    with torch.no_grad():
        own.classify.weight[:JOINT_MAPS] = weight[:JOINT_MAPS]
        _bias(own.classify)[:JOINT_MAPS] = bias[:JOINT_MAPS]
        if _is_bell(heads):
            for place, first in ((JOINT_MAPS, JOINT_MAPS), (JOINT_MAPS + 1, JOINT_MAPS + NARROWING_MAPS)):
                own.classify.weight[place] = VARIANCE * (weight[first + 1] - weight[first])
                _bias(own.classify)[place] = VARIANCE * (bias[first + 1] - bias[first]) + 0.5
    return own


def plain_heads(heads: RegressionHeads) -> Heads:
    """The same function as ordinary heads."""
    plain = Heads(heads.classify.in_channels, heads.damage_sizes[1])
    weight, bias = heads.classify.weight, _bias(heads.classify)
    weights, biases = [weight[:JOINT_MAPS]], [bias[:JOINT_MAPS]]
    for place, size in enumerate(heads.damage_sizes, JOINT_MAPS):
        steps = torch.arange(size, dtype=weight.dtype, device=weight.device)
        weights.append(weight[place] * steps[:, None, None, None] / VARIANCE)
        biases.append((bias[place] * steps - steps.square() / 2) / VARIANCE)
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


def _bell(place: Tensor, classes: int) -> Tensor:
    # In single precision: logits reach 50, where bf16 has steps of a quarter.
    steps = torch.arange(classes, dtype=torch.float32, device=place.device)[:, None, None]
    return (place.float() * steps - steps.square() / 2) / VARIANCE


def _bias(convolution: nn.Conv2d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias


def _is_bell(heads: Heads) -> bool:
    """Whether the damage rows are multiples of one, as `plain_heads` leaves them."""
    rows = heads.classify.weight[JOINT_MAPS : JOINT_MAPS + NARROWING_MAPS].flatten(1)
    return bool(torch.allclose(rows[2], 2 * rows[1], rtol=1e-2, atol=1e-3) and rows[0].abs().max() < 1e-3)
