"""Real and simulated pictures made alike in one respect, to see what a classifier keys on.

Each function takes pictures [pictures, rows, columns] in [0, 1] with which of them are real, and returns as many.
"""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]
Real = NDArray[np.bool_]

LOW_PASS_PX = 3.0
"""Standard deviation of the blur that leaves low frequencies only: outlines and tones, no cortex, no texture."""
LEVELS = 256


def matched_histograms(pictures: Pictures, real: Real) -> Pictures:
    """Every picture with the mean histogram of the real ones, by rank: same tones, same share of each."""
    target = np.sort(pictures[real].reshape(int(real.sum()), -1), axis=1).mean(axis=0)
    flat = pictures.reshape(len(pictures), -1)
    # Ties (an even background) share the mean of their ranks, else they would turn into noise.
    return np.stack([_by_rank(each, target) for each in flat]).reshape(pictures.shape)


def same_spectrum(pictures: Pictures, real: Real) -> Pictures:
    """Every picture's radial amplitude spectrum made the mean of the real ones', phases kept."""
    mean = pictures.mean(axis=(1, 2), keepdims=True)
    transforms = np.fft.rfft2(pictures - mean)
    radius = _radius(pictures.shape[1], pictures.shape[2])
    amplitudes = np.stack([_radial(np.abs(each), radius) for each in transforms])
    target = np.exp(np.log(amplitudes[real] + 1e-9).mean(axis=0))
    shaped = transforms * (target / (amplitudes + 1e-9))[:, radius]
    return np.asarray(np.clip(np.fft.irfft2(shaped, pictures.shape[1:]) + mean, 0, 1), dtype=np.float32)


def low_frequencies(pictures: Pictures, real: Real) -> Pictures:
    """Blurred until only outlines and tones are left."""
    del real
    return np.stack([cv2.GaussianBlur(each, (0, 0), LOW_PASS_PX) for each in pictures]).astype(np.float32)


def high_frequencies(pictures: Pictures, real: Real) -> Pictures:
    """Without tones: what the blur takes away, each picture brought to one contrast around grey."""
    fine = pictures - low_frequencies(pictures, real)
    spread = fine.std(axis=(1, 2), keepdims=True)
    return np.asarray(np.clip(0.5 + 0.15 * fine / np.maximum(spread, 1e-6), 0, 1), dtype=np.float32)


EQUALISED: Mapping[str, Callable[[Pictures, Real], Pictures]] = {
    "same grey levels": matched_histograms,
    "same spectrum": same_spectrum,
    "low frequencies only": low_frequencies,
    "high frequencies only": high_frequencies,
}
"""What may be made alike, by the name the reports give it."""


def _by_rank(levels: Pictures, target: Pictures) -> Pictures:
    coarse = np.clip((levels * (LEVELS - 1)).round(), 0, LEVELS - 1).astype(int)
    counts = np.bincount(coarse, minlength=LEVELS)
    middle = np.cumsum(counts) - (counts + 1) / 2
    places = np.linspace(0, len(levels) - 1, len(target))
    return np.asarray(np.interp(middle, places, target)[coarse], dtype=np.float32)


def _radius(rows: int, columns: int) -> NDArray[np.intp]:
    across, down = np.fft.rfftfreq(columns) * columns, np.fft.fftfreq(rows) * rows
    return np.asarray(np.hypot(*np.meshgrid(across, down)).round(), dtype=np.intp)


def _radial(amplitude: NDArray[np.float64], radius: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(np.bincount(radius.ravel(), amplitude.ravel()) / np.maximum(np.bincount(radius.ravel()), 1))
