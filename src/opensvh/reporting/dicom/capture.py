"""Films that no archive holds yet (PNG, JPEG and the like) as Secondary Capture images, so that results have a source.

The pixels are the file's own, of the same size and in the same order: a place on the film is a place on its capture.
"""

import hashlib
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.domain.reading import FilmReading, StudyReading
from opensvh.io.film_sources import film_address, film_bytes
from opensvh.io.headers import JPEG_MAGIC
from opensvh.io.image import read_film
from opensvh.io.radiograph import Radiograph
from opensvh.reporting.dicom.film_header import header_of_study, safe_header
from opensvh.reporting.dicom.run import Result
from opensvh.reporting.dicom.uids import uid_of

BODY_PARTS = {Limb.HAND: "HAND", Limb.FOOT: "FOOT"}
_BOTH_SIDES = "B"
_LONG_STRING = 64


@dataclass(frozen=True)
class Capture:
    """A film as it will be stored: the part of its header that results refer to, and its samples [rows, columns]."""

    header: Dataset
    samples: NDArray[np.uint8] | NDArray[np.uint16]


def study_header(study: StudyReading, digests: tuple[str, ...]) -> Dataset:
    """Patient and study of films of which no header tells: the patient's number as named, the day if one is known."""
    original = Dataset()
    original.PatientID = patient_number(study.patient)
    original.StudyInstanceUID = uid_of("study", study.patient, study.date, study.visit, *sorted(digests))
    original.StudyDate = (study.date or "").replace("-", "")
    original.StudyDescription = patient_number(study.visit or "")
    return safe_header(original)


def capture(path: str, readings: tuple[FilmReading, ...], study: Dataset, digest: str) -> Capture:
    """The film at `path` as an image of the patient and study that `study` names; raises FilmUnreadable."""
    radiograph = read_film(path)
    samples = _samples(radiograph)
    header = header_of_study(study)
    header.SOPClassUID = SecondaryCaptureImageStorage
    codes = "-".join(film_code(each.limb, each.side) for each in readings)
    header.SOPInstanceUID = uid_of("film", header.StudyInstanceUID, digest, film_address(path).frame, codes)
    header.SeriesInstanceUID = uid_of("film series", header.SOPInstanceUID)
    header.Modality, header.BodyPartExamined = Result.FILM.modality, BODY_PARTS[readings[0].limb]
    header.Rows, header.Columns = samples.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = samples.itemsize * 8
    header.PixelRepresentation = 0
    _add_compression(header, path, samples)
    return Capture(header, samples)


def laterality(readings: tuple[FilmReading, ...]) -> str:
    """L, R, or B where both sides are on the film."""
    sides = {each.side for each in readings}
    return _BOTH_SIDES if sides == set(Side) else sides.pop().value


def patient_number(words: str) -> str:
    """A patient's name in files as a long string takes it: no backslash or control character, 64 characters at most.

    A longer one is cut and ends in a digest of the whole, so that two never become one.
    """
    cleaned = re.sub(r"[\x00-\x1f\x7f]", "", words.replace("\\", "/")).strip()
    if len(cleaned) <= _LONG_STRING:
        return cleaned
    return f"{cleaned[: _LONG_STRING - 9]}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def _samples(film: Radiograph) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Grey levels at the depth of the file, dense tissue bright."""
    if film.facts.get("bits") == "8":
        return (film.pixels * 255).round().astype(np.uint8)
    return (film.pixels * 65535).round().astype(np.uint16)


def _add_compression(header: Dataset, path: str, samples: NDArray[np.generic]) -> None:
    """Whether the pixels once went through JPEG, and how much that took from them (PS3.3 C.7.6.1.1.5)."""
    content = film_bytes(path)
    is_lossy = content.startswith(JPEG_MAGIC)
    header.LossyImageCompression = "01" if is_lossy else "00"
    if is_lossy:
        header.LossyImageCompressionRatio = f"{max(1.0, samples.nbytes / len(content)):.4g}"
        header.LossyImageCompressionMethod = "ISO_10918_1"
