"""The size that a compressed frame itself claims: a frame larger than its header says is not given to a decoder.

JPEG and JPEG-LS: ITU T.81, B.2.2 and T.87, C.2.2; JPEG 2000 and its high-throughput kin: T.800, A.5.1; RLE: PS3.5, G.
"""

import struct
from itertools import pairwise

JPEG_START, JPEG_2000_START = b"\xff\xd8", b"\xff\x4f\xff\x51"
JP2_START = b"\0\0\0\x0cjP  "
_JPEG_FRAMES = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}
"""SOF0 to SOF15 without the tables that share their block, and JPEG-LS' SOF55."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a segment."""


def claimed_size(frame: bytes) -> tuple[int, int] | None:
    """Columns and rows by the codestream's own header; None where it has none that is known."""
    if frame.startswith(JPEG_START):
        return _jpeg_size(frame)
    if frame.startswith((JPEG_2000_START, JP2_START)):
        place = frame.find(JPEG_2000_START)
        if place < 0 or len(frame) < place + 24:
            return None
        right, lower, left, upper = struct.unpack(">4I", frame[place + 8 : place + 24])
        return right - left, lower - upper
    return None


def _jpeg_size(frame: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(frame) and frame[place] == 0xFF:
        marker = frame[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _ALONE:
            place += 2
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", frame[place + 5 : place + 9])
            return width, height
        else:
            place += 2 + int(struct.unpack(">H", frame[place + 2 : place + 4])[0])
    return None


def unpacked_length(frame: bytes) -> int:
    """Bytes that a frame packed by runs unpacks to, without unpacking it."""
    if len(frame) < 64:
        return 0
    count, *offsets = struct.unpack("<16I", frame[:64])
    starts = [*offsets[: min(count, 15)], len(frame)]
    return sum(_unpacked(frame[start:end]) for start, end in pairwise(starts))


def _unpacked(segment: bytes) -> int:
    length, place, end = 0, 0, len(segment)
    while place < end:
        head = segment[place]
        if head < 128:
            length, place = length + head + 1, place + head + 2
        else:
            length, place = length + (257 - head if head > 128 else 0), place + (2 if head > 128 else 1)
    return length
