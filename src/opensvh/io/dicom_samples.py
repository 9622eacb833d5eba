"""A frame's stored samples, of any transfer syntax that can be decoded here, as the header says they are to be read.

Bits that do not belong to a sample are removed (PS3.5, 8.1.1); colour captures become grey. What the numbers mean is
`dicom_levels`'.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_codestream import claimed_size, unpacked_length
from opensvh.io.dicom_file import first_line
from opensvh.io.dicom_jpeg import register
from opensvh.io.dicom_safety import frame_count
from opensvh.io.dicom_tags import text, value_of, whole

RUNS_UNPACK_TO = 64
"""Two bytes of a run become at most 128."""
LARGEST_UNCOUNTED = 1 << 29
"""Bytes; packed runs that may unpack to more are counted first."""
_OWN_SIGN = ("1.2.840.10008.1.2.4.8", "1.2.840.10008.1.2.4.9", "1.2.840.10008.1.2.4.20")
"""JPEG-LS and JPEG 2000 of all kinds: the codestream knows its bits and sign, and pydicom minds them."""


class Samples(NamedTuple):
    """Stored samples [rows, columns]; `white` is the value of white where they are grey already, None where not."""

    values: NDArray[np.generic]
    white: float | None = None


def decoded(dataset: Dataset, frame: int, path: str) -> Samples:
    """The frame (from 1) of a film; raises FilmUnreadable."""
    syntax = _transfer_syntax(dataset, path)
    _refuse_missing(dataset, syntax, path)
    if syntax.is_encapsulated:
        _refuse_oversized(dataset, syntax, frame, path)
    dataset.NumberOfFrames = frame_count(dataset)  # what is damaged is one, and what decodes reads it again
    try:
        register()
        own_bits = not syntax.startswith(_OWN_SIGN)
        decoder, place = get_decoder(syntax), frame - 1
        if own_bits:
            samples, _ = decoder.as_array(dataset, index=place, correct_unused_bits=False)  # type: ignore[arg-type]
        else:
            samples, _ = decoder.as_array(dataset, index=place)
        if is_palette := text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
            samples = apply_color_lut(samples, dataset)
    except Exception as error:  # each decoder has its own
        fact = f"its pixels ({syntax.name}) cannot be decoded: {first_line(error)}"
        raise FilmUnreadable(f"{path}: {fact}; install opensvh[dicom] or export it uncompressed") from error
    if samples.ndim == 3 and samples.shape[2] >= 3:
        deepest = 8 * samples.dtype.itemsize
        return _grey(samples, deepest if is_palette else min(whole(dataset, "BitsStored") or deepest, deepest))
    if samples.ndim != 2:
        raise FilmUnreadable(f"{path}: its pixels have the shape {samples.shape}; give a single grey image")
    has_place = not syntax.is_encapsulated or syntax == RLELossless
    return Samples(_own_bits(samples, dataset, has_place, path) if own_bits else samples)


def _transfer_syntax(dataset: Dataset, path: str) -> UID:
    """As the file meta says; a file without one is what its data set was read as."""
    said = UID(text(getattr(dataset, "file_meta", Dataset()), "TransferSyntaxUID"))
    if said and not said.is_transfer_syntax:
        raise FilmUnreadable(f"{path}: its transfer syntax {said!r} is unknown; export it uncompressed")
    if said:
        return said
    implicit, little = dataset.original_encoding
    guessed = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = guessed
    return UID(guessed)


def _refuse_missing(dataset: Dataset, syntax: UID, path: str) -> None:
    content = value_of(dataset, "PixelData")
    if not isinstance(content, bytes):
        fact = "its pixels are floating-point numbers" if "FloatPixelData" in dataset else "has no pixels"
        raise FilmUnreadable(f"{path}: {fact}; export the film with its stored samples")
    if syntax.is_encapsulated or text(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        return
    sides = [whole(dataset, keyword) or 0 for keyword in ("Rows", "Columns", "BitsAllocated")]
    expected = sides[0] * sides[1] * sides[2] // 8 * (whole(dataset, "SamplesPerPixel") or 1) * frame_count(dataset)
    if len(content) < expected:
        fact = f"is cut short, {len(content)} of {expected} bytes of its pixels are there"
        raise FilmUnreadable(f"{path}: {fact}; copy or export it again")


def _refuse_oversized(dataset: Dataset, syntax: UID, frame: int, path: str) -> None:
    """A compressed frame that would decode to more than the header says."""
    columns, rows = whole(dataset, "Columns") or 0, whole(dataset, "Rows") or 0
    try:
        packed = get_frame(dataset.PixelData, frame - 1, number_of_frames=frame_count(dataset))
    except Exception as error:  # what damaged offset tables make the parser raise
        fact = f"its compressed pixels are damaged ({first_line(error)})"
        raise FilmUnreadable(f"{path}: {fact}; copy or export it again") from error
    claimed = claimed_size(packed)
    if claimed not in (None, (columns, rows)):
        fact = f"its header says {columns} x {rows} pixels, its compressed pixels {claimed[0]} x {claimed[1]}"
        raise FilmUnreadable(f"{path}: {fact}; export it again")
    if syntax == RLELossless and len(packed) * RUNS_UNPACK_TO > LARGEST_UNCOUNTED:
        allocated = rows * columns * (whole(dataset, "BitsAllocated") or 0) // 8
        expected = allocated * (whole(dataset, "SamplesPerPixel") or 1)
        if unpacked_length(packed) > expected + RUNS_UNPACK_TO * 16:
            raise FilmUnreadable(f"{path}: its packed pixels hold more than its header says; export it again")


def _own_bits(samples: NDArray[np.generic], dataset: Dataset, has_place: bool, path: str) -> NDArray[np.generic]:
    """The bits stored, from the high bit down, with their sign; `has_place` for samples that lie as in memory."""
    allocated = 8 * samples.dtype.itemsize
    stored = min(whole(dataset, "BitsStored") or allocated, allocated)
    high = whole(dataset, "HighBit")
    high = stored - 1 if high is None or not has_place or not stored - 1 <= high < allocated else high
    if stored == allocated:
        return samples
    lifted = np.left_shift(samples, samples.dtype.type(allocated - 1 - high))
    kept = np.asarray(np.right_shift(lifted, samples.dtype.type(allocated - stored)))
    if high == stored - 1 and not _has_overlay(dataset):
        used = np.bitwise_and(kept, samples.dtype.type((1 << stored) - 1))
        if np.any((samples != kept) & (samples != used)):
            fact = f"its header says {stored} bits a sample, its samples use more"
            raise FilmUnreadable(f"{path}: {fact}; export it again")
    return kept


def _has_overlay(dataset: Dataset) -> bool:
    """Whether bits beside the samples are said to be drawings (groups 60xx, retired in 2004)."""
    return any(0x6000 <= tag.group <= 0x60FF and tag.element == 0x0102 for tag in dataset.keys())  # noqa: SIM118


def _grey(samples: NDArray[np.generic], bits: int) -> Samples:
    """A colour capture's luminance; grey stored as colour keeps its exact values."""
    colour, white = samples[..., :3], float((1 << bits) - 1)
    first = colour[..., 0]
    if np.array_equal(first, colour[..., 1]) and np.array_equal(first, colour[..., 2]):
        return Samples(np.ascontiguousarray(first), white)
    plain = np.ascontiguousarray(colour.astype(np.float32))
    return Samples(np.asarray(cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY)), white)
