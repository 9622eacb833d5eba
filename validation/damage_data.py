"""The joints of a film set with their patches and grades, for one kind of damage; and those of real limbs, ungraded.

A site is read at its point's patch, as the product does. Cutting patches is `patches`'.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

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


@dataclass(frozen=True)
class Joints:
    """Sites to be graded for one kind: the patch of each, and the limb it belongs to by name."""

    kind: Kind
    patches: Patches
    numbers: NDArray[np.int64]
    sites: tuple[Site, ...]
    limbs: tuple[str, ...]

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
        kept = np.array([limb in names for limb in self.joints.limbs], bool)
        rows = np.flatnonzero(kept).tolist()
        joints = Joints(
            self.joints.kind,
            self.joints.patches,
            self.joints.numbers[kept],
            tuple(self.joints.sites[row] for row in rows),
            tuple(self.joints.limbs[row] for row in rows),
        )
        return GradedJoints(joints, self.read[kept], self.exact[kept])


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
    exact = read_ra2(truth)
    rows = [
        (number, site, film.path.name, score, float(exact.at[film.patient, site.ra2_column(film.side, kind)]))
        for film in films
        for (name, scored), score in film.scores.items()
        if scored is kind
        and (number := numbers.get((film.path.name, (site := site_named(film.limb, name)).point))) is not None
    ]
    joints = Joints(
        kind,
        patches,
        np.array([row[0] for row in rows], np.int64),
        tuple(row[1] for row in rows),
        tuple(row[2] for row in rows),
    )
    return GradedJoints(joints, np.array([row[3] for row in rows]), np.array([row[4] for row in rows]))


def real_joints(films: Sequence[RealFilm], store: Path, on_film: OnFilm) -> dict[Kind, Joints]:
    """Every site of marked real limbs, by kind."""
    marked = [film.marked for film in films]
    limbs = [MarkedLimb(film.file, film.path, film.limb, film.side, film.points) for film in marked]
    patches = open_patches(store, limbs, on_film)
    return {kind: _ungraded(kind, patches) for kind in Kind}


def _ungraded(kind: Kind, patches: Patches) -> Joints:
    rows = [
        (number, site, shown.film)
        for number, shown in enumerate(patches.index)
        for site in sites_of(shown.limb, kind)
        if site.point == shown.point
    ]
    numbers = np.array([row[0] for row in rows], np.int64)
    return Joints(kind, patches, numbers, tuple(row[1] for row in rows), tuple(row[2] for row in rows))
