"""Tables that leave the workbench: scores long and in the challenge's columns, and the audit trail, all as CSV."""

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from opensvh.io.ra2 import write_ra2
from opensvh.serving.workbench.audit import CHAINED, entries
from opensvh.serving.workbench.results import Row

LONG_COLUMNS = (
    "patient", "visit", "date", "code", "film", "site", "kind", "reader", "role", "status", "score", "reason", "saved",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def long_csv(rows: Iterable[Row]) -> str:
    """One line a score."""
    return _csv(LONG_COLUMNS, ([getattr(row, name) for name in LONG_COLUMNS] for row in rows))


def ra2_csv(rows: Sequence[Row]) -> str:
    """The challenge's columns, one line a patient and visit: `PATIENT`, or `PATIENT_VISIT` where there are several."""
    visits: dict[str, set[str]] = {}
    for row in rows:
        visits.setdefault(row.patient, set()).add(row.visit)
    table: dict[str, dict[str, float | None]] = {}
    for row in rows:
        table.setdefault(film_set(row.patient, row.visit, len(visits[row.patient])), {})[row.column] = row.score
    with tempfile.TemporaryDirectory() as scratch:
        write_ra2(Path(scratch) / "scores.csv", table)
        return (Path(scratch) / "scores.csv").read_text(encoding="utf-8")


def film_set(patient: str, visit: str, visits: int) -> str:
    """What the native dataset calls a patient's films of one visit."""
    return patient if visits == 1 else f"{patient}_{visit}".replace("/", "_").replace(" ", "_")


def audit_csv(session: Session) -> str:
    """The whole trail with its digests: whoever has it can walk the chain."""
    names = (*CHAINED, "digest")
    return _csv(names, ([getattr(entry, name) for name in names] for entry in entries(session)), exact=True)


def _csv(names: Sequence[str], lines: Iterable[Sequence[object]], exact: bool = False) -> str:
    """`exact` keeps texts as they are; else what a spreadsheet would take for a formula begins with a quote."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for line in lines:
        writer.writerow(line if exact else [_harmless(cell) for cell in line])
    return text.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
