"""Write a simulated film as a DICOM object that says plainly that it is simulated.

A digital X-ray image for presentation (PS3.3 A.26), uncompressed. Its twin, which reads films, is `dicom`. Nothing in
the file depends on the time, the machine or the process: the same film and tags give the same bytes.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.whole_file import write_whole

SIMULATED = "simulated, OpenSvH"
BODY_PART = {Limb.HAND: ("HAND", "85562004", "Hand"), Limb.FOOT: ("FOOT", "56459004", "Foot")}
"""BodyPartExamined, and the SNOMED CT code and meaning (PS3.16, annex L)."""
ROWS_RUN = {
    (Limb.HAND, Side.LEFT): "L",
    (Limb.HAND, Side.RIGHT): "L",
    (Limb.FOOT, Side.LEFT): "R",
    (Limb.FOOT, Side.RIGHT): "R",
}
"""Where a row of pixels runs to, digits up. The thumb of a left hand (palm down) is on the right of the film and points
to the patient's left in the anatomical position; the hallux of a left foot is on the right and points to the right."""
COLUMNS_RUN = {Limb.HAND: "H", Limb.FOOT: "P"}
"""Where a column of pixels runs to, digits up: from the fingertips to the head, from the toes backwards."""
VIEWS = {Limb.HAND: "PA", Limb.FOOT: "AP"}


@dataclass(frozen=True)
class FilmTags:
    """What a film's header claims. `side` None is a film of both sides; `pixel_mm` holds at the detector.

    `view` is ViewPosition, by default PA for hands and AP for feet. `inverted` stores the film as MONOCHROME1, whose
    least sample is white. `visit` tells apart the studies of one patient, `seed` the cohorts.
    """

    limb: Limb
    side: Side | None
    patient: str
    pixel_mm: float
    view: str | None = None
    inverted: bool = False
    visit: int = 1
    seed: int = 0


def write_dicom(path: Path, pixels: NDArray[np.uint8] | NDArray[np.uint16], tags: FilmTags, bits: int = 8) -> None:
    """Write the film, digits up, dense tissue bright; `pixels` [rows, columns] use the lower `bits` (8, 12 or 16).

    Raises ValueError for samples that do not fit.
    """
    if pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"pixels of shape {pixels.shape}: a film is [rows, columns]")
    if bits not in (8, 12, 16) or int(pixels.max()) >= 1 << bits:
        raise ValueError(f"samples up to {int(pixels.max())} do not fit {bits} bits (8, 12 or 16)")
    dataset = Dataset()
    _add_meta(dataset, tags)
    _add_identity(dataset, tags)
    _add_anatomy(dataset, tags)
    _add_acquisition(dataset, tags)
    _add_pixels(dataset, pixels, tags.inverted, bits)
    content = io.BytesIO()
    dataset.save_as(content, enforce_file_format=True)
    write_whole(path, content.getvalue())


def _add_meta(dataset: Dataset, tags: FilmTags) -> None:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationVersionName = "OPENSVH"
    dataset.file_meta.ImplementationClassUID = UID(_uid("implementation"))
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    film = f"{tags.limb.value}-{tags.side.value if tags.side else 'B'}"
    dataset.StudyInstanceUID = _uid("study", tags.seed, tags.patient, tags.visit)
    dataset.SeriesInstanceUID = _uid("series", tags.seed, tags.patient, tags.visit, film)
    dataset.SOPInstanceUID = _uid("film", tags.seed, tags.patient, tags.visit, film)
    dataset.SpecificCharacterSet = "ISO_IR 192"


def _uid(*parts: object) -> str:
    """A UID that follows from its parts alone."""
    return str(generate_uid(entropy_srcs=["opensvh simulation", *(str(part) for part in parts)]))


def _add_identity(dataset: Dataset, tags: FilmTags) -> None:
    """Patient, study and series; everywhere a person looks it says that nobody was X-rayed."""
    dataset.PatientID, dataset.PatientName = tags.patient, "Simulated^Patient"
    dataset.PatientBirthDate = dataset.PatientSex = ""
    dataset.PatientIdentityRemoved, dataset.DeidentificationMethod = "YES", "Simulated: there is no patient"
    dataset.StudyDate = dataset.StudyTime = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.StudyID, dataset.SeriesNumber, dataset.InstanceNumber = str(tags.visit), 1, 1
    dataset.StudyDescription = dataset.SeriesDescription = SIMULATED
    dataset.ImageType = ["DERIVED", "PRIMARY", ""]
    dataset.DerivationDescription = SIMULATED
    dataset.SyntheticData = "YES"
    dataset.Manufacturer, dataset.ManufacturerModelName = "OpenSvH", "simulator"


def _add_anatomy(dataset: Dataset, tags: FilmTags) -> None:
    """Body part, side, view and orientation; a film of both sides runs as its left half does."""
    name, code, meaning = BODY_PART[tags.limb]
    dataset.BodyPartExamined = name
    dataset.ImageLaterality = tags.side.value if tags.side else "B"
    dataset.ViewPosition = tags.view or VIEWS[tags.limb]
    dataset.PatientOrientation = [ROWS_RUN[tags.limb, tags.side or Side.LEFT], COLUMNS_RUN[tags.limb]]
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = code, "SCT", meaning
    dataset.AnatomicRegionSequence = Sequence([region])


def _add_acquisition(dataset: Dataset, tags: FilmTags) -> None:
    dataset.Modality, dataset.PresentationIntentType = "DX", "FOR PRESENTATION"
    dataset.ImagerPixelSpacing = [f"{tags.pixel_mm:.6g}"] * 2
    dataset.KVP = dataset.DetectorType = ""
    dataset.BurnedInAnnotation, dataset.LossyImageCompression = "YES", "00"
    dataset.AcquisitionContextSequence = Sequence([])


def _add_pixels(dataset: Dataset, pixels: NDArray[np.uint8] | NDArray[np.uint16], is_inverted: bool, bits: int) -> None:
    """Samples with a window over their whole range, so that a viewer shows them as they were made."""
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.BitsAllocated = 8 if bits == 8 else 16
    dataset.PhotometricInterpretation = "MONOCHROME1" if is_inverted else "MONOCHROME2"
    dataset.PresentationLUTShape = "INVERSE" if is_inverted else "IDENTITY"
    dataset.PixelIntensityRelationship, dataset.PixelIntensityRelationshipSign = "LOG", 1 if is_inverted else -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"
    dataset.WindowCenter, dataset.WindowWidth = str(1 << (bits - 1)), str(1 << bits)
    samples = (1 << bits) - 1 - pixels.astype(np.int64) if is_inverted else pixels
    content = samples.astype("<u1" if bits == 8 else "<u2").tobytes()
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    dataset["PixelData"].VR = "OB" if bits == 8 else "OW"
