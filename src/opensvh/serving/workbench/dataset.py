"""Marks and scores as the native dataset: a folder from which `opensvh train` starts at once.

Of several people who marked a film, the mean place of each joint counts; a joint that any of them could not see is left
out. Scores are a study's that count (`results`).
"""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.domain.geometry import Point
from opensvh.io.image import FILM_SUFFIXES
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import IMAGES, JOINTS, SCORES, VISIT_COLUMNS, VISITS, FilmKey, check_dataset, write_joints
from opensvh.io.whole_file import write_whole
from opensvh.serving.workbench.export import film_set
from opensvh.serving.workbench.failures import Conflict, Invalid
from opensvh.serving.workbench.film_library import FilmLibrary
from opensvh.serving.workbench.results import Row
from opensvh.serving.workbench.tables import Film, Mark, Marking

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Dataset:
    """What is to be written: films with their points, and the rows of scores that count."""

    films: Mapping[str, Film]
    points: Mapping[str, Mapping[str, Point]]
    scores: Sequence[Row]


def marked(session: Session, markers: Sequence[str] | None = None) -> Dataset:
    """Every film that was said to be done, by these accounts or by all; raises Conflict where there is none."""
    question = select(Mark).join(Marking, (Marking.film == Mark.film) & (Marking.account == Mark.account))
    question = question.where(Marking.done)
    if markers is not None:
        question = question.where(Mark.account.in_(markers))
    by_film: dict[str, dict[str, list[Mark]]] = {}
    for mark in session.scalars(question.order_by(Mark.film, Mark.point)):
        by_film.setdefault(mark.film, {}).setdefault(mark.point, []).append(mark)
    if not by_film:
        raise Conflict("no film is marked and said to be done")
    films = {film.id: film for film in session.scalars(select(Film).where(Film.id.in_(by_film)))}
    points = {
        film: {name: point for name, marks in named.items() if (point := _mean(marks)) is not None}
        for film, named in by_film.items()
    }
    return Dataset(films, points, ())


def write_dataset(folder: Path, name: str, dataset: Dataset, library: FilmLibrary) -> Path:
    """Write the dataset below `folder`, whole or not at all; raises Conflict where the name is taken."""
    if not _NAME.fullmatch(name):
        raise Invalid("name: letters, digits, dots, hyphens and underscores, a letter or digit first")
    if (folder / name).exists():
        raise Conflict(f"there is an export {name} already; choose another name")
    keys = _keys(dataset.films)
    folder.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=folder))
    try:
        _fill(partial, dataset, keys, library)
        problems = check_dataset(partial)
        if problems:
            raise Conflict(f"the dataset would not be sound: {problems[0]}")
        partial.chmod(0o755)
        os.replace(partial, folder / name)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return folder / name


def _fill(folder: Path, dataset: Dataset, keys: Mapping[str, FilmKey], library: FilmLibrary) -> None:
    (folder / IMAGES).mkdir()
    for film, (patient, code) in keys.items():
        _copy(dataset.films[film], folder / IMAGES / f"{patient}-{code}", library)
    write_joints(folder / JOINTS, {keys[film]: points for film, points in dataset.points.items()})
    persons = {keys[film][0]: dataset.films[film].patient for film in keys}
    table = pd.DataFrame(sorted(persons.items()), columns=list(VISIT_COLUMNS))
    write_whole(folder / VISITS, table.to_csv(index=False, lineterminator="\n"))
    scores = _scores(dataset, keys)
    if scores:
        write_ra2(folder / SCORES, scores)


def _copy(film: Film, place: Path, library: FilmLibrary) -> None:
    """The film's own file; where it lies in an archive or is one frame of many, its grey levels as PNG."""
    source = library.path(film)
    if source.is_file() and source.suffix.lower() in FILM_SUFFIXES:
        shutil.copyfile(source, place.with_name(place.name + source.suffix.lower()))
        return
    done, content = cv2.imencode(".png", np.ascontiguousarray(library.levels(film)))
    assert done
    write_whole(place.with_name(f"{place.name}.png"), content.tobytes())


def _keys(films: Mapping[str, Film]) -> dict[str, FilmKey]:
    """Film -> film set and code; raises Conflict where two films would have one name."""
    visits: dict[str, set[str]] = {}
    for film in films.values():
        visits.setdefault(film.patient, set()).add(film.visit)
    keys: dict[str, FilmKey] = {}
    for film in sorted(films.values(), key=lambda each: each.file):
        code = film_code(Limb(film.limb or ""), Side(film.side or ""))
        key = (film_set(film.patient, film.visit, len(visits[film.patient])), code)
        if key in keys.values():
            raise Conflict(f"{film.file}: is a second {code} of {key[0]}; give its visit another name")
        keys[film.id] = key
    return keys


def _scores(dataset: Dataset, keys: Mapping[str, FilmKey]) -> dict[str, dict[str, float | None]]:
    of_file = {dataset.films[film].file: key[0] for film, key in keys.items()}
    scores: dict[str, dict[str, float | None]] = {}
    for row in dataset.scores:
        if row.film in of_file:
            scores.setdefault(of_file[row.film], {})[row.column] = row.score
    return scores


def _mean(marks: Sequence[Mark]) -> Point | None:
    places = [(mark.x, mark.y) for mark in marks if mark.x is not None and mark.y is not None]
    if len(places) < len(marks):
        return None
    return Point(*(sum(values) / len(values) for values in zip(*places, strict=True)))
