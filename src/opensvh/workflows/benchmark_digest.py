"""What a part of the benchmark holds, as one SHA-256: grey levels of every film and cells of every table.

Levels are decoded and cells are read first, so that another PNG encoder or another line end changes nothing.
"""

import csv
import hashlib
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from opensvh.domain.errors import DatasetInvalid
from opensvh.workflows.simulation_tables import SETTINGS, TABLES

DIGESTED = tuple(name for name in TABLES if name != SETTINGS)


def part_digest(folder: Path) -> str:
    """Of one part: every film in `images/` by name, and every table; raises DatasetInvalid where one is missing."""
    digest = hashlib.sha256()
    for path in sorted((folder / "images").glob("*.png")):
        _add(digest, path.name, film_digest(path))
    for name in sorted(DIGESTED):
        _add(digest, name, table_digest(folder / name))
    return digest.hexdigest()


def whole_digest(parts: Mapping[str, str]) -> str:
    """Of all parts by name."""
    digest = hashlib.sha256()
    for name in sorted(parts):
        _add(digest, name, parts[name])
    return digest.hexdigest()


def film_digest(path: Path) -> str:
    """Of a film's size and decoded 8-bit levels."""
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED) if path.stat().st_size else None
    if pixels is None or pixels.ndim != 2 or pixels.dtype != np.uint8:
        raise DatasetInvalid(f"{path}: is no grey film of 8 bit; delete it and make the benchmark again")
    rows, columns = pixels.shape
    return hashlib.sha256(f"{columns} x {rows}\n".encode() + pixels.tobytes()).hexdigest()


def table_digest(path: Path) -> str:
    """Of a table's cells, row by row."""
    if not path.is_file():
        raise DatasetInvalid(f"{path}: is missing; complete the benchmark with `opensvh benchmark make`")
    with path.open(newline="", encoding="utf-8") as file:
        rows = "\n".join("\t".join(row) for row in csv.reader(file))
    return hashlib.sha256(rows.encode()).hexdigest()


def _add(digest: "hashlib._Hash", name: str, part: str) -> None:
    digest.update(f"{part}  {name}\n".encode())
