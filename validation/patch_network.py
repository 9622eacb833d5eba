"""A small residual network that grades one joint on one patch; as small as tells grades apart in minutes on a CPU."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot, relu

from opensvh.domain.anatomy import POINTS, Limb

WIDTHS = (32, 64, 128, 256)
"""Channels of the stages at strides 2, 4, 8 and 16 (ResNet-18 at half its width). Plain convolutions, since CPUs with
bf16 instructions run those far faster than an EfficientNet's depthwise ones."""
JOINTS: tuple[tuple[Limb, str], ...] = tuple((limb, point) for limb in Limb for point in POINTS[limb])
"""The joints told to the network: a reader knows which joint is looked at."""
DROPPED = 0.2
LEAST_SPREAD = 1e-3


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions beside a direct way (He et al. 2016)."""

    def __init__(self, width_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        changes = stride != 1 or width_in != width
        self.direct = nn.Conv2d(width_in, width, 1, stride, bias=False) if changes else nn.Identity()
        nn.init.zeros_(self.second_norm.weight)

    def forward(self, maps: Tensor) -> Tensor:
        inner = relu(self.first_norm(self.first(maps)))
        return relu(self.direct(maps) + self.second_norm(self.second(inner)))


class PatchNet(nn.Module):
    """Patches [batch, 1, side, side] in [0, 1] and joints [batch] (places in `JOINTS`) -> logits [batch, classes]."""

    def __init__(self, classes: int, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.classes = classes
        self.stem = nn.Sequential(
            nn.Conv2d(1, widths[0], 5, 2, 2, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True)
        )
        blocks: list[nn.Module] = []
        before = widths[0]
        for stage, width in enumerate(widths):
            blocks += [ResidualBlock(before, width, 1 if stage == 0 else 2), ResidualBlock(width, width, 1)]
            before = width
        self.stages = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Dropout(DROPPED), nn.Linear(before + len(JOINTS), classes))

    def forward(self, patches: Tensor, joints: Tensor) -> Tensor:
        maps = self.stages(self.stem(locally_normal(patches)))
        seen = torch.cat([maps.mean((2, 3)), one_hot(joints, len(JOINTS)).to(maps.dtype)], dim=1)
        logits: Tensor = self.head(seen).float()
        return logits


def locally_normal(patches: Tensor) -> Tensor:
    """Each patch with mean 0 and standard deviation 1: films differ in exposure, joints do not."""
    spread, mean = torch.std_mean(patches, dim=(2, 3), keepdim=True)
    return (patches - mean) / spread.clamp_min(LEAST_SPREAD)
