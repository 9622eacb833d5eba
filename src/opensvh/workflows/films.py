"""Which films there are, and whose: paths become films, films become patients.

What is said of a film is `io.identity`'s; nothing is decoded here but what a film says of itself.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from opensvh.domain.errors import FilmUnreadable, OpenSvHError
from opensvh.domain.reading import RefusedFilm
from opensvh.io.identity import (
    NO_CLAIMS,
    FilmClaims,
    KnownFilm,
    Manifest,
    claims_of,
    claims_of_name,
    identify,
    read_manifest,
)
from opensvh.io.image import FILM_SUFFIXES, read_film
from opensvh.io.radiograph import Radiograph

DICOM_MARK, DICOM_MARK_AT = b"DICM", 128
"""PS3.10, 7.1: four letters after a preamble of 128 bytes."""
DICOM_SUFFIXES = (".dcm", ".dicom")


@dataclass(frozen=True)
class FilmHints:
    """What the user says of the films: of all of them, and in a manifest (CSV) of each."""

    options: FilmClaims = NO_CLAIMS
    manifest: Path | None = None


@dataclass(frozen=True)
class Film:
    """A film to read: its path as given, and what is said of it; `named` if something names its patient."""

    path: str
    known: KnownFilm
    named: bool


@dataclass(frozen=True)
class Patient:
    """A patient's films, in the order they were given."""

    name: str
    films: tuple[Film, ...]

    @property
    def named(self) -> bool:
        """Whether anything but a file's name names the patient."""
        return any(film.named for film in self.films)


def find_films(paths: Sequence[Path], apart_from: Path) -> list[Path]:
    """The films at the paths, folders searched to any depth but not below `apart_from` (the run's own output)."""
    for path in paths:
        if not path.exists():
            raise FilmUnreadable(f"{path}: is not there; correct the path")
    found = [film for path in paths for film in (_films_below(path, apart_from) if path.is_dir() else [path])]
    if not found:
        named = ", ".join(str(path) for path in paths)
        raise FilmUnreadable(f"{named}: holds no films; give films ({', '.join(FILM_SUFFIXES)}) or a folder of them")
    return list(dict.fromkeys(found))


def content_digest(path: str) -> str:
    """SHA-256 of a file, `missing` where there is none, `unreadable` where it may not be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"


def _films_below(folder: Path, apart_from: Path) -> Iterator[Path]:
    kept_out = apart_from.resolve()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and _is_film(path) and kept_out not in path.resolve().parents:
            yield path


def _is_film(path: Path) -> bool:
    if path.suffix.lower() in FILM_SUFFIXES:
        return True
    # Films from a PACS export often have no suffix, or the last number of their UID for one.
    return (not path.suffix or path.suffix[1:].isdigit()) and _is_dicom(path)


def _is_dicom(path: Path) -> bool:
    if path.suffix.lower() in DICOM_SUFFIXES:
        return True
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(DICOM_MARK_AT + len(DICOM_MARK)).endswith(DICOM_MARK)
    except OSError:  # refused with its reason when it is read
        return False


def group_films(paths: Sequence[Path], hints: FilmHints) -> tuple[list[Patient], list[RefusedFilm]]:
    """Films by patient in order of name, and the films of nobody: those whose tags and name contradict each other."""
    manifest = {} if hints.manifest is None else read_manifest(hints.manifest)
    films: list[Film] = []
    refused: list[RefusedFilm] = []
    for path in paths:
        try:
            films.append(_film(path, hints.options, manifest))
        except OpenSvHError as failure:
            refused.append(RefusedFilm(str(path), str(failure)))
    by_patient: dict[str, list[Film]] = {}
    for film in _told_apart(films):
        by_patient.setdefault(film.known.patient, []).append(film)
    return [Patient(name, tuple(by_patient[name])) for name in sorted(by_patient)], refused


def _film(path: Path, options: FilmClaims, manifest: Manifest) -> Film:
    tags = _tags(path)
    known = identify(tags, options, manifest)
    sources = (options.patient, claims_of(path, manifest).patient, tags.patient, claims_of_name(path).patient)
    return Film(str(path), known, named=any(sources))


def _tags(path: Path) -> Radiograph:
    """What the file says of itself, without pixels; a file that cannot be read says nothing, and is refused later."""
    nothing = Radiograph(np.empty((0, 0), np.float32), str(path))
    if not _is_dicom(path):
        return nothing
    try:
        return replace(read_film(path), pixels=nothing.pixels)
    except FilmUnreadable:
        return nothing


def _told_apart(films: Sequence[Film]) -> list[Film]:
    """Films that name no patient are patients of their own: those of one file name go by their whole path."""
    often = Counter(film.known.patient for film in films)
    return [
        film
        if film.named or often[film.known.patient] == 1
        else replace(film, known=replace(film.known, patient=film.path))
        for film in films
    ]
