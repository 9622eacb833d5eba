"""A whole film as a small square picture: what the film analyser looks at, in training as in use."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Box, Frame, Size

STRETCHED = (1.0, 99.0)
"""Percentiles of the film that become 0 and 1: a marker or a scanner's edge does not set the range."""
LEAST_RANGE = 0.02
"""A film of less range, of its possible one, is not stretched further: it holds noise only."""


@dataclass(frozen=True)
class Overview:
    """`image` float32 [side, side] in [0, 1], black beside the film; `frame` maps the film's pixels to the image's."""

    image: NDArray[np.float32]
    frame: Frame


def overview(pixels: NDArray[np.float32], side_px: int) -> Overview:
    """The film [rows, columns] in [0, 1], stretched, scaled to fit, and centred on a square."""
    rows, columns = pixels.shape
    scale = side_px / max(rows, columns)
    size = Size(max(round(columns * scale), 1), max(round(rows * scale), 1))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(pixels, tuple(size), interpolation=method), np.float32)
    left, top = (side_px - size.width) // 2, (side_px - size.height) // 2
    image = np.zeros((side_px, side_px), np.float32)
    image[top : top + size.height, left : left + size.width] = robustly_stretched(small)
    square = Box(-left, -top, side_px - left, side_px - top)
    return Overview(image, Frame.of(Size(columns, rows)).scaled(size).cropped(square))


def robustly_stretched(film: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey levels with their robust range as [0, 1]."""
    low, high = np.percentile(film, STRETCHED)
    return np.asarray(np.clip((film - low) / max(float(high - low), LEAST_RANGE), 0, 1), np.float32)
