"""A film's header made safe to copy from: text in Unicode, what is required present, nothing that highdicom trips over.

The original is never changed: this is a copy without its pixels. Films that are no DICOM, or that no archive could
hold, get an object first (`capture`).
"""

import re
import struct
from datetime import datetime

from pydicom import config, uid
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filewriter import correct_ambiguous_vr

from opensvh.io.dicom_file import parsed_header
from opensvh.io.film_sources import film_address, is_dicom, opened_film

UNICODE = "ISO_IR 192"
PATIENT = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "PatientBirthDate",
    "PatientSex",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "ClinicalTrialSponsorName",
    "ClinicalTrialProtocolID",
    "ClinicalTrialProtocolName",
    "ClinicalTrialSiteID",
    "ClinicalTrialSiteName",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID",
)
"""PS3.3 C.7.1.1 and C.7.1.3: who it is, in the hospital and in the trial."""
STUDY = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "IssuerOfAccessionNumberSequence",
    "ReferringPhysicianName",
    "StudyDescription",
    "PatientAge",
    "ClinicalTrialTimePointID",
    "ClinicalTrialTimePointDescription",
    "LongitudinalTemporalInformationModified",
)
"""PS3.3 C.7.2.1, C.7.2.2 and C.7.2.3."""
COMMON = ("TimezoneOffsetFromUTC", "SyntheticData")
IMAGE = (
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "BodyPartExamined",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "PixelAspectRatio",
    "PatientOrientation",
)
GREY_LEVELS = (
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
    "ModalityLUTSequence",
    "WindowCenter",
    "WindowWidth",
    "WindowCenterWidthExplanation",
    "VOILUTFunction",
    "VOILUTSequence",
    "PresentationLUTShape",
    "ICCProfile",
)
"""PS3.3 C.11.1, C.11.2, C.11.6: from stored samples to what is shown."""
SHUTTER = (
    "ShutterShape",
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
    "CenterOfCircularShutter",
    "RadiusOfCircularShutter",
    "VerticesOfThePolygonalShutter",
    "ShutterPresentationValue",
)
"""PS3.3 C.7.6.11."""
REQUIRED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Type 2: an object has them, if need be empty."""
FILM_CLASSES = frozenset(
    {
        uid.ComputedRadiographyImageStorage,
        uid.DigitalXRayImageStorageForPresentation,
        uid.DigitalXRayImageStorageForProcessing,
        uid.DigitalMammographyXRayImageStorageForPresentation,
        uid.DigitalMammographyXRayImageStorageForProcessing,
        uid.DigitalIntraOralXRayImageStorageForPresentation,
        uid.DigitalIntraOralXRayImageStorageForProcessing,
        uid.SecondaryCaptureImageStorage,
        uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
        uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
        uid.MultiFrameTrueColorSecondaryCaptureImageStorage,
        uid.XRayAngiographicImageStorage,
        uid.XRayRadiofluoroscopicImageStorage,
    }
)
"""Images that a film may be stored as, of which a report knows how they were taken (PS3.4, B.5)."""
_IDENTITY = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "Rows", "Columns")
_SEXES = ("M", "F", "O")
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?")


def film_header(path: str) -> Dataset | None:
    """The header of a film that results can refer to; None where there is none. Raises FilmUnreadable.

    A film without the UIDs that name it, or that is none of `FILM_CLASSES`, counts as none.
    """
    if not is_dicom(path):
        return None
    with opened_film(path) as stream:
        original = parsed_header(stream, path)
    header = safe_header(original)
    known = header.get("SOPClassUID") in FILM_CLASSES
    return header if known and all(header.get(keyword) for keyword in _IDENTITY) else None


def frame_of(path: str) -> int | None:
    """Which frame of its object a film is, from 1; None where the object has one."""
    return film_address(path).frame


def safe_header(original: Dataset) -> Dataset:
    """What results copy from a header: Unicode text, valid dates and codes, empty where a required value lacks."""
    original.decode()
    _settle_representations(original)
    header = Dataset()
    header.SpecificCharacterSet = UNICODE
    for keyword in (*PATIENT, *STUDY, *COMMON, *IMAGE, *GREY_LEVELS, *SHUTTER):
        if original.get(keyword) not in (None, "", []):
            header.add(_copied(original, keyword))
    header.PatientSex = sex if (sex := str(header.get("PatientSex", ""))) in _SEXES else ""
    for keyword in REQUIRED:
        if keyword not in header:
            header.add_new(keyword, dictionary_VR(keyword), "")
    header.SamplesPerPixel = header.get("SamplesPerPixel", 1)
    return header


def _settle_representations(original: Dataset) -> None:
    """Tables of grey levels in files without explicit representations: what PixelRepresentation says they are."""
    try:
        correct_ambiguous_vr(original, is_little_endian=True)
    except (AttributeError, KeyError, ValueError, struct.error):
        for keyword in ("ModalityLUTSequence", "VOILUTSequence"):
            original.pop(keyword, None)


def header_of_study(header: Dataset) -> Dataset:
    """Patient and study alone, for an image that is yet to be made: nothing of another film's pixels is taken over."""
    bare = Dataset()
    bare.SpecificCharacterSet = UNICODE
    copy_elements(header, bare, (*PATIENT, *STUDY, *COMMON))
    return bare


def copy_elements(source: Dataset, target: Dataset, keywords: tuple[str, ...]) -> None:
    """Elements that the source has, into the target."""
    for keyword in keywords:
        if keyword in source:
            target.add(source[keyword])


def _copied(original: Dataset, keyword: str) -> DataElement:
    """One element as it is, or empty where it is a date or time that is none; a source's other faults stay its own."""
    element = original[keyword]
    value = element.value
    if element.VR in ("DA", "TM"):
        value = str(value) if _is_sound(element.VR, str(value)) else ""
    elif element.VR == "PN":
        value = str(value)
    return DataElement(element.tag, element.VR, value, validation_mode=config.IGNORE)


def _is_sound(representation: str, value: str) -> bool:
    """Whether a date or time is one (PS3.5, 6.2)."""
    if representation == "TM":
        return _TIME.fullmatch(value.strip()) is not None
    try:
        return bool(re.fullmatch(r"\d{8}", value)) and datetime.strptime(value, "%Y%m%d").year > 0
    except ValueError:
        return False
