"""The joints of a film set with their patches and grades, for one kind of damage; and those of real limbs, ungraded.

A site is read at its point's patch, as the product does. Cutting patches is `patches`'.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from patch_network import JOINTS
from patches import MarkedLimb, Patches, open_patches
from real_films import RealFilm

from opensvh.domain.anatomy import Kind, Limb, Site, site_named, sites_of
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.scoring import FOOT_EROSION_FACTOR
from opensvh.io.ra2 import read_ra2
from opensvh.io.tables import FilmRecord, read_dataset
from opensvh.targets.smoothing import HALVED_EROSION_CLASSES, NARROWING_CLASSES, soft_label

TRUTH = "truth.csv"
CLASSES = {Kind.NARROWING: NARROWING_CLASSES, Kind.EROSION: HALVED_EROSION_CLASSES}
"""A foot's erosion, 0-10, is graded in halves on the hand's scale and doubled again, as the product does."""
SMOOTHING = 0.1
Grades = NDArray[np.float64]
OnFilm = Callable[[int, int], None]
"""Told how many films are done, and of how many."""


class PatchRow(NamedTuple):
    """A site to be graded: the number of its patch, the site, and the limb it belongs to by name."""

    number: int
    site: Site
    limb: str


@dataclass(frozen=True)
class Joints:
    """Sites to be graded for one kind: the patch of each, and the limb it belongs to by name."""

    kind: Kind
    patches: Patches
    numbers: NDArray[np.int64]
    sites: tuple[Site, ...]
    limbs: tuple[str, ...]

    @classmethod
    def of(cls, kind: Kind, patches: Patches, rows: Sequence[PatchRow]) -> "Joints":
        """The sites of the rows."""
        numbers = np.array([row.number for row in rows], np.int64)
        return cls(kind, patches, numbers, tuple(row.site for row in rows), tuple(row.limb for row in rows))

    def chosen(self, rows: Sequence[int]) -> "Joints":
        """Some of the rows."""
        picked = [PatchRow(int(self.numbers[row]), self.sites[row], self.limbs[row]) for row in rows]
        return Joints.of(self.kind, self.patches, picked)

    def __len__(self) -> int:
        return len(self.numbers)

    def patch(self, row: int) -> NDArray[np.uint8]:
        """The stored patch of a row."""
        return np.asarray(self.patches.pixels[self.numbers[row]])

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Each row's joint as the network is told it."""
        return np.array([JOINTS.index((site.limb, site.point)) for site in self.sites], np.int64)

    @cached_property
    def scale(self) -> Grades:
        """Grades to one class of the network."""
        return np.array([class_width(site.limb, self.kind) for site in self.sites])


@dataclass(frozen=True)
class GradedJoints:
    """Joints with the grades a reader gave (which are learnt) and the exact ones, NaN where not known."""

    joints: Joints
    read: Grades
    exact: Grades

    @cached_property
    def labels(self) -> NDArray[np.float32]:
        """Smoothed label of each row, [rows, classes]."""
        kind, classes = self.joints.kind, CLASSES[self.joints.kind]
        rows = zip(self.read, self.joints.sites, strict=True)
        return np.stack([soft_label(float(grade), kind, site.limb, classes, SMOOTHING) for grade, site in rows])

    def of_films(self, names: set[str]) -> "GradedJoints":
        """The rows of some limbs."""
        kept = [row for row, limb in enumerate(self.joints.limbs) if limb in names]
        return GradedJoints(self.joints.chosen(kept), self.read[kept], self.exact[kept])


def class_width(limb: Limb, kind: Kind) -> int:
    """Grades from one class to the next."""
    return FOOT_EROSION_FACTOR if limb is Limb.FOOT and kind is Kind.EROSION else 1


def film_set(folder: Path) -> tuple[FilmRecord, ...]:
    """The films with marked joints and scores; raises DatasetInvalid where there are none."""
    films = tuple(film for film in read_dataset(folder).films if film.points and film.scores)
    if not films:
        raise DatasetInvalid(
            f"{folder}: no film has both joints and scores; give a film set as `opensvh simulate` writes"
        )
    return films


def graded_joints(films: Sequence[FilmRecord], folder: Path, store: Path, on_film: OnFilm) -> dict[Kind, GradedJoints]:
    """Every site of a folder's films that a reader scored and whose point is marked, by kind; patches in `store`."""
    limbs = [MarkedLimb(film.path.name, film.path, film.limb, film.side, film.points) for film in films]
    patches = open_patches(store, limbs, on_film)
    return {kind: _graded(kind, films, folder / TRUTH, patches) for kind in Kind}


def _graded(kind: Kind, films: Sequence[FilmRecord], truth: Path, patches: Patches) -> GradedJoints:
    numbers = {(shown.film, shown.point): number for number, shown in enumerate(patches.index)}
    table = read_ra2(truth)
    exact: Mapping[tuple[str, str], float] = {
        (str(patient), column): float(grade)
        for column in table.columns
        for patient, grade in zip(table.index, table[column].to_numpy(), strict=True)
    }
    rows: list[tuple[PatchRow, float, float]] = []
    for film in films:
        for (name, scored), read in film.scores.items():
            site = site_named(film.limb, name)
            number = numbers.get((film.path.name, site.point))
            if scored is kind and number is not None:
                column = site.ra2_column(film.side, kind) or ""
                row = PatchRow(number, site, film.path.name)
                rows.append((row, read, exact.get((film.patient, column), math.nan)))
    joints = Joints.of(kind, patches, [row for row, _, _ in rows])
    return GradedJoints(joints, np.array([read for _, read, _ in rows]), np.array([grade for _, _, grade in rows]))


def real_joints(films: Sequence[RealFilm], store: Path, on_film: OnFilm) -> dict[Kind, Joints]:
    """Every site of marked real limbs, by kind."""
    marked = [film.marked for film in films]
    limbs = [MarkedLimb(film.file, film.path, film.limb, film.side, film.points) for film in marked]
    patches = open_patches(store, limbs, on_film)
    return {kind: _ungraded(kind, patches) for kind in Kind}


def _ungraded(kind: Kind, patches: Patches) -> Joints:
    rows = [
        PatchRow(number, site, shown.film)
        for number, shown in enumerate(patches.index)
        for site in sites_of(shown.limb, kind)
        if site.point == shown.point
    ]
    return Joints.of(kind, patches, rows)
