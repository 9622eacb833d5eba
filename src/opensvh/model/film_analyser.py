"""The film analyser's network: a small residual encoder, a light decoder, and maps of the limbs at stride 8.

Plain convolutions throughout: with a CPU's bf16 instructions they cost less than the depthwise ones of smaller nets.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from opensvh.model.film_analyser_config import FilmAnalyserConfig

CHANNELS = 12
FIRST_FLAG, PEAKS = 8, 2
"""As in `targets.limb_maps`, which a network may not import; a test holds both together."""
PEAK_PRIOR = -4.0
"""Initial logit of the peaks: nearly all cells hold none (Lin et al. 2017, section 3.3)."""


class FilmAnalyserNet(nn.Module):
    """Grey pictures in, maps of limbs out."""

    def __init__(self, config: FilmAnalyserConfig) -> None:
        super().__init__()
        stem, *widths = config.widths
        self.stem = nn.Sequential(*_convolution(1, stem, stride=2), nn.ReLU(inplace=True))
        self.stages = nn.ModuleList(
            nn.Sequential(ResidualBlock(narrow, wide, stride=2), ResidualBlock(wide, wide))
            for narrow, wide in pairwise([stem, *widths])
        )
        _, fine, middle, deep = widths
        self.lift_deep = nn.Sequential(*_convolution(deep, middle, kernel=1))
        self.lift_middle = nn.Sequential(*_convolution(middle, fine, kernel=1))
        self.mix_middle = ResidualBlock(middle, middle)
        self.mix_fine = ResidualBlock(fine, fine)
        self.head = nn.Sequential(
            *_convolution(fine, 2 * fine), nn.ReLU(inplace=True), nn.Conv2d(2 * fine, CHANNELS, 1)
        )
        nn.init.constant_(self.head[-1].bias[:PEAKS], PEAK_PRIOR)  # type: ignore[index]

    def forward(self, image: Tensor) -> Tensor:
        """Grey levels in [0, 1] [batch, 1, side, side] -> [batch, 12, side / 8, side / 8]; peaks, flags as logits."""
        features = [self.stem(image - 0.5)]
        for stage in self.stages:
            features.append(stage(features[-1]))
        _, _, fine, middle, deep = features
        middle = self.mix_middle(torch.relu(middle + _doubled(self.lift_deep(deep))))
        fine = self.mix_fine(torch.relu(fine + _doubled(self.lift_middle(middle))))
        maps: Tensor = self.head(fine)
        return maps


class ResidualBlock(nn.Module):
    """Two convolutions beside a short way (He et al. 2016)."""

    def __init__(self, channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.way = nn.Sequential(
            *_convolution(channels, width, stride=stride), nn.ReLU(inplace=True), *_convolution(width, width)
        )
        straight = stride == 1 and channels == width
        self.short = nn.Identity() if straight else nn.Sequential(*_convolution(channels, width, 1, stride))

    def forward(self, features: Tensor) -> Tensor:
        """[batch, channels, h, w] -> [batch, width, h / stride, w / stride]."""
        return torch.relu(self.way(features) + self.short(features))


def probabilities(maps: Tensor) -> Tensor:
    """The network's output with peaks and flags as probabilities: what `targets.limb_maps` reads."""
    values = maps.float()
    between = values[:, PEAKS:FIRST_FLAG]
    return torch.cat([values[:, :PEAKS].sigmoid(), between, values[:, FIRST_FLAG:].sigmoid()], dim=1)


class Probabilities(nn.Module):
    """A network with `probabilities` after it, as one that can be exported."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """[batch, 1, side, side] -> [batch, 12, side / 8, side / 8]."""
        return probabilities(self.network(image))


def _convolution(channels: int, width: int, kernel: int = 3, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(width)


def _doubled(features: Tensor) -> Tensor:
    return nn.functional.interpolate(features, scale_factor=2.0, mode="nearest")
