"""Results as Parquet: parts of some films each, there whole or not at all, and which files they hold.

    OUT/films/model=DIGEST/part-NAME.parquet    a row a film, whatever became of it
    OUT/sites/model=DIGEST/part-NAME.parquet    a row a site reading of the same films

A part of `films` is written after that of `sites` of its name, and only what it names counts: a kill between both
leaves an orphan that the next run removes. A file read anew takes the place of its older rows.
"""

import errno
import hashlib
import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow
from pyarrow import compute, fs, parquet

from opensvh.batch.places import free_bytes, is_address, opened, plain
from opensvh.batch.rows import FILMS, SITES, FileResult, FilmStatus, Row
from opensvh.domain.errors import OutputConflict
from opensvh.io.whole_file import write_whole

FILMS_A_PART, SECONDS_A_PART = 2000, 30.0
"""A part is written when it has so many films, or after so long: what a killed run has to read again."""
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
LOCK = ".lock"


@dataclass(frozen=True)
class Results:
    """One model's results in a folder or under an address."""

    out: str
    digest: str

    def known(self, again: frozenset[FilmStatus] = frozenset()) -> dict[str, tuple[str, str]]:
        """File -> the stamp and key it was read with; without those of which a film has a status of `again`."""
        files: dict[str, tuple[str, str]] = {}
        unsettled = set()
        for _, table in self._film_parts(["file", "stamp", "key", "status"]):
            columns = [table[name].to_pylist() for name in ("file", "stamp", "key", "status")]
            for file, stamp, key, status in zip(*columns, strict=True):
                files[file] = (stamp, key)
                if status in again:
                    unsettled.add(file)
        return {file: what for file, what in files.items() if file not in unsettled}

    def counts(self) -> dict[FilmStatus, int]:
        """How many films there are of each status."""
        found = dict.fromkeys(FilmStatus, 0)
        for _, table in self._film_parts(["status"]):
            for each in table["status"].cast(pyarrow.string()).value_counts().to_pylist():
                found[FilmStatus(each["values"])] += each["counts"]
        return found

    def write(self, results: list[FileResult]) -> None:
        """Write a part; raises OutputConflict where there is no room, or it may not be written."""
        films = [row for each in results for row in each.films]
        sites = [row for each in results for row in each.sites]
        if not films:
            return
        named = "\n".join(f"{row['film']} {row['read_at'].isoformat()}" for row in films)
        name = f"part-{hashlib.sha256(named.encode()).hexdigest()[:20]}.parquet"
        if sites:
            self._put("sites", name, _content(sites, SITES))
        self._put("films", name, _content(films, FILMS))

    def tidy(self) -> None:
        """Remove what a killed run left: sites whose films were never written, and rows that newer ones replace."""
        films, sites = self._names("films"), self._names("sites")
        for orphan in sites - films:
            self._remove("sites", orphan)
        newest: dict[str, Any] = {}
        held: dict[str, dict[str, Any]] = {}
        for name, table in self._film_parts(["file", "read_at"]):
            held[name] = dict(zip(table["file"].to_pylist(), table["read_at"].to_pylist(), strict=True))
            for file, moment in held[name].items():
                newest[file] = max(moment, newest.get(file, moment))
        for name, files in held.items():
            if older := [file for file, moment in files.items() if moment < newest[file]]:
                self._drop(name, older)

    def _drop(self, name: str, files: list[str]) -> None:
        """Take the files' rows out of a part, those of their sites first."""
        films = self._get("films", name)
        is_dropped = compute.is_in(films["file"], value_set=pyarrow.array(files))
        dropped, kept = films.filter(is_dropped), films.filter(compute.invert(is_dropped))
        if name in self._names("sites"):
            sites = self._get("sites", name)
            is_gone = compute.is_in(sites["film"], value_set=dropped["film"].combine_chunks())
            self._put("sites", name, _bytes(sites.filter(compute.invert(is_gone))))
        if kept.num_rows:
            self._put("films", name, _bytes(kept))
            return
        self._remove("films", name)
        self._remove("sites", name)

    def _film_parts(self, columns: list[str]) -> Iterator[tuple[str, Any]]:
        for name in sorted(self._names("films")):
            yield name, self._get("films", name, columns)

    def _place(self, table: str) -> str:
        return f"{self.out}/{table}/model={self.digest}"

    def _names(self, table: str) -> set[str]:
        filesystem, folder = opened(self._place(table))
        infos = filesystem.get_file_info(fs.FileSelector(folder, allow_not_found=True))
        return {info.base_name for info in infos if info.is_file and info.base_name.startswith("part-")}

    def _get(self, table: str, name: str, columns: list[str] | None = None) -> Any:
        filesystem, folder = opened(self._place(table))
        try:
            with filesystem.open_input_file(f"{folder}/{name}") as file:
                return parquet.ParquetFile(file).read(columns=columns)
        except pyarrow.ArrowInvalid as error:
            where = f"{self._place(table)}/{name}"
            raise OutputConflict(
                f"{where}: is damaged ({error}); remove it, and run again: its films are read"
            ) from error

    def _put(self, table: str, name: str, content: bytes) -> None:
        place = f"{self._place(table)}/{name}"
        try:
            if not is_address(place):
                write_whole(Path(place), content)
                return
            filesystem, path = opened(place)
            with filesystem.open_output_stream(path) as stream:  # an object appears when it is closed, whole
                stream.write(content)
        except OSError as error:
            raise OutputConflict(f"{place}: {self._why_not(error)}") from error

    def _why_not(self, error: OSError) -> str:
        kept = "all that was written before is whole, and the same command goes on from it"
        if error.errno in NO_ROOM:
            free = free_bytes(self.out)
            left = "" if free is None else f", {free / 1e6:.1f} MB are free"
            return f"cannot be written, the disk is full{left}; make room ({kept})"
        return f"cannot be written ({error.strerror or error}); check access ({kept})"

    def _remove(self, table: str, name: str) -> None:
        filesystem, folder = opened(self._place(table))
        if name in self._names(table):
            filesystem.delete_file(f"{folder}/{name}")


@dataclass
class Writer:
    """Gathers results until they make a part; writes what is left when its block ends, unless writing has failed."""

    results: Results
    waiting: list[FileResult] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)
    failed: bool = False

    def add(self, result: FileResult) -> None:
        """Take a result in."""
        if result.films:
            self.waiting.append(result)

    def write_due(self, now: bool = False) -> None:
        """Write a part if it is time."""
        if not now and len(self.waiting) < FILMS_A_PART and time.monotonic() - self.since < SECONDS_A_PART:
            return
        self.failed = True
        self.results.write(self.waiting)
        self.failed = False
        self.waiting, self.since = [], time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if not self.failed:
            self.write_due(now=True)


@contextmanager
def alone_in(out: str) -> Iterator[None]:
    """Keep other runs on this machine out of a folder for the time of a block; raises OutputConflict where one is."""
    if is_address(out):
        yield
        return
    from filelock import FileLock, Timeout  # of Ray's own needs

    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise OutputConflict(f"{out}: is a file; name a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0)
        lock.acquire()
    except Timeout as error:
        raise OutputConflict(f"{out}: another batch writes here; wait for it or name another folder") from error
    except OSError as error:
        raise OutputConflict(f"{out}: cannot be written ({error.strerror}); check access and room") from error
    try:
        for partial in folder.glob("*/model=*/.*.partial"):
            partial.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def results_in(out: str, digest: str) -> Results:
    """One model's results under a path or an address."""
    return Results(plain(out), digest)


def _content(rows: list[Row], schema: Any) -> bytes:
    return _bytes(pyarrow.Table.from_pylist([dict(row) for row in rows], schema=schema))


def _bytes(table: Any) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


KnownFiles = Mapping[str, tuple[str, str]]
