"""Members of a zip archive: listed and unpacked in memory within bounds, never onto the disk."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath

from opensvh.domain.errors import FilmUnreadable

LARGEST_ARCHIVE_ENTRIES = 20_000
LARGEST_UNPACKED = 20 << 30
"""Bytes of all members together."""
LARGEST_MEMBER = 1 << 29
"""Bytes of one: it is unpacked in memory."""
LARGEST_RATIO, RATIO_FROM = 200, 1 << 24
"""Films pack to a half or a tenth; above this size, what packs better than this is made to fill a disk."""
_ENCRYPTED = 0x1
_DRIVE = ":"


def member_names(archive: Path) -> tuple[str, ...]:
    """The archive's files in order of name, without hidden ones; raises FilmUnreadable for one that is unsafe."""
    status = archive.stat()
    return _member_names(archive, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _member_names(archive: Path, changed_ns: int, size: int) -> tuple[str, ...]:
    with _opened(archive) as opened:
        infos = [info for info in opened.infolist() if not info.is_dir()]
        _refuse_unsafe(archive, infos)
    return tuple(sorted(info.filename for info in infos if not _is_hidden(info.filename)))


def member_bytes(archive: Path, member: str, path: str | Path) -> bytes:
    """A member that `member_names` lists, unpacked; `path` names it in errors. Raises FilmUnreadable."""
    with _opened(archive) as opened:
        info = opened.getinfo(member)
        _refuse_unbounded(info, path)
        try:
            with opened.open(info) as stream:
                return stream.read(info.file_size)
        except Exception as error:  # zlib's, lzma's, the archive's own
            raise FilmUnreadable(f"{path}: cannot be unpacked ({error}); pack the archive again") from error


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        opened = zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FilmUnreadable(f"{archive}: is no sound zip archive ({error}); pack it again") from error
    with opened:
        yield opened


def _refuse_unsafe(archive: Path, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > LARGEST_ARCHIVE_ENTRIES:
        raise FilmUnreadable(f"{archive}: has {len(infos)} members; give at most {LARGEST_ARCHIVE_ENTRIES} at once")
    total = sum(info.file_size for info in infos)
    if total > LARGEST_UNPACKED:
        fact = f"unpacks to {total / 1e9:.0f} GB, more than {LARGEST_UNPACKED / 1e9:.0f} GB"
        raise FilmUnreadable(f"{archive}: {fact}; give its films in smaller archives")
    names = [info.filename for info in infos]
    for name in names:
        if _escapes(name):
            raise FilmUnreadable(f"{archive}: its member {name!r} points out of the archive; pack it again")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise FilmUnreadable(f"{archive}: has two members called {twice[0]!r}; pack it again")


def _refuse_unbounded(info: zipfile.ZipInfo, path: str | Path) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise FilmUnreadable(f"{path}: is encrypted; unpack the archive with its password and give the folder")
    if info.file_size > LARGEST_MEMBER:
        raise FilmUnreadable(f"{path}: unpacks to {info.file_size / 1e6:.0f} MB, more than any film; export it again")
    if info.file_size > RATIO_FROM and info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
        fact = f"unpacks {info.file_size / max(info.compress_size, 1):.0f} times its size, as no film does"
        raise FilmUnreadable(f"{path}: {fact}; export it again")


def _escapes(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or _DRIVE in path.parts[0]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(name).parts)
