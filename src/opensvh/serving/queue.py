"""Which films are there, which studies are due, and what became of each: what a kill must not lose.

A film is first a whole file on the disk, then a row here, and only then acknowledged. Deliveries are `outbox`'s.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from opensvh.serving.database import Database


class StudyState(StrEnum):
    """Where a study stands."""

    WAITING = "waiting"
    SCORING = "scoring"
    SCORED = "scored"
    FAILED = "failed"


class FilmState(StrEnum):
    """Whether a film takes part in scoring."""

    KEPT = "kept"
    QUARANTINED = "quarantined"
    DELETED = "deleted"


@dataclass(frozen=True)
class ReceivedFilm:
    """A film as it lies on the disk; UIDs as its header has them, `file` relative to the node's folder."""

    uid: str
    study: str
    file: str
    sha256: str


@dataclass(frozen=True)
class StudyJob:
    """A study to score: its films in the order of their arrival; `careful` after a worker has died over it."""

    study: str
    version: int
    films: tuple[ReceivedFilm, ...]
    quarantined: tuple[str, ...]
    careful: bool


@dataclass(frozen=True)
class Trouble:
    """What a person must look at: a film or a study, and what is wrong with it."""

    what: str
    uid: str
    problem: str


class StudyQueue:
    """Films and studies in the node's database. Times are seconds since 1970, given by the caller."""

    def __init__(self, database: Database, film_tries: int) -> None:
        self._database = database
        self._film_tries = film_tries

    def add(self, film: ReceivedFilm, now: float, quiet_s: float) -> bool:
        """Take a film in, and its study up again; False where the very same film is there already."""
        with self._database.transaction() as connection:
            known = connection.execute("SELECT sha256, state FROM film WHERE uid = ?", (film.uid,)).fetchone()
            if known and known["sha256"] == film.sha256 and known["state"] != FilmState.DELETED:
                return False
            connection.execute(
                "INSERT INTO study(uid, state, due, last_film) VALUES (?, 'waiting', ?, ?) ON CONFLICT(uid) DO UPDATE "
                "SET state = iif(state = 'scoring', state, 'waiting'), due = excluded.due, "
                "last_film = excluded.last_film, deaths = 0, problem = ''",
                (film.study, now + quiet_s, now),
            )
            connection.execute(
                "INSERT OR REPLACE INTO film(uid, study, state, file, sha256, received) VALUES (?, ?, 'kept', ?, ?, ?)",
                (film.uid, film.study, film.file, film.sha256, now),
            )
        return True

    def claim(self, now: float) -> StudyJob | None:
        """The study that is due for longest, now being scored; None where none is."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT * FROM study WHERE state = 'waiting' AND due <= ? ORDER BY due LIMIT 1", (now,)
            ).fetchone()
            if row is None:
                return None
            connection.execute("UPDATE study SET state = 'scoring', reading = NULL WHERE uid = ?", (row["uid"],))
            films = connection.execute("SELECT * FROM film WHERE study = ? ORDER BY received", (row["uid"],)).fetchall()
        return StudyJob(
            study=row["uid"],
            version=row["version"] + 1,
            films=tuple(_film(film) for film in films if film["state"] == FilmState.KEPT),
            quarantined=tuple(film["uid"] for film in films if film["state"] == FilmState.QUARANTINED),
            careful=row["deaths"] > 0 or any(film["tries"] for film in films),
        )

    def reading(self, study: str, film: str | None) -> None:
        """Note the film that the worker has in hand, so that a death finds its cause."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE study SET reading = ? WHERE uid = ?", (film, study))

    def finish(self, job: StudyJob, folder: str | None, destinations: Sequence[str], now: float) -> bool:
        """The study is scored, its results lie whole in `folder` (None: nothing could be read).

        Deliveries are made in the same transaction, those of older versions that did not arrive are dropped. False
        where films came meanwhile, and the study waits again.
        """
        with self._database.transaction() as connection:
            for film in job.films:
                connection.execute(
                    "UPDATE film SET version = coalesce(version, ?), tries = 0 WHERE uid = ? AND sha256 = ?",
                    (job.version, film.uid, film.sha256),
                )
            later = connection.execute(
                "SELECT count(*) FROM film WHERE study = ? AND state = 'kept' AND version IS NULL", (job.study,)
            ).fetchone()[0]
            connection.execute(
                "UPDATE study SET state = ?, version = ?, deaths = 0, reading = NULL, problem = '' WHERE uid = ?",
                (StudyState.WAITING if later else StudyState.SCORED, job.version, job.study),
            )
            if folder is not None:
                _record(connection, job, folder, destinations, now)
        return not later

    def died(self, job: StudyJob, film: str | None, due: float, problem: str) -> Trouble | None:
        """A worker died over the study, at `film` if that is known; what was put aside because of it, if anything."""
        with self._database.transaction() as connection:
            return self._died(connection, job.study, film, due, problem)

    def release(self, job: StudyJob) -> None:
        """The study waits again as if it had not been begun: the node is asked to stop."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE study SET state = 'waiting', reading = NULL WHERE uid = ?", (job.study,))

    def recover(self, now: float) -> list[Trouble]:
        """At a start: studies that a killed node had in hand wait again, their films under suspicion."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT uid, reading FROM study WHERE state = 'scoring'").fetchall()
            problem = "the node ended while it was scored"
            found = [self._died(connection, row["uid"], row["reading"], now, problem) for row in rows]
        return [trouble for trouble in found if trouble is not None]

    def _died(
        self, connection: sqlite3.Connection, study: str, film: str | None, due: float, problem: str
    ) -> Trouble | None:
        connection.execute(
            "UPDATE study SET state = 'waiting', reading = NULL, due = ?, problem = ?, deaths = deaths + ? "
            "WHERE uid = ?",
            (due, problem, film is None, study),
        )
        if film is None:
            deaths = connection.execute("SELECT deaths FROM study WHERE uid = ?", (study,)).fetchone()[0]
            if deaths <= self._film_tries:
                return None
            connection.execute("UPDATE study SET state = 'failed' WHERE uid = ?", (study,))
            return Trouble("study", study, problem)
        connection.execute("UPDATE film SET tries = tries + 1 WHERE uid = ?", (film,))
        tries = connection.execute("SELECT tries FROM film WHERE uid = ?", (film,)).fetchone()[0]
        if tries < self._film_tries:
            return None
        connection.execute("UPDATE film SET state = 'quarantined' WHERE uid = ?", (film,))
        return Trouble("film", film, f"put aside: {tries} times {problem}")

    def troubles(self) -> list[Trouble]:
        """Films put aside and studies that failed."""
        films = self._database.rows("SELECT uid, study, tries FROM film WHERE state = 'quarantined' ORDER BY received")
        studies = self._database.rows("SELECT uid, problem FROM study WHERE state = 'failed' ORDER BY due")
        return [
            *(
                Trouble("film", row["uid"], f"of study {row['study']}: put aside after {row['tries']} tries")
                for row in films
            ),
            *(Trouble("study", row["uid"], row["problem"]) for row in studies),
        ]

    def retry(self, now: float) -> int:
        """Films put aside and studies that failed are tried again; how many."""
        with self._database.transaction() as connection:
            studies = connection.execute(
                "UPDATE study SET state = 'waiting', due = ?, deaths = 0 WHERE state = 'failed' OR uid IN "
                "(SELECT study FROM film WHERE state = 'quarantined')",
                (now,),
            ).rowcount
            films = connection.execute(
                "UPDATE film SET state = 'kept', tries = 0, version = NULL WHERE state = 'quarantined'"
            ).rowcount
        return max(int(studies), int(films))

    def depth(self) -> dict[str, int]:
        """Studies by state."""
        counted = {state.value: 0 for state in StudyState}
        return counted | {row[0]: row[1] for row in self._database.rows("SELECT state, count(*) FROM study GROUP BY 1")}

    def known_files(self) -> frozenset[str]:
        """Files of films that are not deleted, relative to the node's folder."""
        return frozenset(row[0] for row in self._database.rows("SELECT file FROM film WHERE state != 'deleted'"))


def _film(row: sqlite3.Row) -> ReceivedFilm:
    return ReceivedFilm(row["uid"], row["study"], row["file"], row["sha256"])


def _record(
    connection: sqlite3.Connection, job: StudyJob, folder: str, destinations: Sequence[str], now: float
) -> None:
    connection.execute("INSERT INTO result VALUES (?, ?, ?, ?)", (job.study, job.version, folder, now))
    connection.execute(
        "UPDATE delivery SET state = 'superseded' WHERE study = ? AND version < ? AND state NOT IN ('sent')",
        (job.study, job.version),
    )
    connection.executemany(
        "INSERT INTO delivery(study, version, destination, state, due) VALUES (?, ?, ?, 'waiting', ?)",
        [(job.study, job.version, destination, now) for destination in destinations],
    )
