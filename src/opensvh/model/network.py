"""The model: a U-Net that classifies every pixel three times (paper, section 3)."""

import torch
from torch import Tensor, nn

from opensvh.model.config import INPUT_MULTIPLE, ModelConfig
from opensvh.model.coordconv import with_coordinates
from opensvh.model.decoder import Decoder
from opensvh.model.encoder import WIDTHS, build_encoder
from opensvh.model.heads import Heads, Logits

GREY_MEAN, GREY_SPREAD = 0.449, 0.226
"""Mean and standard deviation of ImageNet's grey levels: what the pretrained encoder expects; no harm to another."""


class SvHNet(nn.Module):
    """Encoder with coordinates, decoder with skips, three heads."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.encoder = build_encoder(config.encoder, config.pretrained, config.drop_connect)
        self.decoder = Decoder(WIDTHS[config.encoder], config.stage_widths)
        self.heads = Heads(config.stage_widths[-1], config.erosion_classes)

    def forward(self, image: Tensor, every: int = 1) -> Logits:
        """Grey levels in [0, 1] [batch, 1, height, width] -> logits at 1 / output stride of its resolution.

        `every`: only one pixel of so many in each direction, as `maps[..., ::every, ::every]`, for less work.

        Raises ValueError unless height and width are multiples of 32.
        """
        height, width = image.shape[-2:]
        if height % INPUT_MULTIPLE or width % INPUT_MULTIPLE:
            raise ValueError(f"a picture of {width} x {height}; both must be multiples of {INPUT_MULTIPLE}")
        standard = (image - GREY_MEAN) / GREY_SPREAD
        logits: Logits = self.heads(self.decoder(self.encoder(with_coordinates(standard)), every))
        return logits


def channels_last(network: SvHNet) -> SvHNet:
    """The network with its weights laid out as convolutions on a CPU and on tensor cores run fastest."""
    torch.nn.Module.to(network, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
