"""How an overlay shows its film: the film's own way from stored samples to the screen, and all of its area.

Taken from the film's header by the rules by which `io.dicom` reads it, so that the overlay shows what was scored.
Numbers of clauses are of PS3.3.
"""

from functools import cache

from PIL import ImageCms
from pydicom.dataset import Dataset

from opensvh.reporting.dicom.film_header import SHUTTER, copy_elements

_RESCALE = ("RescaleIntercept", "RescaleSlope")
_PROFILE_DATE, _PROFILE_CLASS = slice(24, 36), slice(12, 16)
_ICC_1_JANUARY_2000 = bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))


def add_grey_levels(state: Dataset, header: Dataset) -> None:
    """Modality LUT (C.11.1), values of interest (C.11.8), polarity (C.11.6) and shutter (C.7.6.11) of the film."""
    _add_modality(state, header)
    _add_values_of_interest(state, header)
    inverts = (
        header.get("PhotometricInterpretation") == "MONOCHROME1" or header.get("PresentationLUTShape") == "INVERSE"
    )
    state.PresentationLUTShape = "INVERSE" if inverts else "IDENTITY"
    if header.get("ShutterShape"):
        copy_elements(header, state, SHUTTER)
        state.ShutterPresentationValue = header.get("ShutterPresentationValue", 0)


def add_displayed_area(state: Dataset, header: Dataset) -> None:
    """The whole film, fitted to the screen, its pixels as wide to their height as they are (C.10.4)."""
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner = [1, 1]
    area.DisplayedAreaBottomRightHandCorner = [header.Columns, header.Rows]
    area.PresentationSizeMode = "SCALE TO FIT"
    spacing = header.get("PixelSpacing") or header.get("ImagerPixelSpacing") or ()
    if len(spacing) == 2 and min(spacing) > 0:
        area.PresentationPixelSpacing = list(spacing)
    else:
        area.PresentationPixelAspectRatio = list(header.get("PixelAspectRatio") or (1, 1))
    state.DisplayedAreaSelectionSequence = [area]


def colour_profile(header: Dataset) -> bytes:
    """The film's own ICC profile, or sRGB, which is what colour without a profile is taken for."""
    own = header.get("ICCProfile")
    return bytes(own) if own else _srgb()


def _add_modality(state: Dataset, header: Dataset) -> None:
    """A table, or slope and intercept, of which both are needed."""
    if header.get("ModalityLUTSequence"):
        copy_elements(header, state, ("ModalityLUTSequence",))
    elif all(header.get(keyword) is not None for keyword in _RESCALE):
        copy_elements(header, state, _RESCALE)
        state.RescaleType = header.get("RescaleType") or "US"


def _add_values_of_interest(state: Dataset, header: Dataset) -> None:
    """The film's first table, or else its first window; neither where it has none."""
    item = Dataset()
    if header.get("VOILUTSequence"):
        item.VOILUTSequence = list(header.VOILUTSequence[:1])
    elif header.get("WindowCenter") is not None and header.get("WindowWidth") is not None:
        item.WindowCenter, item.WindowWidth = _first(header.WindowCenter), _first(header.WindowWidth)
        if header.get("VOILUTFunction"):
            item.VOILUTFunction = header.VOILUTFunction
    else:
        return
    state.SoftcopyVOILUTSequence = [item]


def _first(value: object) -> object:
    """One number of one or several."""
    return value[0] if isinstance(value, (list, tuple)) or hasattr(value, "__getitem__") else value


@cache
def _srgb() -> bytes:
    """sRGB as an input profile (C.11.15) that bears no date, so that it is the same in every run."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_PROFILE_DATE] = _ICC_1_JANUARY_2000
    profile[_PROFILE_CLASS] = b"scnr"
    return bytes(profile)
