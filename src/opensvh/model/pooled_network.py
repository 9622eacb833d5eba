"""The network with everything after it that looks at pixels: a picture goes in, a few numbers a joint come out.

Softmax, the mean over the mirrored pair, the weighted means of damage (`pooling`) and the middles that
`targets.decode` starts from are part of the graph, so that no map leaves it but the small ones that people look at.
Every step has a fixed shape, for exporters that trace it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from opensvh.model.pooling import LEAST_MASS, pool_scores


class PooledMaps(NamedTuple):
    """What is left of a film's maps [batch of 1, dropped]; joints are rows 0 (background, means nothing) to 21.

    `peaks` [22]: highest probability of each class. `areas` [22]: pixels where it is the likeliest. `middles` [22, 2]:
    x and y of its middle in pixels of the network's maps, where its area is not 0. `narrowing` [22, 5] and `erosion`
    [22, 6 or 11]: distributions. `maps` [4, rows, columns] for people: likeliest class, its probability, expected
    narrowing and erosion as shares of the highest class.
    """

    peaks: Tensor
    areas: Tensor
    middles: Tensor
    narrowing: Tensor
    erosion: Tensor
    maps: Tensor


OUTPUTS = PooledMaps._fields


@dataclass(frozen=True)
class PoolingPlan:
    """How maps are pooled.

    `mirrored_pair`: the mean over the picture and its mirror image. `reach_px`: how far from its peak a joint's region
    is looked at, pixels of the maps. `every`: the maps for people keep one pixel of so many in each direction.
    """

    mirrored_pair: bool
    reach_px: int
    every: int


class PooledNetwork(nn.Module):
    """A network of three heads [1, 1, height, width] -> `PooledMaps`."""

    def __init__(self, network: nn.Module, plan: PoolingPlan) -> None:
        super().__init__()
        self.network, self.plan = network, plan

    def forward(self, image: Tensor) -> PooledMaps:
        """The joints of one picture, grey levels in [0, 1] [1, 1, height, width]."""
        batch = torch.cat([image, image.flip(-1)]) if self.plan.mirrored_pair else image
        joint, narrowing, erosion = (self._probabilities(logits) for logits in self.network(batch))
        peaks, areas, middles = _places(joint, self.plan.reach_px)
        every = self.plan.every
        return PooledMaps(
            peaks,
            areas,
            middles,
            pool_scores(joint, narrowing),
            pool_scores(joint, erosion),
            _maps([each[:, ::every, ::every] for each in (joint, narrowing, erosion)]),
        )

    def _probabilities(self, logits: Tensor) -> Tensor:
        """[1 or 2, classes, rows, columns] -> [classes, rows, columns], the mean of both ways round."""
        maps = logits.float().softmax(dim=1)
        return (maps[0] + maps[1].flip(-1)) / 2 if self.plan.mirrored_pair else maps[0]


def _places(joint: Tensor, reach_px: int) -> tuple[Tensor, Tensor, Tensor]:
    """Peaks, areas and middles of probabilities [22, rows, columns]; see `targets.decode`, which defines them."""
    rows, columns = joint.shape[1:]
    region = (joint >= joint.amax(dim=0)[None]).to(joint.dtype)
    masked = joint * region
    # One maximum after the other finds the first of equal peaks in reading order, as a flat one does, and no exporter
    # has to index with it.
    by_row = masked.amax(dim=2)
    row = by_row.argmax(dim=1)
    y, x = (torch.arange(length, device=joint.device, dtype=joint.dtype) for length in (rows, columns))
    at_peak_row = masked * (y[None] == row[:, None]).to(joint.dtype)[..., None]
    column = at_peak_row.amax(dim=1).argmax(dim=1)
    near_rows = ((y[None] - row[:, None]).abs() <= reach_px).to(joint.dtype)
    near_columns = ((x[None] - column[:, None]).abs() <= reach_px).to(joint.dtype)
    near = masked * near_rows[..., None] * near_columns[:, None]
    down, across = near.sum(dim=2), near.sum(dim=1)
    total = down.sum(dim=1).clamp(min=LEAST_MASS)
    # Counted from the peak: small numbers keep their precision.
    right = (across * (x[None] - column[:, None])).sum(dim=1) / total + column
    below = (down * (y[None] - row[:, None])).sum(dim=1) / total + row
    return joint.amax(dim=(1, 2)), region.sum(dim=(1, 2)), torch.stack([right, below], dim=1)


def _maps(probabilities: list[Tensor]) -> Tensor:
    joint, *damage = probabilities
    likeliest = joint.argmax(dim=0).to(joint.dtype)
    return torch.stack([likeliest, joint.amax(dim=0), *(_share(each) for each in damage)])


def _share(probabilities: Tensor) -> Tensor:
    """Expected class of [classes, rows, columns] as a share of the highest class."""
    grades = torch.linspace(0, 1, len(probabilities), device=probabilities.device, dtype=probabilities.dtype)
    return (probabilities * grades[:, None, None]).sum(dim=0)
