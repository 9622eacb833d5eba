"""What a console makes of a detector's log signal: fine detail raised, slow changes evened out, a display curve.

One pyramid serves both: each band of it is a range of sizes in mm and gets a gain. `VENDORS` holds the ranges of the
families of consoles; they are this project's reading of the makers' published descriptions (unsharp masks: Kodak EVP
and Fuji MFP; multi-scale contrast amplification: Agfa MUSICA, Vuylsteke and Schoeters, SPIE 1994;2167:551; H&D curves
of screen films), fitted so that the first family looks like the films of FracAtlas (CC BY 4.0; Sci Data 2023,
10.1038/s41597-023-02432-4). No maker's numbers are in them.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.simulation.films.exposure import white_noise

FloatImage = NDArray[np.float32]
Range = tuple[float, float]

LEVELS = 4096
"""Steps of the display curve: consoles work with 12 bits."""
LOWEST, HIGHEST = -0.6, 1.6
"""Ends of the display curve, in units of the limb's white point."""
EVENNESS_LEFT, STEEPER = {Limb.HAND: 1.0, Limb.FOOT: 0.8}, {Limb.HAND: 0.0, Limb.FOOT: 0.35}
"""On real feet the ankle is near white and the forefoot dark: a factor on evenness, and what is added to gamma."""
COARSEST_MM = 24.0
"""Sizes above this are not told apart: they are the base of the pyramid."""


@dataclass(frozen=True)
class Console:
    """The processing of one film. Lengths in mm at the detector, levels in [0, 1] of the display range.

    Structures smaller than `detail_mm` are raised by 1 + `detail`; changes slower than `evenness_mm` lose the part
    `evenness`. `restraint` keeps strong edges from being raised as much as faint ones: 0 is an unsharp mask, 1 halves
    the gain of an edge of one log unit's contrast. The display curve goes from `background` (open beam) to
    `highlight` (`white_point` times the limb's dense bone) with the power `gamma`, but with at least the part `toe` of
    the mean slope at its foot. `local_contrast` is the share of a local equalisation, `grain` the display noise (SD).
    """

    vendor: str
    detail: float
    detail_mm: float
    evenness: float
    evenness_mm: float
    restraint: float
    gamma: float
    toe: float
    white_point: float
    background: float
    highlight: float
    local_contrast: float
    grain: float


@dataclass(frozen=True)
class Vendor:
    """Ranges that a family's consoles are drawn from evenly, and its share of all films; see `Console`."""

    share: float
    detail: Range
    detail_mm: Range
    evenness: Range
    restraint: Range
    gamma: Range
    toe: Range
    white_point: Range
    background: Range
    highlight: Range


VENDORS = {
    "clinic": Vendor(
        share=0.6,
        detail=(0.8, 2.8),
        detail_mm=(0.6, 2.4),
        evenness=(0.2, 0.5),
        restraint=(0.3, 1.6),
        gamma=(1.05, 1.8),
        toe=(0.4, 0.85),
        white_point=(0.92, 1.25),
        background=(0.095, 0.165),
        highlight=(0.76, 0.97),
    ),
    "multi-frequency": Vendor(
        share=0.13,
        detail=(0.6, 2.4),
        detail_mm=(0.4, 2.0),
        evenness=(0.1, 0.5),
        restraint=(0, 0.8),
        gamma=(0.9, 1.6),
        toe=(0.2, 0.6),
        white_point=(0.9, 1.2),
        background=(0.02, 0.16),
        highlight=(0.8, 1),
    ),
    "multi-scale": Vendor(
        share=0.12,
        detail=(1.0, 2.5),
        detail_mm=(1.5, 5.0),
        evenness=(0.3, 0.65),
        restraint=(0.5, 2),
        gamma=(0.8, 1.5),
        toe=(0.3, 0.8),
        white_point=(0.95, 1.3),
        background=(0.04, 0.2),
        highlight=(0.8, 1),
    ),
    "unsharp mask": Vendor(
        share=0.07,
        detail=(0.3, 1.5),
        detail_mm=(0.8, 3.0),
        evenness=(0, 0.3),
        restraint=(0, 0.1),
        gamma=(0.8, 1.5),
        toe=(0.3, 0.8),
        white_point=(0.9, 1.2),
        background=(0, 0.14),
        highlight=(0.85, 1),
    ),
    "plain curve": Vendor(
        share=0.05,
        detail=(0, 0.4),
        detail_mm=(0.5, 2.0),
        evenness=(0, 0.15),
        restraint=(0, 0),
        gamma=(0.7, 1.5),
        toe=(0.3, 1),
        white_point=(0.9, 1.25),
        background=(0, 0.35),
        highlight=(0.75, 1),
    ),
    "scanned film": Vendor(
        share=0.03,
        detail=(0, 0.2),
        detail_mm=(0.3, 1.0),
        evenness=(0, 0),
        restraint=(0, 0),
        gamma=(1.0, 1.8),
        toe=(0.05, 0.3),
        white_point=(0.8, 1.1),
        background=(0.01, 0.12),
        highlight=(0.75, 0.98),
    ),
}


def draw_console(rng: np.random.Generator, limb: Limb) -> Console:
    """A random console, of a family drawn by its share."""
    names = list(VENDORS)
    name = str(rng.choice(names, p=[VENDORS[each].share for each in names]))
    vendor = VENDORS[name]
    scanned = name == "scanned film"
    return Console(
        vendor=name,
        detail=float(rng.uniform(*vendor.detail)),
        detail_mm=float(rng.uniform(*vendor.detail_mm)),
        evenness=float(rng.uniform(*vendor.evenness)) * EVENNESS_LEFT[limb],
        evenness_mm=float(rng.uniform(6, 26)),
        restraint=float(rng.uniform(*vendor.restraint)),
        gamma=float(rng.uniform(*vendor.gamma)) + STEEPER[limb],
        toe=float(rng.uniform(*vendor.toe)),
        white_point=float(rng.uniform(*vendor.white_point)),
        background=float(rng.uniform(*vendor.background)),
        highlight=float(rng.uniform(*vendor.highlight)),
        local_contrast=float(rng.uniform(0.2, 0.7)) if rng.random() < 0.06 else 0.0,
        grain=float(rng.uniform(0.004, 0.02)) if scanned else float(rng.uniform(0.0008, 0.003)),
    )


def displayed(
    signal: FloatImage, limb: NDArray[np.bool_], pixel_mm: float, console: Console, rng: np.random.Generator
) -> FloatImage:
    """Grey levels in [0, 1], dense tissue bright, from a log signal that is about 0 in the open beam."""
    value = _banded(signal, pixel_mm, console)
    inside = value[::4, ::4][limb[::4, ::4]]
    white = max(float(np.percentile(inside, 99.0)) if inside.size else 1.0, 0.1) * console.white_point
    image = _curved(value, white, console)
    if console.local_contrast > 0:
        image = _more_local_contrast(image, console.local_contrast)
    if console.grain > 0:
        image += np.float32(console.grain) * white_noise(image.shape, rng)
    return np.clip(image, 0, 1, out=image)


def _banded(signal: FloatImage, pixel_mm: float, console: Console) -> FloatImage:
    """The signal with each band of its pyramid under that band's gain."""
    levels, scale = [signal], pixel_mm
    bands = []
    while scale < COARSEST_MM and min(levels[-1].shape) > 8:
        smaller = np.asarray(cv2.pyrDown(levels[-1]), np.float32)
        band = levels[-1] - cv2.pyrUp(smaller, dstsize=levels[-1].shape[::-1])
        bands.append(_raised(band, _gain(scale, console), console.restraint))
        levels.append(smaller)
        scale *= 2
    value: FloatImage = levels[-1] * np.float32(1 - console.evenness)
    for band in reversed(bands):
        value = np.asarray(cv2.pyrUp(value, dstsize=band.shape[::-1]), np.float32)
        value += band
    return np.asarray(value, dtype=np.float32)


def _gain(scale_mm: float, console: Console) -> float:
    """Gain of structures of a size: unsharp mask and range control as Gaussians in that size."""
    raised = console.detail * (1 - np.exp(-0.5 * (console.detail_mm / scale_mm) ** 2))
    evened = console.evenness * np.exp(-0.5 * (console.evenness_mm / scale_mm) ** 2)
    return float(1 + raised - evened)


def _raised(band: FloatImage, gain: float, restraint: float) -> FloatImage:
    """The band under its gain, of which strong contrast keeps less."""
    if restraint == 0 or gain <= 1:
        band *= np.float32(gain)
        return band
    kept = np.abs(band)
    kept *= np.float32(4 * restraint)
    kept += 1
    np.divide(np.float32(gain - 1), kept, out=kept)
    kept += 1
    band *= kept
    return band


def _curved(value: FloatImage, white: float, console: Console) -> FloatImage:
    """Values through the display curve, which is a table of `LEVELS` entries as in a console."""
    share = np.linspace(LOWEST, HIGHEST, LEVELS)
    rise = console.toe * share + (1 - console.toe) * np.maximum(share, 0) ** console.gamma
    levels = console.background + (console.highlight - console.background) * rise
    curve = np.clip(levels, 0.02 * console.background, 1).astype(np.float32)
    step = (LEVELS - 1) / (HIGHEST - LOWEST)
    place = value * np.float32(step / white)
    place -= np.float32(LOWEST * step)
    np.clip(place, 0, LEVELS - 1, out=place)
    return np.take(curve, place.astype(np.int32))


def _more_local_contrast(image: FloatImage, share: float) -> FloatImage:
    """A mix of the image with its contrast-limited local equalisation; flat parts keep their level."""
    grey = np.clip(image * 65535, 0, 65535).astype(np.uint16)
    equalised = cv2.createCLAHE(1.5, (6, 6)).apply(grey).astype(np.float32) / 65535
    return np.asarray((1 - share) * image + share * equalised, dtype=np.float32)
