"""Films side by side with what a network is taught about them: the crop's box, joint centres, the joints' masks."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from opensvh.domain.geometry import Box, Point
from opensvh.reporting.palette import JOINT_COLOURS

VEIL = 0.5
HEIGHT_INCHES, DPI = 4.2, 130


@dataclass(frozen=True)
class TaughtFilm:
    """A film as stored, float32 [rows, columns] in [0, 1]; box and centres in its pixels; `mask` int [rows, columns],
    the joint class of each, 0 or below where there is none."""

    name: str
    pixels: NDArray[np.float32]
    box: Box
    centres: Mapping[str, Point]
    mask: NDArray[np.int16]


def mask_picture(films: Sequence[TaughtFilm]) -> bytes:
    """PNG of the films in a row, at one height each."""
    widths = [HEIGHT_INCHES * film.pixels.shape[1] / film.pixels.shape[0] for film in films]
    figure = Figure(figsize=(sum(widths) + 0.4, HEIGHT_INCHES + 0.35), layout="constrained")
    axes = figure.subplots(1, len(films), squeeze=False, width_ratios=widths)[0]
    for axis, film in zip(axes, films, strict=True):
        axis.imshow(_veiled(film), interpolation="antialiased")
        left, top = film.box.left - 0.5, film.box.top - 0.5
        axis.add_patch(
            Rectangle((left, top), film.box.width, film.box.height, fill=False, linestyle="--", color="white", lw=1.2)
        )
        x, y = zip(*film.centres.values(), strict=True)
        axis.plot(x, y, "o", color="white", markersize=2.5, markeredgecolor="black", markeredgewidth=0.4)
        axis.set_title(film.name, fontsize=8)
        axis.set_axis_off()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def _veiled(film: TaughtFilm) -> NDArray[np.float32]:
    """RGB [rows, columns, 3]: grey, with the masks' colours laid over it."""
    grey = np.repeat(film.pixels[..., None], 3, axis=2)
    joint = np.maximum(film.mask, 0)
    colours = JOINT_COLOURS[joint].astype(np.float32) / 255
    shown = (joint > 0)[..., None]
    return np.asarray(np.where(shown, (1 - VEIL) * grey + VEIL * colours, grey), np.float32)
