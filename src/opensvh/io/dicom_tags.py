"""What a DICOM header says, as plain text and numbers: a value that is damaged or of a wrong kind says nothing."""

import math
from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset


def value_of(dataset: Dataset, keyword: str) -> Any:
    """The element's value; None where it is missing, empty, or whatever damage makes the parser raise."""
    try:
        value = dataset.get(keyword)
    except Exception:
        return None
    return None if value is None or value == "" else value


def text(dataset: Dataset, keyword: str) -> str:
    """The value as one line, several joined by backslashes as in the file; "" where it says nothing."""
    return "\\".join(texts(dataset, keyword))


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Each value of the element, stripped."""
    value = value_of(dataset, keyword)
    if value is None:
        return ()
    return tuple(" ".join(str(part).split()) for part in _parts(value))


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """The values that are finite numbers."""
    value = value_of(dataset, keyword)
    found = []
    for part in () if value is None else _parts(value):
        try:
            found.append(float(part))
        except (TypeError, ValueError, OverflowError):
            continue
    return tuple(number for number in found if math.isfinite(number))


def number(dataset: Dataset, keyword: str) -> float | None:
    """The first value that is a number."""
    return next(iter(numbers(dataset, keyword)), None)


def whole(dataset: Dataset, keyword: str) -> int | None:
    """The first value, where it is a whole number."""
    value = number(dataset, keyword)
    return int(value) if value is not None and value == int(value) else None


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """The items of a sequence; none where it is no sequence."""
    value = value_of(dataset, keyword)
    return tuple(item for item in _parts(value) if isinstance(item, Dataset)) if value is not None else ()


def _parts(value: Any) -> Sequence[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else (value,)
