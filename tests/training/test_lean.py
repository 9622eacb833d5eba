"""Padding that convolutions do by themselves: faster, and the same network."""

import torch
from torch import nn

from opensvh.model.config import ModelConfig
from opensvh.model.network import SvHNet
from opensvh.training.lean import without_padding_copies


def test_the_network_gives_the_same_numbers_and_keeps_its_weights_names() -> None:
    torch.manual_seed(0)
    network = SvHNet(ModelConfig(encoder="b0", decoder=(8, 8, 8, 8), output_stride=2, drop_connect=0.0)).eval()
    image = torch.rand(1, 1, 64, 96)
    with torch.inference_mode():
        before = network(image)
        names = list(network.state_dict())
        assert without_padding_copies(network) >= 10  # all of B0's 16 blocks but those that halve the map
        after = network(image)
    assert list(network.state_dict()) == names
    for one, other in zip(before, after, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_uneven_padding_stays_a_step_of_its_own() -> None:
    block = nn.Module()
    block._depthwise_conv_padding = nn.ConstantPad2d((0, 1, 0, 1), 0.0)
    block._depthwise_conv = nn.Conv2d(2, 2, 3, stride=2, groups=2)
    assert without_padding_copies(block) == 0
    assert isinstance(block._depthwise_conv_padding, nn.ConstantPad2d)
