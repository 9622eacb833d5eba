"""The score sheet as a Secondary Capture image (PS3.3 A.8.1): a picture that any viewer shows.

What is on it is drawn by `sheet_drawing`.
"""

from collections.abc import Mapping

from pydicom.dataset import Dataset

from opensvh.domain.anatomy import film_code
from opensvh.io.image import read_film
from opensvh.reporting.dicom.capture import laterality
from opensvh.reporting.dicom.codes import coded
from opensvh.reporting.dicom.film_object import add_pixels
from opensvh.reporting.dicom.run import FilmSource, Result, ResultRun, referenced, stamp, stamp_content_date
from opensvh.reporting.dicom.sheet_drawing import drawn_sheet
from opensvh.reporting.overlay import FilmPicture, picture_of

_PURPOSE = ("DCM", "121322", "Source image for image processing operation")


def score_sheet(run: ResultRun, pictures: Mapping[str, FilmPicture]) -> Dataset:
    """The sheet of a study; films that have no picture in `pictures` are read again."""
    pixels = drawn_sheet(run.study, run.model, _all_pictures(run, pictures))
    dataset = Dataset()
    stamp(dataset, run, Result.SHEET, run.lead, run.uid("object", Result.SHEET))
    stamp_content_date(dataset, run)
    dataset.ConversionType = "WSD"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.DerivationDescription = "Score sheet drawn from automatic readings, research use only"
    dataset.SourceImageSequence = [_source(source) for source in run.sources]
    dataset.BurnedInAnnotation = "NO"
    dataset.PatientOrientation = ""
    dataset.ImageLaterality = laterality(run.study.films)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.LossyImageCompression = "00"
    add_pixels(dataset, pixels)
    return dataset


def _all_pictures(run: ResultRun, pictures: Mapping[str, FilmPicture]) -> dict[str, FilmPicture]:
    """Film code -> picture."""
    found = dict(pictures)
    for reading in run.study.films:
        code = film_code(reading.limb, reading.side)
        if code not in found:
            found[code] = picture_of(read_film(reading.film).pixels, reading, None)
    return found


def _source(source: FilmSource) -> Dataset:
    item = referenced(source)
    item.PurposeOfReferenceCodeSequence = [coded(*_PURPOSE)]
    return item
