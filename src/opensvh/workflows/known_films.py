"""The films of a folder with what is known of them: a native dataset, or hand-marked films without scores.

The formats themselves are `io`'s; how films are measured against this is `evaluate`'s.
"""

from pathlib import Path

from opensvh.domain.errors import DatasetInvalid
from opensvh.evaluation.truth import FilmTruth
from opensvh.io.annotations.records import MarkedFilm, has_records, read_records
from opensvh.io.tables import FilmRecord, read_dataset


def known_films(folder: Path) -> tuple[FilmTruth, ...]:
    """The films of a native dataset, or of a folder with hand-marked films in `joints.json`."""
    if has_records(folder):
        return tuple(_truth_of_marked(film) for film in read_records(folder))
    films = tuple(_truth_of_record(film) for film in read_dataset(folder).films)
    if not films:
        raise DatasetInvalid(f"{folder}: holds no films; give a folder with images/ and training.csv, or joints.json")
    return films


def _truth_of_marked(film: MarkedFilm) -> FilmTruth:
    return FilmTruth(
        film=film.file,
        patient=str(Path(film.file).with_suffix("")).replace("/", "-"),
        path=film.path,
        limb=film.limb,
        side=film.side,
        quarter_turns_cw=film.quarter_turns_cw,
        points=film.points,
        uncertain=film.uncertain,
        height_px=film.height_px,
        view=film.view,
        age=film.age,
    )


def _truth_of_record(film: FilmRecord) -> FilmTruth:
    return FilmTruth(
        film=film.path.name,
        patient=film.patient,
        path=film.path,
        limb=film.limb,
        side=film.side,
        points=film.points,
        scores=film.scores,
    )
