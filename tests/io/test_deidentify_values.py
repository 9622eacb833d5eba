"""Dates keep their distance, descriptions lose all but harmless words, codes hold nothing but codes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from opensvh.io.deidentify_values import cleaned, shifted, well_formed


@given(some.dates(date(1950, 1, 1), date(2040, 1, 1)), some.integers(0, 4000), some.integers(-3650, -1))
def test_days_between_visits_stay(first: date, apart: int, days: int) -> None:
    second = date.fromordinal(first.toordinal() + apart)
    moved = [date.fromisoformat(shifted("DA", f"{each:%Y%m%d}", days)) for each in (first, second)]
    assert (moved[1] - moved[0]).days == apart
    assert (moved[0] - first).days == days


@pytest.mark.parametrize("text", ["", "2024", "20241301", "20240230", "today", "15.01.2024"])
def test_what_is_no_date_is_lost(text: str) -> None:
    assert shifted("DA", text, -10) == ""


def test_times_stay_and_nothing_else_does() -> None:
    assert shifted("TM", "101500.25", -10) == "101500.25"
    assert shifted("TM", "Mueller", -10) == ""
    assert shifted("DT", "20240115101500+0100", -15) == "20231231101500"
    assert shifted("DT", "20240115 Mueller", -15) == "20231231"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hand left PA", "Hand left PA"),
        ("Mueller, Anna: HAND beidseits", "HAND beidseits"),
        ("Rö Füße 2 E. 03.02.1951 Dr. Frank", "Füße 2"),
        ("MRN1234567", ""),
    ],
)
def test_only_harmless_words_stay(text: str, kept: str) -> None:
    assert cleaned(text) == kept


@pytest.mark.parametrize(
    ("vr", "value", "is_sound"),
    [
        ("CS", "HAND", True),
        ("CS", "Anna Mueller", False),
        ("DS", "0.148", True),
        ("IS", "Anna", False),
        ("AS", "073Y", True),
        ("AS", "born 51", False),
        ("LO", "Maker 7", True),
    ],
)
def test_free_text_does_not_hide_in_codes_and_numbers(vr: str, value: str, is_sound: bool) -> None:
    assert well_formed(vr, [value]) is is_sound
