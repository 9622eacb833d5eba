"""Who used the benchmark's test truth, when, and with which models: `test/ledger.csv`, one line a use.

`reproduce` keeps one beside its results too, which travels with them.

A test set that is looked at again and again is a development set. Nothing stops a second look; it is written down, and
`reproduce` quotes the lines of its results.
"""

import csv
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

LEDGER = "ledger.csv"
COLUMNS = ("when", "who", "models", "digest", "results")


def open_ledger(test: Path) -> None:
    """Begin the ledger of a test part, where there is none."""
    path = test / LEDGER
    if not path.exists():
        path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")


def note_use(data: Path, models: str, digest: str, results: Path, who: str | None = None) -> int:
    """Write down that these models are measured on `data`, and return how many uses there were, this one counted.

    0 where `data` keeps no ledger: it is no test part. The same models for the same results, as when a run is taken up
    again, are one use. `who` stands for the name of the account, where that is nobody's business.
    """
    path = data / LEDGER
    if not path.is_file():
        return 0
    with _locked(path):
        uses = read_ledger(data)
        key = (digest, results.name)
        if key not in {(use["digest"], use["results"]) for use in uses}:
            row = (datetime.now(UTC).isoformat(timespec="seconds"), _who() if who is None else who, models, *key)
            with path.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerow(row)
            return len(uses) + 1
        return len(uses)


def read_ledger(data: Path) -> list[dict[str, str]]:
    """The uses written down, in their order; empty where there is no ledger."""
    path = data / LEDGER
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two evaluations at once write two lines."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with path.open("r", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
