"""A DICOM film's samples for de-identification: taken out as stored, put back without anything but the picture.

Written back uncompressed, with no bits beyond the stored ones and no bytes beyond the picture; only an untouched
compressed picture without comments of its coder stays as it is. Grey levels as displayed are `dicom`'s.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import RLELossless

from opensvh.domain.errors import FilmUnreadable

Samples = NDArray[np.generic]

FILM_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.1": "CR",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX for presentation",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DX for processing",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture",
}
"""SOP classes (PS3.4, B.5) whose attributes the list covers."""
_COMMENTS = (b"\xff\xfe", *(bytes((0xFF, 0xE0 + number)) for number in range(16)), b"\xff\x64")
"""JPEG and JPEG-LS COM and APPn (ITU T.81, B.1), JPEG 2000 COM (ITU T.800, A.9): what a coder may have written."""
_HEADER_BYTES = 4096


@dataclass(frozen=True)
class StoredPicture:
    """Samples [rows, columns] or [rows, columns, 3] as stored; `keeps` if the file's own bytes may stay untouched."""

    samples: Samples
    keeps: bool


def refuse_other_objects(dataset: Dataset, path: str) -> None:
    """Raise FilmUnreadable for all that is no single grey or colour picture of the classes covered."""
    name = getattr(dataset.get("SOPClassUID"), "name", None) or "of no class"
    if str(dataset.get("SOPClassUID", "")) not in FILM_CLASSES:
        raise FilmUnreadable(f"{path}: is {name}, not a CR, DX or Secondary Capture film; leave it out")
    if int(dataset.get("NumberOfFrames") or 1) != 1:
        raise FilmUnreadable(f"{path}: holds several frames; export them as single images")
    if dataset.get("BitsAllocated") not in (8, 16) or "PixelData" not in dataset:
        raise FilmUnreadable(f"{path}: does not hold 8 or 16 bit samples; export it again as a CR or DX image")
    if dataset.get("PhotometricInterpretation") == "PALETTE COLOR":
        raise FilmUnreadable(f"{path}: is coloured by a palette; export it as grey or RGB")


def stored_picture(dataset: Dataset, path: str) -> StoredPicture:
    """Decode the samples; raises FilmUnreadable."""
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        samples = np.asarray(dataset.pixel_array)
    except Exception as error:  # each decoder has its own
        fact = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FilmUnreadable(f"{path}: its pixels cannot be decoded: {fact}; export it uncompressed") from error
    if samples.ndim == 2:
        samples = _within_stored_bits(samples, dataset)
    return StoredPicture(samples, bool(syntax.is_compressed) and _is_bare(dataset, syntax == RLELossless))


def put_picture(film: Dataset, samples: Samples) -> None:
    """Set the film's samples, uncompressed, in the order that PS3.3 C.7.6.3 gives."""
    film.Rows, film.Columns = samples.shape[:2]
    film.SamplesPerPixel = 1 if samples.ndim == 2 else 3
    if samples.ndim == 3:
        film.PhotometricInterpretation, film.PlanarConfiguration = "RGB", 0
    film.BitsAllocated = 8 * samples.dtype.itemsize
    content = np.ascontiguousarray(samples).astype(samples.dtype.newbyteorder("<")).tobytes()
    film.PixelData = content + b"\0" * (len(content) % 2)
    film["PixelData"].VR = "OB" if film.BitsAllocated == 8 else "OW"
    film["PixelData"].is_undefined_length = False
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue"):
        if keyword in film:
            del film[keyword]


def mark_changed(film: Dataset) -> None:
    """Samples differ from the original's: the picture is derived (PS3.3 C.7.6.1.1.2)."""
    kind = list(film.get("ImageType") or ["", "PRIMARY"])
    film.ImageType = ["DERIVED", *kind[1:]]


def keep_picture(film: Dataset, original: Dataset) -> None:
    """Leave the compressed bytes and their transfer syntax as they were."""
    film.file_meta.TransferSyntaxUID = original.file_meta.TransferSyntaxUID


def _within_stored_bits(samples: Samples, dataset: Dataset) -> Samples:
    """Grey samples without bits that are not theirs: overlays of old, or whatever else lies there."""
    allocated, stored = int(dataset.BitsAllocated), int(dataset.BitsStored)
    shift = allocated - stored
    if shift <= 0 or int(dataset.HighBit) != stored - 1 or samples.dtype.itemsize * 8 != allocated:
        return samples
    return np.asarray(np.right_shift(np.left_shift(samples, shift), shift), samples.dtype)


def _is_bare(dataset: Dataset, is_run_length: bool) -> bool:
    """Whether the compressed picture carries no comments: none in what comes before its samples."""
    if is_run_length:
        return False  # a run-length picture may end in bytes that nobody reads
    (frame,) = list(generate_frames(dataset.PixelData, number_of_frames=1))
    return not any(mark in frame[2:_HEADER_BYTES] for mark in _COMMENTS)
