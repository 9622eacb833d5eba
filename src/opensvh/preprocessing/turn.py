"""Turning and mirroring films, with the frame that undoes it.

Which pose a limb lies in is told by the user or found by `inference.film_analysis`; nothing is guessed here.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.domain.placement import Pose

STRAIGHT_DEG = 0.5
"""A turn this close to a quarter turn is taken for one: exact, and without interpolation."""
MARGIN_SHARE = 0.04
"""What is shown beyond a limb's region on each side, of its longer side."""
FILL_PERCENTILE = 5.0
"""Where a turned picture reaches past the film it is filled with this percentile of the film."""


@dataclass(frozen=True)
class PosedFilm:
    """A film, or the part of it that shows one limb, with digits up and looking like a left limb.

    `picture` float32 [rows, columns] in [0, 1]; `frame` maps pixels of the file as stored to the picture's.
    """

    picture: NDArray[np.float32]
    frame: Frame


def posed(pixels: NDArray[np.float32], pose: Pose) -> PosedFilm:
    """A film as stored, [rows, columns], brought into the canonical pose; a view where the turn is a quarter's."""
    quarters = round(pose.turn_cw_deg / 90)
    beyond = pose.turn_cw_deg - 90 * quarters
    frame = Frame.of(Size(pixels.shape[1], pixels.shape[0]))
    if pose.region is not None:
        inside = _shown(pose.region, frame.size)
        pixels, frame = pixels[inside.top : inside.bottom, inside.left : inside.right], frame.cropped(inside)
    if abs(beyond) > STRAIGHT_DEG:
        pixels, frame = _turned_freely(pixels, frame, beyond)
    frame = frame.turned(quarters)
    return PosedFilm(turned(pixels, pose.mirrored, quarters), frame.mirrored() if pose.mirrored else frame)


def turned(pixels: NDArray[np.float32], mirror: bool, quarter_turns_cw: int) -> NDArray[np.float32]:
    """The film turned clockwise by quarter turns, then left and right exchanged; a view where possible."""
    picture = np.rot90(pixels, -(quarter_turns_cw % 4))
    return picture[:, ::-1] if mirror else picture


def turned_frame(size: Size, mirror: bool, quarter_turns_cw: int) -> Frame:
    """The frame of `turned` for a film of that stored size."""
    frame = Frame.of(size).turned(quarter_turns_cw)
    return frame.mirrored() if mirror else frame


def box_on_film(box: Box, frame: Frame) -> Box:
    """The upright hull on the stored film of a box of the turned picture; `frame` is `turned_frame` or `posed`'s."""
    left, top, right, bottom = _hull(frame.to_film(box.corners()))
    return Box(left, top, right, bottom)


def box_on_turned(box: Box, frame: Frame) -> Box:
    """The upright hull on the turned picture of a box of the stored film."""
    left, top, right, bottom = _hull(frame.to_model(box.corners()))
    return Box(left, top, right, bottom)


def _shown(region: Box, size: Size) -> Box:
    """The region with its margin, within the film."""
    wide = region.grown(round(MARGIN_SHARE * max(region.width, region.height)))
    return Box(max(wide.left, 0), max(wide.top, 0), min(wide.right, size.width), min(wide.bottom, size.height))


def _turned_freely(pixels: NDArray[np.float32], frame: Frame, cw_deg: float) -> tuple[NDArray[np.float32], Frame]:
    """Turned clockwise about its middle, on a picture that holds all of it."""
    height, width = pixels.shape
    cosine, sine = math.cos(math.radians(cw_deg)), math.sin(math.radians(cw_deg))
    size = Size(
        math.ceil(width * abs(cosine) + height * abs(sine)), math.ceil(width * abs(sine) + height * abs(cosine))
    )
    x, y = (width - 1) / 2, (height - 1) / 2
    middle = Point((size.width - 1) / 2, (size.height - 1) / 2)
    matrix = (
        (cosine, -sine, middle.x - cosine * x + sine * y),
        (sine, cosine, middle.y - sine * x - cosine * y),
    )
    picture = cv2.warpAffine(
        np.ascontiguousarray(pixels),
        np.array(matrix),
        tuple(size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=float(np.percentile(pixels[::8, ::8], FILL_PERCENTILE)),
    )
    return np.asarray(picture, np.float32), frame.mapped(matrix, size)


def _hull(corners: list[Point]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of outer corners, which lie half a pixel off the pixel centres."""
    across, down = [point.x for point in corners], [point.y for point in corners]
    return round(min(across) + 0.5), round(min(down) + 0.5), round(max(across) + 0.5), round(max(down) + 0.5)
