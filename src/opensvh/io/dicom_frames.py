"""Objects with several frames: each is a film of its own, addressed as `file.dcm#2`, with what is said of it alone."""

from pathlib import Path

from pydicom.dataset import Dataset

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_file import parsed_header
from opensvh.io.dicom_safety import frame_count, refuse_what_is_no_film
from opensvh.io.dicom_tags import items
from opensvh.io.film_sources import film_address, frame_path, opened_film

FRAME_KEYWORDS = (
    "RescaleSlope", "RescaleIntercept", "RescaleType", "WindowCenter", "WindowWidth", "VOILUTFunction",
    "WindowCenterWidthExplanation", "VOILUTSequence", "PixelSpacing", "FrameLaterality", "AnatomicRegionSequence",
    "PixelIntensityRelationship", "PixelIntensityRelationshipSign",
)  # fmt: skip
"""What the functional groups of enhanced objects say of a frame (PS3.3, C.7.6.16.2) and plain ones of the whole."""


def frames_of(path: Path) -> list[Path]:
    """The films in a DICOM file: the path itself, or an address a frame; a file that cannot be read is one film."""
    if film_address(path).frame is not None:
        return [path]
    try:
        with opened_film(path) as stream:
            header = parsed_header(stream, str(path))
            refuse_what_is_no_film(header, str(path))
    except (FilmUnreadable, OSError):  # refused with its reason when it is read
        return [path]
    count = frame_count(header)
    return [frame_path(path, frame) for frame in range(1, count + 1)] if count > 1 else [path]


def chosen_frame(dataset: Dataset, path: str) -> int:
    """The frame that a path names, from 1; raises FilmUnreadable where it names none of several, or one too many."""
    named, count = film_address(path).frame, frame_count(dataset)
    if named is None and count > 1:
        raise FilmUnreadable(f"{path}: holds {count} frames; name one, from {path}#1 to {path}#{count}")
    if named is not None and named > count:
        raise FilmUnreadable(f"{path}: holds {count} frame{'s' * (count > 1)}; name one that is there")
    return named or 1


def settle_on_frame(dataset: Dataset, frame: int) -> None:
    """Put what the functional groups say of the frame where plain objects say it of the whole, in place."""
    shared = items(dataset, "SharedFunctionalGroupsSequence")[:1]
    own = items(dataset, "PerFrameFunctionalGroupsSequence")[frame - 1 : frame]
    for group in (*shared, *own):
        for macro in group:
            for said in items(group, macro.keyword)[:1]:
                for keyword in FRAME_KEYWORDS:
                    if keyword in said:
                        dataset[keyword] = said[keyword]
