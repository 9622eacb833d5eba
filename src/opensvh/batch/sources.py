"""Which films an archive has: those of a manifest, below a folder, or under an address; nothing is opened for it.

A file's size and the time of its last change make its stamp, by which a later run knows a file that it has read.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pyarrow import fs

from opensvh.batch.places import is_address, opened, plain
from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicomdir import DICOMDIR
from opensvh.io.film_sources import ARCHIVE_SUFFIX
from opensvh.io.identity import NO_CLAIMS, FilmClaims, read_manifest
from opensvh.io.image import FILM_SUFFIXES

MANIFEST_SUFFIX = ".csv"
ASKED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class FilmTask:
    """A file to read: its absolute path or address, what a manifest says of it, and its stamp.

    `known` is the key that an earlier run gave it, "" where none did: the same key again needs no second reading.
    """

    file: str
    stamp: str
    claims: FilmClaims = NO_CLAIMS
    known: str = ""


@dataclass(frozen=True)
class Archive:
    """The films found, each file once, and how many zip archives were passed over."""

    tasks: Sequence[FilmTask]
    zipped: int = 0


def find_archive(source: str, apart_from: str) -> Archive:
    """The films of a manifest (CSV), a folder, an address or a single file; nothing below `apart_from`.

    Raises FilmUnreadable where there is none, TableInvalid for a manifest that cannot be read.
    """
    place = plain(source)
    if place.lower().endswith(MANIFEST_SUFFIX) and not is_address(place):
        return Archive(_of_manifest(Path(place)))
    filesystem, path = opened(place)
    info = _asked(filesystem, [path], place)[0]
    if info.type is fs.FileType.NotFound:
        raise FilmUnreadable(f"{source}: is not there; correct the path or the address")
    if info.is_file:
        return Archive([FilmTask(place, _stamp(info, NO_CLAIMS))])
    found = _below(filesystem, path, place)
    kept_out = plain(apart_from) + "/"
    tasks = [
        FilmTask(file, _stamp(info, NO_CLAIMS))
        for file, info in found
        if not file.startswith(kept_out) and _may_be_film(file.removeprefix(place))
    ]
    zipped = sum(file.lower().endswith(ARCHIVE_SUFFIX) for file, _ in found)
    if not tasks:
        beside = f" but {zipped} zip archives; unpack them" if zipped else f"; films are {', '.join(FILM_SUFFIXES)}"
        raise FilmUnreadable(f"{source}: holds no films{beside}")
    return Archive(tasks, zipped)


def _below(filesystem: Any, path: str, place: str) -> list[tuple[str, Any]]:
    """Every file below a folder with what is known of it, in order of name."""
    try:
        infos = filesystem.get_file_info(fs.FileSelector(path, recursive=True))
    except OSError as error:
        raise FilmUnreadable(f"{place}: cannot be listed ({str(error).splitlines()[0]}); check access") from error
    return sorted((place + info.path.removeprefix(path), info) for info in infos if info.is_file)


def _may_be_film(inner: str) -> bool:
    """By its name; films from a PACS export often have no suffix, or the last number of their UID for one."""
    path = PurePosixPath(inner)
    if any(part.startswith(".") for part in path.parts) or path.name.upper() == DICOMDIR:
        return False
    suffix = path.suffix.lower()
    return suffix in FILM_SUFFIXES or not suffix or suffix[1:].isdigit()


def _of_manifest(path: Path) -> list[FilmTask]:
    """A task a row; what is not there has a stamp of its own, and is refused when it is read."""
    claims = _claims(path)
    stamps: dict[str, str] = {}
    for host, files in _by_host(claims).items():
        for start in range(0, len(files), ASKED_AT_ONCE):
            some = files[start : start + ASKED_AT_ONCE]
            places = [opened(file) for file in some]
            infos = _asked(places[0][0], [inner for _, inner in places], host)
            stamps |= {file: _stamp(info, claims[file]) for file, info in zip(some, infos, strict=True)}
    return [FilmTask(file, stamps[file], claims[file]) for file in claims]


def _claims(path: Path) -> dict[str, FilmClaims]:
    """Absolute path or address -> the row; a manifest says each film as it is written and as a path beside itself."""
    said = read_manifest(path)
    addresses = [film for film in said if is_address(film) and not Path(film).is_absolute()]
    twice = {str((path.parent / film).absolute()) for film in addresses}
    absolute = [film for film in said if Path(film).is_absolute() and film not in twice]
    if not addresses and not absolute:
        raise FilmUnreadable(f"{path}: lists no film; give it a row a film")
    return {plain(film): said[film] for film in (*absolute, *addresses)}


def _by_host(files: Iterable[str]) -> dict[str, list[str]]:
    hosts: dict[str, list[str]] = defaultdict(list)
    for file in files:
        hosts["/".join(file.split("/", 3)[:3]) if is_address(file) else ""].append(file)
    return hosts


def _asked(filesystem: Any, paths: Sequence[str], place: str) -> list[Any]:
    try:
        return list(filesystem.get_file_info(list(paths)))
    except OSError as error:
        raise FilmUnreadable(f"{place}: cannot be asked ({str(error).splitlines()[0]}); check access") from error


def _stamp(info: Any, claims: FilmClaims) -> str:
    """Changes with the file's size and time, and with what is said of it."""
    said = "" if claims == NO_CLAIMS else "-" + hashlib.sha256(repr(claims).encode()).hexdigest()[:8]
    return f"{-1 if info.size is None else info.size}-{info.mtime_ns or 0}{said}"


def fresh(tasks: Sequence[FilmTask], known: Mapping[str, tuple[str, str]]) -> Iterator[FilmTask]:
    """Those whose stamp is not the one they were read with; `known`: file -> stamp and key."""
    for task in tasks:
        stamp, key = known.get(task.file, ("", ""))
        if stamp != task.stamp:
            yield FilmTask(task.file, task.stamp, task.claims, key)
