"""Stored samples -> the grey levels that a viewer shows, in [0, 1] with dense tissue bright.

In the standard's order (PS3.3): padding left out (C.7.5.1.1.2), Modality LUT (C.11.1), then the VOI LUT Sequence, which
goes before the windows (C.11.2), then polarity, once (C.7.6.3.1.2, C.11.6). Films for processing have their own way.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_samples import Samples
from opensvh.io.dicom_tables import looked_up, white_of
from opensvh.io.dicom_tags import items, number, numbers, text, texts, whole
from opensvh.io.radiograph import ROBUST_PERCENTILES, stretched

FOR_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.1.1"
DENSEST = 1000.0
"""No hand or foot weakens the beam more: 3 cm of cortical bone at 35 keV let through e^-5.3, a two hundredth."""
OWN_RANGE = "the film's own range"


class Levels(NamedTuple):
    """Grey levels float32 [rows, columns] in [0, 1], and by what they came from the samples."""

    pixels: NDArray[np.float32]
    shown_by: str


def displayed(header: Dataset, samples: Samples, path: str) -> Levels:
    """What a viewer shows; raises FilmUnreadable for a film that is one even grey."""
    if samples.white is not None:
        return Levels(_colour_levels(samples.values, samples.white, path), "colour capture")
    padding = _padding(header, samples.values)
    stored = samples.values
    if padding is not None:
        stored = np.where(padding, np.float32(np.nan), stored.astype(np.float32))
    if is_for_processing(header):
        levels = _unprocessed(header, stored)
    else:
        levels = _presented(header, _modality(header, stored))
    if levels is None:
        raise FilmUnreadable(f"{path}: is one even grey and shows nothing; export it again")
    pixels = 1.0 - levels.pixels if _is_inverted(header) else levels.pixels
    if padding is not None:
        pixels = np.where(padding, np.float32(0), pixels)
    return Levels(np.asarray(pixels, dtype=np.float32), levels.shown_by)


def is_for_processing(header: Dataset) -> bool:
    """Whether samples are the detector's, not meant to be looked at (PS3.3, C.8.11.1)."""
    return text(header, "PresentationIntentType") == "FOR PROCESSING" or text(header, "SOPClassUID") == FOR_PROCESSING


def windowed(values: NDArray[np.generic], centre: float, width: float, function: str) -> NDArray[np.float32] | None:
    """A window's levels in [0, 1], as PS3.3 C.11.2.1.2 and C.11.2.1.3 define LINEAR, LINEAR_EXACT and SIGMOID.

    None for a width that the function does not allow. From the window's lower end on, not from its centre: so a window
    over all of eight bits gives the very levels of the same film as PNG.
    """
    samples = values.astype(np.float32)
    if function == "LINEAR" and width > 1:
        return np.asarray(np.clip((samples - (centre - 0.5 - (width - 1) / 2)) / (width - 1), 0.0, 1.0))
    if function == "LINEAR_EXACT" and width > 0:
        return np.asarray(np.clip((samples - (centre - width / 2)) / width, 0.0, 1.0))
    if function == "SIGMOID" and width > 0:
        steepness = np.clip(-4.0 * (samples - centre) / width, -80.0, 80.0)
        return np.asarray(1.0 / (1.0 + np.exp(steepness)), dtype=np.float32)
    return None


def _colour_levels(grey: NDArray[np.generic], white: float, path: str) -> NDArray[np.float32]:
    if np.ptp(grey) == 0:
        raise FilmUnreadable(f"{path}: is one even grey and shows nothing; export it again")
    return np.asarray(np.clip(grey.astype(np.float32) / np.float32(white), 0.0, 1.0), dtype=np.float32)


def _padding(header: Dataset, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Where the file was filled up around the picture; inside the picture the same value is picture."""
    value, limit = number(header, "PixelPaddingValue"), number(header, "PixelPaddingRangeLimit")
    if value is None:
        return None
    low, high = sorted((value, value if limit is None else limit))
    padded = (stored >= low) & (stored <= high)
    if not padded.any():
        return None
    _, regions = cv2.connectedComponents(padded.astype(np.uint8), connectivity=4)
    edge = np.unique(np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]]))
    outside = np.isin(regions, edge[edge > 0])
    return outside if outside.any() and not outside.all() else None


def _modality(header: Dataset, stored: NDArray[np.generic]) -> NDArray[np.generic]:
    """Values of the modality: by its table, else by slope and intercept; a slope of 0 is damage."""
    for table in items(header, "ModalityLUTSequence")[:1]:
        values = looked_up(stored, table, _is_little_endian(header))
        if values is not None:
            return values
    slope, intercept = number(header, "RescaleSlope") or 1.0, number(header, "RescaleIntercept") or 0.0
    if (slope, intercept) == (1.0, 0.0):
        return stored
    return np.asarray(stored.astype(np.float32) * np.float32(slope) + np.float32(intercept))


def _presented(header: Dataset, values: NDArray[np.generic]) -> Levels | None:
    """By the first table of interest that shows something, else the first such window, else the film's own range."""
    for table in items(header, "VOILUTSequence"):
        levels = looked_up(values, table, _is_little_endian(header))
        if levels is not None and _shows(levels):
            white = white_of(table, _is_little_endian(header))
            return Levels(np.asarray(levels / np.float32(white)), _named("VOI LUT", text(table, "LUTExplanation")))
    centres, widths = numbers(header, "WindowCenter"), numbers(header, "WindowWidth")
    function, meanings = text(header, "VOILUTFunction"), texts(header, "WindowCenterWidthExplanation")
    function = function if function in ("LINEAR_EXACT", "SIGMOID") else "LINEAR"
    for place, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        levels = windowed(values, centre, width, function)
        if levels is not None and _shows(levels):
            which = f"window {place + 1} of {len(centres)}, {function}"
            return Levels(levels, _named(which, meanings[place] if place < len(meanings) else ""))
    own = stretched(values)
    return None if own is None else Levels(own, OWN_RANGE)


def _unprocessed(header: Dataset, stored: NDArray[np.generic]) -> Levels | None:
    """The detector's samples as a film shows them: the logarithm of the intensity, without the unattenuated range.

    Where samples are LOG already, or nobody says, their own range; windows are not meant for these.
    """
    relationship = text(header, "PixelIntensityRelationship")
    if relationship not in ("LIN", "SQRT"):
        own = stretched(stored)
        return None if own is None else Levels(own, _named("for processing", relationship))
    values = stored.astype(np.float32)
    is_falling = whole(header, "PixelIntensityRelationshipSign") == -1
    intensity = float((1 << (whole(header, "BitsStored") or 16)) - 1) - values if is_falling else values
    root = 1.0 if relationship == "LIN" else 0.5
    lowest = float(np.nanpercentile(intensity, ROBUST_PERCENTILES[1])) / DENSEST**root
    logarithm = np.log(np.maximum(intensity, max(lowest, 1e-3)))
    own = stretched(-logarithm if is_falling else logarithm)
    return None if own is None else Levels(own, f"for processing, {relationship}: its logarithm")


def _is_inverted(header: Dataset) -> bool:
    """Whether the least value is the brightest; for processing, whether it is where the least intensity arrived."""
    sign = whole(header, "PixelIntensityRelationshipSign")
    if is_for_processing(header) and sign in (1, -1):
        return sign == 1
    monochrome1 = text(header, "PhotometricInterpretation") == "MONOCHROME1"
    return monochrome1 or text(header, "PresentationLUTShape") == "INVERSE"


def _shows(levels: NDArray[np.float32]) -> bool:
    return bool(np.nanmax(levels) > np.nanmin(levels))


def _named(what: str, meaning: str) -> str:
    return f"{what} ({meaning})" if meaning else what


def _is_little_endian(header: Dataset) -> bool:
    return header.original_encoding[1] is not False
