"""A whole film as a small square picture: what the film analyser looks at, in training as in use."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Box, Frame, Matrix, Point, Size, compose

STRETCHED = (1.0, 99.0)
"""Percentiles of the film that become 0 and 1: a marker or a scanner's edge does not set the range."""
LEAST_RANGE = 0.02
"""A film of less range, of its possible one, is not stretched further: it holds noise only."""


@dataclass(frozen=True)
class Overview:
    """`image` float32 [rows, columns] in [0, 1]; `frame` maps the film's pixels to the image's."""

    image: NDArray[np.float32]
    frame: Frame


def overview(pixels: NDArray[np.float32], side_px: int) -> Overview:
    """The film [rows, columns] in [0, 1], stretched, scaled to fit, and centred on a black square."""
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


def shrunk(pixels: NDArray[np.float32], most_px: int) -> Overview:
    """The film with its longest side no longer than that."""
    rows, columns = pixels.shape
    scale = min(most_px / max(rows, columns), 1.0)
    size = Size(max(round(columns * scale), 1), max(round(rows * scale), 1))
    small = cv2.resize(pixels, tuple(size), interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    return Overview(np.clip(np.asarray(small, np.float32), 0, 1), Frame.of(Size(columns, rows)).scaled(size))


def close_up(
    film: NDArray[np.float32], centre: Point, turn_cw_deg: float, shown_px: float, side_px: int
) -> NDArray[np.float32]:
    """What lies round a place, turned clockwise, on a square that shows so many pixels of the film on each side."""
    scale = side_px / shown_px
    cosine, sine = (f(math.radians(turn_cw_deg)) * scale for f in (math.cos, math.sin))
    middle = (side_px - 1) / 2
    to_centre: Matrix = ((1.0, 0.0, -centre.x), (0.0, 1.0, -centre.y))
    matrix = compose(((cosine, -sine, middle), (sine, cosine, middle)), to_centre)
    sides = np.concatenate([film[0], film[-1], film[:, 0], film[:, -1]])
    image = cv2.warpAffine(
        film,
        np.asarray(matrix, np.float64),
        (side_px, side_px),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=float(np.median(sides)),
    )
    return robustly_stretched(np.asarray(image, np.float32))


def robustly_stretched(film: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey levels with their robust range as [0, 1]."""
    low, high = np.percentile(film, STRETCHED)
    return np.asarray(np.clip((film - low) / max(float(high - low), LEAST_RANGE), 0, 1), np.float32)
