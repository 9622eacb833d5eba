"""The film analyser's second network: looks at one limb, cut out and turned nearly upright, and says what it shows.

Where limbs lie is `film_analyser`'s. Turned upright, sides are told apart by place, which is learnt much faster than in
any pose.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from opensvh.model.film_analyser import ResidualBlock
from opensvh.model.film_analyser_config import ANSWERS, FLAGS, LimbLookConfig


class LimbLookNet(nn.Module):
    """Grey cut-outs in, answers out."""

    def __init__(self, config: LimbLookConfig) -> None:
        super().__init__()
        stem, *widths = config.widths
        cells = (config.side_px // 32) ** 2
        self.stem = nn.Sequential(nn.Conv2d(1, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU(inplace=True))
        self.stages = nn.Sequential(
            *(
                nn.Sequential(ResidualBlock(narrow, wide, stride=2), ResidualBlock(wide, wide))
                for narrow, wide in pairwise([stem, *widths])
            )
        )
        self.answer = nn.Sequential(nn.Flatten(), nn.Dropout(config.dropout), nn.Linear(cells * widths[-1], ANSWERS))

    def forward(self, image: Tensor) -> Tensor:
        """Grey levels in [0, 1] [batch, 1, side, side] -> [batch, 8]."""
        answers: Tensor = self.answer(self.stages(self.stem(image - 0.5)))
        return answers


def both_ways(network: nn.Module, image: Tensor) -> Tensor:
    """Mean answers [batch, 8], flags as probabilities, of cut-outs and of their mirror images, read back."""
    answers = network(torch.cat([image, image.flip(-1)])).float()
    flags, direction = answers[:, : len(FLAGS)].sigmoid(), answers[:, len(FLAGS) :]
    left, others = flags[:, :1], flags[:, 1:]
    straight = torch.cat([left, others, direction], dim=1)
    mirrored = torch.cat([1 - left, others, -direction[:, :1], direction[:, 1:]], dim=1)
    one = len(image)
    return (straight[:one] + mirrored[one:]) / 2


class BothWays(nn.Module):
    """A network as `both_ways` asks it, as one that can be exported."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """[batch, 1, side, side] -> [batch, 8]."""
        return both_ways(self.network, image)
