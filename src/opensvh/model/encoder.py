"""EfficientNet as the encoder: feature maps at strides 2 to 32, from random or from ImageNet weights.

The network is MONAI's, imported late since it takes seconds; what is ours is the adaption of weights learnt on colour
photographs to grey and coordinates.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from opensvh.domain.errors import ConfigInvalid
from opensvh.model.depthwise import DepthwiseConv2d

INPUT_CHANNELS = 3
BATCH_NORM = ("batch", {"eps": 1e-3, "momentum": 0.1})
"""MONAI's momentum of 0.01 follows too slowly for runs of a few hundred steps."""
MONAI_DROP_CONNECT = 0.2
FIRST_CONVOLUTION = "_conv_stem.weight"
CLASSIFIER = ("_conv_head", "_conv_head_padding", "_bn1", "_avg_pooling", "_dropout", "_fc")
WIDTHS: Mapping[str, tuple[int, ...]] = {
    "b0": (16, 24, 40, 112, 320),
    "b1": (16, 24, 40, 112, 320),
    "b2": (16, 24, 48, 120, 352),
    "b3": (24, 32, 48, 136, 384),
    "b4": (24, 32, 56, 160, 448),
    "b5": (24, 40, 64, 176, 512),
    "b6": (32, 40, 72, 200, 576),
    "b7": (32, 48, 80, 224, 640),
}
"""Channels of the maps at strides 2, 4, 8, 16, 32 (Tan & Le 2019, table 1, scaled)."""


def build_encoder(name: str, pretrained: str, drop_connect: float = MONAI_DROP_CONNECT) -> nn.Module:
    """The encoder of that size: [batch, 3, height, width] -> five maps. The rest as in `ModelConfig`."""
    from monai.networks.nets.efficientnet import EfficientNetBNFeatures, MBConvBlock

    encoder: nn.Module = EfficientNetBNFeatures(
        f"efficientnet-{name}", pretrained=False, in_channels=INPUT_CHANNELS, norm=BATCH_NORM
    )
    for block in encoder.modules():
        if not isinstance(block, MBConvBlock):
            continue
        block._depthwise_conv = DepthwiseConv2d.taking_over(block._depthwise_conv)
        if block.drop_connect_rate:
            block.drop_connect_rate *= drop_connect / MONAI_DROP_CONNECT
    for part in CLASSIFIER:
        if hasattr(encoder, part):
            delattr(encoder, part)
    if pretrained != "none":
        weights = _downloaded(name) if pretrained == "download" else _read(Path(pretrained))
        load_imagenet(encoder, weights, pretrained)
    return encoder


def load_imagenet(encoder: nn.Module, weights: Mapping[str, Tensor], source: str) -> None:
    """Take over ImageNet weights, the first convolution adapted; raises ConfigInvalid where they do not fit."""
    state = encoder.state_dict()
    taken = {key: weights[_published_name(key)] for key in state if _published_name(key) in weights}
    if FIRST_CONVOLUTION in taken:
        taken[FIRST_CONVOLUTION] = from_rgb(taken[FIRST_CONVOLUTION])
    misfits = [
        key for key in state if not key.endswith("num_batches_tracked") and not _fits(taken.get(key), state[key])
    ]
    if misfits:
        raise ConfigInvalid(f"{source}: lacks {len(misfits)} weights, first {misfits[0]}; name a file for this encoder")
    encoder.load_state_dict({**state, **taken})


def from_rgb(weight: Tensor) -> Tensor:
    """First convolution [out, 3 (red, green, blue), ...] for (grey, x, y): grey sees what white would, x and y nothing.

    The coordinates' weights grow in training.
    """
    grey = weight.sum(dim=1, keepdim=True)
    return torch.cat([grey, torch.zeros_like(grey), torch.zeros_like(grey)], dim=1)


def _fits(weight: Tensor | None, own: Tensor) -> bool:
    return weight is not None and weight.shape == own.shape


def _published_name(key: str) -> str:
    """Name in the published weights: they count blocks through, MONAI by stage and block."""
    return re.sub(r"(.+)\.\d+(\.\d+\..+)", r"\1\2", key)


def _downloaded(name: str) -> Mapping[str, Tensor]:
    from monai.networks.nets.efficientnet import url_map

    try:
        weights = torch.hub.load_state_dict_from_url(url_map[f"efficientnet-{name}"], weights_only=True)
    except OSError as error:
        raise ConfigInvalid(
            f"ImageNet weights of {name} cannot be downloaded ({error}); set pretrained to none or to a file of them"
        ) from error
    return dict(weights)


def _read(path: Path) -> Mapping[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except OSError as error:
        raise ConfigInvalid(f"{path}: weights cannot be read ({error.strerror}); correct `pretrained`") from error
