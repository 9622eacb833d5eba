"""Received films on the disk: there whole, and there after a power cut, before anybody is told that they were taken.

Names are digests: a folder listing tells nothing of a patient. What is queued is `queue`'s.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from opensvh.serving.queue import ReceivedFilm

FILMS, RESULTS = "films", "results"
PARTIAL = ".partial"
_LETTERS = 32


class FilmFolder:
    """The films and results of a node, below its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (FILMS, RESULTS):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def store(self, study: str, film: str, content: bytes) -> ReceivedFilm:
        """Write a film, synced to the disk; raises OSError where the disk does not take it."""
        digest = hashlib.sha256(content).hexdigest()
        target = Path(FILMS) / short_digest(study) / f"{digest[:_LETTERS]}.dcm"
        _write_durably(self.folder / target, content)
        return ReceivedFilm(film, study, str(target), digest)

    def path(self, film: ReceivedFilm) -> Path:
        """Where a film lies."""
        return self.folder / film.file

    def results_begun(self, study: str, version: int) -> Path:
        """A new empty folder to write results into, which `results_done` moves to its place."""
        parent = self.folder / RESULTS
        return Path(tempfile.mkdtemp(prefix=f"{short_digest(study)}-{version}.", suffix=PARTIAL, dir=parent))

    def results_done(self, begun: Path, study: str, version: int) -> str:
        """Sync the results and move them to their place; the place, relative to the node's folder."""
        place = Path(RESULTS) / f"{short_digest(study)}-{version}"
        target = self.folder / place
        for path in sorted(begun.rglob("*")):
            _sync(path)
        _sync(begun)
        shutil.rmtree(target, ignore_errors=True)  # of a node that was killed before it had noted them
        os.replace(begun, target)
        _sync(target.parent)
        return str(place)

    def sweep(self, known_films: Collection[str]) -> int:
        """Delete what a killed node left half done: films never acknowledged, results never finished; how many."""
        films = [
            path for path in (self.folder / FILMS).glob("*/*") if str(path.relative_to(self.folder)) not in known_films
        ]
        begun = list((self.folder / RESULTS).glob(f"*{PARTIAL}"))
        for path in films:
            path.unlink(missing_ok=True)
        for path in begun:
            shutil.rmtree(path, ignore_errors=True)
        return len(films) + len(begun)


def short_digest(text: str) -> str:
    """A name that says nothing, the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_LETTERS]


def _write_durably(path: Path, content: bytes) -> None:
    """Write beside the place, sync, move there, sync the folder: PS3.4 B.2.3 takes "Success" for stored."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _sync(path.parent.parent)
    handle, partial = tempfile.mkstemp(prefix=".", suffix=PARTIAL, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(path: Path) -> None:
    """A file or folder as it is now, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
