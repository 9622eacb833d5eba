"""Debian's PostgreSQL on a port of its own, for trials and tests: made, started, and gone when it ends."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orthanc import free_port

HINT = "PostgreSQL is missing; apt-get install -y postgresql"
_PROGRAMS = Path("/usr/lib/postgresql")
_OWNER = "postgres"
"""Whom the server runs as where root asks for it: it refuses root."""


def is_installed() -> bool:
    """Whether its programs are there."""
    return _programs() is not None


@contextmanager
def local_postgres(durable: bool = True, superuser: str = "tester") -> Iterator[str]:
    """Its address, `postgresql://USER@127.0.0.1:PORT`; not `durable`, it is quicker and forgets in a crash."""
    programs = _programs()
    assert programs is not None, HINT
    folder = Path(tempfile.mkdtemp(prefix="opensvh-postgres-"))  # a short path: sockets have no room for a long one
    as_owner: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, pwd.getpwnam(_OWNER).pw_name)
        as_owner = ["runuser", "-u", _OWNER, "--"]
    port = free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    options += "" if durable else " -c fsync=off"
    control = [*as_owner, str(programs / "pg_ctl"), "-D", str(folder / "data"), "-w"]
    made = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", superuser, "-A", "trust", "-E", "UTF8"]
    try:
        subprocess.run([*as_owner, *made], check=True, capture_output=True, cwd=folder)
        started = [*control, "-l", str(folder / "log"), "-o", options, "start"]
        subprocess.run(started, check=True, capture_output=True, cwd=folder)
        yield f"postgresql://{superuser}@127.0.0.1:{port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str) -> str:
    """A new database on it, as the workbench's setting `database` names it."""
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{server}/{name}".replace("postgresql://", "postgresql+psycopg://")


def _programs() -> Path | None:
    versions = sorted(_PROGRAMS.glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return versions[-1] if versions and (versions[-1] / "initdb").exists() else None
