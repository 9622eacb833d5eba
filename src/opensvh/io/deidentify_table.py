"""What becomes of each attribute: the list of those that are kept, and the options of PS3.15 that widen it.

`deidentify_attributes.csv` names every attribute that may stay in a CR, DX or Secondary Capture image, and how. What it
does not name is removed: all of PS3.15 Table E.1-1 that is not told otherwise here, what is private, and what nobody
has heard of. A test holds the list against that table.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Action(StrEnum):
    """What is done with an attribute."""

    KEEP = "keep"
    CODES = "codes"
    """A sequence of codes: items of public coding schemes stay."""
    ITEMS = "items"
    """A sequence: each item's attributes as the list has them."""
    EMPTY = "empty"
    PSEUDONYM = "pseudonym"
    UID = "uid"
    SHIFT = "shift"
    """A date moves by the patient's days; a time of day stays."""
    CLEAN = "clean"
    """Words of a list of harmless ones stay."""
    REMOVE = "remove"


class Option(StrEnum):
    """Profile and options by their code (PS3.16, CID 7050)."""

    BASIC = "113100"
    CLEAN_PIXELS = "113101"
    CLEAN_DESCRIPTORS = "113105"
    SHIFTED_DATES = "113107"
    PATIENT_CHARACTERISTICS = "113108"
    DEVICE_IDENTITY = "113109"
    SAFE_PRIVATE = "113111"


MEANINGS = {
    Option.BASIC: "Basic Application Confidentiality Profile",
    Option.CLEAN_PIXELS: "Clean Pixel Data Option",
    Option.CLEAN_DESCRIPTORS: "Clean Descriptors Option",
    Option.SHIFTED_DATES: "Retain Longitudinal Temporal Information Modified Dates Option",
    Option.PATIENT_CHARACTERISTICS: "Retain Patient Characteristics Option",
    Option.DEVICE_IDENTITY: "Retain Device Identity Option",
    Option.SAFE_PRIVATE: "Retain Safe Private Option",
}
PUBLIC_SCHEMES = frozenset({"SCT", "SRT", "SNM3", "DCM", "LN", "RADLEX", "FMA", "UCUM", "NCIt"})
"""Coding scheme designators (PS3.16, 8) whose codes are the same in every hospital."""


@dataclass(frozen=True)
class Row:
    """One attribute: what the basic profile does with it, and what under an option."""

    keyword: str
    basic: Action
    option: Option | None
    with_option: Action | None


@cache
def attribute_rows() -> Mapping[str, Row]:
    """The list, by keyword."""
    text = resources.files("opensvh.io").joinpath("deidentify_attributes.csv").read_text(encoding="utf-8")
    return {row["keyword"]: _row(row) for row in csv.DictReader(text.splitlines())}


def action_of(keyword: str, options: frozenset[Option]) -> Action:
    """What is done with an attribute; what has no keyword or no row is removed."""
    row = attribute_rows().get(keyword)
    if row is None:
        return Action.REMOVE
    if row.with_option is not None and row.option in options:
        return row.with_option
    return row.basic


@cache
def harmless_words() -> frozenset[str]:
    """Words that a description may keep, in small letters: anatomy, views, sides, and the machine's own."""
    text = resources.files("opensvh.io").joinpath("deidentify_words.csv").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines()[1:] for word in line.split(",")[1].split())


def _row(row: Mapping[str, str]) -> Row:
    option = Option(row["option"]) if row["option"] else None
    return Row(row["keyword"], Action(row["basic"]), option, Action(row["with_option"]) if option else None)
