"""The real films that were read worst, as pictures: where the joints are marked, and where they were found.

Such pictures show real films: the page that holds them is for looking only, never committed or published.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.evaluation.real_reads import RealRead
from opensvh.io.image import read_film

WORST = 4
"""Films shown of each limb."""
HEIGHT_PX = 900
MARGIN = 0.06
BEYOND_PERCENT = 10.0
"""An error this large is as bad as any."""
MARKED, FOUND, UNCERTAIN = (96, 220, 120), (60, 80, 240), (200, 190, 90)
"""BGR: a ring where a joint is marked, a dot where it was found, a ring where the marking itself is uncertain."""


@dataclass(frozen=True)
class Shown:
    """A picture of a film or a part of it as a JPEG, digits up, and what is wrong with its reading in words."""

    caption: str
    jpeg: bytes


def worst_films(reads: Iterable[RealRead]) -> list[Shown]:
    """The films of each limb whose joints lie farthest from where they are marked, the worst first."""
    listed = list(reads)
    worst = []
    for limb in Limb:
        films = [read for read in listed if read.film.truth.limb is limb and read.film.truth.points]
        worst += sorted(films, key=badness, reverse=True)[:WORST]
    return [Shown(_caption(read), jpeg(_drawn(read_film(read.film.truth.path).pixels, read))) for read in worst]


def badness(read: RealRead) -> float:
    """Mean error in percent of the limb's length over the points plain to see, none counted beyond 10."""
    errors = [min(error.error_percent, BEYOND_PERCENT) for error in read.errors(certain=True)]
    return float(np.mean(errors)) if errors else 0.0


def _caption(read: RealRead) -> str:
    truth = read.film.truth
    words = [truth.film, read.film.half.value, truth.view, truth.age, "severe" if read.film.severe else ""]
    worst = max(read.errors(certain=True), key=lambda error: error.error_percent)
    missed = sum(np.isinf(error.error_percent) for error in read.errors(certain=True))
    found = f"mean error {badness(read):.2f} %"
    fault = f"{missed} not found" if missed else f"worst {worst.point} {worst.error_percent:.1f} %"
    return ", ".join([word for word in words if word] + [found, fault, *filter(None, [read.outcome.reason])])


def _drawn(pixels: NDArray[np.float32], read: RealRead) -> NDArray[np.uint8]:
    """The marked limb upright, rings where its joints are marked, dots where they were found, lines between."""
    canvas, frame = _limb_picture(pixels, read)
    found = read.reading.points if read.reading else {}
    for name, point in read.film.truth.points.items():
        ring = UNCERTAIN if name in read.film.truth.uncertain else MARKED
        there = _on(frame, point)
        cv2.circle(canvas, there, 7, ring, 1, cv2.LINE_AA)
        cv2.putText(canvas, name, (there[0] + 9, there[1] - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.34, ring, 1, cv2.LINE_AA)
        if name in found:
            cv2.line(canvas, there, _on(frame, found[name]), FOUND, 1, cv2.LINE_AA)
            cv2.circle(canvas, _on(frame, found[name]), 3, FOUND, -1, cv2.LINE_AA)
    return canvas


def _limb_picture(pixels: NDArray[np.float32], read: RealRead) -> tuple[NDArray[np.uint8], Frame]:
    rows, columns = pixels.shape
    box = read.film.box.grown(round(MARGIN * max(read.film.box.width, read.film.box.height)))
    box = Box(max(box.left, 0), max(box.top, 0), min(box.right, columns), min(box.bottom, rows))
    turns = read.film.truth.quarter_turns_cw
    upright = np.ascontiguousarray(np.rot90(pixels[box.top : box.bottom, box.left : box.right], -turns))
    frame = Frame.of(Size(columns, rows)).cropped(box).turned(turns)
    size = Size(max(1, round(frame.size.width * HEIGHT_PX / frame.size.height)), HEIGHT_PX)
    grey = (cv2.resize(upright, size, interpolation=cv2.INTER_AREA).clip(0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8), frame.scaled(size)


def _on(frame: Frame, point: Point) -> tuple[int, int]:
    (where,) = frame.to_model([point])
    return round(where.x), round(where.y)


def jpeg(canvas: NDArray[np.uint8]) -> bytes:
    """Grey or BGR, encoded."""
    done, code = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not done:
        raise RuntimeError(f"the picture of shape {canvas.shape} cannot be encoded")
    return code.tobytes()
