"""Films without their patients: every film below the paths given, into a folder of its own, with a report of changes.

The originals are read only. A film that cannot be cleared is listed and not written. What a film becomes is
`deidentify_film`'s, what is told of it `deidentify_record`'s.
"""

import csv
import hashlib
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from opensvh import __version__
from opensvh.domain.errors import FilmUnreadable, OpenSvHError, OutputConflict, TableInvalid
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.io.deidentify_key import Key
from opensvh.io.deidentify_table import MEANINGS, Option
from opensvh.io.deidentify_tags import Profile, SafePrivate
from opensvh.io.film_sources import film_address, film_bytes
from opensvh.io.identity import read_manifest
from opensvh.workflows.deidentify_clearing import Analyser
from opensvh.workflows.deidentify_film import Deidentifier, Done, Given, options_of
from opensvh.workflows.deidentify_record import FilmRecord, Journal, Status

Progress = Callable[[str], None]
LINK_COLUMNS = ("film", "sha256", "patient", "pseudonym", "shift_days", "name")


@dataclass(frozen=True)
class Request:
    """What the user wants: options of the profile, safe private attributes, whether pixels are cleared, who is who."""

    options: frozenset[Option] = frozenset()
    safe_private: SafePrivate = frozenset()
    keep_pixels: bool = False
    manifest: Path | None = None
    link: Path | None = None


@dataclass(frozen=True)
class Result:
    """The films given with what became of each, in order, and how many were done already."""

    films: tuple[tuple[Path, FilmRecord], ...]
    continued: int

    def count(self, status: Status) -> int:
        """How many films ended so."""
        return sum(record.status is status for _, record in self.films)


def deidentify(
    films: Sequence[Path], given: Sequence[Path], out: Path, key: Key, request: Request, progress: Progress
) -> Result:
    """De-identify `films`, which lie at or below the paths `given`, into `out`."""
    refuse_places(given, out, request.link, "the link file")
    analyser: Analyser | None = None if request.keep_pixels else FilmAnalyser()
    options = options_of(analyser, request.options)
    manifest = None if request.manifest is None else read_manifest(request.manifest)
    journal = Journal(out, _settings(key, options, request))
    worker = Deidentifier(out, Profile(key, options, request.safe_private), analyser)
    results: list[tuple[Path, FilmRecord]] = []
    links: list[tuple[Path, Done]] = []
    continued = 0
    try:
        for path in films:
            film = Given(path, _content(path), _folder(path, given), manifest)
            there = journal.records.get(film.sha256)
            if there is not None and request.link is None:
                continued += 1
                results.append((path, there))
            else:
                done = _one(worker, film)
                journal.add(done.record)
                results.append((path, done.record))
                links.append((path, done))
            progress(str(path))
    finally:
        journal.write_tables({option.value: MEANINGS[option] for option in sorted(options)})
    if request.link is not None:
        _write_link(request.link, key, links)
    return Result(tuple(results), continued)


def refuse_places(given: Sequence[Path], out: Path, secret: Path | None, what: str) -> None:
    """Raise OutputConflict where the output would lie among the originals, or a secret in the output."""
    place = out.resolve()
    for path in given:
        source = path.resolve()
        if place == source or source in place.parents or place in source.parents:
            raise OutputConflict(f"{out}: lies within {path} or holds it; name a folder apart from the originals")
    if secret is not None and (place == secret.resolve() or place in secret.resolve().parents):
        raise OutputConflict(f"{secret}: {what} must not lie in {out}, which is to be given away; name another place")


def read_safe_private(path: Path) -> SafePrivate:
    """Private attributes that stay: a CSV table with creator, group and element (two hexadecimal digits)."""
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
        return frozenset((row["creator"].strip(), int(row["group"], 16), int(row["element"], 16)) for row in rows)
    except (OSError, UnicodeDecodeError, KeyError, ValueError, AttributeError) as error:
        fact = f"is no list of private attributes ({type(error).__name__}: {error})"
        raise TableInvalid(f"{path}: {fact}; give a CSV table with creator, group, element") from error


def _one(worker: Deidentifier, film: Given) -> Done:
    """What became of a film; a failure that is the film's own is told without its path."""
    try:
        return worker.film(film)
    except OpenSvHError as failure:
        return Done(_refused(film, failure), "")


def _refused(film: Given, failure: OpenSvHError) -> FilmRecord:
    reason = str(failure)
    for path in (str(film.path), str(film_address(film.path).file)):
        reason = reason.replace(f"{path}: ", "").replace(path, "the film")
    return FilmRecord(film.sha256, Status.REFUSED, reason=reason)


def _content(path: Path) -> bytes:
    try:
        return film_bytes(path)
    except FilmUnreadable:
        return b""  # refused with its reason when it is read as a film


def _folder(path: Path, given: Sequence[Path]) -> str:
    """The folder a film lies in, below the path it was found at; "" directly there."""
    for place in given:
        if place in path.parents:
            return str(path.parent.relative_to(place)).removeprefix(".")
    return ""


def _settings(key: Key, options: frozenset[Option], request: Request) -> str:
    parts = [__version__, key.fingerprint, *sorted(options), *map(str, sorted(request.safe_private))]
    if request.manifest is not None:
        parts.append(hashlib.sha256(request.manifest.read_bytes()).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _write_link(path: Path, key: Key, links: Sequence[tuple[Path, Done]]) -> None:
    """Who is who, for those who keep the key: readable by the owner alone."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LINK_COLUMNS)
    for film, done in links:
        if done.patient:
            who = (done.patient, key.pseudonym(done.patient), key.shift_days(done.patient))
            writer.writerow((film, done.record.source, *who, done.record.name))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text.getvalue())
    os.replace(partial, path)
