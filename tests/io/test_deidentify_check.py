"""What names a patient is found wherever it stands, and nothing is found where it does not."""

import io

import cv2
import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from opensvh.io.deidentify_check import foreign_chunks, leaks, needles_of


def original() -> Dataset:
    header = Dataset()
    header.PatientName, header.PatientID, header.PatientBirthDate = "Mueller^Anna", "MRN1234567", "19510203"
    header.StudyInstanceUID, header.SOPInstanceUID, header.AccessionNumber = "1.2.3.4", "1.2.3.5", "12"
    header.ReferringPhysicianName, header.SOPClassUID = "House^Gregory", "1.2.840.10008.5.1.4.1.1.1"
    return header


def searched(pixels: bytes = b"\0\0", own: tuple[str, ...] = (), **tags: object) -> list[str]:
    """What is found in a film with these tags."""
    film = Dataset()
    film.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    for keyword, value in tags.items():
        setattr(film, keyword, value)
    film.add_new("PixelData", "OB", pixels)
    film.file_meta = FileMetaDataset()
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    content = io.BytesIO()
    film.save_as(content, enforce_file_format=False)
    return leaks(film, content.getvalue(), needles_of(original()), own)


@pytest.mark.parametrize(
    "tags",
    [
        {"StudyDescription": "Hand of MUELLER"},
        {"StudyDescription": "Dr. House"},
        {"PatientComments": "born 03.02.1951"},
        {"PatientComments": "see MRN1234567"},
        {"StudyInstanceUID": "1.2.3.4"},
        {"StationName": "12"},
    ],
)
def test_values_are_searched(tags: dict[str, object]) -> None:
    assert searched(**tags) == list(tags)


def test_bytes_beyond_the_values_are_searched() -> None:
    assert searched(pixels=b"\0MRN1234567\0") == ["bytes of the pixels"]


def test_what_is_harmless_is_not_found() -> None:
    assert searched(StudyDescription="Hand left", InstanceNumber=12, Manufacturer="Annapolis") == []


def test_what_the_software_wrote_is_not_searched() -> None:
    assert searched(PatientID="mrn1234567", own=("mrn1234567",)) == []


def test_a_picture_s_text_is_found() -> None:
    plain = cv2.imencode(".png", np.zeros((70, 70), np.uint8))[1].tobytes()
    assert foreign_chunks(plain) == []
    text = (4).to_bytes(4, "big") + b"tEXtAnna" + b"\0\0\0\0"
    assert foreign_chunks(plain[:33] + text + plain[33:]) == ["tEXt"]
    assert foreign_chunks(plain + b"Anna") == ["bytes after the end"]
