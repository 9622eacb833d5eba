"""Turning and mirroring films, with the frame that undoes it.

Which turn a film needs is told by `io.identity`; nothing is guessed here.
"""

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Box, Frame, Point, Size


def turned(pixels: NDArray[np.float32], mirror: bool, quarter_turns_cw: int) -> NDArray[np.float32]:
    """The film turned clockwise by quarter turns, then left and right exchanged; a view where possible."""
    picture = np.rot90(pixels, -(quarter_turns_cw % 4))
    return picture[:, ::-1] if mirror else picture


def turned_frame(size: Size, mirror: bool, quarter_turns_cw: int) -> Frame:
    """The frame of `turned` for a film of that stored size."""
    frame = Frame.of(size).turned(quarter_turns_cw)
    return frame.mirrored() if mirror else frame


def box_on_film(box: Box, frame: Frame) -> Box:
    """A box of the turned picture back in pixels of the file as stored; `frame` is `turned_frame`."""
    left, top, right, bottom = _hull(frame.to_film(box.corners()))
    return Box(left, top, right, bottom)


def box_on_turned(box: Box, frame: Frame) -> Box:
    """A box of the stored film in pixels of the turned picture: the inverse of `box_on_film`."""
    left, top, right, bottom = _hull(frame.to_model(box.corners()))
    return Box(left, top, right, bottom)


def _hull(corners: list[Point]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of outer corners, which lie half a pixel off the pixel centres."""
    across, down = [point.x for point in corners], [point.y for point in corners]
    return round(min(across) + 0.5), round(min(down) + 0.5), round(max(across) + 0.5), round(max(down) + 0.5)
