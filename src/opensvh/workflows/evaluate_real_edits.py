"""Damage edited into marked real films and read again: which joints get which grade, and what is read of it.

A copy of a film has one or two joints edited, so that the rest of the limb stays as it was; the copies of a film
together edit every site that was plain to see once for each kind. One more copy has edits that change no grade: who
reads the mark of editing and not the damage reads them alike. Editing itself is the simulator's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from opensvh.domain.anatomy import Kind, Site, sites_of
from opensvh.domain.geometry import Point
from opensvh.evaluation.real_reads import RealFilm, RealRead
from opensvh.evaluation.real_sensitivity import EditedRead
from opensvh.evaluation.truth import FilmTruth
from opensvh.io.image import read_film
from opensvh.io.radiograph import Radiograph
from opensvh.workflows.evaluate_real_films import outcome_of, reading_key
from opensvh.workflows.evaluate_real_readers import RealReader
from opensvh.workflows.evaluate_real_store import Store, key_of

EDITS_A_COPY = 2
SEED = 4


@dataclass(frozen=True)
class PlannedDamage:
    """A grade to be put at a site, on the kind's own scale."""

    site: Site
    kind: Kind
    grade: float

    @property
    def key(self) -> tuple[str, Kind]:
        """Site name and kind."""
        return self.site.name, self.kind


@dataclass(frozen=True)
class EditedCopy:
    """A film with damage in it: pixels as a `Radiograph` holds them, the joints where they now lie, the grades given.

    `given` by site name and kind; what could not be edited is not there.
    """

    pixels: NDArray[np.float32]
    points: Mapping[str, Point]
    given: Mapping[tuple[str, Kind], float]


class FilmEditor(Protocol):
    """Puts damage into a film; `digest` changes with anything that could change its pictures."""

    @property
    def digest(self) -> str: ...

    def edit(
        self,
        pixels: NDArray[np.float32],
        film: FilmTruth,
        damages: Sequence[PlannedDamage],
        rng: np.random.Generator,
    ) -> EditedCopy:
        """A copy of the film with the damages in it; without any, one with edits that change no grade."""
        ...


EditStore = Store[tuple[EditedRead, ...]]


def edit_store(out: Path) -> EditStore:
    """Where the edits of a run are kept."""
    return Store(out / "edited", TypeAdapter(tuple[EditedRead, ...]))


def edited(film: RealFilm) -> bool:
    """Whether a film is edited: an adult's limb without arthritis, PA or DP."""
    return film.ordinary and not film.oblique


def read_edits(reader: RealReader, editor: FilmEditor, read: RealRead, store: EditStore) -> tuple[EditedRead, ...]:
    """What is read in the copies of a film, or an earlier run kept."""
    key = key_of(reading_key(reader, read.film), editor.digest, SEED, EDITS_A_COPY)
    return store.kept(read.film.truth.film, key, lambda: tuple(_read_copies(reader, editor, read)))


def planned_copies(film: FilmTruth, rng: np.random.Generator) -> list[tuple[PlannedDamage, ...]]:
    """The damages of each copy: all sites plain to see, each kind once; whole grades spread evenly over their scale."""
    planned = [damage for kind in Kind for damage in _planned(film, kind, rng)]
    order = rng.permutation(len(planned))
    return list(_dealt([planned[place] for place in order]))


def _planned(film: FilmTruth, kind: Kind, rng: np.random.Generator) -> list[PlannedDamage]:
    plain = film.points.keys() - film.uncertain
    sites = [site for site in sites_of(film.limb, kind) if site.point in plain]
    first = int(rng.integers(0, len(sites) + 1))
    return [
        PlannedDamage(site, kind, float(1 + (first + place) % (site.maximum(kind) or 1)))
        for place, site in enumerate(rng.permutation(np.array(sites, dtype=object)))
    ]


def _dealt(planned: Sequence[PlannedDamage]) -> Iterator[tuple[PlannedDamage, ...]]:
    """Copies of `EDITS_A_COPY` damages on different digits, a wrist as one of them: a slide moves what lies beyond."""
    left = list(planned)
    while left:
        copy = [left.pop(0)]
        for damage in list(left):
            if len(copy) < EDITS_A_COPY and damage.site.digit not in {each.site.digit for each in copy}:
                left.remove(damage)
                copy.append(damage)
        yield tuple(copy)


def _read_copies(reader: RealReader, editor: FilmEditor, read: RealRead) -> Iterator[EditedRead]:
    truth = read.film.truth
    radiograph = read_film(truth.path)
    rng = np.random.default_rng([SEED, *truth.film.encode()])
    _, harmless = _read_copy(reader, editor, read.film, radiograph, (), rng)
    for number, damages in enumerate(planned_copies(truth, rng)):
        copy, after = _read_copy(reader, editor, read.film, radiograph, damages, rng)
        yield from _edited_reads(
            number, [each for each in damages if each.key in copy.given], copy, (read, harmless, after)
        )


def _read_copy(
    reader: RealReader,
    editor: FilmEditor,
    film: RealFilm,
    radiograph: Radiograph,
    damages: Sequence[PlannedDamage],
    rng: np.random.Generator,
) -> tuple[EditedCopy, RealRead]:
    copy = editor.edit(radiograph.pixels, film.truth, damages, rng)
    moved = replace(film, truth=replace(film.truth, points=copy.points))
    return copy, RealRead(moved, outcome_of(reader, replace(radiograph, pixels=copy.pixels), film.truth))


def _edited_reads(
    number: int, damages: Sequence[PlannedDamage], copy: EditedCopy, reads: tuple[RealRead, RealRead, RealRead]
) -> Iterator[EditedRead]:
    """What was read before, on the copy with edits that change no grade, and on this one."""
    before, harmless, after = reads
    errors = {error.point: error.error_percent for error in after.errors(certain=False)}
    for damage in damages:
        off = errors.get(damage.site.point, np.inf)
        yield EditedRead(
            film=before.film.truth.film,
            person=before.film.person,
            half=before.film.half,
            copy=number,
            site=damage.site,
            kind=damage.kind,
            given=copy.given[damage.key],
            read=_expected(after, damage),
            unedited=_expected(before, damage),
            harmless=_expected(harmless, damage),
            place_error_percent=float(off) if np.isfinite(off) else None,
        )


def _expected(read: RealRead, damage: PlannedDamage) -> float | None:
    return None if read.reading is None else read.reading.reading(damage.site.name, damage.kind).expected
