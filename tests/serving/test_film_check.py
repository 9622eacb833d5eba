"""A received object is judged by its header: film, own result, something else, or nothing usable."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage, RLELossless, SecondaryCaptureImageStorage

from opensvh.serving.film_check import FILM_CLASSES, TRANSFER_SYNTAXES, Kind, check


def as_file(dataset: Dataset) -> bytes:
    content = io.BytesIO()
    dataset.save_as(content)
    return content.getvalue()


def changed(path: Path, **elements: object) -> Dataset:
    dataset = dcmread(path)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("elements", "kind"),
    [
        ({}, Kind.FILM),  # a simulated film, though this product made it
        ({"Manufacturer": "Other"}, Kind.FILM),
        ({"SOPClassUID": SecondaryCaptureImageStorage, "Manufacturer": "Other"}, Kind.FILM),
        ({"SOPClassUID": SecondaryCaptureImageStorage, "ManufacturerModelName": "reference 1"}, Kind.OWN_RESULT),
        ({"SOPClassUID": ComprehensiveSRStorage, "ManufacturerModelName": "reference 1"}, Kind.OWN_RESULT),
        ({"SOPClassUID": ComprehensiveSRStorage, "Manufacturer": "Other"}, Kind.OTHER),
        ({"StudyInstanceUID": ""}, Kind.UNUSABLE),
        ({"SOPInstanceUID": "../../etc/passwd"}, Kind.UNUSABLE),
    ],
)
def test_objects_are_told_apart(film: Callable[..., Path], elements: dict[str, object], kind: Kind) -> None:
    assert check(as_file(changed(film(), **elements))).kind is kind


def test_what_is_no_dicom_is_unusable() -> None:
    assert check(b"no DICOM at all").kind is Kind.UNUSABLE
    assert check(b"").kind is Kind.UNUSABLE


def test_a_compressed_film_is_a_film(film: Callable[..., Path]) -> None:
    dataset = dcmread(film())
    dataset.compress(RLELossless)
    assert check(as_file(dataset)).kind is Kind.FILM
    assert str(RLELossless) in TRANSFER_SYNTAXES


def test_names_of_classes_and_transfer_syntaxes_are_the_standards() -> None:
    from pydicom.uid import UID

    assert {uid: UID(uid).name for uid in FILM_CLASSES} == FILM_CLASSES
    for uid, name in TRANSFER_SYNTAXES.items():
        assert UID(uid).is_transfer_syntax
        assert name.split(" (")[0].split(" with")[0] in UID(uid).name
