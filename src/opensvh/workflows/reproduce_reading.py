"""What a run reads of a part of the benchmark: a distribution over grades for each site, and where joints were found.

Written as two small CSV files that travel with the results (`reproduce_kept`): PART.csv, a row a film set with the
challenge's 86 columns, each cell the probabilities of the classes in thousandths (`953 41`: what is missing of a
thousand is the next class's, 6; empty where nothing was read); PART-joints.csv, a row a film with a column a joint
(`x y`, whole pixels of the film).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, RA2_SITE_COLUMNS, Kind, Limb, joint_class, sites_of
from opensvh.domain.geometry import Point
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.site_distributions import Distributions, highest_grade
from opensvh.inference.bundle import ReadingConfig
from opensvh.inference.ensemble import Probabilities, on_scale
from opensvh.io.ra2 import PATIENT
from opensvh.io.whole_file import write_whole
from opensvh.model.network import SvHNet
from opensvh.targets.decode import MaskRadii, decode_joints
from opensvh.training.config import Preset
from opensvh.training.experiment import precision_of
from opensvh.training.part_reading import PooledPicture, read_pictures
from opensvh.workflows.reproduce_films import PartFilm, Pictures

WHOLE = 1000
"""What the probabilities of a site add up to in the file."""
FILM = "film"
JOINT_NAMES = tuple(dict.fromkeys(name for limb in Limb for name in POINTS[limb]))


@dataclass(frozen=True)
class ReadLimb:
    """A film as read: `damage` of each site that was read, over classes that span its grades evenly; `points` of the
    joints found, in pixels of the film."""

    film: PartFilm
    damage: Mapping[tuple[str, Kind], Probabilities] = field(default_factory=dict)
    points: Mapping[str, Point] = field(default_factory=dict)


def read_limbs(network: SvHNet, pictures: Pictures, preset: Preset) -> Iterator[ReadLimb]:
    """A run's network on every film, one look each; nothing is read where no limb was made out."""
    shown = [index for index, frame in enumerate(pictures.frames) if frame is not None]
    bf16 = precision_of(preset.training) != "32-true"
    mirrored = preset.augmentation.flip_share > 0
    pooled = read_pictures(network, pictures.pixels, shown, mirrored, bf16)
    for index, film in enumerate(pictures.films):
        yield ReadLimb(film) if pictures.frames[index] is None else _read_limb(pictures, index, next(pooled), preset)


def _read_limb(pictures: Pictures, index: int, pooled: PooledPicture, preset: Preset) -> ReadLimb:
    film, frame = pictures.films[index], pictures.frames[index]
    assert frame is not None
    maps = frame.strided(preset.model.output_stride)
    found = decode_joints(pooled.joint, film.limb, MaskRadii(*preset.model.map_radii_px))
    threshold = ReadingConfig().joint_threshold
    sure = {name: each.point for name, each in found.items() if each.point and each.confidence >= threshold}
    heads = {Kind.NARROWING: pooled.narrowing, Kind.EROSION: pooled.erosion}
    graded = {name: {kind: rows[joint_class(film.limb, name)] for kind, rows in heads.items()} for name in sure}
    return ReadLimb(film, site_damage(film.limb, graded), dict(zip(sure, maps.to_film(sure.values()), strict=True)))


def site_damage(
    limb: Limb, graded: Mapping[str, Mapping[Kind, Probabilities]]
) -> dict[tuple[str, Kind], Probabilities]:
    """From the heads' distributions at joints to those of the limb's sites, over the grades that each can have."""
    return {
        (site.name, kind): on_scale(graded[site.point][kind], site.maximum(kind) or 0)
        for kind in Kind
        for site in sites_of(limb, kind)
        if site.point in graded
    }


def collected(limbs: Iterable[ReadLimb]) -> tuple[Distributions, dict[str, Mapping[str, Point]]]:
    """All of a part's films as film sets, and the joints of each film by its name."""
    limbs = list(limbs)
    sets = tuple(dict.fromkeys(limb.film.patient for limb in limbs))
    rows: dict[str, dict[str, Probabilities]] = {column: {} for column in RA2_SITE_COLUMNS}
    columns = {(site.limb, side, site.name, kind): name for name, (side, site, kind) in RA2_SITE_COLUMNS.items()}
    for limb in limbs:
        for (site, kind), probabilities in limb.damage.items():
            rows[columns[limb.film.limb, limb.film.side, site, kind]][limb.film.patient] = probabilities
    by_column = {column: _stacked(read, sets, column) for column, read in rows.items()}
    return Distributions(sets, by_column), {limb.film.name: limb.points for limb in limbs}


def _stacked(read: Mapping[str, Probabilities], sets: Sequence[str], column: str) -> NDArray[np.float64]:
    classes = max((len(each) for each in read.values()), default=highest_grade(column) + 1)
    missing = np.full(classes, np.nan)
    return np.stack([read.get(name, missing) for name in sets])


def write_distributions(path: Path, read: Distributions) -> None:
    """As the module says; the file appears whole."""
    lines = [[PATIENT, *read.by_column]]
    cells = [[_cell(row) for row in rows] for rows in read.by_column.values()]
    lines += [[name, *row] for name, row in zip(read.film_sets, zip(*cells, strict=True), strict=True)]
    write_whole(path, _table(lines))


def read_distributions(path: Path) -> Distributions:
    """The inverse, to a thousandth; the file is our own, so that nothing in it is checked."""
    header, *lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    cells = dict(zip(header[1:], zip(*(line[1:] for line in lines), strict=True), strict=True))
    by_column = {column: _rows(cells[column], highest_grade(column)) for column in site_columns()}
    return Distributions(tuple(line[0] for line in lines), by_column)


def _cell(probabilities: NDArray[np.float64]) -> str:
    """Thousandths that add up to a whole thousand: what rounding leaves goes to the likeliest class."""
    if np.isnan(probabilities).any():
        return ""
    parts = np.rint(probabilities * WHOLE).astype(int)
    parts[int(probabilities.argmax())] += WHOLE - int(parts.sum())
    told = parts[: int(np.flatnonzero(parts)[-1])]
    return f"{len(parts)}:" * (len(parts) > 6) + (" ".join(map(str, told)) or str(WHOLE))


def _rows(cells: Sequence[str], highest: int) -> NDArray[np.float64]:
    """[film sets, classes]: as many as the cell says, else six or the narrowing's five."""
    classes = max((int(cell.partition(":")[0]) for cell in cells if ":" in cell), default=min(highest, 5) + 1)
    rows = np.zeros((len(cells), classes))
    for row, cell in enumerate(cells):
        parts = [float(part) for part in cell.rpartition(":")[2].split()]
        rows[row, : len(parts) + 1] = np.array([*parts, WHOLE - sum(parts)][:classes]) / WHOLE
        if not parts:
            rows[row] = np.nan
    return rows


def write_found(path: Path, found: Mapping[str, Mapping[str, Point]]) -> None:
    """Where joints were found, to a pixel; empty where a joint was not."""
    lines = [[FILM, *JOINT_NAMES]]
    for film, points in found.items():
        lines.append([film, *(_place(points[name]) if name in points else "" for name in JOINT_NAMES)])
    write_whole(path, _table(lines))


def read_found(path: Path) -> dict[str, dict[str, Point]]:
    """The inverse."""
    header, *lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    return {
        line[0]: {
            name: Point(*map(float, cell.split())) for name, cell in zip(header[1:], line[1:], strict=True) if cell
        }
        for line in lines
    }


def _place(point: Point) -> str:
    return " ".join(str(round(coordinate)) for coordinate in point)


def _table(lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
