"""Hand-marked real films, each with its half, images of no hand or foot, and what a reader makes of them."""

from pathlib import Path

from pydantic import TypeAdapter

from opensvh.domain.errors import DatasetInvalid, FilmUnreadable, OpenSvHError
from opensvh.evaluation.real_reads import FilmOutcome, RealFilm, RealRead
from opensvh.evaluation.real_split import UNKNOWN, Half, allotments
from opensvh.evaluation.truth import FilmTruth
from opensvh.io.annotations.records import has_records, read_records
from opensvh.io.image import FILM_SUFFIXES, read_film
from opensvh.io.radiograph import Radiograph
from opensvh.workflows.evaluate_real_readers import RealReader
from opensvh.workflows.evaluate_real_store import Store, key_of
from opensvh.workflows.films import content_digest
from opensvh.workflows.known_films import known_films
from opensvh.workflows.score import SOFTWARE

Outcomes = Store[FilmOutcome]


def marked_real_films(folder: Path, half: Half | None = None) -> tuple[RealFilm, ...]:
    """The films of a folder with `joints.json`, those of one half if one is given; raises DatasetInvalid."""
    if not has_records(folder):
        raise DatasetInvalid(f"{folder}: holds no joints.json; give a folder with hand-marked films and their records")
    dealt = allotments(folder)
    films = [
        RealFilm(truth, record.group, record.box, group.half, group.severe)
        for truth, record in zip(known_films(folder), read_records(folder), strict=True)
        for group in [dealt.get(record.group, UNKNOWN)]
    ]
    kept = tuple(film for film in films if half is None or film.half is half)
    if not kept:
        raise DatasetInvalid(f"{folder}: none of its {len(films)} films is in the {half} half; give the other or both")
    return kept


def outcome_store(out: Path) -> Outcomes:
    """Where the outcomes of a run are kept."""
    return Store(out / "films", TypeAdapter(FilmOutcome))


def read_real_film(reader: RealReader, film: RealFilm, store: Outcomes) -> RealRead:
    """A film as the reader reads it, or as an earlier run kept it."""
    return RealRead(
        film,
        store.kept(film.truth.film, reading_key(reader, film), lambda: _outcome(reader, film.truth.path, film.truth)),
    )


def images_in(folder: Path) -> tuple[Path, ...]:
    """The pictures of a folder; raises DatasetInvalid where it holds none."""
    images = tuple(sorted(path for path in folder.glob("*") if path.suffix.lower() in FILM_SUFFIXES))
    if not images:
        raise DatasetInvalid(f"{folder}: holds no pictures; give a folder with images of no hand or foot")
    return images


def image_store(out: Path) -> Outcomes:
    """Where the outcomes of images of no hand or foot are kept."""
    return Store(out / "not_limbs", TypeAdapter(FilmOutcome))


def read_image(reader: RealReader, image: Path, store: Outcomes) -> FilmOutcome:
    """What the reader makes of a picture of which nothing is known, now or in an earlier run."""
    key = key_of(SOFTWARE, reader.digest, content_digest(str(image)))
    return store.kept(image.name, key, lambda: _outcome(reader, image, None))


def reading_key(reader: RealReader, film: RealFilm) -> str:
    """Changes with the model, the software, the film's file, and with what a told reader is told."""
    told = (film.truth.limb, film.truth.side, film.truth.quarter_turns_cw) if reader.told else "untold"
    return key_of(SOFTWARE, reader.digest, told, content_digest(str(film.truth.path)))


def outcome_of(reader: RealReader, radiograph: Radiograph, film: FilmTruth | None) -> FilmOutcome:
    """The limbs that the reader reads on a film's picture, or why it refuses it."""
    try:
        return FilmOutcome(reader.read(radiograph, film))
    except OpenSvHError as failure:
        return FilmOutcome((), str(failure))


def _outcome(reader: RealReader, path: Path, film: FilmTruth | None) -> FilmOutcome:
    try:
        radiograph = read_film(path)
    except FilmUnreadable as failure:
        return FilmOutcome((), str(failure))
    return outcome_of(reader, radiograph, film)
