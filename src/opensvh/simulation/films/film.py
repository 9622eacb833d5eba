"""From millimetres of bone and soft tissue to the look of a film: exposure, console, storage.

The physics is in `exposure`, the processing in `console`, what is drawn on top (letters, logos, borders) in `marks`;
the shapes that are projected are made elsewhere.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.simulation.films.console import Console, displayed, draw_console
from opensvh.simulation.films.exposure import Exposure, draw_exposure, log_signal
from opensvh.simulation.films.marks import Shown, draw_marks

FloatImage = NDArray[np.float32]

METAL_FROM_MM = 30.0
"""Cortical-equivalent bone from which a console takes what it sees for metal, and sets its levels without it."""


@dataclass(frozen=True)
class FilmStyle:
    """The numbers of one film: how it was exposed and processed; `jpeg_quality` None where no lossy copy was made."""

    exposure: Exposure
    console: Console
    jpeg_quality: int | None


def draw_style(rng: np.random.Generator, limb: Limb) -> FilmStyle:
    """A random film: most are digital films with a dark grey background and strong edges, a few look otherwise."""
    exposure, console = draw_exposure(rng), draw_console(rng, limb)
    return FilmStyle(exposure, console, int(rng.integers(60, 97)) if rng.random() < 0.5 else None)


def develop(
    bone: FloatImage, soft: FloatImage, pixel_mm: float, style: FilmStyle, rng: np.random.Generator
) -> FloatImage:
    """The film's grey levels in [0, 1], dense tissue bright.

    `bone` [rows, columns] is mm of cortical-equivalent bone beyond the soft tissue it replaces, `soft` mm of soft
    tissue, 0 outside the limb; both along the ray.
    """
    signal = log_signal(bone, soft, pixel_mm, style.exposure, rng)
    limb = (soft > 0) & (bone < METAL_FROM_MM)
    return displayed(signal, limb, pixel_mm, style.console, rng)


def marked(image: FloatImage, shown: Shown, style: FilmStyle, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The film as stored: letters, logo and borders drawn on `image` [0, 1], as 8 bit.

    Call it on the picture in which a right limb already looks like one: letters are never mirrored by the anatomy.
    Borders reach as far as the joints do not, where `shown` tells where those are.
    """
    return stored(draw_marks(image, shown, rng), style)


def stored(image: FloatImage, style: FilmStyle) -> NDArray[np.uint8]:
    """Levels in [0, 1] as 8 bit, after a lossy copy where the style has one."""
    grey = np.asarray(cv2.convertScaleAbs(np.maximum(image, 0), alpha=255), np.uint8)
    if style.jpeg_quality is None:
        return grey
    _, encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, style.jpeg_quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
