"""The connection to the database: transactions that are on the disk when they end, for SQLite and PostgreSQL.

What is written is the other modules'; which tables there are is `tables`'.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.resources import as_file, files
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from opensvh.domain.errors import ConfigInvalid

BUSY_MS = 30_000


class Store:
    """A database with the layout of this version; raises ConfigInvalid where it cannot be reached.

    `rights` counts the transactions of this process that may have changed who may do what: what is remembered of that
    holds until the next one.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._writes = self.engine.execution_options(writes=True)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.rights = 0
        self._turn = threading.Lock()
        try:
            with self.engine.begin() as connection:
                _migrate(connection)
        except OperationalError as error:
            shown = self.engine.url.render_as_string(hide_password=True)
            fact = str(error.orig).splitlines()[0]
            raise ConfigInvalid(f"{shown}: cannot be opened ({fact}); correct `database`") from error

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A view of the database for questions."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, rights: bool = True) -> Iterator[Session]:
        """All or nothing, and on the disk at the end; without `rights`, who may do what stays as it is.

        SQLite has one writer: threads of this process queue here, which is fairer and quicker than trying again.
        """
        try:
            with (
                self._turn if self.is_sqlite else nullcontext(),
                Session(self._writes, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        finally:
            self.rights += rights

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), pool_size=10, max_overflow=30)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver's own comes too late to reserve the write
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    """Bring the layout up to this version's, within one transaction."""
    with as_file(files("opensvh.serving.workbench").joinpath("migrations")) as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
