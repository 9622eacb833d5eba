"""From a film in the canonical pose to the model's picture: cut out the limb, scale; and the frame that leads back.

The pose is `turn`'s, where the limb lies is found by `crop`, random variation is `augment`'s.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Frame, Size
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.crop import find_limb_box
from opensvh.preprocessing.turn import PosedFilm, box_on_film

BACKGROUND_PERCENTILE = 5.0
"""Where the picture reaches past the film it is filled with this percentile of what the film shows there."""


@dataclass(frozen=True)
class CanonicalFilm:
    """A limb as the model sees it: digits up, looking like a left one.

    `image` float32 [height, width] in [0, 1]; `frame` maps pixels of the file as stored to the image's; `box` is the
    limb without margin, in pixels of the turned and mirrored film; `turn` maps stored pixels to those.
    """

    image: NDArray[np.float32]
    frame: Frame
    box: Box
    turn: Frame

    @property
    def film_box(self) -> Box:
        """The limb's box in pixels of the file as stored."""
        return box_on_film(self.box, self.turn)


def canonical_film(film: PosedFilm, limb: Limb, config: PreprocessingConfig) -> CanonicalFilm:
    """Find the limb on a film in the canonical pose and bring it to the model's size; raises LimbNotFound."""
    picture = np.ascontiguousarray(film.picture)
    return canonical_film_of_box(PosedFilm(picture, film.frame), find_limb_box(picture, limb, config.crop), config)


def canonical_film_of_box(film: PosedFilm, box: Box, config: PreprocessingConfig) -> CanonicalFilm:
    """The same with a box known beforehand, in pixels of the posed film: a second look, or training."""
    size = Size(config.width, config.height)
    cut = picture_box(box, config)
    image = _scaled(cut_out(film.picture, cut), size)
    return CanonicalFilm(image, film.frame.cropped(cut).scaled(size), box, film.frame)


def picture_box(box: Box, config: PreprocessingConfig) -> Box:
    """What the picture shows of the film: the limb's box with its margin and, to keep the aspect, grown to shape."""
    grown = box.grown(round(config.margin * max(box.width, box.height)))
    if config.aspect == "stretch":
        return grown
    width = max(grown.width, round(grown.height * config.width / config.height))
    height = max(grown.height, round(grown.width * config.height / config.width))
    left = grown.left - (width - grown.width) // 2
    top = grown.top - (height - grown.height) // 2
    return Box(left, top, left + width, top + height)


def cut_out(picture: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    """The box's pixels [box.height, box.width]; past the film's edge the level of its background."""
    rows, columns = picture.shape
    top, left = min(max(box.top, 0), rows - 1), min(max(box.left, 0), columns - 1)
    bottom, right = max(min(box.bottom, rows), top + 1), max(min(box.right, columns), left + 1)
    inside = np.ascontiguousarray(picture[top:bottom, left:right])
    before_y, before_x = max(-box.top, 0), max(-box.left, 0)
    if inside.shape == (box.height, box.width):
        return inside
    level = np.float32(np.percentile(inside[::8, ::8], BACKGROUND_PERCENTILE))
    whole = np.full((box.height, box.width), level, dtype=np.float32)
    target = whole[before_y : before_y + inside.shape[0], before_x : before_x + inside.shape[1]]
    target[...] = inside[: target.shape[0], : target.shape[1]]
    return whole


def _scaled(picture: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    shrinks = size.width * size.height < picture.size
    scaled = cv2.resize(picture, tuple(size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.clip(np.asarray(scaled, dtype=np.float32), 0.0, 1.0)
