"""DICOM CR, DX and secondary captures -> Radiograph: grey levels as displayed, spacing, and what the header claims.

Guards come first: a hostile or damaged file is refused by its header, before anything large is decoded. Every trap that
is minded, and its test, is in docs/dicom_in.md.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from pydicom.dataset import Dataset

from opensvh.io.dicom_claims import claims_of_header, day_of, patient_of, visit_of
from opensvh.io.dicom_file import parsed, parsed_header
from opensvh.io.dicom_frames import chosen_frame, settle_on_frame
from opensvh.io.dicom_levels import displayed
from opensvh.io.dicom_safety import frame_count, refuse_what_is_no_film
from opensvh.io.dicom_samples import decoded
from opensvh.io.dicom_spacing import pixel_shape, spacing_of
from opensvh.io.dicom_tags import text, whole
from opensvh.io.film_sources import opened_film
from opensvh.io.radiograph import Radiograph

_KEPT_FACTS = ("Modality", "BodyPartExamined", "ViewPosition", "PatientOrientation", "ImageLaterality", "Laterality")


def read_dicom(content: bytes, path: str) -> Radiograph:
    """Decode a DICOM film, or the frame that the path names; raises FilmUnreadable naming file, fact and remedy."""
    with _without_warnings():
        dataset = parsed(content, path)
        refuse_what_is_no_film(dataset, path)
        frame = chosen_frame(dataset, path)
        settle_on_frame(dataset, frame)
        pixels, shown_by = displayed(dataset, decoded(dataset, frame, path), path)
        film = _described(dataset, frame, path)
        return replace(film, pixels=pixels, facts={**film.facts, "shown_by": shown_by})


def read_dicom_header(path: str) -> Radiograph:
    """What a DICOM film says of itself, without pixels; raises FilmUnreadable."""
    with _without_warnings(), opened_film(path) as stream:
        header = parsed_header(stream, path)
        refuse_what_is_no_film(header, path)
        frame = chosen_frame(header, path)
        settle_on_frame(header, frame)
        return _described(header, frame, path)


def stored_size_of_dicom(path: str) -> tuple[int, int]:
    """Width and height by the header alone, under the same guards."""
    with _without_warnings(), opened_film(path) as stream:
        header = parsed_header(stream, path)
        refuse_what_is_no_film(header, path)
        chosen_frame(header, path)
        return int(header.Columns), int(header.Rows)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """The parser's notes on odd values are not the user's to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _described(header: Dataset, frame: int, path: str) -> Radiograph:
    """All but the pixels."""
    claims, spacing = claims_of_header(header), spacing_of(header)
    facts = {"bits": str(whole(header, "BitsStored") or whole(header, "BitsAllocated"))}
    facts |= {keyword: said for keyword in _KEPT_FACTS if (said := text(header, keyword))}
    found = {
        "spacing": spacing.meaning,
        "pixels": pixel_shape(header),
        "sides": "both" if claims.both_sides else "",
        "contradiction": claims.contradiction,
        "frame": f"{frame} of {frame_count(header)}" if frame_count(header) > 1 else "",
        "compression": f"lossy {text(header, 'LossyImageCompressionRatio')}".strip() if _is_lossy(header) else "",
    }
    return Radiograph(
        pixels=np.empty((0, 0), np.float32),
        path=path,
        spacing_mm=spacing.mm,
        patient=patient_of(header),
        limb=claims.limb,
        side=claims.side,
        facts=facts | {name: fact for name, fact in found.items() if fact},
        date=day_of(header),
        visit=visit_of(header),
    )


def _is_lossy(header: Dataset) -> bool:
    return text(header, "LossyImageCompression") == "01"
