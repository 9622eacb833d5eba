"""From a film's stored samples to the screen, under its overlay."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from opensvh.reporting.dicom.grey_levels import add_displayed_area, add_grey_levels, colour_profile


def state_of(**tags: object) -> Dataset:
    header, state = Dataset(), Dataset()
    header.Rows, header.Columns = 40, 30
    for keyword, value in tags.items():
        setattr(header, keyword, value)
    add_grey_levels(state, header)
    add_displayed_area(state, header)
    return state


def test_window_and_rescaling_are_the_films(good: Any) -> None:
    state = good["overlay-LH"]
    [item] = state.SoftcopyVOILUTSequence
    assert (item.WindowCenter, item.WindowWidth) == (128, 256)
    assert (state.RescaleSlope, state.RescaleIntercept, state.RescaleType) == (1, 0, "US")


def test_a_film_without_a_window_gets_none(bare: Any) -> None:
    assert "SoftcopyVOILUTSequence" not in bare["overlay-LH"]
    assert "RescaleSlope" not in bare["overlay-LH"]


@pytest.mark.parametrize(
    ("tags", "shape"),
    [
        ({"PhotometricInterpretation": "MONOCHROME2"}, "IDENTITY"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "INVERSE"),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, "INVERSE"),
        ({"PhotometricInterpretation": "MONOCHROME2", "PresentationLUTShape": "INVERSE"}, "INVERSE"),
    ],
)
def test_white_is_turned_into_black_once(tags: dict[str, str], shape: str) -> None:
    assert state_of(**tags).PresentationLUTShape == shape


def test_the_first_of_several_windows_and_its_function_hold() -> None:
    state = state_of(WindowCenter=[100, 7], WindowWidth=[50, 9], VOILUTFunction="SIGMOID")
    [item] = state.SoftcopyVOILUTSequence
    assert (item.WindowCenter, item.WindowWidth, item.VOILUTFunction) == (100, 50, "SIGMOID")


def test_a_table_goes_before_a_window() -> None:
    table = Dataset()
    table.LUTExplanation = "bright"
    state = state_of(WindowCenter=100, WindowWidth=50, VOILUTSequence=[table, Dataset()])
    [item] = state.SoftcopyVOILUTSequence
    assert [each.LUTExplanation for each in item.VOILUTSequence] == ["bright"]
    assert "WindowCenter" not in item


def test_half_a_rescaling_is_none_and_one_without_a_type_is_unspecified() -> None:
    assert "RescaleSlope" not in state_of(RescaleSlope=2)
    assert state_of(RescaleSlope=2, RescaleIntercept=0).RescaleType == "US"


def test_the_whole_film_is_shown_with_pixels_as_wide_as_they_are() -> None:
    [area] = state_of(ImagerPixelSpacing=[0.2, 0.1]).DisplayedAreaSelectionSequence
    assert list(area.DisplayedAreaBottomRightHandCorner) == [30, 40]
    assert list(area.PresentationPixelSpacing) == [0.2, 0.1]
    [area] = state_of().DisplayedAreaSelectionSequence
    assert list(area.PresentationPixelAspectRatio) == [1, 1]


def test_the_films_shutter_stays_closed() -> None:
    state = state_of(ShutterShape="CIRCULAR", CenterOfCircularShutter=[20, 15], RadiusOfCircularShutter=12)
    assert (state.ShutterShape, state.RadiusOfCircularShutter, state.ShutterPresentationValue) == ("CIRCULAR", 12, 0)


def test_colour_without_a_profile_is_srgb_the_same_each_time() -> None:
    assert colour_profile(Dataset()) == colour_profile(Dataset())
    assert "sRGB".encode("utf-16-be") in colour_profile(Dataset())
