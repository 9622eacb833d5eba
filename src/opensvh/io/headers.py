"""What the first bytes of PNG and JPEG files tell: their size in pixels.

So that a dataset of thousands of films is checked in seconds; the pixels are `io.image`'s.
"""

import struct
from pathlib import Path

PNG_MAGIC, JPEG_MAGIC = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
JPEG_END = b"\xff\xd9"
HEADER_BYTES = 1 << 16
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG SOF0 to SOF15, without DHT, JPG and DAC, which share their block (ITU T.81, table B.1)."""
_EXIF_MARKER = 0xE1


def header_size(path: Path) -> tuple[int, int] | None:
    """Width and height by the file's header; None where it does not say, or the file cannot be opened."""
    try:
        with path.open("rb") as file:
            return size_in_header(file.read(HEADER_BYTES))
    except OSError:
        return None


def size_in_header(content: bytes) -> tuple[int, int] | None:
    """Width and height by the first bytes of a PNG or JPEG; None for others and where EXIF may turn the picture."""
    if content.startswith(PNG_MAGIC) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    return _jpeg_size(content) if content.startswith(JPEG_MAGIC) else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return int(width), int(height)
        if marker == _EXIF_MARKER and content[place + 4 : place + 8] == b"Exif":
            return None
        place += 2 + int(struct.unpack(">H", content[place + 2 : place + 4])[0])
    return None
