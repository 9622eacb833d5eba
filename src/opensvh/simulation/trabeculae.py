"""Trabecular bone as a film shows it: a net of fine bright struts along the bone, fanning out towards its ends.

The struts of a finger are a few tenths of a millimetre wide and half a millimetre to a millimetre apart (Keaveny and
others, Annu Rev Biomed Eng 2001;3:307); what a film shows is their sum along the beam. Summing struts in space costs
most of a projection and washes them out, so the sum itself is drawn, in the bone's own frame: two sheets of band-passed
noise, one for each half of the depth.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

SHEET_PX = 1024
SHEET_MM = 0.13
"""Pixel of a sheet; a sheet repeats after 133 mm, longer than any bone."""
SHEETS = 6
DEPTH_MM = 2.0
"""Trabecular bone of this thickness (density-weighted mm) shows its struts at full relative contrast."""
ROUND, LONG = 0, 1


def trabecular_pattern(
    shape: tuple[int, int], local: NDArray[np.float64], waist: NDArray[np.float32], kind: int, seed: int
) -> NDArray[np.float32]:
    """Relative brightness of the struts, zero mean and unit variance, [rows, columns].

    `local` [2, 3] maps a pixel (column, row, 1) to the bone's own (x, y) in mm; `waist` is the bone's width at equal
    steps of its length from y = 0 on, over its mean, which the struts follow.
    """
    rows, columns = shape
    column = np.arange(columns, dtype=np.float32)[None, :]
    row = np.arange(rows, dtype=np.float32)[:, None]
    x, y = (np.float32(m[0]) * column + np.float32(m[1]) * row + np.float32(m[2]) for m in local)
    if kind == LONG:
        step = np.clip(y, 0, len(waist) - 1.001).astype(np.int32)
        x = x / waist[step]
    total = np.zeros(shape, np.float32)
    for side in range(2):
        rng = np.random.default_rng([seed, side])
        sheet = _sheet(kind, int(rng.integers(SHEETS)))
        shift = rng.uniform(0, SHEET_PX, 2).astype(np.float32)
        u, v = x / np.float32(SHEET_MM) + shift[0], y / np.float32(SHEET_MM) + shift[1]
        total += cv2.remap(sheet, u % SHEET_PX, v % SHEET_PX, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(total * np.float32(np.sqrt(0.5)))


def struts_shown(spongy_mm: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far struts stand out of trabecular bone of this thickness, in mm: more bone, more struts, less of each."""
    return np.asarray(np.sqrt(spongy_mm * DEPTH_MM) * (spongy_mm / (spongy_mm + np.float32(0.15))), np.float32)


@lru_cache(maxsize=2 * SHEETS)
def _sheet(kind: int, number: int) -> NDArray[np.float32]:
    """A periodic picture of struts: a long bone's mostly along it, an irregular bone's in every direction."""
    rng = np.random.default_rng([kind, number])
    if kind == LONG:
        parts = [(0.0, 3.2, 1.0), (8.0, 1.9, 0.6), (-8.0, 1.9, 0.6), (90.0, 0.9, 0.5), (45.0, 0.5, 0.35)]
    else:
        parts = [(angle, 1.3, 1.0) for angle in (0.0, 36.0, 72.0, 108.0, 144.0)]
    total = np.zeros((SHEET_PX, SHEET_PX))
    for angle, length_mm, weight in parts:
        layer = _streaks(angle, length_mm, 0.17, rng) - 0.7 * _streaks(angle, length_mm, 0.5, rng)
        total += weight * layer / layer.std()
    bright = np.exp(0.55 * total / total.std())
    return np.asarray((bright - bright.mean()) / bright.std(), np.float32)


def _streaks(angle_deg: float, length_mm: float, width_mm: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """White noise drawn out along a direction (0 is y), filtered in the frequency plane so that it repeats."""
    noise = np.fft.rfft2(rng.standard_normal((SHEET_PX, SHEET_PX)))
    v = np.fft.fftfreq(SHEET_PX, SHEET_MM)[:, None]
    u = np.fft.rfftfreq(SHEET_PX, SHEET_MM)[None, :]
    turn = np.deg2rad(angle_deg)
    along, across = v * np.cos(turn) + u * np.sin(turn), u * np.cos(turn) - v * np.sin(turn)
    damped = np.exp(-2 * np.pi**2 * ((along * length_mm / 2) ** 2 + (across * width_mm) ** 2))
    return np.asarray(np.fft.irfft2(noise * damped, (SHEET_PX, SHEET_PX)))
