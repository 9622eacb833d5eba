"""New values for old ones: dates moved, descriptions cut to harmless words, codes held to their form."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from opensvh.io.deidentify_table import harmless_words

_DATE = re.compile(r"\d{8}")
_TIME = re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?")
_CODE = re.compile(r"[A-Z0-9_ ]{0,16}")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_ZONE = re.compile(r"[+-]\d{4}$")
NOTHING_LEFT = "removed"
"""Stands where a description may not be empty and held no harmless word."""


def shifted(vr: str, value: str, days: int) -> str:
    """A date (DA) or date and time (DT) moved by days, a time of day (TM) as it is; "" for what is none (PS3.5, 6.2).

    A date and time that is no whole date loses the day: nothing of it stays.
    """
    text = value.strip()
    if vr == "TM":
        return text if _TIME.fullmatch(text) else ""
    if not _DATE.fullmatch(text[:8]):
        return ""
    try:
        moved = date(int(text[:4]), int(text[4:6]), int(text[6:8])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    clock = _ZONE.sub("", text[8:]) if vr == "DT" else ""
    return f"{moved:%Y%m%d}{clock if _TIME.fullmatch(clock) else ''}"


def cleaned(value: str) -> str:
    """The harmless words of a description, in their order; "" where there are none.

    A number stays only as one digit: neither dates nor names of patients are so short.
    """
    words = (word for word in _WORD.findall(value) if word.lower() in harmless_words() or re.fullmatch(r"\d", word))
    return " ".join(words)


def well_formed(vr: str, values: Sequence[object]) -> bool:
    """Whether codes and numbers hold what they are for: no free text hides in them."""
    if vr == "CS":
        return all(_CODE.fullmatch(str(value)) for value in values)
    if vr in ("DS", "IS"):
        return all(_is_number(str(value)) for value in values)
    if vr == "AS":
        return all(re.fullmatch(r"\d{3}[DWMY]", str(value)) for value in values)
    return True


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
