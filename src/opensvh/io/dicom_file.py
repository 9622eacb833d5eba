"""DICOM bytes -> Dataset, within bounds: the file meta is read first, what is deflated is inflated up to a limit.

Half a megabyte of a deflated file can expand to gigabytes even when only its header is asked for, so pydicom never
sees one. What the header claims is `dicom_safety`'s to judge.
"""

import io
import struct
import zlib
from typing import BinaryIO

import pydicom
from pydicom.dataset import Dataset

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.film_sources import DICOM_MARK_AT, has_dicom_mark

DEFLATED = b"1.2.840.10008.1.2.1.99"
EXPLICIT = b"1.2.840.10008.1.2.1"
LARGEST_INFLATED = 1 << 27
"""Bytes: 67 million pixels of 16 bits, three of the largest plates."""
LARGEST_HEADER = 1 << 24
"""Bytes before the pixels of a deflated file, where only the header is asked for."""
_LARGEST_META = 1 << 16
_LONG_LENGTHS = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
"""Value representations whose length has four bytes, after two that are reserved (PS3.5, 7.1.2)."""


def parsed(content: bytes, path: str) -> Dataset:
    """The whole file; raises FilmUnreadable."""
    meta = _meta_length(content[:_LARGEST_META])
    if DEFLATED in content[:meta]:
        content = _inflated(content, meta, LARGEST_INFLATED, path)
    return _read(io.BytesIO(content), path, header_only=False)


def parsed_header(stream: BinaryIO, path: str) -> Dataset:
    """The file up to its pixels, which are not read; raises FilmUnreadable."""
    meta = _meta_length(head := stream.read(_LARGEST_META))
    if DEFLATED in head[:meta]:
        head = _inflated(head + stream.read(), meta, LARGEST_HEADER, path, whole=False)
        return _read(io.BytesIO(head), path, header_only=True)
    stream.seek(0)
    return _read(stream, path, header_only=True)


def _read(stream: BinaryIO, path: str, header_only: bool) -> Dataset:
    try:
        return pydicom.dcmread(stream, force=True, stop_before_pixels=header_only)
    except Exception as error:  # whatever a damaged file makes the parser raise
        raise FilmUnreadable(f"{path}: is no sound DICOM file ({first_line(error)}); export it again") from error


def _meta_length(head: bytes) -> int:
    """Where the file meta ends (PS3.10, 7.1): group 0002, always explicit and little endian."""
    place = DICOM_MARK_AT + 4 if has_dicom_mark(head) else 0
    while head[place : place + 2] == b"\x02\0" and place + 8 <= len(head):
        if head[place + 4 : place + 6] in _LONG_LENGTHS:
            (length,) = struct.unpack("<I", head[place + 8 : place + 12].ljust(4, b"\0"))
            place += 12 + length
        else:
            (length,) = struct.unpack("<H", head[place + 6 : place + 8])
            place += 8 + length
    return min(place, len(head))


def _inflated(content: bytes, meta: int, limit: int, path: str, whole: bool = True) -> bytes:
    """The same file uncompressed; `whole` refuses one that goes on beyond the limit."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(content[meta:], limit + 1)
    except zlib.error as error:
        raise FilmUnreadable(f"{path}: is deflated and damaged ({error}); export it again") from error
    if whole and len(inflated) > limit:
        fact = f"is deflated and expands to more than {limit >> 20} MB, more than any film"
        raise FilmUnreadable(f"{path}: {fact}; export it uncompressed")
    if whole and not inflater.eof:
        raise FilmUnreadable(f"{path}: is deflated and cut short; copy or export it again")
    return content[:meta].replace(DEFLATED, EXPLICIT.ljust(len(DEFLATED), b"\0")) + inflated


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
