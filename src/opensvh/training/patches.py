"""Joints as patches of the film's own pixels, and how a classifier of them is trained: the two-stage peer's data.

The run itself is `film_analyser_run`'s, the network `model.patch_classifier`'s.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from opensvh.domain.anatomy import Kind, Limb, Side, joint_class
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.io.image import read_film
from opensvh.io.tables import FilmRecord
from opensvh.model.heads import JOINT_MAPS
from opensvh.model.patch_classifier import PatchConfig, PatchNet
from opensvh.preprocessing.augment import AugmentationConfig, augment, random_map
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.scale import cut_out
from opensvh.preprocessing.turn import turned, turned_frame
from opensvh.training.dataset import FilmLabels, example_generator, film_order
from opensvh.training.film_analyser_run import Task

SIDE_SHARE = 0.12
"""Side of a patch, of the limb's length: 23 mm of a hand 190 mm long."""
STORED = 1.5
"""Stored patches are so many times as wide, so that a varied one does not reach past its border."""
LEAST_POINTS = 4
"""With fewer joints a limb's length is not known."""
PIXELS, WHOSE = "patches.npy", "whose.npy"
Picture = NDArray[np.float32]


@dataclass(frozen=True)
class PatchStore:
    """Patches uint8 [patches, side, side], and of each the film's index and the joint class [patches, 2]."""

    pixels: NDArray[np.uint8]
    whose: NDArray[np.int64]


@dataclass(frozen=True)
class PatchExamples:
    """Patches as training examples for one kind of damage; `chosen` are their places in the store."""

    store: PatchStore
    labels: NDArray[np.float32]
    chosen: NDArray[np.int64]
    config: PatchConfig
    augmentation: AugmentationConfig

    @classmethod
    def of(
        cls, store: PatchStore, labels: FilmLabels, kind: Kind, films: Sequence[int], side_px: int, encoder: str
    ) -> "PatchExamples":
        """Of the joints of these films that have a score of the kind."""
        soft = labels.narrowing if kind is Kind.NARROWING else labels.erosion
        film, joint = store.whose.T
        known = soft[film, joint].sum(axis=-1) > 0
        chosen = np.flatnonzero(known & np.isin(film, np.asarray(films)))
        config = PatchConfig.model_validate({"encoder": encoder, "classes": soft.shape[-1], "side_px": side_px})
        return cls(store, soft, chosen, config, AugmentationConfig())

    def varied_as(self, augmentation: AugmentationConfig) -> "PatchExamples":
        """With the variation of a run's films, but for what cuts films off or turns left to right."""
        own = augmentation.model_copy(update={"cut_share": 0.0, "flip_share": 0.0})
        return PatchExamples(self.store, self.labels, self.chosen, self.config, own)

    def task(self) -> Task:
        """What a run wants to know."""
        return Task(lambda: PatchNet(self.config), self.example, patch_losses)

    def example(self, seed: int, number: int) -> tuple[NDArray[np.float32], ...]:
        """Example `number` of a run: image [1, side, side], its joint class as one of 22, and the soft label."""
        turn, count = divmod(number, len(self.chosen))
        place = self.chosen[_order(len(self.chosen), seed, turn)[count]]
        film, joint = self.store.whose[place]
        image = self._varied(self.store.pixels[place], example_generator(seed, number))
        return image[None], np.eye(JOINT_MAPS, dtype=np.float32)[joint], self.labels[film, joint]

    def _varied(self, stored: NDArray[np.uint8], rng: np.random.Generator) -> Picture:
        side = Size(self.config.side_px, self.config.side_px)
        frame = middle_frame(Size(stored.shape[1], stored.shape[0]), side)
        frame = frame.mapped(random_map(side, rng, self.augmentation))
        image = cv2.warpAffine(
            stored.astype(np.float32) / 255,
            np.asarray(frame.matrix),
            tuple(side),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        still = {"rotation_deg": 0.0, "scale": 0.0, "stretch": 0.0, "shift": 0.0}
        varied, _ = augment(np.asarray(image, np.float32), {}, rng, self.augmentation.model_copy(update=still))
        return varied


@lru_cache(maxsize=4)
def _order(count: int, seed: int, turn: int) -> list[int]:
    """All patches once, shuffled: a run's turn `turn` through them."""
    return film_order(count, seed, turn * count, count)


def patch_losses(output: Tensor, wanted: Sequence[Tensor]) -> dict[str, Tensor]:
    """Soft cross entropy of the joint's own row of logits [batch, 22, classes]."""
    joint, label = wanted
    logits = (output.float() * joint[..., None]).sum(dim=1)
    return {"damage": -(label * logits.log_softmax(dim=-1)).sum(dim=-1).mean()}


def open_patches(folder: Path, films: Sequence[FilmRecord], side_px: int) -> PatchStore:
    """Patches about the marked joints of the films, cut once and kept in `folder`."""
    place = folder / _key(films, side_px)
    if not (place / WHOSE).is_file():
        place.mkdir(parents=True, exist_ok=True)
        store = _cut_all(films, round(side_px * STORED))
        _save(place / PIXELS, store.pixels)
        _save(place / WHOSE, store.whose)
    return PatchStore(np.load(place / PIXELS, mmap_mode="r"), np.load(place / WHOSE))


def cut_patches(
    picture: Picture, points: Mapping[str, Point], limb: Limb, side_px: int, wider: float = 1.0
) -> dict[str, Picture]:
    """A patch about each joint of a film in the canonical pose, float32 [side, side]; none where too few are known.

    Cut from the film's own pixels and brought to `side_px`, `wider` than `SIDE_SHARE` by that factor.
    """
    if len(points) < LEAST_POINTS:
        return {}
    side = max(round(SIDE_SHARE * wider * box_around(list(points.values()), limb).height), 2)
    return {name: _resized(cut_out(picture, _square(point, side)), side_px) for name, point in points.items()}


def middle_frame(stored: Size, side: Size) -> Frame:
    """From a stored patch to the network's picture of its middle."""
    shown = Size(round(side.width * STORED), round(side.height * STORED))
    left, top = (shown.width - side.width) // 2, (shown.height - side.height) // 2
    return Frame.of(stored).scaled(shown).cropped(Box(left, top, left + side.width, top + side.height))


def _cut_all(films: Sequence[FilmRecord], side_px: int) -> PatchStore:
    patches, whose = [], []
    for index, film in enumerate(films):
        pixels = read_film(film.path).pixels
        mirror = film.side is Side.RIGHT
        frame = turned_frame(Size(pixels.shape[1], pixels.shape[0]), mirror, 0)
        picture = np.ascontiguousarray(turned(pixels, mirror, 0))
        points = dict(zip(film.points, frame.to_model(film.points.values()), strict=True))
        for name, patch in cut_patches(picture, points, film.limb, side_px, STORED).items():
            patches.append((patch * 255 + 0.5).astype(np.uint8))
            whose.append((index, joint_class(film.limb, name)))
    return PatchStore(np.stack(patches), np.array(whose, np.int64))


def _square(point: Point, side: int) -> Box:
    left, top = round(point.x - (side - 1) / 2), round(point.y - (side - 1) / 2)
    return Box(left, top, left + side, top + side)


def _resized(patch: Picture, side_px: int) -> Picture:
    shrinks = patch.shape[0] > side_px
    resized = cv2.resize(patch, (side_px, side_px), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.clip(np.asarray(resized, np.float32), 0, 1)


def _save(path: Path, array: NDArray[np.uint8] | NDArray[np.int64]) -> None:
    part = path.with_suffix(f".{os.getpid()}.part.npy")
    np.save(part, array)
    part.replace(path)


def _key(films: Sequence[FilmRecord], side_px: int) -> str:
    facts = [[film.path.name, film.path.stat().st_size, sorted(film.points.items())] for film in films]
    return hashlib.sha256(json.dumps([side_px, SIDE_SHARE, STORED, facts]).encode()).hexdigest()[:16]


def patch_probabilities(
    network: torch.nn.Module, patches: Mapping[str, Picture], limb: Limb
) -> dict[str, NDArray[np.float64]]:
    """The distribution over grades of each joint by name."""
    if not patches:
        return {}
    images = torch.from_numpy(np.stack(list(patches.values())))[:, None]
    with torch.inference_mode():
        logits = network(images.contiguous(memory_format=torch.channels_last))
    rows = logits.float().softmax(dim=-1).double().numpy()
    return {name: rows[place, joint_class(limb, name)] for place, name in enumerate(patches)}
