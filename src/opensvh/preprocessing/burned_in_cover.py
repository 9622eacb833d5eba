"""Fill parts of a film with what lies round them: levels that run on smoothly from the pixels beside each part.

What is filled holds nothing of what was there: neither its levels nor, since whole boxes are filled, its outline.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Levels = NDArray[np.float32]


def covered(samples: NDArray[np.generic], cover: Mask, limbs: Mask) -> NDArray[np.generic]:
    """A copy of the samples [rows, columns] or [rows, columns, channels] with the covered pixels filled in.

    The surroundings are what is neither covered nor a limb's; the copy has the samples' type. Raises ValueError where
    nothing is left to fill from.
    """
    usable = ~cover & ~limbs
    if not usable.any():
        raise ValueError("nothing but limbs and text: no surroundings to fill from")
    filled = samples.copy()
    for channel in (filled,) if filled.ndim == 2 else np.moveaxis(filled, -1, 0):
        ground = _run_on(np.where(usable, channel, 0).astype(np.float32), usable.astype(np.float32))[cover]
        channel[cover] = np.rint(ground) if np.issubdtype(channel.dtype, np.integer) else ground
    return filled


def _run_on(levels: Levels, weights: Levels) -> Levels:
    """Known levels (weight 1) run on into the unknown (weight 0): from coarse to fine, each pixel filled from the
    finest picture that knows it (pull and push: Gortler et al. 1996)."""
    rows, columns = levels.shape
    if weights.min() > 0 or max(rows, columns) <= 2:
        known = float(levels.sum() / max(weights.sum(), 1e-9))
        return np.where(weights > 0, levels / np.maximum(weights, 1e-9), known).astype(np.float32)
    size = ((columns + 1) // 2, (rows + 1) // 2)
    coarse = _run_on(_halved(levels, size), _halved(weights, size))
    smooth = cv2.resize(cv2.GaussianBlur(coarse, (3, 3), 0), (columns, rows), interpolation=cv2.INTER_LINEAR)
    share = np.clip(weights, 0, 1)
    return np.asarray(levels + (1 - share) * smooth, np.float32)


def _halved(picture: Levels, size: tuple[int, int]) -> Levels:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
