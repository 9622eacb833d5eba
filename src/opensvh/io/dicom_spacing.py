"""Millimetres between pixels, and where they hold: at the limb, at the detector, on a film that was scanned.

PS3.3: 10.7.1.3 pixel spacing and its calibration, C.8.11.4 at the detector, C.8.6.1 and C.8.5.1 of scanned films.
"""

import math
from typing import NamedTuple

from pydicom.dataset import Dataset

from opensvh.io.dicom_tags import number, numbers, text, whole

LONGEST_SIDE_MM = 1500.0
"""The longest stitched film; a larger one has its spacing from a template or in another unit."""
LARGEST_MAGNIFICATION = 2.0
SQUARE = 0.01
"""Sides of pixels that differ by no larger share are taken for equal."""
_SOURCES = (
    ("PixelSpacing", ""),
    ("ImagerPixelSpacing", "at the detector"),
    ("NominalScannedPixelSpacing", "on the film that was scanned"),
)


class Spacing(NamedTuple):
    """Millimetres between pixel centres, None where nothing believable says so; what they mean, or why they are not
    believed."""

    mm: float | None
    meaning: str


def spacing_of(header: Dataset) -> Spacing:
    """The first spacing that can be believed: calibrated or plain, at the detector, of the scan."""
    disbelieved = ""
    for keyword, meaning in _SOURCES:
        sides = numbers(header, keyword)
        if len(sides) != 2 or min(sides) <= 0:
            continue
        longest = max(sides) * max(whole(header, "Rows") or 0, whole(header, "Columns") or 0)
        if longest > LONGEST_SIDE_MM:
            disbelieved = disbelieved or f"{keyword} makes the film {longest / 10:.0f} cm long: not believed"
            continue
        return _at_the_limb(header, keyword, math.sqrt(sides[0] * sides[1]), meaning)
    return Spacing(None, disbelieved)


def pixel_shape(header: Dataset) -> str:
    """What is to be said of pixels that are not square; "" where they are."""
    sides = next((found for keyword, _ in _SOURCES if len(found := numbers(header, keyword)) == 2), ())
    sides = sides or numbers(header, "PixelAspectRatio")
    if len(sides) != 2 or min(sides) <= 0 or abs(sides[0] / sides[1] - 1) <= SQUARE:
        return ""
    return f"not square: {sides[0] / sides[1]:.3g} times as high as wide"


def _at_the_limb(header: Dataset, keyword: str, mm: float, meaning: str) -> Spacing:
    """With the calibration that is named; at the detector less the magnification that is estimated (C.8.7.5.1.1)."""
    if keyword == "PixelSpacing":
        calibration = text(header, "PixelSpacingCalibrationType")
        named = f"calibrated to the limb ({calibration})" if calibration else "as PixelSpacing says, not calibrated"
        return Spacing(mm, named)
    magnification = number(header, "EstimatedRadiographicMagnificationFactor")
    if keyword == "ImagerPixelSpacing" and magnification and 1 < magnification <= LARGEST_MAGNIFICATION:
        return Spacing(mm / magnification, f"at the limb, by an estimated magnification of {magnification:g}")
    return Spacing(mm, meaning)
