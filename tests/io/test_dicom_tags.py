"""Header values as plain text and numbers: what is missing, empty or of a wrong kind says nothing."""

import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from opensvh.io.dicom_tags import items, number, numbers, text, texts, value_of, whole


@pytest.fixture
def header() -> Dataset:
    dataset = Dataset()
    dataset.PatientOrientation, dataset.SeriesDescription, dataset.Rows = ["L", "H"], "  Hand \n left ", 80
    dataset.WindowCenter, dataset.StudyID, dataset.PatientName = [10, 20.5], "", "A^B"
    dataset.AnatomicRegionSequence = Sequence([Dataset()])
    dataset[0x00280006] = DataElement(0x00280006, "LO", "four")  # PlanarConfiguration as a text
    return dataset


def test_texts(header: Dataset) -> None:
    assert text(header, "PatientOrientation") == "L\\H"
    assert texts(header, "PatientOrientation") == ("L", "H")
    assert text(header, "SeriesDescription") == "Hand left"
    assert text(header, "PatientName") == "A^B"
    assert text(header, "StudyID") == text(header, "PatientID") == ""


def test_numbers(header: Dataset) -> None:
    assert numbers(header, "WindowCenter") == (10.0, 20.5)
    assert (number(header, "WindowCenter"), whole(header, "Rows")) == (10.0, 80)
    assert (number(header, "WindowWidth"), whole(header, "PlanarConfiguration")) == (None, None)
    assert numbers(header, "SeriesDescription") == ()


def test_items(header: Dataset) -> None:
    assert len(items(header, "AnatomicRegionSequence")) == 1
    assert items(header, "SeriesDescription") == items(header, "VOILUTSequence") == ()


def test_a_value_that_cannot_be_parsed_says_nothing() -> None:
    class Broken(Dataset):
        def get(self, *_: object) -> object:  # type: ignore[override]
            raise ValueError("no number")

    assert value_of(Broken(), "Rows") is None
