"""CoordConv (Liu et al. 2018; paper, section 3): the place of each pixel as two more input channels."""

import torch
from torch import Tensor


def with_coordinates(image: Tensor) -> Tensor:
    """[batch, 1, height, width] -> [batch, 3, ...]: the image, then x and y from -1 to 1 over its pixel centres."""
    batch, _, height, width = image.shape
    x = torch.linspace(-1, 1, width, device=image.device, dtype=image.dtype).expand(batch, 1, height, width)
    y = torch.linspace(-1, 1, height, device=image.device, dtype=image.dtype)[:, None].expand(batch, 1, height, width)
    return torch.cat([image, x, y], dim=1)
