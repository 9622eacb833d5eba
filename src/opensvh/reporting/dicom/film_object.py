"""The Secondary Capture image of a film that was no DICOM (PS3.3 A.8.1): in the study of the results, beside them."""

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from opensvh.domain.anatomy import Limb
from opensvh.reporting.dicom.capture import laterality
from opensvh.reporting.dicom.codes import limb_code
from opensvh.reporting.dicom.film_header import copy_elements
from opensvh.reporting.dicom.run import RESEARCH, FilmSource, Result, ResultRun, stamp, stamp_content_date

_KEPT = (
    "BodyPartExamined",
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)


def film_object(
    run: ResultRun, source: FilmSource, samples: NDArray[np.uint8] | NDArray[np.uint16], number: int
) -> Dataset:
    """The film as an image of its own series; `number` counts the films of the study from 0."""
    dataset = Dataset()
    stamp(dataset, run, Result.FILM, source.header, source.header.SOPInstanceUID)
    stamp_content_date(dataset, run)
    dataset.SeriesInstanceUID = source.header.SeriesInstanceUID
    dataset.SeriesNumber = Result.FILM.series_number + number
    # The film is the same whatever reads it: nothing of the model is in it.
    dataset.SeriesDescription, dataset.ManufacturerModelName = f"{Result.FILM.title}, {RESEARCH}", "film capture"
    dataset.SoftwareVersions = [run.study.software, RESEARCH]
    del dataset.DeviceSerialNumber
    copy_elements(source.header, dataset, _KEPT)
    dataset.HighBit = dataset.BitsStored - 1
    dataset.ConversionType = "DF" if source.header.BitsStored == 8 else "DI"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.DerivationDescription = "Grey levels of a picture file that was given as a film"
    dataset.BurnedInAnnotation = "YES"
    _add_anatomy(dataset, source)
    add_pixels(dataset, samples)
    return dataset


def add_pixels(dataset: Dataset, samples: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Samples of 8 or 16 bits, uncompressed and of even length (PS3.5, 8.1)."""
    content = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    dataset["PixelData"].VR = "OB" if samples.itemsize == 1 else "OW"


def _add_anatomy(dataset: Dataset, source: FilmSource) -> None:
    """Which limb of which side, or of both."""
    dataset.PatientOrientation = ""
    dataset.ImageLaterality = laterality(source.readings)
    dataset.AnatomicRegionSequence = [limb_code(Limb(source.readings[0].limb))]
