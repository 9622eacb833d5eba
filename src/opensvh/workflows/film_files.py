"""A simulated film as a file: PNG, or DICOM with correct tags; the file appears whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from opensvh.domain.anatomy import FILM_CODES
from opensvh.simulation.radiograph import SimulatedFilm

FilmFormat = Literal["png", "dicom"]
SUFFIXES: dict[FilmFormat, str] = {"png": ".png", "dicom": ".dcm"}
INVERTED_SHARE = 0.25
"""Share of DICOM films stored as MONOCHROME1; our choice: both kinds are met."""


def write_film(path: Path, film: SimulatedFilm, seed: int) -> None:
    """Write the film named PATIENT-LH (RH, LF, RF) in the format of its suffix; `seed` is the cohort's."""
    _WRITERS[path.suffix](path, film, seed)


def remove_parts(folder: Path) -> None:
    """Delete what a killed writer left in the folder."""
    for leftover in (*folder.glob(".*.part.png"), *folder.glob(".*.partial")):
        leftover.unlink()


def _write_png(path: Path, film: SimulatedFilm, seed: int) -> None:
    part = path.with_name(f".{path.stem}.part.png")
    if not cv2.imwrite(str(part), film.pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3]):
        raise OSError(f"{part}: could not be written")
    os.replace(part, path)


def _write_dicom(path: Path, film: SimulatedFilm, seed: int) -> None:
    """The patient is the film set, `SIM0001V2`, so that each visit is read as a study of its own."""
    from opensvh.io.dicom_writer import FilmTags, write_dicom  # here, since pydicom is slow to import

    patient, _, code = path.stem.rpartition("-")
    is_inverted = bool(np.random.default_rng((seed, *path.stem.encode())).random() < INVERTED_SHARE)
    write_dicom(path, film.pixels, FilmTags(*FILM_CODES[code], patient, film.pixel_mm, inverted=is_inverted, seed=seed))


_WRITERS: dict[str, Callable[[Path, SimulatedFilm, int], None]] = {".png": _write_png, ".dcm": _write_dicom}
