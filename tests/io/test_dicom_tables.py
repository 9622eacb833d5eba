"""Look-up tables as files hold them: in words or bytes, with and without sign, in either order of bytes."""

from typing import Any

import numpy as np
import pytest

from opensvh.io.dicom_tables import looked_up, white_of

VALUES = np.array([[0, 1, 2, 3]], np.int16)


@pytest.mark.parametrize(
    ("data", "little_endian"),
    [
        ([10, 20, 30, 40], True),
        (np.array([10, 20, 30, 40], "<u2").tobytes(), True),
        (np.array([10, 20, 30, 40], ">u2").tobytes(), False),
        (bytes([10, 20, 30, 40]), True),
        ([10 + 256 * 20, 30 + 256 * 40], True),
    ],
)
def test_tables_of_every_form(item: Any, data: object, little_endian: bool) -> None:
    [table] = item(LUTDescriptor=[4, 0, 8], LUTData=data)
    assert np.array_equal(looked_up(VALUES, table, little_endian), [[10, 20, 30, 40]])


def test_first_value_without_its_sign(item: Any) -> None:
    """-2 as 65534: seen after a rescale that gives negative values."""
    [table] = item(LUTDescriptor=[4, 65534, 8], LUTData=[10, 20, 30, 40])
    assert np.array_equal(looked_up(np.array([[-3, -2, -1, 0, 1, 5]]), table, True), [[10, 10, 20, 30, 40, 40]])


def test_table_of_all_words(item: Any) -> None:
    [table] = item(LUTDescriptor=[0, 0, 16], LUTData=np.arange(65536, dtype="<u2").tobytes())
    values = np.array([[0, 17, 65535]], np.uint16)
    assert np.array_equal(looked_up(values, table, True), values)
    assert white_of(table, True) == 65535


def test_padding_stays_left_out(item: Any) -> None:
    [table] = item(LUTDescriptor=[4, 0, 8], LUTData=[10, 20, 30, 40])
    found = looked_up(np.array([[np.nan, 1.0]]), table, True)
    assert found is not None
    assert np.isnan(found[0, 0])
    assert found[0, 1] == 20


@pytest.mark.parametrize("data", [None, [], [5, 5, 5, 5], [1], "x"])
def test_damaged_table_is_none(item: Any, data: object) -> None:
    [table] = item(LUTDescriptor=[4, 0, 8])
    if data is not None and data != "x":
        table.LUTData = data
    assert looked_up(VALUES, table, True) is None
