"""The score sheet as an image."""

from typing import Any

import numpy as np
import pydicom

from opensvh.reporting.dicom.sheet_drawing import HEIGHT, WIDTH


def test_any_viewer_can_show_it(good: Any) -> None:
    sheet = good["score-sheet"]
    assert sheet.SOPClassUID.name == "Secondary Capture Image Storage"
    assert (sheet.PhotometricInterpretation, sheet.BitsStored) == ("RGB", 8)
    assert sheet.pixel_array.shape == (HEIGHT, WIDTH, 3)


def test_it_names_its_films_as_sources(good: Any) -> None:
    uids = [item.ReferencedSOPInstanceUID for item in good["score-sheet"].SourceImageSequence]
    assert uids == [pydicom.dcmread(film.film).SOPInstanceUID for film in good.study.films]


def test_nobody_is_named_in_its_pixels(good: Any, bare: Any) -> None:
    """The same sheet, whosever it is."""
    assert good["score-sheet"].BurnedInAnnotation == "NO"
    head = slice(0, 200)
    assert np.array_equal(good["score-sheet"].pixel_array[head], bare["score-sheet"].pixel_array[head])
