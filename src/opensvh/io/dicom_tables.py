"""Look-up tables of DICOM: Modality LUT Sequence (PS3.3, C.11.1) and VOI LUT Sequence (C.11.2)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from opensvh.io.dicom_tags import numbers, value_of

ALL_ENTRIES = 1 << 16
"""What a descriptor means by 0 entries."""


def looked_up(values: NDArray[np.generic], table: Dataset, little_endian: bool) -> NDArray[np.float32] | None:
    """Each value's entry, those beyond either end as the last there; None where the table is damaged or even."""
    descriptor, entries = numbers(table, "LUTDescriptor"), _entries(table, little_endian)
    if len(descriptor) != 3 or entries is None or np.ptp(entries) == 0:
        return None
    first = int(descriptor[1])
    if first >= ALL_ENTRIES // 2 and float(np.nanmin(values)) < 0:
        first -= ALL_ENTRIES  # a negative value that the file declares without sign
    places = np.clip(np.rint(np.nan_to_num(values.astype(np.float32))) - first, 0, len(entries) - 1)
    found = entries.astype(np.float32)[places.astype(np.intp)]
    return np.asarray(np.where(np.isnan(values.astype(np.float32)), np.float32(np.nan), found), dtype=np.float32)


def white_of(table: Dataset, little_endian: bool) -> float:
    """White's value: the most that the bits the table uses can hold, since what it declares often differs."""
    entries = _entries(table, little_endian)
    highest = 1 if entries is None else max(int(entries.max()), 1)
    return float((1 << highest.bit_length()) - 1)


def _entries(table: Dataset, little_endian: bool) -> NDArray[np.uint16] | None:
    """The table's values; eight-bit ones may lie two in a word."""
    descriptor, data = numbers(table, "LUTDescriptor"), value_of(table, "LUTData")
    if len(descriptor) != 3 or data is None:
        return None
    count = int(descriptor[0]) % ALL_ENTRIES or ALL_ENTRIES
    content = data if isinstance(data, bytes) else _as_words(data)
    if content is None:
        return None
    if len(content) in (count, count + 1):
        return np.frombuffer(content, np.uint8)[:count].astype(np.uint16)
    in_file_order = isinstance(data, bytes) and not little_endian
    found = np.frombuffer(content[: len(content) // 2 * 2], ">u2" if in_file_order else "<u2")[:count]
    return found.astype(np.uint16) if len(found) == count else None


def _as_words(data: Any) -> bytes | None:
    parts = data if isinstance(data, Sequence) else [data]
    try:
        return (np.array([int(part) for part in parts], np.int64) & 0xFFFF).astype("<u2").tobytes()
    except (TypeError, ValueError, OverflowError):
        return None
