"""The folder of films: which there are and whose, and their pixels as 16-bit grey levels with every LUT applied.

Levels are decoded once and kept in `cache/`; a film whose file has changed since it was added is refused, since what
was read or marked on it no longer holds. Who may see a film is `film_access`'s.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.errors import OpenSvHError
from opensvh.domain.reading import RefusedFilm
from opensvh.io.film_sources import content_digest
from opensvh.io.image import read_film, stored_size
from opensvh.io.ra2 import read_csv_text
from opensvh.io.tables import VISITS
from opensvh.io.whole_file import write_whole
from opensvh.serving.workbench.accounts import new_id
from opensvh.serving.workbench.failures import Conflict, Invalid
from opensvh.serving.workbench.settings import CACHE, Settings
from opensvh.serving.workbench.tables import Film
from opensvh.workflows.films import FilmHints, find_films, group_films

WHITE = 65535
MOST_CACHED_BYTES = 20 << 30
Levels = NDArray[np.uint16]


@dataclass(frozen=True)
class Found:
    """Films in the folder that the database does not know yet, and files that cannot be taken."""

    films: tuple[Film, ...]
    refused: tuple[RefusedFilm, ...]


class FilmLibrary:
    """The films of one workbench."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.films
        self._cache = settings.data / CACHE
        self._cache.mkdir(parents=True, exist_ok=True)

    def path(self, film: Film) -> Path:
        """Where the film lies, as `io.film_sources` addresses it."""
        return self.folder / film.file

    def inside(self, name: str) -> Path:
        """A file or folder below the library's; raises Invalid for a name that leads out of it."""
        parts = PurePosixPath(name).parts
        path = self.folder.joinpath(*parts)
        if ".." in parts or "\x00" in name or PurePosixPath(name).is_absolute():
            raise Invalid(f"{name!r}: name a folder below films/")
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise Invalid(f"{name!r}: leads out of films/; copy the films into it")
        return path

    def find(self, folder: str, known: frozenset[str]) -> Found:
        """The films below a folder of the library that are not known; raises OpenSvHError where there is none."""
        paths = find_films([self.inside(folder)], apart_from=self._cache)
        fresh = [path for path in paths if str(path.relative_to(self.folder)) not in known]
        patients, refused = group_films(fresh, FilmHints())
        films: list[Film] = []
        refused = [self._inwards(each) for each in refused]
        visits: dict[Path, dict[str, tuple[str, str]]] = {}
        for patient in patients:
            for each in patient.films:
                path, told = Path(each.path), each.known
                try:
                    film = self._film(path)
                except OpenSvHError as failure:
                    refused.append(self._inwards(RefusedFilm(each.path, str(failure))))
                    continue
                home = path.parent.parent
                person, visit = visits.setdefault(home, _visits_in(home)).get(told.patient, (told.patient, ""))
                film.patient, film.visit, film.date = person, told.visit or visit or told.date or "1", told.date
                film.limb, film.side = told.limb, told.side
                films.append(film)
        return Found(tuple(films), tuple(refused))

    def levels(self, film: Film) -> Levels:
        """Grey levels [row, column], 0 to 65535, dense tissue bright; raises Conflict where the file has changed."""
        kept = self._cache / f"{film.id}.u16"
        if not kept.is_file() or kept.stat().st_size != 2 * film.width * film.height:
            if content_digest(self.path(film)) != film.sha256:
                raise Conflict(f"film {film.id}: its file has changed since it was added; put the first one back")
            pixels = read_film(self.path(film)).pixels
            write_whole(kept, np.round(pixels * WHITE).astype("<u2").tobytes())
            self._make_room(kept)
        return np.memmap(kept, dtype="<u2", mode="r", shape=(film.height, film.width))

    def _film(self, path: Path) -> Film:
        width, height = stored_size(path)
        return Film(
            id=new_id(),
            file=str(path.relative_to(self.folder)),
            sha256=content_digest(path),
            width=width,
            height=height,
            spacing_mm=_spacing(path),
        )

    def _inwards(self, refused: RefusedFilm) -> RefusedFilm:
        """The same without where on this machine the library lies."""
        inner = f"{self.folder}/"
        return replace(refused, film=refused.film.replace(inner, ""), reason=refused.reason.replace(inner, ""))

    def _make_room(self, newest: Path) -> None:
        kept = sorted(self._cache.glob("*.u16"), key=lambda path: path.stat().st_mtime)
        size = sum(path.stat().st_size for path in kept)
        for path in kept:
            if size <= MOST_CACHED_BYTES or path == newest:
                return
            size -= path.stat().st_size
            path.unlink(missing_ok=True)


def shrunk(levels: Levels, factor: int) -> Levels:
    """Each `factor` x `factor` pixels as their mean: a film to be seen at once, while the whole one is on its way."""
    if factor == 1:
        return levels
    size = (max(1, levels.shape[1] // factor), max(1, levels.shape[0] // factor))
    return np.asarray(cv2.resize(np.ascontiguousarray(levels), size, interpolation=cv2.INTER_AREA), dtype=np.uint16)


def crop(levels: Levels, centre: tuple[float, float], side_px: float, size: int, turn_cw_deg: float) -> Levels:
    """A square [size, size] of the film around a point (x, y), turned clockwise; black beyond the film's edge."""
    matrix = cv2.getRotationMatrix2D(centre, -turn_cw_deg, size / side_px)
    matrix = matrix + np.array([[0, 0, (size - 1) / 2 - centre[0]], [0, 0, (size - 1) / 2 - centre[1]]])
    way = cv2.INTER_AREA if size < side_px else cv2.INTER_CUBIC
    return np.asarray(cv2.warpAffine(np.ascontiguousarray(levels), matrix, (size, size), flags=way), dtype=np.uint16)


def tag_of(film: Film, *form: object) -> str:
    """An ETag: the film's content in one form."""
    return '"' + hashlib.sha256(f"{film.sha256} {film.id} {form}".encode()).hexdigest()[:32] + '"'


def _spacing(path: Path) -> float | None:
    from opensvh.io.film_sources import is_dicom

    if not is_dicom(path):
        return None
    from opensvh.io.dicom import read_dicom_header

    return read_dicom_header(str(path)).spacing_mm


def _visits_in(folder: Path) -> dict[str, tuple[str, str]]:
    """Film set -> person and visit, where a native dataset's `visits.csv` tells."""
    if not (folder / VISITS).is_file():
        return {}
    table = read_csv_text(folder / VISITS)
    return {row["patient"]: (row["person"], row.get("visit", "")) for row in _rows(table)}


def _rows(table: object) -> Iterator[dict[str, str]]:
    yield from table.to_dict("records")  # type: ignore[attr-defined]
