"""The three objectives per pixel and their weighted sum (paper, section 3); each uses the labels that are there.

A film without joints has a mask of ignored pixels and adds nothing; a joint without a score adds nothing to damage.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from opensvh.domain.anatomy import IGNORED
from opensvh.model.config import LossConfig
from opensvh.model.heads import Logits


class Targets(NamedTuple):
    """What a batch of films should give.

    `joint` int64 [batch, h, w], class 0 to 21 or -1; `narrowing` and `erosion` soft labels by joint class
    [batch, 22, classes], all zero where the joint has no such score.
    """

    joint: Tensor
    narrowing: Tensor
    erosion: Tensor


class Losses(NamedTuple):
    """Scalars; `total` is the weighted sum."""

    total: Tensor
    joint: Tensor
    narrowing: Tensor
    erosion: Tensor


def svh_losses(logits: Logits, targets: Targets, config: LossConfig) -> Losses:
    """Cross entropy of the joint class on all pixels but ignored ones, of damage on the pixels of scored joints."""
    joint = joint_loss(logits.joint, targets.joint)
    narrowing = damage_loss(logits.narrowing, targets.joint, targets.narrowing, config.per_joint)
    erosion = damage_loss(logits.erosion, targets.joint, targets.erosion, config.per_joint)
    total = config.joint * joint + config.narrowing * narrowing + config.erosion * erosion
    return Losses(total, joint, narrowing, erosion)


def joint_loss(logits: Tensor, joint: Tensor) -> Tensor:
    """Mean cross entropy over the pixels that have a class; 0 where none has. [batch, 22, h, w], [batch, h, w]."""
    # Classes last: as the maps lie in memory, and a twelfth of a step on two CPU cores saved.
    by_pixel = logits.permute(0, 2, 3, 1).reshape(-1, logits.shape[1]).float()
    summed = cross_entropy(by_pixel, joint.flatten(), ignore_index=IGNORED, reduction="sum")
    return summed / (joint != IGNORED).sum().clamp(min=1)


def damage_loss(logits: Tensor, joint: Tensor, labels: Tensor, per_joint: bool) -> Tensor:
    """Mean soft cross entropy over the pixels of scored joints; 0 where there are none.

    `logits` [batch, classes, h, w], `joint` [batch, h, w], `labels` [batch, 22, classes].
    """
    known = labels.sum(dim=-1) > 0
    known[:, 0] = False
    film, row, column = torch.nonzero(joint > 0, as_tuple=True)
    place = film * labels.shape[1] + joint[film, row, column]
    kept = known.flatten()[place]
    film, row, column, place = film[kept], row[kept], column[kept], place[kept]
    log_probability = logits[film, :, row, column].float().log_softmax(dim=-1)
    losses = -(labels.flatten(0, 1)[place] * log_probability).sum(dim=-1)
    if not per_joint:
        return losses.sum() / max(len(losses), 1)
    pixels = torch.bincount(place, minlength=known.numel())
    joints = (pixels > 0).sum().clamp(min=1)
    return (losses / pixels[place]).sum() / joints
