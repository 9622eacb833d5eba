"""DICOM CR, DX and secondary captures -> Radiograph: grey levels as displayed, spacing, and what the tags claim.

Guards come first: a hostile or damaged file is refused by its header, before anything large is decoded. Sources by
part of the standard: modality LUT C.11.1, VOI LUT and windows C.11.2, polarity C.7.6.3.1.2 and C.11.6 of PS3.3.
"""

import io
import math
from collections.abc import Sequence

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.filereader import read_file_meta_info
from pydicom.pixels.processing import apply_modality_lut, apply_voi

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import FilmUnreadable
from opensvh.io.radiograph import LARGEST_PIXELS, SMALLEST_SIDE, Radiograph, stretched

MAGIC = b"DICM"
DEFLATED = "1.2.840.10008.1.2.1.99"
LARGEST_BITS = LARGEST_PIXELS * 16
_KEPT_FACTS = ("Modality", "BodyPartExamined", "ViewPosition", "PatientOrientation", "ImageLaterality", "Laterality")


def read_dicom(content: bytes, path: str) -> Radiograph:
    """Decode a DICOM film; raises FilmUnreadable naming file, fact and remedy.

    Grey levels: modality LUT, then the VOI LUT Sequence or else the first window (or, without either, the robust range
    of the samples), then MONOCHROME1 or PresentationLUTShape INVERSE exchange black and white, once.
    """
    _refuse_deflated(content, path)
    dataset = _parsed(content, path)
    _refuse_unbounded(dataset, path)
    pixels = _displayed(dataset, _samples(dataset, path), path)
    return Radiograph(
        pixels=pixels,
        path=path,
        spacing_mm=_spacing(dataset)[0],
        patient=_text(dataset, "PatientID") or None,
        limb=_limb(dataset),
        side=_side(dataset),
        facts=_facts(dataset),
    )


def stored_size_of_dicom(content: bytes, path: str) -> tuple[int, int]:
    """Width and height by the header alone, under the same guards."""
    _refuse_deflated(content, path)
    dataset = _parsed(content, path, stop_before_pixels=True)
    _refuse_unbounded(dataset, path)
    return int(dataset.Columns), int(dataset.Rows)


def _refuse_deflated(content: bytes, path: str) -> None:
    """By the file meta alone: half a megabyte of it can expand to gigabytes, even when only the header is asked for."""
    try:
        if content[128:132] == MAGIC:
            deflated = read_file_meta_info(path).get("TransferSyntaxUID") == DEFLATED
        else:
            deflated = DEFLATED.encode() in content
    except Exception as error:  # whatever a damaged header makes the parser raise
        raise FilmUnreadable(f"{path}: is no sound DICOM file ({error}); export it again") from error
    if deflated:
        raise FilmUnreadable(f"{path}: is deflated, which is refused as unsafe; export it uncompressed or as JPEG")


def _parsed(content: bytes, path: str, stop_before_pixels: bool = False) -> Dataset:
    try:
        dataset = pydicom.dcmread(io.BytesIO(content), force=True, stop_before_pixels=stop_before_pixels)
    except Exception as error:  # as above
        raise FilmUnreadable(f"{path}: is no sound DICOM file ({error}); export it again") from error
    if not all(keyword in dataset for keyword in ("Rows", "Columns", "BitsAllocated")):
        raise FilmUnreadable(f"{path}: is DICOM without an image; give the CR or DX object of the study")
    return dataset


def _refuse_unbounded(dataset: Dataset, path: str) -> None:
    try:
        rows, columns, bits = (int(dataset[keyword].value) for keyword in ("Rows", "Columns", "BitsAllocated"))
        frames = int(dataset.get("NumberOfFrames") or 1)
        samples = int(dataset.get("SamplesPerPixel") or 1)
    except (TypeError, ValueError) as error:
        raise FilmUnreadable(f"{path}: its size is no number ({error}); export it again") from error
    if frames > 1:
        raise FilmUnreadable(f"{path}: holds {frames} frames, a film has one; export the frames as single images")
    if rows * columns * bits * samples > LARGEST_BITS:
        raise FilmUnreadable(f"{path}: claims {columns} x {rows} pixels of {bits} bits, more than any film has")
    if min(rows, columns) < SMALLEST_SIDE:
        raise FilmUnreadable(f"{path}: has only {columns} x {rows} pixels; give the film at its full size")


def _samples(dataset: Dataset, path: str) -> NDArray[np.generic]:
    """Stored samples [rows, columns]; colour captures as grey."""
    try:
        samples = np.asarray(dataset.pixel_array)
    except Exception as error:  # each decoder has its own
        syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
        name = getattr(syntax, "name", None) or "unknown"
        fact = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FilmUnreadable(
            f"{path}: its pixels ({name}) cannot be decoded: {fact}; install opensvh[dicom] or export it uncompressed"
        ) from error
    if samples.ndim == 3 and samples.shape[2] == 3:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(samples.astype(np.float32)), cv2.COLOR_RGB2GRAY))
    if samples.ndim != 2:
        raise FilmUnreadable(f"{path}: its pixels have the shape {samples.shape}; give a single grey image")
    return samples


def _displayed(dataset: Dataset, samples: NDArray[np.generic], path: str) -> NDArray[np.float32]:
    """Samples to [0, 1], dense tissue bright."""
    values = np.asarray(apply_modality_lut(samples, dataset))
    levels = _voi_levels(dataset, values)
    if levels is None or np.ptp(levels) == 0:
        levels = stretched(values)
    if levels is None:
        raise FilmUnreadable(f"{path}: is one even grey and shows nothing; export it again")
    is_inverted = _text(dataset, "PhotometricInterpretation") == "MONOCHROME1" or (
        _text(dataset, "PresentationLUTShape") == "INVERSE"
    )
    return np.asarray(1.0 - levels if is_inverted else levels, dtype=np.float32)


def _voi_levels(dataset: Dataset, values: NDArray[np.generic]) -> NDArray[np.float32] | None:
    """Values of interest to [0, 1]; None where the film names none."""
    if dataset.get("VOILUTSequence"):
        # Declared and used bits of such tables often differ: what the table gives for this film is its range.
        shown = np.asarray(apply_voi(values, dataset), dtype=np.float32)
        return stretched(shown)
    centre, width = _first_number(dataset, "WindowCenter"), _first_number(dataset, "WindowWidth")
    if centre is None or width is None:
        return None
    return windowed(values, centre, width, _text(dataset, "VOILUTFunction") or "LINEAR")


def windowed(values: NDArray[np.generic], centre: float, width: float, function: str) -> NDArray[np.float32] | None:
    """A window's levels in [0, 1], as PS3.3 C.11.2.1.2 and C.11.2.1.3 define LINEAR, LINEAR_EXACT and SIGMOID.

    None for a width that the function does not allow.
    """
    samples = values.astype(np.float32)
    if function == "LINEAR" and width > 1:
        return np.asarray(np.clip((samples - (centre - 0.5)) / (width - 1) + 0.5, 0.0, 1.0))
    if function == "LINEAR_EXACT" and width > 0:
        return np.asarray(np.clip((samples - centre) / width + 0.5, 0.0, 1.0))
    if function == "SIGMOID" and width > 0:
        steepness = np.clip(-4.0 * (samples - centre) / width, -80.0, 80.0)
        return np.asarray(1.0 / (1.0 + np.exp(steepness)), dtype=np.float32)
    return None


def _spacing(dataset: Dataset) -> tuple[float | None, str]:
    """Millimetres between pixel centres and where they hold: calibrated to the limb, or at the detector."""
    calibration = _text(dataset, "PixelSpacingCalibrationType")
    calibrated = f"calibrated to the limb ({calibration})" if calibration else "as PixelSpacing says, not calibrated"
    for keyword, meaning in (("PixelSpacing", calibrated), ("ImagerPixelSpacing", "at the detector")):
        spacing = dataset.get(keyword)
        try:
            down, across = (float(part) for part in spacing)  # row spacing first: PS3.3 10.7.1.3
        except (TypeError, ValueError):
            continue
        if down > 0 and across > 0 and math.isfinite(down * across):
            return math.sqrt(down * across), meaning
    return None, ""


def _limb(dataset: Dataset) -> Limb | None:
    region = dataset.get("AnatomicRegionSequence") or []
    words = [_text(dataset, "BodyPartExamined"), *(_text(code, "CodeMeaning") for code in region)]
    named = {limb for word in words for limb in Limb if limb.value in word.lower() or _plural(limb) in word.lower()}
    return named.pop() if len(named) == 1 else None


def _plural(limb: Limb) -> str:
    return "feet" if limb is Limb.FOOT else "hands"


def _side(dataset: Dataset) -> Side | None:
    """None also where both sides are on the film (B) or the two tags disagree."""
    codes = {_text(dataset, keyword) for keyword in ("ImageLaterality", "Laterality")} - {"", "U"}
    return Side(codes.pop()) if len(codes) == 1 and codes <= {"L", "R"} else None


def _facts(dataset: Dataset) -> dict[str, str]:
    facts = {"bits": str(dataset.get("BitsStored") or dataset.BitsAllocated)}
    facts |= {keyword: text for keyword in _KEPT_FACTS if (text := _text(dataset, keyword))}
    if meaning := _spacing(dataset)[1]:
        facts["spacing"] = meaning
    return facts


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\\".join(str(part) for part in value)
    return str(value).strip()


def _first_number(dataset: Dataset, keyword: str) -> float | None:
    value = dataset.get(keyword)
    if value is None:
        return None
    first = value[0] if isinstance(value, Sequence) and not isinstance(value, str) and len(value) else value
    try:
        number = float(first)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
