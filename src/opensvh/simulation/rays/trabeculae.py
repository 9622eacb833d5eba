"""Trabecular bone as a film shows it: a net of fine bright struts along the bone, fanning out towards its ends.

The struts of a finger are a few tenths of a millimetre wide and half a millimetre to a millimetre apart (Keaveny and
others, Annu Rev Biomed Eng 2001;3:307); what a film shows is their sum along the beam. Summing struts in space costs
most of a projection and washes them out, so the sum itself is drawn, in the bone's own frame: two sheets of fine
lines, one for each half of the depth.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import BoneShape

SHEET_PX = 1024
SHEET_MM = 0.13
"""Pixel of a sheet; a sheet repeats after 133 mm, longer than any bone."""
SHEETS = 6
DEPTH_MM = 2.0
"""Trabecular bone of this thickness (density-weighted mm) shows its struts at full relative contrast."""
STRUT_MM = 0.1
"""SD of a strut's profile: 0.24 mm wide at half of its brightness."""
ROUND, LONG, COARSE = 0, 1, 2
NETS = {
    LONG: ((0.0, 0.75, 5.0, 1.0), (14.0, 0.9, 4.0, 0.8), (-14.0, 0.9, 4.0, 0.8), (0.0, 0.8, 1.0, 0.5)),
    COARSE: ((0.0, 0.85, 2.6, 1.0), (28.0, 1.0, 2.2, 0.8), (-28.0, 1.0, 2.2, 0.8), (90.0, 1.2, 1.6, 0.5)),
    ROUND: ((0.0, 0.9, 2.2, 1.0), (60.0, 0.9, 2.2, 1.0), (120.0, 0.9, 2.2, 1.0), (0.0, 1.4, 1.0, 0.6)),
}
"""Layers of struts: direction in degrees from the bone's axis, spacing in mm, how far drawn out, weight."""


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
    if kind != ROUND:
        x = x / waist[np.clip(y, 0, len(waist) - 1.001).astype(np.int32)]
    x, y = x / np.float32(SHEET_MM), y / np.float32(SHEET_MM)
    total = np.zeros(shape, np.float32)
    for side in range(2):
        rng = np.random.default_rng([seed, side])
        sheet = _sheet(kind, int(rng.integers(SHEETS)))
        shift = rng.uniform(0, SHEET_PX, 2).astype(np.float32)
        total += cv2.remap(sheet, x + shift[0], y + shift[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(total * np.float32(np.sqrt(0.5)))


def net_of(shape: BoneShape) -> int:
    """Which of `NETS` the struts of a bone form."""
    if shape.waist is None:
        return ROUND
    return COARSE if shape.coarse else LONG


def struts_shown(spongy_mm: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far struts stand out of trabecular bone of this thickness, in mm: more bone, more struts, less of each."""
    return np.asarray(np.sqrt(spongy_mm * DEPTH_MM) * (spongy_mm / (spongy_mm + np.float32(0.15))), np.float32)


@lru_cache(maxsize=len(NETS) * SHEETS)
def _sheet(kind: int, number: int) -> NDArray[np.float32]:
    """A periodic picture of struts: a long bone's mostly along it, an irregular bone's in every direction."""
    rng = np.random.default_rng([kind, number])
    total = np.zeros((SHEET_PX, SHEET_PX))
    for angle, spacing_mm, drawn_out, weight in NETS[kind]:
        total += weight * _net(angle, spacing_mm, drawn_out, rng)
    return np.asarray((total - total.mean()) / total.std(), np.float32)


def _net(angle_deg: float, spacing_mm: float, drawn_out: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Thin lines of even brightness where smooth noise, drawn out along a direction (0 is y), changes its sign."""
    spread = spacing_mm / np.pi
    noise = np.fft.rfft2(rng.standard_normal((SHEET_PX, SHEET_PX)))
    v = np.fft.fftfreq(SHEET_PX, SHEET_MM)[:, None]
    u = np.fft.rfftfreq(SHEET_PX, SHEET_MM)[None, :]
    turn = np.deg2rad(angle_deg)
    along, across = v * np.cos(turn) + u * np.sin(turn), u * np.cos(turn) - v * np.sin(turn)
    damped = np.exp(-2 * np.pi**2 * spread**2 * ((along * drawn_out) ** 2 + across**2))
    field = np.fft.irfft2(noise * damped, (SHEET_PX, SHEET_PX))
    away_mm = field / field.std() * spread
    return np.asarray(np.exp(-0.5 * (away_mm / STRUT_MM) ** 2))
