"""The network with everything after it that looks at pixels: a picture goes in, a few numbers a joint come out.

Softmax, the mean over the mirrored pair, the weighted means of damage (`pooling`) and the middles that
`targets.decode` starts from are part of the graph, so that no map leaves it but the small ones that people look at.
Every step has a fixed shape, for exporters that trace it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from opensvh.model.pooling import LEAST_MASS


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
    `sampled`: so does all that is reckoned here, and the network leaves out the others; 1 takes every pixel. Raises
    ValueError where the samples of a mirrored pair would lie on different places, or maps for people between them.
    """

    mirrored_pair: bool
    reach_px: int
    every: int
    sampled: int = 1

    def __post_init__(self) -> None:
        if self.every % self.sampled or (self.sampled > 1 and self.mirrored_pair):
            raise ValueError(f"no maps can be sampled so: {self}")


class PooledNetwork(nn.Module):
    """A network of three heads [1, 1, height, width] -> `PooledMaps`."""

    def __init__(self, network: nn.Module, plan: PoolingPlan) -> None:
        super().__init__()
        self.network, self.plan = network, plan

    def forward(self, image: Tensor) -> PooledMaps:
        """The joints of one picture, grey levels in [0, 1] [1, 1, height, width]."""
        batch = torch.cat([image, image.flip(-1)]) if self.plan.mirrored_pair else image
        sampled = self.plan.sampled
        logits = self.network(batch) if sampled == 1 else self.network(batch, sampled)
        joint, narrowing, erosion = (self._probabilities(each) for each in logits)
        areas, middles = _places(joint, self.plan.reach_px // sampled)
        every = self.plan.every // sampled
        return PooledMaps(
            joint.amax(dim=2).amax(dim=1),
            areas * sampled**2,
            middles * sampled,
            *_pooled(joint, narrowing, erosion),
            _maps([each[:, ::every, ::every] for each in (joint, narrowing, erosion)]),
        )

    def _probabilities(self, logits: Tensor) -> Tensor:
        """[1 or 2, classes, rows, columns] -> [classes, rows, columns], the mean of both ways round."""
        maps = logits.float().softmax(dim=1)
        return (maps[0] + maps[1].flip(-1)) / 2 if self.plan.mirrored_pair else maps[0]


def _pooled(joint: Tensor, narrowing: Tensor, erosion: Tensor) -> tuple[Tensor, Tensor]:
    """`pool_scores` of both kinds of damage in one pass over the joints' maps; the mean of ones is the mass."""
    values = torch.cat([narrowing, erosion, torch.ones_like(narrowing[:1])]).flatten(1)
    sums = joint.flatten(1) @ values.T
    means = sums[:, :-1] / sums[:, -1:].clamp(min=LEAST_MASS)
    return means[:, : len(narrowing)], means[:, len(narrowing) :]


def _places(joint: Tensor, reach_px: int) -> tuple[Tensor, Tensor]:
    """Areas and middles of probabilities [22, rows, columns]; see `targets.decode`, which defines them.

    Past the first steps only a window about each peak is looked at: the maps are large, and every pass over them costs.
    """
    rows, columns = joint.shape[1:]
    masked = joint * (joint >= joint.amax(dim=0)[None]).to(joint.dtype)
    # One maximum after the other finds the first of equal peaks in reading order, as a flat one does.
    row = masked.amax(dim=2).argmax(dim=1)
    y = _window(row, rows, reach_px)
    band = torch.gather(masked, 1, y[..., None].expand(-1, -1, columns))
    at_peak = torch.gather(masked, 1, row[:, None, None].expand(-1, 1, columns))[:, 0]
    column = at_peak.argmax(dim=1)
    x = _window(column, columns, reach_px)
    near = torch.gather(band, 2, x[:, None].expand(-1, y.shape[1], -1))
    # Counted from the peak: small numbers keep their precision.
    right, below = (place - peak[:, None] for place, peak in ((x, column), (y, row)))
    near = (
        near * (below.abs() <= reach_px).to(joint.dtype)[..., None] * (right.abs() <= reach_px).to(joint.dtype)[:, None]
    )
    total = near.sum(dim=(1, 2)).clamp(min=LEAST_MASS)
    across = (near.sum(dim=1) * right).sum(dim=1) / total + column
    down = (near.sum(dim=2) * below).sum(dim=1) / total + row
    return (masked > 0).to(joint.dtype).sum(dim=(1, 2)), torch.stack([across, down], dim=1)


def _window(peak: Tensor, length: int, reach: int) -> Tensor:
    """Indices [22, 2 reach + 1 or all] about each peak, moved where they would pass the edge."""
    size = min(2 * reach + 1, length)
    first = (peak - reach).clamp(0, length - size)
    return first[:, None] + torch.arange(size, device=peak.device)[None]


def _maps(probabilities: list[Tensor]) -> Tensor:
    joint, *damage = probabilities
    likeliest = joint.argmax(dim=0).to(joint.dtype)
    return torch.stack([likeliest, joint.amax(dim=0), *(_share(each) for each in damage)])


def _share(probabilities: Tensor) -> Tensor:
    """Expected class of [classes, rows, columns] as a share of the highest class."""
    grades = torch.linspace(0, 1, len(probabilities), device=probabilities.device, dtype=probabilities.dtype)
    return (probabilities * grades[:, None, None]).sum(dim=0)
