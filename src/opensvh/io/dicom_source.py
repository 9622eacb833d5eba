"""Whose film it is and where it belongs: what results must carry so that an archive files them beside it.

Read from the header alone, within bounds; the pixels are `dicom`'s.
"""

from dataclasses import dataclass
from pathlib import Path

from opensvh.io.film_sources import film_address, is_dicom, opened_film


@dataclass(frozen=True)
class DicomSource:
    """A film's patient, study, series and object as its header has them; "" or None where it says nothing.

    `path` as the user gave it; `frame` counts from 1 and is None where the object has one; dates as YYYYMMDD, times as
    HHMMSS.ffffff; `patient_name` as in the file, with carets; `spacing_mm` between rows and between columns as
    ImagerPixelSpacing has it, or else PixelSpacing; `character_set` as the file declares it. Frames of reference are
    rare in projection X-rays. PS3.3: C.7.1.1 patient, C.7.2.1 study, C.7.3.1 series, C.12.1 SOP common.
    """

    path: str
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    accession_number: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    sop_class_uid: str = ""
    study_date: str = ""
    study_time: str = ""
    study_id: str = ""
    study_description: str = ""
    series_description: str = ""
    modality: str = ""
    referring_physician: str = ""
    frame: int | None = None
    rows: int = 0
    columns: int = 0
    frame_of_reference_uid: str = ""
    spacing_mm: tuple[float, float] | None = None
    patient_orientation: tuple[str, ...] = ()
    character_set: tuple[str, ...] = ()
    manufacturer: str = ""


_TEXTS = {
    "patient_id": "PatientID",
    "issuer_of_patient_id": "IssuerOfPatientID",
    "patient_name": "PatientName",
    "patient_birth_date": "PatientBirthDate",
    "patient_sex": "PatientSex",
    "accession_number": "AccessionNumber",
    "study_instance_uid": "StudyInstanceUID",
    "series_instance_uid": "SeriesInstanceUID",
    "sop_instance_uid": "SOPInstanceUID",
    "sop_class_uid": "SOPClassUID",
    "study_date": "StudyDate",
    "study_time": "StudyTime",
    "study_id": "StudyID",
    "study_description": "StudyDescription",
    "series_description": "SeriesDescription",
    "modality": "Modality",
    "referring_physician": "ReferringPhysicianName",
    "frame_of_reference_uid": "FrameOfReferenceUID",
    "manufacturer": "Manufacturer",
}
"""Field -> keyword (PS3.6)."""


def dicom_source(path: str | Path) -> DicomSource | None:
    """What the header of a film says; None where the file is no DICOM. Raises FilmUnreadable."""
    if not is_dicom(path):
        return None
    # Here, since pydicom is slow to import and often not needed.
    from opensvh.io.dicom_file import parsed_header
    from opensvh.io.dicom_tags import numbers, text, texts, whole

    with opened_film(path) as stream:
        header = parsed_header(stream, str(path))
        spacing = numbers(header, "ImagerPixelSpacing") or numbers(header, "PixelSpacing")
        return DicomSource(
            path=str(path),
            **{field: text(header, keyword) for field, keyword in _TEXTS.items()},
            frame=film_address(path).frame,
            rows=whole(header, "Rows") or 0,
            columns=whole(header, "Columns") or 0,
            spacing_mm=(spacing[0], spacing[1]) if len(spacing) == 2 and min(spacing) > 0 else None,
            patient_orientation=texts(header, "PatientOrientation"),
            character_set=texts(header, "SpecificCharacterSet"),
        )
