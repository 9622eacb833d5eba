"""What became of each film, kept while a run goes on and told when it ends; no value of any attribute, no path.

A journal takes a line as each film is done, so that a run that was killed goes on; the tables are made of it.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from opensvh.domain.errors import OutputConflict
from opensvh.io.whole_file import write_whole

JOURNAL, TABLE, DETAILS = ".deidentified.jsonl", "deidentified.csv", "deidentified.json"


class Status(StrEnum):
    """How it ended: written and found clean; refused before; written, found leaking, and removed again."""

    WRITTEN = "written"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class FilmRecord:
    """One film: `source` its SHA-256, `name` its new one below the output folder ("" if none was written).

    `removed`, `replaced` and `kept` count attributes by keyword; `text_boxes` are [left, top, right, bottom] in pixels.
    """

    source: str
    status: Status
    name: str = ""
    reason: str = ""
    sha256: str = ""
    removed: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    text_boxes: tuple[tuple[int, int, int, int], ...] = ()


class Journal:
    """The records of an output folder under one key and one set of options."""

    def __init__(self, out: Path, settings: str) -> None:
        """Open the folder's journal or begin one; raises OutputConflict where the folder is another's."""
        self._path = out / JOURNAL
        self.records: dict[str, FilmRecord] = {}
        if not self._path.exists():
            _refuse_strangers(out)
            write_whole(self._path, json.dumps({"settings": settings}) + "\n")
            return
        first, *lines = self._path.read_text(encoding="utf-8").splitlines() or ["{}"]
        if json.loads(first).get("settings") != settings:
            fact = "was made with another key, other options or another version"
            raise OutputConflict(f"{out}: {fact}; name another folder")
        for line in lines:
            record = _read(line)
            if record is not None and _still_there(out, record):
                self.records[record.source] = record

    def add(self, record: FilmRecord) -> None:
        """Keep a film's record; it is on disk when this returns."""
        self.records[record.source] = record
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(record)) + "\n")
            file.flush()

    def write_tables(self, options: Mapping[str, str]) -> None:
        """Write `deidentified.csv` and `deidentified.json`, films in order of their new names."""
        records = sorted(self.records.values(), key=lambda each: (each.name, each.source))
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(_row(record) for record in records)
        write_whole(self._path.with_name(TABLE), text.getvalue())
        details = {"options": dict(options), "films": [asdict(record) for record in records]}
        write_whole(self._path.with_name(DETAILS), json.dumps(details, indent=1) + "\n")


_COLUMNS = (
    "name", "status", "reason", "sha256_before", "sha256_after",
    "attributes_removed", "attributes_replaced", "attributes_kept", "text_boxes_covered",
)  # fmt: skip


def _row(record: FilmRecord) -> tuple[object, ...]:
    counts = (sum(each.values()) for each in (record.removed, record.replaced, record.kept))
    return record.name, record.status, record.reason, record.source, record.sha256, *counts, len(record.text_boxes)


def _refuse_strangers(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputConflict(f"{out}: holds something else already; name a new or empty folder")


def _read(line: str) -> FilmRecord | None:
    """A record; None for a line that a kill cut short."""
    try:
        values = json.loads(line)
        boxes = tuple(tuple(box) for box in values.pop("text_boxes"))
        return FilmRecord(**{**values, "status": Status(values["status"]), "text_boxes": boxes})
    except (ValueError, TypeError, KeyError):
        return None


def _still_there(out: Path, record: FilmRecord) -> bool:
    """Whether what was written stands as it was."""
    path = out / record.name
    if record.status is not Status.WRITTEN:
        return True
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == record.sha256
