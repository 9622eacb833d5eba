"""Films as training examples: example n of a run is a function of the run's seed and n alone.

So a run that was killed goes on with exactly the films and variations it would have had. The stored films are
`film_cache`'s; which of them are trained on is `datamodule`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import BACKGROUND, IGNORED, POINTS, Kind, joint_class, site_named
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.io.tables import FilmRecord
from opensvh.model.config import ModelConfig
from opensvh.preprocessing.augment import AugmentationConfig, augment, cut_off, random_map
from opensvh.targets.masks import joint_mask
from opensvh.targets.smoothing import NARROWING_CLASSES, Smoothing, soft_label
from opensvh.training.film_cache import CLASSES, FilmCache

ORDER_KEY, EXAMPLE_KEY, MIX_KEY = 0, 1, 2
"""Spawn keys: which film comes when, how it is varied, and from which film set it comes."""
UNKNOWN = np.nan


class Example(NamedTuple):
    """One film as the network takes it, and what it should give.

    `image` float32 [1, height, width]; `joint` int64 [h, w] at the maps' stride, -1 ignored; soft labels by joint
    class [22, classes], zero where there is no score; `film` its index.
    """

    image: NDArray[np.float32]
    joint: NDArray[np.int64]
    narrowing: NDArray[np.float32]
    erosion: NDArray[np.float32]
    film: int


@dataclass(frozen=True)
class FilmLabels:
    """Scores of films by joint class: soft labels [films, 22, classes], and the grades themselves [films, 22]."""

    narrowing: NDArray[np.float32]
    erosion: NDArray[np.float32]
    grades: Mapping[Kind, NDArray[np.float32]]


def film_labels(films: Sequence[FilmRecord], model: ModelConfig) -> FilmLabels:
    """Labels of every film; zero and NaN where a joint has no score of that kind."""
    classes = {Kind.NARROWING: NARROWING_CLASSES, Kind.EROSION: int(model.erosion_classes)}
    labels = {kind: np.zeros((len(films), CLASSES, count), np.float32) for kind, count in classes.items()}
    grades = {kind: np.full((len(films), CLASSES), UNKNOWN, np.float32) for kind in Kind}
    for index, film in enumerate(films):
        for (name, kind), score in film.scores.items():
            joint = joint_class(film.limb, site_named(film.limb, name).point)
            smoothing = Smoothing(model.label_smoothing, model.label_shape)
            labels[kind][index, joint] = soft_label(score, kind, film.limb, classes[kind], smoothing)
            grades[kind][index, joint] = score
    return FilmLabels(labels[Kind.NARROWING], labels[Kind.EROSION], grades)


class FilmExamples:
    """Examples of stored films, varied for training or as they are."""

    def __init__(
        self, films: Sequence[FilmRecord], cache: FilmCache, model: ModelConfig, augmentation: AugmentationConfig
    ) -> None:
        self.films = films
        self.cache = cache
        self.labels = film_labels(films, model)
        self._model = model
        self._variation = augmentation
        self._grey_variation = augmentation.model_copy(
            update={"rotation_deg": 0.0, "scale": 0.0, "stretch": 0.0, "shift": 0.0, "flip_share": 0.0}
        )

    def plain(self, film: int) -> Example:
        """The film as scoring would see it."""
        return self._example(film, self._picture(film, self.cache.picture), self.cache.picture)

    def varied(self, film: int, rng: np.random.Generator) -> Example:
        """The film moved, turned, scaled in one warp, and varied in its grey levels."""
        size = self.cache.picture.size
        frame = self.cache.picture.mapped(random_map(size, rng, self._variation))
        image, _ = augment(self._picture(film, frame), {}, rng, self._grey_variation)
        if self._variation.cut_share and rng.random() < self._variation.cut_share:
            image, seen = cut_off(image, rng, self._variation)
            return self._example(film, image, frame, seen)
        return self._example(film, image, frame)

    def points(self, film: int, frame: Frame) -> dict[int, Point]:
        """The film's marked joint centres by class, in pixels of the frame's picture."""
        stored = self.cache.points[film]
        joints = [joint for joint in range(1, CLASSES) if not np.isnan(stored[joint, 0])]
        places = frame.to_model(Point(float(stored[joint, 0]), float(stored[joint, 1])) for joint in joints)
        return dict(zip(joints, places, strict=True))

    def _picture(self, film: int, frame: Frame) -> NDArray[np.float32]:
        stored = self.cache.pixels[film]
        border = float(np.median(np.concatenate([stored[0], stored[-1], stored[:, 0], stored[:, -1]])))
        warped = cv2.warpAffine(
            stored,
            np.asarray(frame.matrix, dtype=np.float64),
            tuple(frame.size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=border,
        )
        return np.asarray(warped, np.float32) / np.float32(255)

    def _example(self, film: int, image: NDArray[np.float32], frame: Frame, seen: Box | None = None) -> Example:
        """`seen` is the part of the picture that lies on the film; None: all of it."""
        marked = self.points(film, frame)
        on_film = [joint for joint, point in marked.items() if seen is None or seen.contains(point)]
        points = self.points(film, frame.strided(self._model.output_stride))
        complete = len(marked) == len(POINTS[self.films[film].limb])
        mask = training_mask({joint: points[joint] for joint in on_film}, complete, frame.size, self._model)
        return Example(image[None], mask, self.labels.narrowing[film], self.labels.erosion[film], film)


def training_mask(points: Mapping[int, Point], complete: bool, size: Size, model: ModelConfig) -> NDArray[np.int64]:
    """Joint classes at the maps' stride, from centres in the maps' pixels.

    Unless they are `complete`, all joints that the picture shows, background may be an unmarked joint and is ignored.
    """
    stride = model.output_stride
    maps = Size(size.width // stride, size.height // stride)
    mask = np.full((maps.height, maps.width), BACKGROUND, np.int64)
    if points:
        mask = joint_mask(points, maps, *model.map_radii_px).astype(np.int64)
    if not complete:
        mask[mask == BACKGROUND] = IGNORED
    return mask


def film_order(films: int, seed: int, start: int, count: int) -> list[int]:
    """Films of the run's examples `start` to `start + count - 1`: all films once, shuffled anew, time after time."""
    order: list[int] = []
    for epoch in range(start // films, (start + count - 1) // films + 1):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(ORDER_KEY, epoch)))
        order.extend(rng.permutation(films).tolist())
    offset = start % films
    return order[offset : offset + count]


def example_generator(seed: int, example: int) -> np.random.Generator:
    """The randomness of a run's n-th example."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(EXAMPLE_KEY, example)))
