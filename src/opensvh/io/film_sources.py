"""Where a film lies, in one text: a file, a member of a zip archive, a frame of a DICOM file, or both of these.

`hand.dcm`, `visit1.zip/hands/left.dcm`, `hands.dcm#2` (the second frame), `visit1.zip/hands.dcm#2`. Such an address is
used as a path everywhere: what reads a film, finds films or tells their contents apart asks here. A file that really
has such a name goes first. What is in an archive is `zip_members`', frames `dicom_frames`', DICOMDIR `dicomdir`'s.
"""

import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from typing import BinaryIO

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.zip_members import member_bytes, member_names

DICOM_MARK, DICOM_MARK_AT = b"DICM", 128
"""PS3.10, 7.1: four letters after a preamble of 128 bytes."""
DICOM_SUFFIXES = (".dcm", ".dicom")
ARCHIVE_SUFFIX = ".zip"
LARGEST_FILE = 1 << 30
"""Bytes; the largest plates, uncompressed, take some 60 million."""
_FRAME = re.compile(r"(?P<path>.+)#(?P<frame>[1-9]\d{0,5})", re.DOTALL)


@dataclass(frozen=True)
class FilmAddress:
    """A film's file on disk, its member inside where that is an archive, its frame (from 1) where it has several."""

    file: Path
    member: str | None = None
    frame: int | None = None

    @property
    def exists(self) -> bool:
        """Whether something lies there; for a member, whether the archive lists it; a frame is not looked up."""
        if self.member is None:
            return self.file.exists()
        return self.member in member_names(self.file)

    @property
    def suffix(self) -> str:
        """Of the picture itself, in lower case."""
        return Path(self.member or self.file).suffix.lower()


def film_address(path: str | Path) -> FilmAddress:
    """What a path means; a path at which nothing lies is itself."""
    plain = Path(path)
    if plain.exists():
        return FilmAddress(plain)
    framed = _FRAME.fullmatch(str(path))
    frame = int(framed["frame"]) if framed else None
    inner = Path(framed["path"]) if framed else plain
    if inner.is_file():
        return FilmAddress(inner, frame=frame)
    for archive in inner.parents:
        if archive.is_file() and archive.suffix.lower() == ARCHIVE_SUFFIX:
            return FilmAddress(archive, inner.relative_to(archive).as_posix(), frame)
    return FilmAddress(plain)


def member_path(archive: Path, member: str) -> Path:
    """The address of an archive's member."""
    return archive / member


def frame_path(path: Path, frame: int) -> Path:
    """The address of a file's frame, counted from 1."""
    return path.with_name(f"{path.name}#{frame}")


@contextmanager
def opened_film(path: str | Path) -> Iterator[BinaryIO]:
    """The film's bytes as a stream, unpacked in memory where it lies in an archive; raises FilmUnreadable."""
    address = film_address(path)
    try:
        if not address.exists:
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT))
        if address.member is not None:
            yield io.BytesIO(member_bytes(address.file, address.member, path))
            return
        size = address.file.stat().st_size
        stream = address.file.open("rb")
    except OSError as error:
        raise FilmUnreadable(f"{path}: {_why_not(error)}") from error
    with stream:
        if size > LARGEST_FILE:
            raise FilmUnreadable(f"{path}: has {size / 1e9:.1f} GB, more than any film; export it again")
        yield stream


def film_bytes(path: str | Path) -> bytes:
    """The film's file as it is; raises FilmUnreadable."""
    with opened_film(path) as stream:
        try:
            content = stream.read()
        except OSError as error:
            raise FilmUnreadable(f"{path}: {_why_not(error)}") from error
    if not content:
        raise FilmUnreadable(f"{path}: is empty; copy or export it again")
    return content


def content_digest(path: str | Path) -> str:
    """SHA-256 of a film's file, or of its member in an archive; `missing` where there is none, else `unreadable`."""
    address = film_address(path)
    if not address.file.exists():
        return "missing"
    try:
        with opened_film(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except (FilmUnreadable, OSError):
        return "unreadable"


def is_dicom(path: str | Path) -> bool:
    """By its suffix, or the mark after its preamble; False for what cannot be opened."""
    if film_address(path).suffix in DICOM_SUFFIXES:
        return True
    try:
        with opened_film(path) as stream:
            return has_dicom_mark(stream.read(DICOM_MARK_AT + len(DICOM_MARK)))
    except (FilmUnreadable, OSError):  # refused with its reason when it is read
        return False


def has_dicom_mark(content: bytes) -> bool:
    """Whether bytes begin as a DICOM file does."""
    return content[DICOM_MARK_AT : DICOM_MARK_AT + len(DICOM_MARK)] == DICOM_MARK


def _why_not(error: OSError) -> str:
    """Why a film cannot be opened, and what to do."""
    return f"cannot be read ({error.strerror or 'it cannot be opened'}); check the path and its permissions"
