"""Which films there are, and whose: paths become films, films become patients.

What is said of a film is `io.identity`'s; nothing is decoded here but what a film says of itself.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from opensvh.domain.errors import FilmUnreadable, OpenSvHError
from opensvh.domain.reading import RefusedFilm
from opensvh.io.dicomdir import DICOMDIR, is_dicomdir, listed_films, listing_above
from opensvh.io.film_archives import films_in_archive
from opensvh.io.film_sources import ARCHIVE_SUFFIX, content_digest, film_address, is_dicom
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
from opensvh.io.image import FILM_SUFFIXES
from opensvh.io.radiograph import Radiograph

__all__ = ["Film", "FilmHints", "Patient", "content_digest", "find_films", "group_films"]


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
    """The films at the paths, in the order given; what is found here is found again when it is given.

    Folders are searched to any depth but not below `apart_from` (the run's own output); of one with a DICOMDIR only
    what this lists is taken, whether or not it is there. Zip archives are looked into, and each frame of a DICOM file
    is a film: `io.film_sources` says how these are addressed.
    """
    for path in paths:
        if not film_address(path).exists and listing_above(path) is None:
            raise FilmUnreadable(f"{path}: is not there; correct the path")
    found = [film for path in paths for film in _films_at(path, apart_from)]
    if not found:
        named = ", ".join(str(path) for path in paths)
        kinds = f"films ({', '.join(FILM_SUFFIXES)}), a folder of them, a DICOMDIR or a zip archive"
        raise FilmUnreadable(f"{named}: holds no films; give {kinds}")
    return list(dict.fromkeys(found))


def _films_at(path: Path, apart_from: Path) -> Iterator[Path]:
    """The films of what the user names, which is taken whatever its suffix."""
    if path.is_dir():
        yield from _films_below(path, apart_from.resolve())
    elif is_dicomdir(path):
        yield from listed_films(path)
    else:
        yield from _films_in(path)


def _films_below(folder: Path, kept_out: Path) -> Iterator[Path]:
    listed = _listed(folder)
    if listed:
        yield from listed
        return
    for path in _entries(folder):
        if path.name.startswith(".") or path.resolve() == kept_out:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _films_below(path, kept_out)
        elif path.is_file() and not is_dicomdir(path) and _is_film(path):
            yield from _films_in(path)


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, in order of name; nothing where it may not be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:  # as a search by pattern passes it over
        return []


def _listed(folder: Path) -> tuple[Path, ...]:
    """What the folder's DICOMDIR lists; nothing without one, or with one that is no use."""
    try:
        return listed_films(folder / DICOMDIR) if is_dicomdir(folder / DICOMDIR) else ()
    except FilmUnreadable:
        return ()


def _films_in(path: Path) -> Iterator[Path]:
    """The film or films in a file; one that cannot be looked into is refused with its reason when it is read."""
    is_archive = path.suffix.lower() == ARCHIVE_SUFFIX and path.is_file()
    try:
        members = films_in_archive(path, FILM_SUFFIXES) if is_archive else [path]
    except FilmUnreadable:
        members = [path]
    for member in members:
        if is_dicom(member):
            from opensvh.io.dicom_frames import frames_of  # here, since pydicom is slow to import

            yield from frames_of(member)
        else:
            yield member


def _is_film(path: Path) -> bool:
    if path.suffix.lower() in (*FILM_SUFFIXES, ARCHIVE_SUFFIX):
        return True
    # Films from a PACS export often have no suffix, or the last number of their UID for one.
    return (not path.suffix or path.suffix[1:].isdigit()) and is_dicom(path)


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
    tags, manifest = _tags(path), _with_frame(manifest, path)
    known = identify(tags, options, manifest)
    sources = (options.patient, claims_of(path, manifest).patient, tags.patient, claims_of_name(path).patient)
    return Film(str(path), known, named=any(sources))


def _with_frame(manifest: Manifest, path: Path) -> Manifest:
    """The manifest, whose row for a file holds for those of its frames that have none of their own."""
    frame = film_address(path).frame
    if frame is None or claims_of(path, manifest) != NO_CLAIMS:
        return manifest
    return {**manifest, str(path): claims_of(path.with_name(path.name.removesuffix(f"#{frame}")), manifest)}


def _tags(path: Path) -> Radiograph:
    """What the file says of itself, without pixels; a file that cannot be read says nothing, and is refused later."""
    nothing = Radiograph(np.empty((0, 0), np.float32), str(path))
    if not is_dicom(path):
        return nothing
    from opensvh.io.dicom import read_dicom_header  # here, since pydicom is slow to import

    try:
        return read_dicom_header(str(path))
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
