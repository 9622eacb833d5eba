"""The blind sheet as one picture to print and one page to click through; it knows no truths.

The page keeps its answers to itself and offers them as a CSV.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

COLUMNS = 8
LABEL_PX, EDGE_PX = 26, 4


@dataclass(frozen=True)
class Crop:
    """A numbered crop, levels in [0, 1]."""

    number: int
    picture: NDArray[np.float32]


def contact_sheet(crops: Sequence[Crop]) -> bytes:
    """All crops in rows of eight, each under its number, as PNG."""
    tiles = [_tile(crop) for crop in crops]
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    return _png(np.vstack(rows))


def blind_page(crops: Sequence[Crop]) -> str:
    """A self-contained page: each crop with two choices, and a button that saves `answers.csv`."""
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    images = [(crop.number, base64.b64encode(_png(_levels(crop.picture))).decode("ascii")) for crop in crops]
    return environment.get_template("blind.html").render(crops=images)


def _tile(crop: Crop) -> NDArray[np.uint8]:
    picture = cv2.copyMakeBorder(
        _levels(crop.picture), LABEL_PX, EDGE_PX, EDGE_PX, EDGE_PX, cv2.BORDER_CONSTANT, value=(255,)
    )
    cv2.putText(picture, str(crop.number), (EDGE_PX, LABEL_PX - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0,), 2, cv2.LINE_AA)
    return np.asarray(picture, dtype=np.uint8)


def _levels(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray((np.clip(picture, 0, 1) * 255).round(), dtype=np.uint8)


def _png(levels: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", levels)[1].tobytes())
