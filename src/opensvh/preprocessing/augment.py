"""Random variation of a canonical film for training: one affine warp of image and points together, then grey levels.

The strength is configured; randomness comes in as a generator. Points that leave the picture keep their coordinates.
"""

import math
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from opensvh.domain.geometry import Box, Frame, Matrix, Point, Size, compose
from opensvh.preprocessing.scale import BACKGROUND_PERCENTILE

Image = NDArray[np.float32]


class AugmentationConfig(BaseModel):
    """How much a training picture varies. Every draw is even over its range; shares are probabilities.

    The paper (section 4) rotates, scales and flips; the grey-level part makes up for films of many devices.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotation_deg: float = Field(default=12.0, ge=0, le=180)
    """Up to this, either way."""
    scale: float = Field(default=0.12, ge=0, lt=0.9)
    """Up to this share smaller or larger."""
    stretch: float = Field(default=0.08, ge=0, lt=0.5)
    """Width against height, up to this share."""
    shift: float = Field(default=0.05, ge=0, lt=0.5)
    """Up to this share of width and height."""
    cut_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the pictures of which a part lies beyond the film's edge: finger tips, a wrist, one border."""
    cut_depth: float = Field(default=0.45, gt=0, lt=1)
    """Up to this part of the picture's width or height."""
    flip_share: float = Field(default=0.0, ge=0, le=1)
    """Exchanging left and right; films are canonical, so a flip is variation only."""
    gamma: float = Field(default=0.4, ge=0, lt=2)
    """Exponent between exp(-gamma) and exp(gamma)."""
    contrast: float = Field(default=0.25, ge=0, lt=1)
    brightness: float = Field(default=0.08, ge=0, lt=1)
    blur_share: float = Field(default=0.25, ge=0, le=1)
    blur_px: float = Field(default=1.2, ge=0)
    """Largest sigma."""
    edge_share: float = Field(default=0.3, ge=0, le=1)
    edge_gain: float = Field(default=1.5, ge=0)
    """Largest gain of an unsharp mask, as detectors' edge enhancement applies."""
    noise: float = Field(default=0.03, ge=0, lt=1)
    """Largest standard deviation of white noise."""
    grain_px: float = Field(default=0.0, ge=0)
    """Largest sigma by which the noise is blurred: film and detectors have grain, not white noise."""
    shade: float = Field(default=0.0, ge=0, lt=1)
    """Largest fall or rise of the level from one border to the other: the heel effect, uneven exposure."""
    jpeg_share: float = Field(default=0.0, ge=0, le=1)
    """Share stored and read again as JPEG, as films that pass through a publication or a phone are."""
    jpeg_quality: int = Field(default=40, ge=1, le=95)
    """Lowest quality; the highest is 95."""
    inversion_share: float = Field(default=0.0, ge=0, le=1)
    patch_share: float = Field(default=0.25, ge=0, le=1)
    patch_size: float = Field(default=0.2, gt=0, lt=1)
    """Largest side of a dark or bright rectangle (marker, collimation, metal), of the picture's width."""


def augment(
    image: Image, points: Mapping[str, Point], rng: np.random.Generator, config: AugmentationConfig
) -> tuple[Image, dict[str, Point]]:
    """A varied copy of image [rows, columns] in [0, 1] and its points; both go through the same map."""
    rows, columns = image.shape
    frame = Frame.of(Size(columns, rows)).mapped(random_map(Size(columns, rows), rng, config))
    varied = cv2.warpAffine(
        image,
        np.asarray(frame.matrix, dtype=np.float64),
        (columns, rows),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_border_level(image),
    )
    moved = dict(zip(points, frame.to_model(points.values()), strict=True))
    return _grey_levels(np.asarray(varied, dtype=np.float32), rng, config), moved


def cut_off(image: Image, rng: np.random.Generator, config: AugmentationConfig) -> tuple[Image, Box]:
    """A copy of which one side lies beyond the film, filled as scoring fills it, and the box of what is left."""
    rows, columns = image.shape
    depth = rng.uniform(0.05, config.cut_depth)
    kept = (
        Box(0, round(depth * rows), columns, rows),
        Box(0, 0, columns, rows - round(depth * rows)),
        Box(round(depth * columns), 0, columns, rows),
        Box(0, 0, columns - round(depth * columns), rows),
    )[int(rng.integers(4))]
    seen = image[kept.top : kept.bottom, kept.left : kept.right]
    cut = np.full_like(image, np.percentile(seen[::4, ::4], BACKGROUND_PERCENTILE))
    cut[kept.top : kept.bottom, kept.left : kept.right] = seen
    return cut, kept


def random_map(size: Size, rng: np.random.Generator, config: AugmentationConfig) -> Matrix:
    """Flip, stretch, scale and rotate about the picture's centre, then shift; in model pixels."""
    angle = math.radians(rng.uniform(-config.rotation_deg, config.rotation_deg))
    scale = 1 + rng.uniform(-config.scale, config.scale)
    stretch = math.sqrt(1 + rng.uniform(-config.stretch, config.stretch))
    flip = -1.0 if rng.random() < config.flip_share else 1.0
    right = rng.uniform(-config.shift, config.shift) * size.width
    down = rng.uniform(-config.shift, config.shift) * size.height
    x, y = (size.width - 1) / 2, (size.height - 1) / 2
    cosine, sine = math.cos(angle), math.sin(angle)
    to_centre: Matrix = ((1.0, 0.0, -x), (0.0, 1.0, -y))
    resized: Matrix = ((flip * scale * stretch, 0.0, 0.0), (0.0, scale / stretch, 0.0))
    turned: Matrix = ((cosine, -sine, x + right), (sine, cosine, y + down))
    return compose(turned, compose(resized, to_centre))


def _border_level(image: Image) -> float:
    """What lies beyond the picture: the median of its outermost pixels."""
    return float(np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])))


def _grey_levels(image: Image, rng: np.random.Generator, config: AugmentationConfig) -> Image:
    """In the order of the things they imitate: objects on the film, optics, processing, display, noise."""
    if rng.random() < config.patch_share:
        _cover(image, rng, config)
    if rng.random() < config.blur_share:
        image = _blurred(image, rng.uniform(0.0, config.blur_px))
    if rng.random() < config.edge_share:
        image = _enhanced(image, rng, config)
    image = _toned(image, rng, config)
    if config.shade:
        image = image * _shade(Size(image.shape[1], image.shape[0]), rng, config.shade)
    if config.noise:
        image = image + _grain(image.shape, rng, config)
    image = np.clip(image, 0.0, 1.0)
    if config.jpeg_share and rng.random() < config.jpeg_share:
        image = _through_jpeg(image, int(rng.integers(config.jpeg_quality, 96)))
    return 1.0 - image if rng.random() < config.inversion_share else image


def _cover(image: Image, rng: np.random.Generator, config: AugmentationConfig) -> None:
    """A dark or bright rectangle, in place."""
    rows, columns = image.shape
    width, height = (int(max(2, rng.uniform(0.2, 1.0) * config.patch_size * columns)) for _ in range(2))
    left, top = int(rng.integers(-width // 2, columns - width // 2)), int(rng.integers(-height // 2, rows))
    level = rng.uniform(0.0, 0.15) if rng.random() < 0.5 else rng.uniform(0.8, 1.0)
    image[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = level


def _blurred(image: Image, sigma_px: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), dtype=np.float32) if sigma_px > 0.1 else image


def _enhanced(image: Image, rng: np.random.Generator, config: AugmentationConfig) -> Image:
    """Unsharp mask; a box of random width stands for the many kernels in use."""
    width = 2 * int(rng.integers(2, max(3, image.shape[1] // 40))) + 1
    smooth = cv2.blur(image, (width, width))
    gain = float(rng.uniform(0.0, config.edge_gain))
    return np.asarray(cv2.addWeighted(image, 1 + gain, smooth, -gain, 0.0), dtype=np.float32)


def _toned(image: Image, rng: np.random.Generator, config: AugmentationConfig) -> Image:
    """Gamma, then contrast about the middle grey and brightness, through a table of 1024 levels."""
    gamma = math.exp(rng.uniform(-config.gamma, config.gamma))
    contrast = 1 + rng.uniform(-config.contrast, config.contrast)
    brightness = rng.uniform(-config.brightness, config.brightness)
    levels = np.linspace(0.0, 1.0, 1024) ** gamma
    table = ((levels - 0.5) * contrast + 0.5 + brightness).astype(np.float32)
    return np.asarray(table[np.clip(image * 1023 + 0.5, 0, 1023).astype(np.int16)])


def _shade(size: Size, rng: np.random.Generator, most: float) -> Image:
    """Factors [rows, columns] about 1 that change evenly across the picture in some direction."""
    across, down = rng.uniform(-most, most, 2) / 2
    columns = np.linspace(-across, across, size.width, dtype=np.float32)
    rows = np.linspace(-down, down, size.height, dtype=np.float32)
    return np.asarray(1 + columns[None] + rows[:, None], dtype=np.float32)


def _grain(shape: tuple[int, ...], rng: np.random.Generator, config: AugmentationConfig) -> Image:
    """Noise of one strength, its grains of one width."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    strength = rng.uniform(0, config.noise)
    if config.grain_px:
        noise = _blurred(noise, rng.uniform(0, config.grain_px))
        strength /= max(float(noise.std()), 1e-6)
    return noise * np.float32(strength)


def _through_jpeg(image: Image, quality: int) -> Image:
    """In eight bits, with what the compression leaves."""
    done, content = cv2.imencode(".jpg", np.rint(255 * image).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE), dtype=np.float32) / np.float32(255)
