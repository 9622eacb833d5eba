"""Whose film it is and where it belongs, from the header alone."""

from typing import Any

import cv2
import numpy as np
import pytest

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_source import DicomSource, dicom_source


def test_patient_study_and_object(made: Any) -> None:
    tags = {
        "PatientName": "Muster^Erika", "PatientBirthDate": "19610203", "PatientSex": "F", "IssuerOfPatientID": "KSSG",
        "AccessionNumber": "A1", "StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4",
        "SOPInstanceUID": "1.2.3.5", "StudyDate": "20240501", "StudyTime": "101112.5", "StudyID": "S1",
        "ReferringPhysicianName": "Dr^X", "FrameOfReferenceUID": "1.2.9", "ImagerPixelSpacing": [0.1, 0.2],
        "SpecificCharacterSet": "ISO_IR 100", "Manufacturer": "OpenSvH", "PatientOrientation": ["L", "H"],
        "SeriesDescription": "Hand", "StudyDescription": "Hands and feet",
    }  # fmt: skip
    path = made.file(**tags)
    assert dicom_source(path) == DicomSource(
        path=str(path), patient_id="X7", issuer_of_patient_id="KSSG", patient_name="Muster^Erika",
        patient_birth_date="19610203", patient_sex="F", accession_number="A1", study_instance_uid="1.2.3",
        series_instance_uid="1.2.3.4", sop_instance_uid="1.2.3.5", sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
        study_date="20240501", study_time="101112.5", study_id="S1", study_description="Hands and feet",
        series_description="Hand", modality="DX", referring_physician="Dr^X", rows=80, columns=100,
        frame_of_reference_uid="1.2.9", spacing_mm=(0.1, 0.2), patient_orientation=("L", "H"),
        character_set=("ISO_IR 100",), manufacturer="OpenSvH",
    )  # fmt: skip


def test_names_come_in_their_own_letters(made: Any) -> None:
    source = dicom_source(made.file(SpecificCharacterSet="ISO_IR 192", PatientName="Müller^Jörg=山田^太郎"))
    assert source is not None
    assert source.patient_name == "Müller^Jörg=山田^太郎"


def test_pixels_are_not_read(made: Any) -> None:
    source = dicom_source(made.file(PixelData=b"\0\0"))
    assert source is not None
    assert source.patient_id == "X7"


def test_a_picture_has_no_source(made: Any) -> None:
    path = made.folder / "film.png"
    cv2.imwrite(str(path), np.eye(80, dtype=np.uint8))
    assert dicom_source(path) is None
    assert dicom_source(made.folder / "missing.png") is None


def test_a_missing_dicom_file_is_refused(made: Any) -> None:
    with pytest.raises(FilmUnreadable, match="cannot be read"):
        dicom_source(made.folder / "missing.dcm")
