"""Spectrum and texture of a square of grey levels."""

import cv2
import numpy as np
from numpy.typing import NDArray

Square = NDArray[np.float32]
"""Grey levels in [0, 1], as many rows as columns."""

FINE, COARSE = 0.9, 2.7
"""Standard deviations in px of the band that trabeculae lie in: lines of about 0.3 to 0.9 mm at 0.15 mm a pixel."""


def power_spectrum(square: Square) -> NDArray[np.float64]:
    """Radially averaged power [n / 2] at 0, 1, ... n / 2 - 1 cycles a side, after a Hann window, the mean taken off.

    A sine of amplitude a puts its power around its own frequency; white noise of variance v gives v at every one.
    """
    n = len(square)
    window = np.outer(np.hanning(n), np.hanning(n))
    power = np.abs(np.fft.fft2((square - square.mean()) * window)) ** 2 / (window**2).sum()
    frequency = np.fft.fftfreq(n, 1 / n)
    radius = np.hypot(*np.meshgrid(frequency, frequency)).round().astype(int)
    sums = np.bincount(radius.ravel(), power.ravel())
    counts = np.bincount(radius.ravel())
    return np.asarray(sums[: n // 2] / counts[: n // 2], dtype=np.float64)


def band_energy(square: Square) -> float:
    """Standard deviation of the levels in the band of trabeculae, the square's edge left out."""
    return float(_band(square).std())


def anisotropy(square: Square, direction: tuple[float, float]) -> float:
    """How far lines keep to `direction` (x, y): 1 all along it, -1 all across, 0 as many of both.

    From the structure tensor of the trabecular band: coherence times the cosine of twice the angle between them.
    """
    band = _band(square, edge=0)
    across, down = cv2.Sobel(band, cv2.CV_64F, 1, 0), cv2.Sobel(band, cv2.CV_64F, 0, 1)
    inner = slice(4, -4)
    across, down = across[inner, inner], down[inner, inner]
    energy = float((across**2 + down**2).sum())
    if energy <= 1e-12:
        return 0.0
    # Gradients stand across the lines: turned by a quarter, their double angle changes sign.
    lines = -np.array([(across**2 - down**2).sum(), 2 * (across * down).sum()]) / energy
    angle = 2 * np.arctan2(direction[1], direction[0])
    return float(lines @ (np.cos(angle), np.sin(angle)))


def _band(square: Square, edge: int = 4) -> NDArray[np.float64]:
    levels = square.astype(np.float64)
    band = cv2.GaussianBlur(levels, (0, 0), FINE) - cv2.GaussianBlur(levels, (0, 0), COARSE)
    return np.asarray(band[edge:-edge, edge:-edge] if edge else band)
