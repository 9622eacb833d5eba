"""The film analyser's second network: looks at one limb, cut out and turned nearly upright, and says what it shows.

Where limbs lie is `film_analyser`'s. Turned upright, sides are told apart by place, which is learnt much faster than in
any pose.
"""

from itertools import pairwise

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from opensvh.model.film_analyser import ResidualBlock

FLAGS = ("left", "oblique", "growing", "readable", "foot", "limb")
"""What is said yes or no to, as logits; then the digits' direction, x to the right and y down."""
ANSWERS = len(FLAGS) + 2


class LimbLookConfig(BaseModel):
    """Size of picture and network: `widths` channels of the maps at strides 2, 4, 8, 16 and 32.

    `shown`: side of the cut-out, in longer sides of the limb.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    side_px: int = Field(default=128, ge=64, multiple_of=32)
    widths: tuple[int, int, int, int, int] = (16, 24, 40, 64, 96)
    shown: float = Field(default=1.15, gt=0.5, lt=3)
    dropout: float = Field(default=0.2, ge=0, lt=1)


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
    read = torch.cat([answers[:, : len(FLAGS)].sigmoid(), answers[:, len(FLAGS) :]], dim=1)
    straight, mirrored = (each.clone() for each in read.chunk(2))
    mirrored[:, FLAGS.index("left")] = 1 - mirrored[:, FLAGS.index("left")]
    mirrored[:, len(FLAGS)] *= -1
    return (straight + mirrored) / 2
