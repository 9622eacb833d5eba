"""DICOMDIR, the list of contents of a CD or a memory stick: the images it lists, and where they should lie.

PS3.3 annex F and PS3.10, 8. Only what it lists counts: the rest of such a medium is viewers, icons and manuals.
"""

from functools import lru_cache
from pathlib import Path

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.film_sources import film_address, opened_film

DICOMDIR = "DICOMDIR"
MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
_IMAGE, _NOT_IN_USE = "IMAGE", 0
_DEEPEST = 8
"""A file ID has at most eight parts (PS3.10, 8.2); so many folders above a film are looked into for its DICOMDIR."""


def is_dicomdir(path: Path) -> bool:
    """By its name, which the standard prescribes; also in an archive."""
    return path.name.upper() == DICOMDIR and not path.is_dir() and film_address(path).exists


def listed_films(listing: Path) -> tuple[Path, ...]:
    """Where the images lie that a DICOMDIR lists, in its order, whether or not they are there.

    Raises FilmUnreadable for one that is damaged, or that points out of its folder.
    """
    try:
        return _listed(listing, film_address(listing).file.stat().st_mtime_ns)
    except OSError as error:
        raise FilmUnreadable(f"{listing}: cannot be read ({error.strerror}); check the path") from error


def listing_above(path: Path) -> Path | None:
    """The DICOMDIR that lists this file."""
    for folder in list(path.parents)[:_DEEPEST]:
        listing = folder / DICOMDIR
        try:
            if is_dicomdir(listing) and path in listed_films(listing):
                return listing
        except FilmUnreadable:
            continue
    return None


@lru_cache(maxsize=64)
def _listed(listing: Path, changed_ns: int) -> tuple[Path, ...]:
    from opensvh.io.dicom_file import parsed_header  # here, since pydicom is slow to import
    from opensvh.io.dicom_tags import items, text, texts, whole

    with opened_film(listing) as stream:
        directory = parsed_header(stream, str(listing))
    if "DirectoryRecordSequence" not in directory:
        raise FilmUnreadable(f"{listing}: is no sound DICOMDIR; give the folder of the films")
    found = []
    for record in items(directory, "DirectoryRecordSequence"):
        parts = texts(record, "ReferencedFileID")
        if text(record, "DirectoryRecordType") != _IMAGE or whole(record, "RecordInUseFlag") == _NOT_IN_USE:
            continue
        if not parts or any(part in ("", ".", "..") or "/" in part for part in parts):
            fact = f"lists {'/'.join(parts)!r}, which is no place on its medium"
            raise FilmUnreadable(f"{listing}: {fact}; copy the medium again")
        found.append(_as_named(listing.parent, parts))
    return tuple(dict.fromkeys(found))


def _as_named(folder: Path, parts: tuple[str, ...]) -> Path:
    """The listed path; media are often copied with their names in small letters."""
    listed = folder.joinpath(*parts)
    small = folder.joinpath(*(part.lower() for part in parts))
    return small if not film_address(listed).exists and film_address(small).exists else listed
