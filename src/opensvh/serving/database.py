"""The node's one SQLite file: its tables, and transactions that are on the disk when they end.

Who may change what is `queue`'s (films and studies) and `outbox`'s (deliveries).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opensvh.domain.errors import OutputConflict

DATABASE = "node.sqlite"
LAYOUT = 1
BUSY_S = 30.0

_TABLES = """
CREATE TABLE IF NOT EXISTS study (
  uid TEXT PRIMARY KEY,
  state TEXT NOT NULL,              -- waiting, scoring, scored, failed
  due REAL NOT NULL,                -- seconds since 1970 from which it may be scored
  last_film REAL NOT NULL,
  version INTEGER NOT NULL DEFAULT 0,
  deaths INTEGER NOT NULL DEFAULT 0,   -- of workers, at no film in particular, since the last success
  reading TEXT,                     -- the film that a worker has in hand
  problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS film (
  uid TEXT PRIMARY KEY,
  study TEXT NOT NULL REFERENCES study(uid),
  state TEXT NOT NULL,              -- kept, quarantined, deleted
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  received REAL NOT NULL,
  version INTEGER,                  -- of the study's results that first took it in
  tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS film_study ON film(study);
CREATE TABLE IF NOT EXISTS result (
  study TEXT NOT NULL REFERENCES study(uid),
  version INTEGER NOT NULL,
  folder TEXT,                      -- NULL once deleted
  made REAL NOT NULL,
  PRIMARY KEY (study, version)
);
CREATE TABLE IF NOT EXISTS delivery (
  number INTEGER PRIMARY KEY,
  study TEXT NOT NULL,
  version INTEGER NOT NULL,
  destination TEXT NOT NULL,
  state TEXT NOT NULL,              -- waiting, asked (for commitment), sent, dead, superseded
  due REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  request TEXT,                     -- Transaction UID of the commitment asked for
  problem TEXT NOT NULL DEFAULT '',
  UNIQUE (study, version, destination)
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery(destination, state, due);
"""


class Database:
    """One connection for all threads of the process, one transaction at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            folder / DATABASE, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")  # a commit is on the disk, power cuts included
        layout = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if layout not in (0, LAYOUT):
            raise OutputConflict(f"{folder / DATABASE}: was made by another version; name another folder")
        self._connection.executescript(_TABLES)
        self._connection.execute(f"PRAGMA user_version={LAYOUT}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and on the disk at the end."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """The rows of a question that changes nothing."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()
