"""The films of one visit -> readings and pictures; and pictures again of readings that are stored.

Which films those are is `visits`', what becomes of the readings is `score`'s.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from opensvh.domain.anatomy import film_code
from opensvh.domain.errors import OpenSvHError
from opensvh.domain.reading import FilmReading, RefusedFilm, StudyReading
from opensvh.inference.film_reader import FilmReader
from opensvh.io.image import read_film
from opensvh.reporting.overlay import FilmPicture, picture_of
from opensvh.workflows.films import Film
from opensvh.workflows.visits import Visit

Progress = Callable[[str], None]
"""Called with a film's path after it is read, refused, or found done already."""


class ReadVisit(NamedTuple):
    """What came of a visit's films; pictures by film code (`LH`)."""

    films: tuple[FilmReading, ...]
    refused: tuple[RefusedFilm, ...]
    pictures: dict[str, FilmPicture]


class _ReadFilm(NamedTuple):
    """What came of a film: its limbs with their pictures, and what of it was refused."""

    limbs: tuple[tuple[FilmReading, FilmPicture], ...]
    refused: tuple[RefusedFilm, ...]


def read_visit(reader: FilmReader, visit: Visit, progress: Progress, at_once: int = 1) -> ReadVisit:
    """Read every film; one that cannot be read, or is a second one of its limb and side, is refused with its reason.

    `at_once` films are decoded, read and drawn at the same time, each on a core of its own; what comes of them is the
    same, in the same order.
    """
    readings: dict[str, FilmReading] = {}
    pictures: dict[str, FilmPicture] = {}
    refused: list[RefusedFilm] = []
    for film, read in zip(visit.films, _in_order(reader, visit, at_once), strict=True):
        refused += read.refused
        for reading, picture in read.limbs:
            code = film_code(reading.limb, reading.side)
            if code in readings:
                refused.append(_second(reading, readings[code]))
                continue
            readings[code], pictures[code] = reading, picture
        progress(film.path)
    return ReadVisit(tuple(readings.values()), tuple(refused), pictures)


def _in_order(reader: FilmReader, visit: Visit, at_once: int) -> Iterator[_ReadFilm]:
    if at_once < 2:
        yield from (_read(reader, film) for film in visit.films)
        return
    with ThreadPoolExecutor(at_once, "film") as threads:
        yield from threads.map(lambda film: _read(reader, film), visit.films)


def _read(reader: FilmReader, film: Film) -> _ReadFilm:
    try:
        radiograph = read_film(film.path)
        outcome = reader.read(radiograph, film.known)
        limbs = tuple((each.reading, picture_of(radiograph.pixels, each.reading, each.maps)) for each in outcome.read)
        return _ReadFilm(limbs, tuple(outcome.refused))
    except OpenSvHError as failure:
        return _ReadFilm((), (RefusedFilm(film.path, str(failure)),))


def pictures_of(study: StudyReading) -> dict[str, FilmPicture]:
    """The films of a stored study as pictures by film code, without the layers of what a network saw."""
    return {
        film_code(film.limb, film.side): picture_of(read_film(film.film).pixels, film, None) for film in study.films
    }


def _second(reading: FilmReading, first: FilmReading) -> RefusedFilm:
    """One limb and side a visit: none can tell which of two films is wanted."""
    code = film_code(reading.limb, reading.side)
    if reading.film == first.film:
        fact = f"two {reading.limb}s on it look like the {code}"
        return RefusedFilm(reading.film, f"{reading.film}: {fact}; cut the film in two, or give --side for one of them")
    fact = f"a second {code} film of patient {reading.patient} beside {first.film}"
    remedy = "if they are of two visits, give each its date or visit in a --manifest; else score them in two runs"
    return RefusedFilm(reading.film, f"{reading.film}: {fact}; {remedy}")
