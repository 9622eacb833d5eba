"""A network over many pictures at once, pooled to what a reading needs: how runs of an experiment read their films.

One look at each picture, in batches and in the run's own precision; what is made of it is `workflows`'. Scoring a film
for people is `inference`'s, which looks twice.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from opensvh.model.network import SvHNet
from opensvh.model.pooling import pool_scores

AT_ONCE = 16


class PooledPicture(NamedTuple):
    """`joint` probabilities [22, h, w] at the maps' stride; `narrowing` [22, 5] and `erosion` [22, 6 or 11] of joints
    by class, row 0 meaning nothing."""

    joint: NDArray[np.float32]
    narrowing: NDArray[np.float64]
    erosion: NDArray[np.float64]


def read_pictures(
    network: SvHNet, pictures: NDArray[np.uint8], wanted: Sequence[int], mirrored: bool = False, bf16: bool = False
) -> Iterator[PooledPicture]:
    """Of each wanted picture of [films, height, width], in that order; `mirrored`: the mean over it and its mirror
    image, for networks trained with flips."""
    network.eval()
    for start in range(0, len(wanted), AT_ONCE):
        stacked = np.stack([pictures[index] for index in wanted[start : start + AT_ONCE]])
        image = torch.from_numpy(stacked)[:, None].contiguous(memory_format=torch.channels_last) / 255
        maps = _probabilities(network, image, bf16)
        if mirrored:
            turned = _probabilities(network, image.flip(-1), bf16)
            maps = [(one + other.flip(-1)) / 2 for one, other in zip(maps, turned, strict=True)]
        joint, narrowing, erosion = maps
        pooled = [pool_scores(joint, each).double().numpy() for each in (narrowing, erosion)]
        for row in range(len(stacked)):
            yield PooledPicture(joint[row].numpy(), pooled[0][row], pooled[1][row])


def _probabilities(network: SvHNet, image: Tensor, bf16: bool) -> list[Tensor]:
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        logits = network(image)
    with torch.inference_mode():
        return [each.float().softmax(dim=1) for each in logits]
