"""What a batch writes of a film: a row for the film whatever became of it, and a row for every site that was read.

Columns with their types, and readings as rows. Where the rows go is `parts`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import date as Day
from enum import StrEnum
from typing import Any

import pyarrow

from opensvh import __version__
from opensvh.domain.anatomy import SITE_TABLE_VERSION
from opensvh.domain.reading import FilmReading, SiteReading
from opensvh.reporting.notice import NOTICE

Row = Mapping[str, Any]


class FilmStatus(StrEnum):
    """What became of a film."""

    SCORED = "scored"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class ModelLabel:
    """What made the rows: names and versions of the models (joined by " + "), `digest` of their files, the engine."""

    name: str
    version: str
    digest: str
    engine: str


@dataclass(frozen=True)
class FileResult:
    """What came of one file: rows of its films (a frame of DICOM is a film) and of their sites.

    `is_same`: it was touched, and is what an earlier run read; without rows and not the same it holds no film.
    """

    file: str
    films: tuple[Row, ...] = ()
    sites: tuple[Row, ...] = ()
    is_same: bool = False

    @property
    def statuses(self) -> tuple[FilmStatus, ...]:
        """Of its films."""
        return tuple(film["status"] for film in self.films)


@dataclass(frozen=True)
class FileRead:
    """What all rows of a file share: the `stamp` it was found with, SHA-256 of its content, the `key` that this and
    what is said of it make, and the moment, by which rows of an earlier reading are told from those of a later one."""

    file: str
    stamp: str
    sha256: str = ""
    key: str = ""
    read_at: datetime = field(default_factory=lambda: datetime.now(UTC))


_MADE_BY = [("model_name", "string"), ("model_version", "string"), ("model_digest", "string"), ("software", "string")]
_TYPES = {
    "string": pyarrow.string(),
    "word": pyarrow.dictionary(pyarrow.int16(), pyarrow.string()),
    "strings": pyarrow.list_(pyarrow.string()),
    "number": pyarrow.float64(),
    "numbers": pyarrow.list_(pyarrow.float32()),
    "grade": pyarrow.int8(),
    "count": pyarrow.int32(),
    "day": pyarrow.date32(),
    "time": pyarrow.timestamp("us", tz="UTC"),
}
_FILM_COLUMNS = [
    ("file", "string"), ("film", "string"), ("sha256", "string"), ("status", "word"), ("reason", "string"),
    ("patient", "string"), ("date", "day"), ("visit", "string"), ("limbs", "count"), ("warnings", "strings"),
    ("seconds", "number"), ("cpu_seconds", "number"), ("worker_mb", "count"), ("engine", "string"), *_MADE_BY,
    ("stamp", "string"), ("key", "string"), ("read_at", "time"),
]  # fmt: skip
_SITE_COLUMNS = [
    ("patient", "string"), ("date", "day"), ("visit", "string"), ("film", "string"), ("sha256", "string"),
    ("limb", "word"), ("side", "word"), ("site", "word"), ("kind", "word"), ("status", "word"), ("score", "grade"),
    ("expected", "number"), ("maximum", "grade"), ("probabilities", "numbers"), ("confidence", "number"),
    ("x", "number"), ("y", "number"), ("reason", "string"), *_MADE_BY,
]  # fmt: skip
_ABOUT = {"opensvh.notice": NOTICE, "opensvh.site_table_version": SITE_TABLE_VERSION}


def _schema(columns: list[tuple[str, str]]) -> Any:
    return pyarrow.schema([(name, _TYPES[kind]) for name, kind in columns], metadata=_ABOUT)


FILMS, SITES = _schema(_FILM_COLUMNS), _schema(_SITE_COLUMNS)


def film_row(film: str, read: FileRead, label: ModelLabel, status: FilmStatus, reason: str = "") -> dict[str, Any]:
    """The row of a film; what its readings say of it is put in by `with_readings`."""
    return {
        "file": read.file,
        "film": film,
        "sha256": read.sha256 or None,
        "status": status,
        "reason": reason or None,
        "limbs": 0,
        "warnings": [],
        "engine": label.engine,
        "stamp": read.stamp,
        "key": read.key,
        "read_at": read.read_at,
        **_made_by(label),
    }


def with_readings(row: Row, readings: tuple[FilmReading, ...]) -> dict[str, Any]:
    """The film's row with how many limbs were read on it, and with what reservations."""
    return {**row, "limbs": len(readings), "warnings": [text for reading in readings for text in reading.warnings]}


def site_rows(
    reading: FilmReading, read: FileRead, label: ModelLabel, date: str | None, visit: str | None
) -> tuple[Row, ...]:
    """A row for every kind of damage at every site; x and y in pixels of the film as stored."""
    shared = {
        "patient": reading.patient,
        "date": day(date),
        "visit": visit,
        "film": reading.film,
        "sha256": read.sha256,
        "limb": reading.limb.value,
        "side": reading.side.value,
        **_made_by(label),
    }
    return tuple({**shared, **_of_site(each)} for each in reading.sites)


def day(text: str | None) -> Day | None:
    """An ISO 8601 day as a date."""
    return None if text is None else Day.fromisoformat(text)


def _of_site(reading: SiteReading) -> Row:
    return {
        "site": reading.site.name,
        "kind": reading.kind.value,
        "status": reading.status.value,
        "score": reading.score,
        "expected": reading.expected,
        "maximum": reading.site.maximum(reading.kind),
        "probabilities": list(reading.probabilities) or None,
        "confidence": reading.confidence,
        "x": None if reading.point is None else reading.point.x,
        "y": None if reading.point is None else reading.point.y,
        "reason": reading.reason or None,
    }


def _made_by(label: ModelLabel) -> Row:
    return {
        "model_name": label.name,
        "model_version": label.version,
        "model_digest": label.digest,
        "software": f"OpenSvH {__version__}",
    }
