"""What is deleted and when: films and results of studies that are scored, delivered everywhere, and old enough.

A study with a dead letter, a film put aside or a delivery on its way keeps all it has.
"""

import shutil
from dataclasses import dataclass

from opensvh.serving.database import Database
from opensvh.serving.film_folder import FilmFolder
from opensvh.serving.node_config import Retention

DAY_S = 86400.0
_DONE = (
    "study.state = 'scored' AND study.last_film <= ? "
    "AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.study = study.uid "
    "AND delivery.state NOT IN ('sent', 'superseded')) "
    "AND NOT EXISTS (SELECT 1 FROM film WHERE film.study = study.uid AND film.state = 'quarantined')"
)


@dataclass(frozen=True)
class Deleted:
    """How many films and folders of results are gone."""

    films: int
    results: int


def delete_old(database: Database, films: FilmFolder, keep: Retention, now: float) -> Deleted:
    """Delete what need not be kept; the database is told first, so that a kill leaves no row without its film."""
    gone_films: list[str] = []
    gone_results: list[str] = []
    with database.transaction() as connection:
        if keep.films_days is not None:
            before = (now - keep.films_days * DAY_S,)
            where = f"state = 'kept' AND study IN (SELECT uid FROM study WHERE {_DONE})"
            gone_films = [row[0] for row in connection.execute(f"SELECT file FROM film WHERE {where}", before)]
            connection.execute(f"UPDATE film SET state = 'deleted' WHERE {where}", before)
        if keep.results_days is not None:
            before = (now - keep.results_days * DAY_S,)
            where = f"folder IS NOT NULL AND study IN (SELECT uid FROM study WHERE {_DONE})"
            gone_results = [row[0] for row in connection.execute(f"SELECT folder FROM result WHERE {where}", before)]
            connection.execute(f"UPDATE result SET folder = NULL WHERE {where}", before)
    for file in gone_films:
        (films.folder / file).unlink(missing_ok=True)
    for folder in gone_results:
        shutil.rmtree(films.folder / folder, ignore_errors=True)
    return Deleted(len(gone_films), len(gone_results))
