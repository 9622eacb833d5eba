"""Films in a zip archive, found where they are."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicomdir import DICOMDIR, listed_films
from opensvh.io.film_sources import ARCHIVE_SUFFIX, is_dicom, member_path
from opensvh.io.zip_members import member_names


def films_in_archive(archive: Path, suffixes: Sequence[str]) -> list[Path]:
    """The addresses of its members that are films by their suffix or their mark, and of archives inside, which are
    refused when they are read; below a DICOMDIR only what this lists. Raises FilmUnreadable for an unsafe archive."""
    names = member_names(archive)
    listed = {root: films for root in _roots(names) if (films := _listed(archive, root))}
    loose = [name for name in names if not any(root in PurePosixPath(name).parents for root in listed)]
    found = [member_path(archive, name) for name in loose if _is_film(archive, name, suffixes)]
    return [*found, *(film for films in listed.values() for film in films)]


def _roots(names: Sequence[str]) -> list[PurePosixPath]:
    """The folders with a DICOMDIR."""
    return [path.parent for path in map(PurePosixPath, names) if path.name.upper() == DICOMDIR]


def _listed(archive: Path, root: PurePosixPath) -> tuple[Path, ...]:
    """What a DICOMDIR inside lists; nothing where it is no use."""
    try:
        return listed_films(archive / root / DICOMDIR)
    except FilmUnreadable:
        return ()


def _is_film(archive: Path, name: str, suffixes: Sequence[str]) -> bool:
    path = PurePosixPath(name)
    if path.name.upper() == DICOMDIR:
        return False
    suffix = path.suffix.lower()
    if suffix in (*suffixes, ARCHIVE_SUFFIX):
        return True
    return (not suffix or suffix[1:].isdigit()) and is_dicom(member_path(archive, name))
