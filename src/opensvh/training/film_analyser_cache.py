"""The film analyser's films at a small size, read once for a set of films and kept in one file.

What is seen on them is told by `film_analyser_films`; how they are varied is `film_analyser_examples`'.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.errors import LimbNotFound
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.io.image import read_film, stored_size
from opensvh.preprocessing.config import CropConfig
from opensvh.preprocessing.crop import find_limb_box
from opensvh.preprocessing.overview import shrunk
from opensvh.preprocessing.turn import turned, turned_frame
from opensvh.targets.limb_maps import SeenLimb
from opensvh.training.film_analyser_films import LimbFilm
from opensvh.training.film_analyser_lay import visible

STORED_PX = 384
"""Longest side of a stored film."""
FORMAT = 1


@dataclass(frozen=True)
class SmallFilm:
    """A film's `pixels`, uint8 [rows, columns], with its limbs in these pixels; `ground` the level along its sides."""

    pixels: NDArray[np.uint8]
    limbs: tuple[SeenLimb, ...]
    ground: float
    is_real: bool
    person: str


def small_films(
    folder: Path, films: Sequence[LimbFilm], on_film: Callable[[int], None] = lambda done: None
) -> tuple[SmallFilm, ...]:
    """The films, reduced; read from `folder` where they were stored before, else stored there."""
    path = folder / f"films-{_key(films)}.npz"
    if not path.is_file():
        _store(path, films, on_film)
    with np.load(path) as stored:
        pixels = [stored[str(index)] for index in range(len(films))]
    on_film(len(films))
    return tuple(small_film(film, each) for film, each in zip(films, pixels, strict=True))


def small_film(film: LimbFilm, pixels: NDArray[np.uint8]) -> SmallFilm:
    """A reduced film with its limbs brought into the reduced pixels."""
    frame = Frame.of(Size(*stored_size(film.path))).scaled(Size(pixels.shape[1], pixels.shape[0]))
    size = Size(pixels.shape[1], pixels.shape[0])
    limbs_there = (_scaled(limb, frame) if limb.length else _sought(limb, pixels) for limb in film.limbs)
    parts = (visible(limb, size)[0] for limb in limbs_there)
    limbs = tuple(part for part in parts if part is not None)
    sides = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return SmallFilm(pixels, limbs, float(np.median(sides)) / 255, film.is_real, film.person)


def reduced(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A film in [0, 1] at no more than the stored size, 8 bit."""
    return np.asarray(shrunk(pixels, STORED_PX).image * 255 + 0.5, np.uint8)


def _store(path: Path, films: Sequence[LimbFilm], on_film: Callable[[int], None]) -> None:
    arrays = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for index, small in enumerate(pool.map(lambda film: reduced(read_film(film.path).pixels), films)):
            arrays[str(index)] = small
            on_film(index)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def _scaled(limb: SeenLimb, frame: Frame) -> SeenLimb:
    (centre,) = frame.to_model([Point(*limb.centre)])
    return replace(limb, centre=centre, length=limb.length * frame.scale, width=limb.width * frame.scale)


def _sought(limb: SeenLimb, pixels: NDArray[np.uint8]) -> SeenLimb:
    """The limb with the extent of its silhouette; that of the film where none can be made out."""
    quarter = round(-limb.angle_deg / 90) % 4
    turn = turned_frame(Size(pixels.shape[1], pixels.shape[0]), False, quarter)
    picture = np.ascontiguousarray(turned(pixels.astype(np.float32) / np.float32(255), False, quarter))
    try:
        box = find_limb_box(picture, limb.limb, CropConfig())
    except LimbNotFound:
        box = Box(0, 0, picture.shape[1], picture.shape[0])
    (centre,) = turn.to_film([Point((box.left + box.right - 1) / 2, (box.top + box.bottom - 1) / 2)])
    return replace(limb, centre=centre, length=float(box.height), width=float(box.width))


def _key(films: Sequence[LimbFilm]) -> str:
    """Changes with the films (name, size, time of change) and with how they are stored."""
    facts = [[film.path.name, film.path.stat().st_size, film.path.stat().st_mtime_ns] for film in films]
    return hashlib.sha256(json.dumps([FORMAT, STORED_PX, facts]).encode()).hexdigest()[:16]
