"""Depthwise convolutions in single precision: where a CPU with bf16 instructions loses its time in training.

torch's bf16 backward of a convolution with one filter a channel is a plain loop on a CPU: for EfficientNet-B0 at
448 x 480 the backward of these convolutions alone took 0.7 of a step's 1.3 s. In fp32 it is five to ten times faster,
and a step takes 0.75 s (`benchmarks/training_step.py`).
"""

import torch
from torch import Tensor, nn


class DepthwiseConv2d(nn.Conv2d):
    """A convolution with one filter a channel that leaves autocast on a CPU while gradients are wanted."""

    @classmethod
    def taking_over(cls, convolution: nn.Conv2d) -> "DepthwiseConv2d":
        """The same convolution, with the same parameters, as this kind."""
        own = cls(
            convolution.in_channels,
            convolution.out_channels,
            convolution.kernel_size,  # type: ignore[arg-type]
            convolution.stride,  # type: ignore[arg-type]
            convolution.padding,  # type: ignore[arg-type]
            groups=convolution.groups,
            bias=convolution.bias is not None,
            device="meta",
        )
        own.weight, own.bias = convolution.weight, convolution.bias
        return own

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, h, w] -> the same, of the input's precision."""
        if not (torch.is_grad_enabled() and input.is_cpu and torch.is_autocast_enabled("cpu")):
            return super().forward(input)
        with torch.autocast("cpu", enabled=False):
            return super().forward(input.float()).to(input.dtype)
