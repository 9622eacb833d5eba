"""Feature vectors of pictures: what the encoder of a bundle sees in them, pooled.

Used to measure how far two sets of pictures lie apart; the encoder learnt where joints are, on simulated films.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from opensvh.inference.bundle import Bundle
from opensvh.model.coordconv import with_coordinates
from opensvh.model.network import GREY_MEAN, GREY_SPREAD

BATCH = 16


def encoder_features(
    bundle: Bundle, pictures: Sequence[NDArray[np.float32]], progress: Callable[[int], None] = lambda done: None
) -> NDArray[np.float64]:
    """Means over the places of all five encoder maps, one row a picture [pictures, channels]; the deepest come last.

    `pictures` in [0, 1], all of one shape, its sides multiples of 32. `progress` is told how many a batch added.
    """
    rows = []
    for start in range(0, len(pictures), BATCH):
        batch = torch.from_numpy(np.stack(pictures[start : start + BATCH]))[:, None]
        standard = ((batch - GREY_MEAN) / GREY_SPREAD).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            maps = bundle.network.encoder(with_coordinates(standard))
        rows.append(torch.cat([each.mean(dim=(2, 3)) for each in maps], dim=1).double().numpy())
        progress(len(batch))
    return np.concatenate(rows)
