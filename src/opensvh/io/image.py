"""Film files -> Radiograph.

Decodes PNG, JPEG, TIFF and BMP here and hands DICOM to `io.dicom`; whose limb it shows is settled in `io.identity`.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicomdir import listing_above
from opensvh.io.film_sources import ARCHIVE_SUFFIX, DICOM_SUFFIXES, film_address, film_bytes, has_dicom_mark, is_dicom
from opensvh.io.headers import JPEG_END, JPEG_MAGIC, header_size, size_in_header
from opensvh.io.radiograph import LARGEST_PIXELS, SMALLEST_SIDE, Radiograph, stretched
from opensvh.io.zip_members import member_names

FILM_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", *DICOM_SUFFIXES)
LARGEST_LOSS = 0.25
"""A file that was cut short is read if no larger share of its rows is missing."""


def read_film(path: str | Path) -> Radiograph:
    """Read a film of any supported format, from wherever `film_sources` finds it; raises FilmUnreadable.

    A picture that carries an EXIF turn is turned by it, as viewers do: "the file as stored" is what a viewer shows.
    """
    address = film_address(path)
    if address.suffix == ARCHIVE_SUFFIX:
        _refuse_archive(path)
    if not address.exists:
        _refuse_listed(path)
    content = film_bytes(path)
    if has_dicom_mark(content) or address.suffix in DICOM_SUFFIXES:
        from opensvh.io.dicom import read_dicom  # here, since pydicom is slow to import and often not needed

        return read_dicom(content, str(path))
    if address.frame is not None:
        raise FilmUnreadable(f"{path}: only DICOM has frames; name the file alone")
    samples, facts = _decoded(content, path)
    return Radiograph(_levels(_grey(samples), path), str(path), facts=facts)


def stored_size(path: str | Path) -> tuple[int, int]:
    """Width and height of a film as `read_film` gives it, from its header where that tells; raises FilmUnreadable."""
    size = header_size(Path(path))
    if size is not None:
        return size
    if is_dicom(path):
        from opensvh.io.dicom import stored_size_of_dicom

        return stored_size_of_dicom(str(path))
    rows, columns = read_film(path).pixels.shape
    return columns, rows


def _refuse_archive(path: str | Path) -> None:
    """An archive is looked into where films are searched; here one is met that is unsound, empty, or in another."""
    address = film_address(path)
    if address.member is not None:
        raise FilmUnreadable(f"{path}: is an archive in an archive; unpack it")
    if address.file.is_file():
        held = len(member_names(address.file))
        raise FilmUnreadable(f"{path}: is an archive of {held} files, none of them a film; name one or give films")


def _refuse_listed(path: str | Path) -> None:
    """A film that a DICOMDIR promises and the medium lacks."""
    listing = listing_above(Path(path))
    if listing is not None:
        raise FilmUnreadable(f"{path}: is listed in {listing} but is not there; copy the whole medium again")


def _decoded(content: bytes, path: str | Path) -> tuple[NDArray[np.generic], dict[str, str]]:
    """The stored samples, turned by EXIF, [rows, columns] or [rows, columns, 3], and what was found out on the way."""
    size = size_in_header(content)
    if size is not None and size[0] * size[1] > LARGEST_PIXELS:
        raise FilmUnreadable(f"{path}: claims {size[0]} x {size[1]} pixels, more than any film; export it again")
    facts = {}
    samples = _samples(content)
    if samples is None and content.startswith(JPEG_MAGIC):
        # With an end put to it, a JPEG that was cut short decodes as far as it goes and is even grey below.
        samples = _samples(content + JPEG_END)
        if samples is not None:
            facts["damage"] = f"the file is cut short: {_lost_rows(samples, path)} of {len(samples)} rows are missing"
    if samples is None:
        raise FilmUnreadable(f"{path}: is no whole picture; give PNG, JPEG, TIFF, BMP or DICOM, or export it again")
    if min(samples.shape[:2]) < SMALLEST_SIDE:
        fact = f"has only {samples.shape[1]} x {samples.shape[0]} pixels"
        raise FilmUnreadable(f"{path}: {fact}; give the film at its full size")
    return samples, facts | {"bits": str(samples.dtype.itemsize * 8)}


def _samples(content: bytes) -> NDArray[np.generic] | None:
    """What OpenCV decodes, without its own messages on the way."""
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)
    return None if decoded is None else np.asarray(decoded)


def _lost_rows(samples: NDArray[np.generic], path: str | Path) -> int:
    """How many rows at the end hold nothing; refuses the film where those are too many."""
    is_even = np.all(samples == samples[-1:, :1], axis=tuple(range(1, samples.ndim)))
    lost = len(is_even) if is_even.all() else int(np.argmin(is_even[::-1]))
    if lost > LARGEST_LOSS * len(is_even):
        fact = f"is cut short, {lost} of its {len(is_even)} rows are missing"
        raise FilmUnreadable(f"{path}: {fact}; copy or export it again")
    return lost


def _grey(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """One channel; grey stored as colour keeps its exact values."""
    if samples.ndim == 2:
        return samples
    first = samples[..., 0]
    if np.array_equal(first, samples[..., 1]) and np.array_equal(first, samples[..., 2]):
        return np.ascontiguousarray(first)
    return np.asarray(cv2.cvtColor(samples.astype(np.float32), cv2.COLOR_BGR2GRAY))


def _levels(grey: NDArray[np.generic], path: str | Path) -> NDArray[np.float32]:
    """Samples to [0, 1]: eight bits by their range, deeper ones by what the film uses of theirs."""
    levels = stretched(grey) if np.ptp(grey) == 0 or grey.dtype != np.uint8 else grey.astype(np.float32) / 255
    if levels is None:
        raise FilmUnreadable(f"{path}: is one even grey and shows nothing; export it again")
    return np.asarray(levels, dtype=np.float32)
