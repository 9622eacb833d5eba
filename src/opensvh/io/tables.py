"""The native dataset: a folder of films with `training.csv` (scores) and `joints.csv` (joint centres).

Scores and joints may lack for some films. The simulator writes it, training reads it. One film's pixels are
`io.image`'s; the columns of the score table `io.ra2`'s.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from opensvh.domain.anatomy import FILM_CODES, POINTS, RA2_SITE_COLUMNS, Kind, Limb, Side, film_code
from opensvh.domain.errors import DatasetInvalid, FilmUnreadable, TableInvalid
from opensvh.domain.geometry import Point
from opensvh.io.image import FILM_SUFFIXES, stored_size
from opensvh.io.ra2 import FIRST_ROW, listed, read_csv_text, read_ra2
from opensvh.io.whole_file import write_whole

IMAGES, SCORES, JOINTS = "images", "training.csv", "joints.csv"
VISITS, VISIT_COLUMNS = "visits.csv", ("patient", "person")
JOINT_COLUMNS = ("patient", "film", "site", "x", "y")
FilmKey = tuple[str, str]
"""A patient and a film code, such as ("P001", "LH")."""


@dataclass(frozen=True)
class FilmRecord:
    """One film and what is known of it.

    `points` joint centre name (as in `anatomy.POINTS`) -> pixels of the file as stored, absent where not marked;
    `scores` (site name, kind) -> grade, absent where not scored; `visit_of` the person of whom this is
    one of several film sets, where `visits.csv` tells.
    """

    patient: str
    limb: Limb
    side: Side
    path: Path
    points: Mapping[str, Point] = field(default_factory=dict)
    scores: Mapping[tuple[str, Kind], float] = field(default_factory=dict)
    visit_of: str = ""

    @property
    def person(self) -> str:
        """Who is seen; films of one person never train and validate the same model."""
        return self.visit_of or self.patient


@dataclass(frozen=True)
class NativeDataset:
    """A film set, its films in the order of their file names."""

    folder: Path
    films: tuple[FilmRecord, ...]

    @property
    def patients(self) -> tuple[str, ...]:
        """Every patient once, in order."""
        return tuple(dict.fromkeys(film.patient for film in self.films))


def read_dataset(folder: str | Path) -> NativeDataset:
    """Read and check a film set; raises DatasetInvalid with the first problems."""
    dataset, problems = examine_dataset(Path(folder))
    if problems:
        raise DatasetInvalid(f"{folder}: {listed(problems, '; ')}; `opensvh check {folder}` lists them all")
    return dataset


def check_dataset(folder: str | Path) -> list[str]:
    """Every problem of a film set, one line each, with file and row; empty where it can be trained on."""
    return examine_dataset(Path(folder))[1]


def examine_dataset(folder: Path) -> tuple[NativeDataset, list[str]]:
    """What can be read of a film set, and every problem in it: for those who report before they refuse."""
    paths, problems = _film_paths(folder)
    joints, joint_problems = _joints_if_any(folder / JOINTS)
    scores, score_problems = _scores_if_any(folder / SCORES)
    persons, person_problems = _persons_if_any(folder / VISITS)
    problems += [f"{JOINTS}: {problem}" for problem in joint_problems]
    problems += [f"{SCORES}: {problem}" for problem in score_problems]
    problems += [f"{VISITS}: {problem}" for problem in person_problems]
    sizes = _sizes(folder, paths, problems)
    problems += _joint_film_problems(joints, sizes, paths)
    problems += _score_film_problems(scores, paths)
    films = tuple(
        FilmRecord(
            patient,
            *FILM_CODES[code],
            path,
            joints.get((patient, code), {}),
            scores.get((patient, code), {}),
            persons.get(patient, ""),
        )
        for (patient, code), path in paths.items()
    )
    return NativeDataset(folder, films), problems


def write_joints(path: str | Path, joints: Mapping[FilmKey, Mapping[str, Point]]) -> None:
    """Write `joints.csv`: (patient, film code) -> point name -> pixels of the file as stored, to 0.001 px."""
    rows = [
        (patient, code, name, f"{point.x:.3f}", f"{point.y:.3f}")
        for (patient, code), points in joints.items()
        for name, point in points.items()
    ]
    table = pd.DataFrame(rows, columns=list(JOINT_COLUMNS))
    write_whole(Path(path), table.to_csv(index=False, lineterminator="\n"))


def read_joints(path: str | Path) -> dict[FilmKey, dict[str, Point]]:
    """The inverse of `write_joints`; raises TableInvalid."""
    joints, problems = _joints(Path(path))
    if problems:
        raise TableInvalid(f"{path}: {listed(problems, '; ')}; correct these rows or remove them")
    return joints


def _film_paths(folder: Path) -> tuple[dict[FilmKey, Path], list[str]]:
    images = folder / IMAGES
    if not images.is_dir():
        return {}, [f"{IMAGES}/ is missing; put films named PATIENT-LH.png (LH, RH, LF, RF) there"]
    paths: dict[FilmKey, Path] = {}
    problems = []
    for path in sorted(images.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in FILM_SUFFIXES:
            continue
        patient, _, code = path.stem.rpartition("-")
        if not patient or code not in FILM_CODES:
            problems.append(f"{IMAGES}/{path.name}: the name does not end in -LH, -RH, -LF or -RF after a patient")
        elif (patient, code) in paths:
            problems.append(f"{IMAGES}/{path.name}: is a second {code} of patient {patient}; keep one")
        else:
            paths[patient, code] = path
    if not paths and not problems:
        problems.append(f"{IMAGES}/ holds no films; put files named PATIENT-LH.png (LH, RH, LF, RF) there")
    return paths, problems


def _sizes(folder: Path, paths: Mapping[FilmKey, Path], problems: list[str]) -> dict[FilmKey, tuple[int, int]]:
    """Width and height of each film that can be opened; the others become problems."""
    sizes = {}
    for key, path in paths.items():
        try:
            sizes[key] = stored_size(path)
        except FilmUnreadable as error:
            problems.append(str(error).replace(f"{folder}/", "", 1))
    return sizes


def _persons_if_any(path: Path) -> tuple[dict[str, str], list[str]]:
    """Patient -> the person whose visit it is."""
    if not path.exists():
        return {}, []
    try:
        table = read_csv_text(path)
    except TableInvalid as error:
        return {}, [str(error).removeprefix(f"{path}: ")]
    missing = [column for column in VISIT_COLUMNS if column not in table.columns]
    if missing:
        return {}, [f"lacks the columns {listed(missing)}; it needs {', '.join(VISIT_COLUMNS)}"]
    return dict(zip(table["patient"], table["person"], strict=True)), []


def _joints_if_any(path: Path) -> tuple[dict[FilmKey, dict[str, Point]], list[str]]:
    if not path.exists():
        return {}, []
    try:
        return _joints(path)
    except TableInvalid as error:
        return {}, [str(error).removeprefix(f"{path}: ")]


def _joints(path: Path) -> tuple[dict[FilmKey, dict[str, Point]], list[str]]:
    """The sound rows, and the problems of the others."""
    table = read_csv_text(path)
    missing = [column for column in JOINT_COLUMNS if column not in table.columns]
    if missing:
        raise TableInvalid(f"{path}: lacks the columns {listed(missing)}; it needs {', '.join(JOINT_COLUMNS)}")
    joints: dict[FilmKey, dict[str, Point]] = defaultdict(dict)
    problems = []
    cells = zip(*(table[column].tolist() for column in JOINT_COLUMNS), strict=True)
    for row, (patient, code, name, x, y) in enumerate(cells, FIRST_ROW):
        point = _point(x, y)
        problem = _joint_problem(patient, code, name, point, joints)
        if problem or point is None:
            problems.append(f"row {row}: {problem or f'x {x!r}, y {y!r} are not both numbers'}")
        else:
            joints[patient, code][name] = point
    return dict(joints), problems


def _point(x: str, y: str) -> Point | None:
    try:
        point = Point(float(x), float(y))
    except ValueError:
        return None
    return point if math.isfinite(point.x) and math.isfinite(point.y) else None


def _joint_problem(
    patient: str, code: str, name: str, point: Point | None, known: Mapping[FilmKey, Mapping[str, Point]]
) -> str | None:
    if not patient:
        return "no patient"
    if code not in FILM_CODES:
        return f"film {code!r} is none of {', '.join(FILM_CODES)}"
    limb = FILM_CODES[code][0]
    if name not in POINTS[limb]:
        return f"a {limb} has no point {name!r}"
    if point is not None and name in known.get((patient, code), {}):
        return f"{name} of {patient}-{code} twice"
    return None


def _scores_if_any(path: Path) -> tuple[dict[FilmKey, dict[tuple[str, Kind], float]], list[str]]:
    if not path.exists():
        return {}, []
    try:
        table = read_ra2(path)
    except TableInvalid as error:
        return {}, str(error).removeprefix(f"{path}: ").split("; ")
    return _scores(table), []


def _scores(table: pd.DataFrame) -> dict[FilmKey, dict[tuple[str, Kind], float]]:
    scores: dict[FilmKey, dict[tuple[str, Kind], float]] = defaultdict(dict)
    for patient, row in zip(table.index, table.to_numpy(), strict=True):
        for (side, site, kind), score in zip(RA2_SITE_COLUMNS.values(), row, strict=True):
            if score == score:
                scores[str(patient), film_code(site.limb, side)][site.name, kind] = float(score)
    return dict(scores)


def _joint_film_problems(
    joints: Mapping[FilmKey, Mapping[str, Point]],
    sizes: Mapping[FilmKey, tuple[int, int]],
    paths: Mapping[FilmKey, Path],
) -> Iterable[str]:
    for (patient, code), points in joints.items():
        if (patient, code) not in paths:
            yield f"{JOINTS}: {patient}-{code} has no film in {IMAGES}/"
        elif size := sizes.get((patient, code)):
            for name, point in points.items():
                if not (-0.5 <= point.x < size[0] - 0.5 and -0.5 <= point.y < size[1] - 0.5):
                    place = f"({point.x:g}, {point.y:g})"
                    yield f"{JOINTS}: {patient}-{code} {name} at {place} is outside its film of {size[0]} x {size[1]}"


def _score_film_problems(
    scores: Mapping[FilmKey, Mapping[tuple[str, Kind], float]], paths: Mapping[FilmKey, Path]
) -> Iterable[str]:
    """A patient with scores and no film at all; a patient may lack single films, as challenge patients do."""
    with_films = {patient for patient, _ in paths}
    for patient in dict.fromkeys(patient for patient, _ in scores):
        if patient not in with_films:
            yield f"{SCORES}: patient {patient} has no film in {IMAGES}/"
