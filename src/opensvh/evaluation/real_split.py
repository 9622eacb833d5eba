"""Which real films tune and which measure: `real_films_split.csv`, a half for each group of films of one person.

What was set by looking at films may be set on the tuning half; a figure that is reported comes from the measuring half.
Films that the table does not know measure: nothing was ever set by them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from opensvh.domain.errors import TableInvalid

SPLIT_FILE = "real_films_split.csv"
SPLIT = Path(__file__).parent / SPLIT_FILE
SEVERE = "severe"
"""The table's word for a limb with severe arthritis; limbs without a word show none."""


class Half(StrEnum):
    """What a group of films is for."""

    MEASURING = "measuring"
    TUNING = "tuning"


@dataclass(frozen=True)
class Allotment:
    """What a group was dealt to, and whether its limb has severe arthritis."""

    half: Half
    severe: bool


UNKNOWN = Allotment(Half.MEASURING, severe=False)
"""A group that the table does not know."""


def read_split(path: Path = SPLIT) -> dict[str, dict[str, str]]:
    """The rows of the split by group."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["group"]: row for row in csv.DictReader(file)}


def allotments(folder: Path) -> dict[str, Allotment]:
    """The package's split by group, and over it that of a folder that brings a `real_films_split.csv` of its own.

    Such a table needs the columns `group` and `half`; `disease` may say `severe`. Raises TableInvalid.
    """
    own = folder / SPLIT_FILE
    rows = read_split()
    if own.is_file():
        rows |= _own_rows(own)
    return {group: _allotment(row) for group, row in rows.items()}


def _own_rows(path: Path) -> dict[str, dict[str, str]]:
    try:
        rows = read_split(path)
        for row in rows.values():
            _allotment(row)
    except (KeyError, ValueError, UnicodeDecodeError) as error:
        raise TableInvalid(
            f"{path}: is no split ({error}); give the columns group and half, tuning or measuring"
        ) from error
    return rows


def _allotment(row: Mapping[str, str]) -> Allotment:
    return Allotment(Half(row["half"]), row.get("disease") == SEVERE)
