"""The films of one visit -> readings and pictures; and pictures again of readings that are stored.

Which films those are is `visits`', what becomes of the readings is `score`'s.
"""

from collections.abc import Callable
from typing import NamedTuple

from opensvh.domain.anatomy import film_code
from opensvh.domain.errors import OpenSvHError
from opensvh.domain.reading import FilmReading, RefusedFilm, StudyReading
from opensvh.inference.film_reader import FilmReader
from opensvh.io.image import read_film
from opensvh.reporting.overlay import FilmPicture, picture_of
from opensvh.workflows.visits import Visit

Progress = Callable[[str], None]
"""Called with a film's path after it is read, refused, or found done already."""


class ReadVisit(NamedTuple):
    """What came of a visit's films; pictures by film code (`LH`)."""

    films: tuple[FilmReading, ...]
    refused: tuple[RefusedFilm, ...]
    pictures: dict[str, FilmPicture]


def read_visit(reader: FilmReader, visit: Visit, progress: Progress) -> ReadVisit:
    """Read every film; one that cannot be read, or is a second one of its limb and side, is refused with its reason."""
    readings: dict[str, FilmReading] = {}
    pictures: dict[str, FilmPicture] = {}
    refused: list[RefusedFilm] = []
    for film in visit.films:
        try:
            radiograph = read_film(film.path)
            outcome = reader.read(radiograph, film.known)
            refused += outcome.refused
            for each in outcome.read:
                code = film_code(each.reading.limb, each.reading.side)
                if code in readings:
                    refused.append(_second(each.reading, readings[code]))
                    continue
                readings[code] = each.reading
                pictures[code] = picture_of(radiograph.pixels, each.reading, each.maps)
        except OpenSvHError as failure:
            refused.append(RefusedFilm(film.path, str(failure)))
        progress(film.path)
    return ReadVisit(tuple(readings.values()), tuple(refused), pictures)


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
