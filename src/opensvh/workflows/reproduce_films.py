"""Films of a part of the benchmark as runs read them: found by their names alone, cut out once, kept for all runs.

No truth is looked at here: the test patients' films are read by every run, their grades by none. Where the limb lies is
found as scoring finds it, not from marked joints.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import FILM_CODES, Limb, Side
from opensvh.domain.errors import DatasetInvalid, LimbNotFound
from opensvh.domain.geometry import Frame, Matrix, Size
from opensvh.domain.placement import Pose
from opensvh.io.image import read_film
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.scale import canonical_film
from opensvh.preprocessing.turn import PosedFilm, posed

PICTURES, FRAMES, STATES = "pictures.npy", "frames.npy", "states.npy"
WAITING, CUT, NO_LIMB = 0, 1, 2
FORMAT = 1
"""Part of the key: a change of what is stored makes old pictures unknown."""


@dataclass(frozen=True)
class PartFilm:
    """A film and what its name says, `PATIENT-LH.png`."""

    patient: str
    limb: Limb
    side: Side
    path: Path

    @property
    def name(self) -> str:
        """Unique in the part, as `DEV0001-LH`."""
        return self.path.stem


@dataclass(frozen=True)
class Pictures:
    """What models see: uint8 [films, height, width]; `frames` map a film's pixels to its picture's, None: no limb."""

    films: tuple[PartFilm, ...]
    pixels: NDArray[np.uint8]
    frames: tuple[Frame | None, ...]


def part_films(folder: Path) -> tuple[PartFilm, ...]:
    """The films of a part in the order of their names; raises DatasetInvalid where there are none."""
    films = []
    for path in sorted((folder / "images").glob("*.png")):
        patient, _, code = path.stem.rpartition("-")
        if code in FILM_CODES:
            films.append(PartFilm(patient, *FILM_CODES[code], path))
    if not films:
        raise DatasetInvalid(f"{folder}: holds no films; complete the benchmark with `opensvh benchmark make`")
    return tuple(films)


def posed_film(film: PartFilm) -> PosedFilm:
    """The film with its digits up, looking like a left limb; the benchmark's films lie upright."""
    return posed(read_film(film.path).pixels, Pose(0.0, film.side is Side.RIGHT))


def open_pictures(store: Path, films: Sequence[PartFilm], config: PreprocessingConfig) -> Pictures:
    """The films' pictures, cut first or completed where that was stopped."""
    place = store / _key(films, config)
    pixels, matrices, states = _open_arrays(place, len(films), Size(config.width, config.height))
    cv2.setNumThreads(1)
    for index in np.flatnonzero(states == WAITING).tolist():
        try:
            film = canonical_film(posed_film(films[index]), films[index].limb, config)
        except LimbNotFound:
            states[index] = NO_LIMB
            continue
        pixels[index] = (film.image * 255 + 0.5).astype(np.uint8)
        matrices[index] = film.frame.matrix
        states[index] = CUT
    for array in (pixels, matrices, states):
        array.flush()
    size = Size(config.width, config.height)
    frames = tuple(
        Frame(size, _matrix(matrix)) if state == CUT else None for matrix, state in zip(matrices, states, strict=True)
    )
    return Pictures(tuple(films), pixels, frames)


def _matrix(stored: NDArray[np.float64]) -> Matrix:
    (a, b, x), (c, d, y) = stored.tolist()
    return (a, b, x), (c, d, y)


def _open_arrays(place: Path, films: int, size: Size) -> "tuple[np.memmap[Any, Any], ...]":
    """The three arrays, mapped; `states` is made last, so that what is there is whole."""
    place.mkdir(parents=True, exist_ok=True)
    shapes: dict[str, tuple[tuple[int, ...], type]] = {
        PICTURES: ((films, size.height, size.width), np.uint8),
        FRAMES: ((films, 2, 3), np.float64),
        STATES: ((films,), np.uint8),
    }
    if (place / STATES).is_file():
        return tuple(np.lib.format.open_memmap(place / name, mode="r+") for name in shapes)
    return tuple(
        np.lib.format.open_memmap(place / name, mode="w+", dtype=kind, shape=shape)
        for name, (shape, kind) in shapes.items()
    )


def _key(films: Sequence[PartFilm], config: PreprocessingConfig) -> str:
    named = [[film.path.name, film.path.stat().st_size, film.path.stat().st_mtime_ns] for film in films]
    facts = [FORMAT, config.model_dump(mode="json"), named]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
