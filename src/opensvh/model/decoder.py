"""The decoder: transposed convolutions up, each joined by the encoder's map of its resolution (paper, section 3)."""

import math
from collections.abc import Sequence
from itertools import chain, repeat

import torch
from torch import Tensor, nn


class DecoderStage(nn.Module):
    """Doubles the resolution, appends the skip connection if there is one, and mixes both.

    A pixel of the upper map has one of the transposed convolution's four taps. torch's initial weights count all four,
    and the deep map comes up at a quarter of the skip's strength, stage after stage: what only it knows, which joint is
    which, is learnt late or never. Here the weights are He's (2015) for the inputs that there are.
    """

    def __init__(self, channels: int, skip_channels: int, width: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, width, kernel_size=2, stride=2)
        nn.init.normal_(self.up.weight, std=math.sqrt(2 / channels))
        self.mix = nn.Sequential(
            nn.Conv2d(width + skip_channels, width, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )

    def forward(self, deep: Tensor, skip: Tensor | None, every: int = 1) -> Tensor:
        """[batch, channels, h, w] and [batch, skip_channels, 2h, 2w] -> [batch, width, 2h, 2w], or every so many."""
        up = self.up(deep)
        joined = up if skip is None else torch.cat([up, skip], dim=1)
        mixed: Tensor = self.mix(joined) if every == 1 else self._mixed_at(joined, every)
        return mixed

    def _mixed_at(self, joined: Tensor, every: int) -> Tensor:
        """`mix` at one pixel of so many in each direction: a convolution with that stride."""
        convolution, *rest = self.mix
        mixed = nn.functional.conv2d(joined, convolution.weight, stride=every, padding=1)  # type: ignore[arg-type]
        for step in rest:
            mixed = step(mixed)
        return mixed


class Decoder(nn.Module):
    """Stages from the deepest map on; the last stage of five reaches the picture's resolution and has no skip."""

    def __init__(self, encoder_widths: Sequence[int], widths: Sequence[int]) -> None:
        super().__init__()
        skips = [*reversed(encoder_widths[:-1]), 0]
        deep = [encoder_widths[-1], *widths]
        self.stages = nn.ModuleList(
            DecoderStage(channels, skip, width)
            for channels, skip, width in zip(deep, skips[: len(widths)], widths, strict=False)
        )

    def forward(self, features: Sequence[Tensor], every: int = 1) -> Tensor:
        """The encoder's maps, finest first -> the map of the last stage, or every so many of its pixels."""
        *skips, deep = features
        last = len(self.stages) - 1
        for index, (stage, skip) in enumerate(zip(self.stages, chain(reversed(skips), repeat(None)), strict=False)):
            deep = stage(deep, skip, every if index == last else 1)
        return deep
