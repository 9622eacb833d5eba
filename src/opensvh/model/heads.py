"""The three per-pixel classifiers on the decoder's last map (paper, section 3): shared bottom, separate tops."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from opensvh.domain.anatomy import BACKGROUND, JOINT_CLASSES

JOINT_MAPS = len(JOINT_CLASSES) + 1
"""21 joints and background."""
NARROWING_MAPS = 5


BACKGROUND_SHARE = 0.92
"""Of the pixels, under the paper's radii: the joint head starts from there, not from all classes alike."""


class Logits(NamedTuple):
    """Per-pixel logits: joint [batch, 22, h, w], narrowing [batch, 5, h, w], erosion [batch, 6 or 11, h, w]."""

    joint: Tensor
    narrowing: Tensor
    erosion: Tensor


class Heads(nn.Module):
    """One 1 x 1 convolution for all three, split afterwards: the same function as three, in one pass over the map."""

    def __init__(self, channels: int, erosion_classes: int) -> None:
        super().__init__()
        self.sizes = (JOINT_MAPS, NARROWING_MAPS, erosion_classes)
        self.classify = nn.Conv2d(channels, sum(self.sizes), kernel_size=1)
        prior = torch.zeros(sum(self.sizes))
        prior[BACKGROUND] = math.log(BACKGROUND_SHARE * len(JOINT_CLASSES) / (1 - BACKGROUND_SHARE))
        self.classify.bias = nn.Parameter(prior)

    def forward(self, features: Tensor) -> Logits:
        return Logits(*self.classify(features).split(self.sizes, dim=1))
