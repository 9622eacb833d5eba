"""The two-stage peer's second stage: a joint's patch -> its grade, one network a kind of damage (paper, appendix B).

The encoder is the single-stage model's; where joints lie is the first stage's affair.
"""

from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from opensvh.model.config import INPUT_MULTIPLE
from opensvh.model.coordconv import with_coordinates
from opensvh.model.encoder import WIDTHS, build_encoder
from opensvh.model.heads import JOINT_MAPS
from opensvh.model.network import GREY_MEAN, GREY_SPREAD


class PatchConfig(BaseModel):
    """`side_px` of the square patch, `classes` of the grade; the encoder as in `model.config.ModelConfig`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: Literal["b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7"] = "b0"
    pretrained: str = "none"
    drop_connect: float = Field(default=0.0, ge=0, lt=1)
    classes: int = Field(default=5, ge=2)
    side_px: int = Field(default=64, ge=INPUT_MULTIPLE, multiple_of=INPUT_MULTIPLE)


class PatchNet(nn.Module):
    """Encoder, means of its two deepest maps, and a linear classifier for each joint class."""

    def __init__(self, config: PatchConfig) -> None:
        super().__init__()
        self.encoder = build_encoder(config.encoder, config.pretrained, config.drop_connect)
        self.classify = nn.Linear(sum(WIDTHS[config.encoder][-2:]), JOINT_MAPS * config.classes)
        self.classes = config.classes

    def forward(self, image: Tensor) -> Tensor:
        """Grey levels in [0, 1] [batch, 1, side, side] -> logits [batch, 22, classes]; row 0 means nothing."""
        features = self.encoder(with_coordinates((image - GREY_MEAN) / GREY_SPREAD))
        pooled = torch.cat([features[-2].mean(dim=(2, 3)), features[-1].mean(dim=(2, 3))], dim=1)
        logits: Tensor = self.classify(pooled)
        return logits.reshape(-1, JOINT_MAPS, self.classes)
