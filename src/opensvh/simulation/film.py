"""From millimetres of bone and soft tissue to the look of a film: exposure, detector, display.

What is drawn on top (letters, logos, borders) is in `marks`; the shapes that are projected are made elsewhere. Ranges
are centred on the hand and foot films of FracAtlas (CC BY 4.0; Sci Data 2023, 10.1038/s41597-023-02432-4): background
grey 20-45 of 255, soft tissue 45-110, bone 110-225, a dark halo along the skin from edge enhancement; they reach well
past them to both sides. Such ranges are this project's choice.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.simulation.marks import draw_marks

FloatImage = NDArray[np.float32]

BONE_PER_MM = 0.144
"""Cortical bone in place of soft tissue, at 35 keV: 0.175 - 0.032 per mm (FACTS.md, section 6)."""
SOFT_PER_MM = 0.032
"""Soft tissue at 35 keV, per mm (FACTS.md, section 6: 0.330 per cm)."""
TOE = 0.05
"""Part of the display range kept below the background, so that halos darker than it survive."""


@dataclass(frozen=True)
class FilmStyle:
    """The numbers of one film. Lengths in mm at the detector, levels in [0, 1] of the display range.

    `scatter` is the part of the exposure spread over `scatter_mm`; `heel` the change of exposure from the centre to the
    edge, along `heel_angle` (radians); `photons` per mm2 at full exposure; `compression` the part of slow changes
    (`compression_mm`) taken out as a console's dynamic range control does; `sharpening` the strength of the unsharp
    mask of radius `sharpening_mm`; `local_contrast` the share of a CLAHE image in the result; `grain` the display noise
    (SD); `jpeg_quality` None where no lossy copy was made.
    """

    scatter: float
    scatter_mm: float
    heel: float
    heel_angle: float
    blur_mm: float
    photons: float
    compression: float
    compression_mm: float
    sharpening: float
    sharpening_mm: float
    gamma: float
    white_point: float
    background: float
    highlight: float
    local_contrast: float
    grain: float
    jpeg_quality: int | None


def draw_style(rng: np.random.Generator, limb: Limb) -> FilmStyle:
    """A random film: most are digital films with a dark grey background and strong edges, a few look otherwise.

    Feet differ far more in thickness than hands, and clinics even that out harder: their compression is stronger.
    """
    even_out = 0.12 if limb is Limb.FOOT else 0.0
    return FilmStyle(
        scatter=float(rng.uniform(0.03, 0.12)),
        scatter_mm=float(rng.uniform(8, 20)),
        heel=float(rng.uniform(0, 0.08)),
        heel_angle=float(rng.uniform(0, 2 * np.pi)),
        blur_mm=float(rng.uniform(0.08, 0.3)),
        photons=float(np.exp(rng.uniform(np.log(3e4), np.log(8e5)))),
        compression=float(rng.uniform(0, 0.45)) + even_out,
        compression_mm=float(rng.uniform(8, 30)),
        sharpening=float(rng.uniform(0, 1.9)),
        sharpening_mm=float(rng.uniform(0.6, 3)),
        gamma=float(rng.uniform(0.6, 1.15)),
        white_point=float(rng.uniform(0.92, 1.25)),
        background=_draw_background(rng),
        highlight=float(rng.uniform(200, 255)) / 255,
        local_contrast=float(rng.uniform(0.2, 0.8)) if rng.random() < 0.2 else 0.0,
        grain=float(rng.uniform(0, 0.012)),
        jpeg_quality=int(rng.integers(60, 96)) if rng.random() < 0.4 else None,
    )


def develop(
    bone: FloatImage, soft: FloatImage, pixel_mm: float, style: FilmStyle, rng: np.random.Generator
) -> FloatImage:
    """The film's grey levels in [0, 1], dense tissue bright.

    `bone` [rows, columns] is mm of cortical-equivalent bone beyond the soft tissue it replaces, `soft` mm of soft
    tissue, 0 outside the limb; both along the ray.
    """
    exposure = _expose(bone, soft, pixel_mm, style)
    density = _detect(exposure, pixel_mm, style, rng)
    return _display(density, soft > 0, pixel_mm, style, rng)


def finish(
    image: FloatImage,
    soft_mask: NDArray[np.bool_],
    style: FilmStyle,
    side: Side,
    limb: Limb,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The film as stored: letters, logo and borders drawn on `image` [0, 1], as 8 bit.

    Call it on the picture in which a right limb already looks like one: letters are never mirrored. `soft_mask` tells
    where the limb is, so that marks lie beside it.
    """
    marked = draw_marks(image, soft_mask, side, limb, rng)
    grey: NDArray[np.uint8] = np.clip(marked * 255 + 0.5, 0, 255).astype(np.uint8)
    if style.jpeg_quality is None:
        return grey
    _, encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, style.jpeg_quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _draw_background(rng: np.random.Generator) -> float:
    """Background in [0, 1]: dark grey as a rule, black or light grey now and then."""
    kind = rng.random()
    low, high = (18, 48) if kind < 0.65 else (0, 18) if kind < 0.85 else (48, 90)
    return float(rng.uniform(low, high)) / 255


def _expose(bone: FloatImage, soft: FloatImage, pixel_mm: float, style: FilmStyle) -> FloatImage:
    """Part of the full exposure that reaches each pixel: attenuation, scatter, heel effect, system blur."""
    exposure = np.exp(-(BONE_PER_MM * bone + SOFT_PER_MM * soft), dtype=np.float32)
    scattered = _low_pass(exposure, style.scatter_mm / pixel_mm)
    exposure = (1 - style.scatter) * exposure + style.scatter * scattered
    rows, columns = exposure.shape
    down = np.linspace(-1, 1, rows, dtype=np.float32)[:, None] * np.float32(np.sin(style.heel_angle))
    across = np.linspace(-1, 1, columns, dtype=np.float32)[None, :] * np.float32(np.cos(style.heel_angle))
    exposure *= 1 + np.float32(style.heel) * (down + across)
    return _low_pass(exposure, style.blur_mm / pixel_mm)


def _detect(exposure: FloatImage, pixel_mm: float, style: FilmStyle, rng: np.random.Generator) -> FloatImage:
    """Optical density: minus the log of the exposure, with quantum noise of a detector that blurs it a little."""
    noise = cv2.GaussianBlur(rng.standard_normal(exposure.shape, dtype=np.float32), (0, 0), 0.5)
    quanta = np.float32(style.photons * pixel_mm**2)
    counted = exposure + np.sqrt(np.maximum(exposure, 1e-3) / quanta) * noise
    return np.asarray(-np.log(np.maximum(counted, 1e-3)), dtype=np.float32)


def _display(
    density: FloatImage, limb: NDArray[np.bool_], pixel_mm: float, style: FilmStyle, rng: np.random.Generator
) -> FloatImage:
    """The console's processing: range control, edge enhancement, normalisation inside the limb, gamma, grey levels."""
    value = density - style.compression * _low_pass(density, style.compression_mm / pixel_mm)
    value += style.sharpening * (value - _low_pass(value, style.sharpening_mm / pixel_mm))
    inside = value[::4, ::4][limb[::4, ::4]]
    white = float(np.percentile(inside, 99.0)) if inside.size else 1.0
    value = np.clip(value / (max(white, 0.1) * style.white_point) + TOE, 0, 1 + TOE) / (1 + TOE)
    black = (TOE / (1 + TOE)) ** style.gamma
    value = (value**style.gamma - black) / (1 - black)
    image = style.background + (style.highlight - style.background) * value
    if style.local_contrast > 0:
        image = _more_local_contrast(image, style.local_contrast)
    if style.grain > 0:
        image = image + style.grain * rng.standard_normal(image.shape, dtype=np.float32)
    return np.asarray(np.clip(image, 0, 1), dtype=np.float32)


def _more_local_contrast(image: FloatImage, share: float) -> FloatImage:
    """A mix of the image with its contrast-limited local equalisation; flat parts keep their level."""
    grey = np.clip(image * 65535, 0, 65535).astype(np.uint16)
    equalised = cv2.createCLAHE(1.5, (6, 6)).apply(grey).astype(np.float32) / 65535
    return np.asarray((1 - share) * image + share * equalised, dtype=np.float32)


def _low_pass(image: FloatImage, sigma_px: float) -> FloatImage:
    """Gaussian blur; wide ones on a smaller copy, where a pixel spans at most a third of sigma."""
    factor = max(1, int(sigma_px / 3))
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), max(sigma_px, 0.05), borderType=cv2.BORDER_REPLICATE))
    rows, columns = image.shape
    small = cv2.resize(image, (-(-columns // factor), -(-rows // factor)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / factor, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
