"""The films of a study as results refer to them: by their headers, or as images that are to be made of pictures."""

from opensvh.domain.anatomy import FILM_CODES, film_code
from opensvh.domain.reading import FilmReading, StudyReading
from opensvh.io.film_sources import content_digest
from opensvh.reporting.dicom.capture import Capture, capture, study_header
from opensvh.reporting.dicom.film_header import film_header, frame_of
from opensvh.reporting.dicom.run import FilmSource

_CODES = tuple(FILM_CODES)


def film_sources(study: StudyReading) -> tuple[tuple[FilmSource, ...], tuple[Capture | None, ...]]:
    """The films of a study in the order of limbs, and for each the image to be made of it, if one is."""
    films = _by_film(study)
    headers = {path: film_header(path) for path in films}
    digests = {path: content_digest(path) for path in films}
    lead = next((header for header in headers.values() if header is not None), None)
    of_study = lead if lead is not None else study_header(study, tuple(digests.values()))
    sources: list[FilmSource] = []
    captures: list[Capture | None] = []
    for path, readings in films.items():
        header = headers[path]
        if header is not None:
            sources.append(FilmSource(header, readings, digests[path], frame_of(path)))
            captures.append(None)
            continue
        image = capture(path, readings, of_study, digests[path])
        sources.append(FilmSource(image.header, readings, digests[path]))
        captures.append(image)
    return tuple(sources), tuple(captures)


def _by_film(study: StudyReading) -> dict[str, tuple[FilmReading, ...]]:
    """Film -> the readings made on it, by the order of limbs."""
    films: dict[str, tuple[FilmReading, ...]] = {}
    for reading in sorted(study.films, key=lambda each: _CODES.index(film_code(each.limb, each.side))):
        films[reading.film] = (*films.get(reading.film, ()), reading)
    return films
