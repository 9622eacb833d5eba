"""What a received object is, by its header: a film to score, one of our own results, or nothing for us.

Only headers are read here, and of those only what is needed; whether a film can be decoded is found when it is scored.
"""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from pydicom.dataset import Dataset
from pydicom.uid import UID

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_file import parsed_header

OUR_MANUFACTURER, OUR_SIMULATOR = "OpenSvH", "simulator"
"""Manufacturer and Manufacturer's Model Name that results and simulated films bear."""

FILM_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.1": "Computed Radiography Image Storage",
    "1.2.840.10008.5.1.4.1.1.1.1": "Digital X-Ray Image Storage - For Presentation",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "Digital X-Ray Image Storage - For Processing",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture Image Storage",
    "1.2.840.10008.5.1.4.1.1.7.2": "Multi-frame Grayscale Byte Secondary Capture Image Storage",
    "1.2.840.10008.5.1.4.1.1.7.3": "Multi-frame Grayscale Word Secondary Capture Image Storage",
    "1.2.840.10008.5.1.4.1.1.7.4": "Multi-frame True Color Secondary Capture Image Storage",
}
"""SOP classes that hold films (PS3.4, B.5): plates, detectors, and scanned films sent as captures."""

TRANSFER_SYNTAXES = {
    "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
    "1.2.840.10008.1.2": "Implicit VR Little Endian",
    "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline (Process 1)",
    "1.2.840.10008.1.2.4.51": "JPEG Extended (Process 2 and 4)",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless (Process 14)",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless (Process 14, Selection Value 1)",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Lossy (Near-Lossless)",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 (Lossless Only)",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 (Lossless Only)",
    "1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 with RPCL Options (Lossless Only)",
    "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
    "1.2.840.10008.1.2.5": "RLE Lossless",
    "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
}
"""Transfer syntaxes that `io.dicom` reads, those that lose nothing and need no decoder first."""


class Kind(StrEnum):
    """What is to become of an object."""

    FILM = "film"
    OWN_RESULT = "own result"
    OTHER = "other object"
    UNUSABLE = "unusable"


@dataclass(frozen=True)
class Received:
    """What an object's header says."""

    kind: Kind
    study: str
    film: str
    sop_class: str


_UNUSABLE = Received(Kind.UNUSABLE, "", "", "")


def check(content: bytes) -> Received:
    """Judge an object in the file format of PS3.10."""
    try:
        header = parsed_header(BytesIO(content), "received object")
        study, film = str(header.StudyInstanceUID), str(header.SOPInstanceUID)
    except (FilmUnreadable, AttributeError):
        return _UNUSABLE
    if not (UID(study).is_valid and UID(film).is_valid):
        return _UNUSABLE
    return Received(_kind(header), study, film, str(header.get("SOPClassUID", "")))


def _kind(header: Dataset) -> Kind:
    if _is_own(header):
        return Kind.OWN_RESULT
    return Kind.FILM if header.get("SOPClassUID") in FILM_CLASSES else Kind.OTHER


def _is_own(header: Dataset) -> bool:
    """Made by this product from films, and no film that it has simulated."""
    maker, model = (str(header.get(keyword, "")) for keyword in ("Manufacturer", "ManufacturerModelName"))
    return maker == OUR_MANUFACTURER and model != OUR_SIMULATOR
