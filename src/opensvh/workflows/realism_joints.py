"""Whether normal looks normal: joints of real films without arthritis beside undamaged joints of simulated ones.

Measures each joint and tubular bone of both sets (`evaluation.joint_looks`, `bone_looks`) and writes how the
distributions differ, the largest difference first. Children and oblique feet are left out of both sets, points that the
annotator could hardly see out of the real films, damaged and operated sites out of the simulated ones.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb, sites_of
from opensvh.domain.errors import DatasetInvalid
from opensvh.evaluation.bone_looks import bone_look
from opensvh.evaluation.distributions import Difference, differences
from opensvh.evaluation.joint_frames import (
    BONE_CLASSES,
    BONES,
    REFERENCE_MM,
    STEP_MM,
    VIEWS,
    LimbFilm,
    bone_picture,
    is_frontal,
    seen,
)
from opensvh.evaluation.joint_gap import trace_space
from opensvh.evaluation.joint_looks import best_picture, joint_contrast, joint_look
from opensvh.evaluation.truth import FilmTruth
from opensvh.io.image import read_film
from opensvh.io.ra2 import read_ra2
from opensvh.io.whole_file import write_whole
from opensvh.reporting.joint_looks_page import joint_looks_page
from opensvh.workflows.known_films import known_films

OBLIQUE, CHILD = "oblique", "child"
ADULT_YEARS = 18.0
Row = dict[str, Any]
"""One joint or bone: `film`, `limb`, `class`, `site`, and its figures."""


@dataclass
class Looks:
    """What was measured on a set of films: a row for each joint and bone, and the joints' mean pictures."""

    rows: list[Row] = field(default_factory=list)
    sums: dict[tuple[str, str], NDArray[np.float64]] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows)

    def add_picture(self, limb: Limb, site: str, picture: NDArray[np.floating]) -> None:
        """Take one joint into its site's mean, its grey levels stretched from the 2nd to the 98th percentile."""
        low, high = np.percentile(picture, (2, 98))
        key = limb.value, site
        self.sums[key] = self.sums.get(key, np.zeros(picture.shape)) + (picture - low) / max(high - low, 1e-6)
        self.counts[key] = self.counts.get(key, 0) + 1


def real_films(folder: Path, without: str = "severe") -> list[FilmTruth]:
    """Marked films of adults seen from in front; those whose name contains `without` are left out."""
    films = [
        film
        for film in known_films(folder)
        if film.age != CHILD and film.view != OBLIQUE and not (without and without in film.film)
    ]
    if not films:
        raise DatasetInvalid(f"{folder}: holds no marked film of an adult from in front; mark some in joints.json")
    return films


def simulated_films(folder: Path) -> list[FilmTruth]:
    """Films of simulated adults."""
    patients = folder / "patients.csv"
    ages = pd.read_csv(patients).set_index("patient")["age"] if patients.is_file() else pd.Series(dtype=float)
    films = [film for film in known_films(folder) if film.points and ages.get(film.patient, 99.0) >= ADULT_YEARS]
    if not films:
        raise DatasetInvalid(f"{folder}: holds no film of an adult with joints; give a folder `opensvh simulate` wrote")
    return films


def undamaged_sites(folder: Path, films: Iterable[FilmTruth]) -> dict[str, frozenset[str]]:
    """Film name -> sites without any damage: by the exact grades of `truth.csv`, else by the reader's; a site without
    a grade (operated, amputated) is not undamaged."""
    exact = read_ra2(folder / "truth.csv") if (folder / "truth.csv").is_file() else None
    return {film.film: frozenset(_undamaged(film, exact)) for film in films}


def measured(
    films: Iterable[FilmTruth], sites: Mapping[str, frozenset[str]] | None, on_film: Callable[[str], None]
) -> Looks:
    """The looks of every joint that is among the film's `sites` (None takes all that are certain) and every bone."""
    looks = Looks()
    for film in films:
        pixels = read_film(film.path).pixels.astype(np.float32)
        shown = seen(LimbFilm(film.limb, film.side, pixels, film.points))
        wanted = frozenset(film.points) - film.uncertain if sites is None else sites[film.film]
        if is_frontal(shown):
            looks.rows += _joints(film.film, shown, wanted, looks)
            looks.rows += _bones(film.film, shown)
        on_film(film.film)
    return looks


def write_looks(out: Path, real: Looks, simulated: Looks, baseline: Path | None, pictures: bool) -> list[Difference]:
    """Write `joints.json`, `joints.csv` and `joints.html` into `out`, with `pictures` also `mean_*.png`; returns the
    differences, the largest first. `baseline` is the `joints.json` of an earlier run, shown as before."""
    ranked = differences(real.table(), simulated.table())
    before = {} if baseline is None else _read_baseline(baseline)
    out.mkdir(parents=True, exist_ok=True)
    content = {"differences": [asdict(each) for each in ranked]}
    write_whole(out / "joints.json", json.dumps(content, indent=1, allow_nan=False) + "\n")
    table = pd.concat([real.table().assign(set="real"), simulated.table().assign(set="simulated")])
    write_whole(out / "joints.csv", table.to_csv(index=False, float_format="%.5g", lineterminator="\n"))
    write_whole(out / "joints.html", joint_looks_page(ranked, before))
    if pictures:
        _write_pictures(out, real, simulated)
    return ranked


def _undamaged(film: FilmTruth, exact: pd.DataFrame | None) -> Iterator[str]:
    row = None if exact is None or film.patient not in exact.index else dict(exact.loc[film.patient])
    for point in film.points:
        scored = [
            (site, kind)
            for site in sites_of(film.limb)
            for kind in Kind
            if site.point == point and site.maximum(kind) is not None
        ]
        if row is None:
            grades = [film.scores.get((site.name, kind)) for site, kind in scored]
        else:
            grades = [row.get(str(site.ra2_column(film.side, kind))) for site, kind in scored]
        if all(grade == 0 for grade in grades):
            yield point


def _joints(name: str, film: LimbFilm, wanted: frozenset[str], looks: Looks) -> Iterator[Row]:
    """The film's joints, digits first: the wrist is measured in their contrast."""
    units: list[float] = []
    for site, view in VIEWS[film.limb].items():
        picture = best_picture(film, site) if site in wanted else None
        look = None if picture is None else joint_look(picture, view, float(np.median(units)) if units else None)
        if picture is None or look is None:
            continue
        if view.bone_half_mm:
            trace = trace_space(picture, STEP_MM, view.half_mm, view.reach_mm)
            units.append(joint_contrast(picture, view, trace, None).unit)
        looks.add_picture(film.limb, site, picture)
        yield {"film": name, "limb": film.limb.value, "class": view.joint, "site": site, **look}


def _bones(name: str, film: LimbFilm) -> Iterator[Row]:
    for bone in BONES[film.limb]:
        shown = bone_picture(film, bone)
        if shown is not None:
            look = bone_look(*shown, REFERENCE_MM[film.limb][2], bases_touch=bone.startswith("MC"))
            yield {
                "film": name,
                "limb": film.limb.value,
                "class": BONE_CLASSES.get(bone, bone),
                "site": bone,
                **look,
            }


def _read_baseline(path: Path) -> dict[tuple[str, str, str], float]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["differences"]
        return {(each["limb"], each["group"], each["measure"]): each["difference"] for each in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetInvalid(
            f"{path}: is no joints.json of an earlier run ({error}); give one or leave it out"
        ) from error


def _write_pictures(out: Path, real: Looks, simulated: Looks) -> None:
    """Mean joints, real on the left of each pair; for looking at only, since they are made of real films."""
    for limb in Limb:
        sites = [key for key in real.sums if key[0] == limb.value and key in simulated.sums]
        pairs = [np.hstack([looks.sums[key] / looks.counts[key] for looks in (real, simulated)]) for key in sites]
        if pairs:
            pairs += [np.zeros_like(pairs[0])] * (-len(pairs) % 3)
            rows = [np.hstack(pairs[start : start + 3]) for start in range(0, len(pairs), 3)]
            levels = np.clip(np.vstack(rows) * 255, 0, 255).astype(np.uint8)
            cv2.imwrite(str(out / f"mean_{limb.value}.png"), levels)
