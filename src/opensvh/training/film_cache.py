"""The training films on disk as the model will nearly see them: canonical, cropped with a margin, 8 bit, one array.

Built once for a film set and a picture size, film by film, and continued where it was stopped. How a stored crop is
varied and cut for a step is `dataset`'s.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import JOINT_CLASSES, Limb, Side, joint_class
from opensvh.domain.errors import LimbNotFound, TrainingFailed
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.io.image import read_film
from opensvh.io.tables import FilmRecord
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.crop import find_limb_box
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.scale import cut_out, picture_box
from opensvh.preprocessing.turn import turned, turned_frame
from opensvh.training.config import Preset

CLASSES = len(JOINT_CLASSES) + 1
PIXELS, POINTS, DONE = "films.npy", "points.npy", "done.npy"
Bytes = np.memmap[Any, np.dtype[np.uint8]]
Floats = np.memmap[Any, np.dtype[np.float32]]
FORMAT = 1
"""Part of the key: a change of what is stored makes old caches unknown."""
LEAST_POINTS = 4
"""With fewer marked joints their extent says nothing of the limb's."""


@dataclass(frozen=True)
class FilmCache:
    """Stored crops. `pixels` uint8 [films, rows, columns]; `points` float32 [films, 22, 2], the joint centres by class
    in pixels of the crop, NaN where not marked; `picture` maps pixels of a crop to the model's picture."""

    pixels: NDArray[np.uint8]
    points: NDArray[np.float32]
    picture: Frame


def open_cache(
    folder: Path, films: Sequence[FilmRecord], preset: Preset, on_film: Callable[[int], None] = lambda done: None
) -> FilmCache:
    """The films' crops, built or completed first; `on_film` is told how many are done."""
    layout = CropLayout.of(preset)
    place = folder / _key(films, preset)
    pixels, points, done = _open_arrays(place, len(films), layout.stored)
    waiting = [index for index in range(len(films)) if not done[index]]
    on_film(len(films) - len(waiting))
    cv2.setNumThreads(1)
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    futures = {pool.submit(stored_film, films[index], layout, preset.preprocessing): index for index in waiting}
    try:
        for count, future in enumerate(as_completed(futures), len(films) - len(waiting) + 1):
            index = futures[future]
            pixels[index], points[index] = future.result()
            done[index] = 1
            on_film(count)
    finally:
        pool.shutdown(cancel_futures=True)
    pixels.flush()
    points.flush()
    done.flush()
    return FilmCache(pixels, np.array(points), layout.picture)


@dataclass(frozen=True)
class CropLayout:
    """Sizes of the stored crop: `stored` in its pixels; `margins` beyond the picture's box, as shares of its sides."""

    stored: Size
    margin: float
    picture: Frame

    @classmethod
    def of(cls, preset: Preset) -> "CropLayout":
        config, model = preset.training, Size(preset.preprocessing.width, preset.preprocessing.height)
        across, down = (round(side * config.cache_margin) for side in model)
        shown = Box(-across, -down, model.width + across, model.height + down)
        stored = Size(round(shown.width * config.cache_density), round(shown.height * config.cache_density))
        # From the crop's pixels: shrink it to the picture's scale, then cut the picture out of its middle.
        inner = Box(across, down, across + model.width, down + model.height)
        return cls(stored, config.cache_margin, Frame.of(stored).scaled(Size(shown.width, shown.height)).cropped(inner))


def stored_film(
    film: FilmRecord, layout: CropLayout, config: PreprocessingConfig
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A film's crop and its joint centres in the crop's pixels."""
    return film_crop(read_film(film.path).pixels, film, layout, config)


def film_crop(
    pixels: NDArray[np.float32], film: FilmRecord, layout: CropLayout, config: PreprocessingConfig
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The crop and its joint centres from a film's pixels in [0, 1], whatever file they come from."""
    mirror = film.side is Side.RIGHT
    turn = turned_frame(Size(pixels.shape[1], pixels.shape[0]), mirror, 0)
    picture = np.ascontiguousarray(turned(pixels, mirror, 0))
    marked = dict(zip(film.points, turn.to_model(film.points.values()), strict=True))
    shown = picture_box(limb_box(picture, film.limb, marked, config), config)
    across, down = round(shown.width * layout.margin), round(shown.height * layout.margin)
    wide = Box(shown.left - across, shown.top - down, shown.right + across, shown.bottom + down)
    cut = cut_out(picture, wide)
    shrinks = layout.stored.width < wide.width
    crop = cv2.resize(cut, tuple(layout.stored), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    frame = turn.cropped(wide).scaled(layout.stored)
    return (np.clip(crop, 0, 1) * 255 + 0.5).astype(np.uint8), _points_by_class(film, frame)


def limb_box(picture: NDArray[np.float32], limb: Limb, marked: Mapping[str, Point], config: PreprocessingConfig) -> Box:
    """The limb as scoring will find it; where that fails or would lose joints, from the joints; else the whole film."""
    try:
        box = find_limb_box(picture, limb, config.crop)
    except LimbNotFound:
        box = Box(0, 0, picture.shape[1], picture.shape[0])
    shown = picture_box(box, config)
    if all(shown.contains(point) for point in marked.values()) or len(marked) < LEAST_POINTS:
        return box
    return box_around(list(marked.values()), limb)


def _points_by_class(film: FilmRecord, frame: Frame) -> NDArray[np.float32]:
    points = np.full((CLASSES, 2), np.nan, np.float32)
    for name, point in zip(film.points, frame.to_model(film.points.values()), strict=True):
        points[joint_class(film.limb, name)] = point
    return points


def _open_arrays(place: Path, films: int, size: Size) -> tuple[Bytes, Floats, Bytes]:
    """The three arrays, mapped; new ones where there are none. `done` comes last, so that what is there is whole."""
    place.mkdir(parents=True, exist_ok=True)
    if (place / DONE).is_file():
        pixels, points, done = (np.lib.format.open_memmap(place / name, mode="r+") for name in (PIXELS, POINTS, DONE))
    else:
        shape = (films, size.height, size.width)
        pixels = _new_pixels(place / PIXELS, shape)
        points = np.lib.format.open_memmap(place / POINTS, mode="w+", dtype=np.float32, shape=(films, CLASSES, 2))
        done = np.lib.format.open_memmap(place / DONE, mode="w+", dtype=np.uint8, shape=(films,))
    return pixels, points, done


def _new_pixels(path: Path, shape: tuple[int, int, int]) -> Bytes:
    """An array whose room on the disk is taken: a mapped file that found it full later would end the process without
    a word. Raises TrainingFailed."""
    try:
        pixels = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError as failure:
        path.unlink(missing_ok=True)
        raise TrainingFailed(
            f"{path}: no room for {np.prod(shape) / 1e6:.0f} MB of stored crops ({failure.strerror}); make room, or "
            "name another folder with --out"
        ) from failure
    return pixels


def _key(films: Sequence[FilmRecord], preset: Preset) -> str:
    """Changes with the films (name, size, time of change), their joints, and how they are cut."""
    facts = {
        "format": FORMAT,
        "preprocessing": preset.preprocessing.model_dump(mode="json"),
        "cache": [preset.training.cache_margin, preset.training.cache_density],
        "films": [[*_file_facts(film.path), sorted(film.points.items())] for film in films],
    }
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _file_facts(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return path.name, stat.st_size, stat.st_mtime_ns
