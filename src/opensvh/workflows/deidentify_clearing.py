"""Clear a film of burned-in text: find its limbs, find the text beside them, keep the side letter, fill in the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.errors import FilmUnreadable
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement
from opensvh.preprocessing.burned_in_cover import covered
from opensvh.preprocessing.burned_in_limbs import limb_pixels
from opensvh.preprocessing.burned_in_text import find_burned_in_text
from opensvh.preprocessing.side_marker import find_side_markers

KEEP = "give --keep-pixels if it carries no text, cover it by hand, or leave it out"


class Analyser(Protocol):
    """What finds limbs on a whole film: `film_analysis.FilmAnalyser`."""

    def analyse(self, pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]: ...


@dataclass(frozen=True)
class Cleared:
    """Samples without text, and the boxes [left, top, right, bottom] that were filled in."""

    samples: NDArray[np.generic]
    boxes: tuple[Box, ...]


def cleared(film: NDArray[np.float32], samples: NDArray[np.generic], analyser: Analyser, path: str) -> Cleared:
    """The stored samples with text covered; `film` [rows, columns] shows them in [0, 1], dense tissue bright.

    Raises FilmUnreadable where no limb is seen or text lies over one.
    """
    if film.shape != samples.shape[:2]:
        raise FilmUnreadable(f"{path}: is shown at another size than it is stored; export it again")
    limbs = analyser.analyse(film)
    if not limbs:
        raise FilmUnreadable(f"{path}: no hand or foot is seen on it, beside which text could be covered; {KEEP}")
    pixels = limb_pixels(film, limbs)
    text = find_burned_in_text(film, pixels, [letter.box for letter in find_side_markers(film)])
    if text.over_limb:
        raise FilmUnreadable(f"{path}: what looks like text lies over the limb at {_places(text.over_limb)}; {KEEP}")
    if not text.boxes:
        return Cleared(samples, ())
    try:
        return Cleared(covered(samples, text.cover, pixels), text.boxes)
    except ValueError as error:
        raise FilmUnreadable(f"{path}: text cannot be covered ({error}); {KEEP}") from error


def _places(boxes: Sequence[Box]) -> str:
    return ", ".join(f"column {box.left}, row {box.top}" for box in boxes[:3])
