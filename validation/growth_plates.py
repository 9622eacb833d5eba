"""What growth plates look like, learnt on simulated films and on the pool's.

    python validation/growth_plates.py FILMS POOL JOINTS -o WEIGHTS

FILMS: a simulated cohort. POOL: folder of the pool's films; whose skeleton grows is told by eye (`limb_ages.csv` goes
before `pool_limbs.csv`), frontal whole limbs alone and none beside a marked film. JOINTS: a file of their joints, a
JSON object a line; what it lacks is found by the shipped model first, some seconds a film, and added.

A ridge-penalised logistic regression for each kind of bone end on the lines about it; simulated children whose plates
are closing are left out. A film's threshold is 0, or what `FALSE` of the adults exceed when the patients are dealt to
five parts and each is told by the other four.
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pool_limbs import Part, PoolLimb, View, pool_limbs
from sklearn.linear_model import LogisticRegression

from opensvh.domain.anatomy import SITE_TABLE_VERSION, Limb, Side
from opensvh.domain.errors import OpenSvHError
from opensvh.domain.geometry import Point, Size
from opensvh.domain.placement import Pose, Skeleton
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.bundle import find_bundle, load_bundle
from opensvh.inference.growth_plates import PlateWeights, Profile, growing_worth, plate_profiles
from opensvh.inference.pose_search import PoseSearch
from opensvh.inference.predictor import Predictor
from opensvh.inference.shape_model import canonical_points, fitted
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.image import read_film
from opensvh.io.radiograph import Radiograph
from opensvh.workflows.known_films import known_films

AGES = Path(__file__).parent / "limb_ages.csv"
"""`file`, `limb`, `age` (`adult`, `growing`, empty where not to be told) and `sure` (0 where another eye may say
otherwise) of limbs of the pool, seen enlarged about their joints: goes before `pool_limbs.csv`. Three hands called
adult there were looked at again since weights learnt without them told them apart; their radius has an open plate."""
OPEN_UNTIL = 14.5
"""Years up to which the simulator's plates are surely open."""
ADULTS_EACH = 9
"""Of the simulated adults' films every so many are read."""
PARTS, PENALTY, FALSE = 5, 0.02, 0.01
DECIMALS = 4


@dataclass(frozen=True)
class Example:
    """The lines about a film's bone ends, whether its plates are open, whose it is and where it comes from."""

    patient: str
    limb: Limb
    growing: bool
    profiles: Mapping[str, list[Profile]]
    source: str


def ages(path: Path = AGES) -> dict[tuple[str, Limb], Skeleton | None]:
    """What the eye says of limbs, by film and limb."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["file"], Limb(row["limb"])): Skeleton(row["age"]) if row["age"] else None
            for row in csv.DictReader(file)
        }


def labelled(limbs: Sequence[PoolLimb]) -> Iterator[tuple[PoolLimb, Skeleton]]:
    """The limbs of the pool that serve, with what their skeleton is."""
    told = ages()
    for limb in limbs:
        if limb.limb is None or limb.near or limb.same_as or limb.cover or not limb.sure:
            continue
        is_posed = limb.turn_cw_deg is not None and limb.apparent_side is not None
        skeleton = told.get((limb.file, limb.limb), limb.skeleton)
        if skeleton and is_posed and limb.view is View.FRONTAL and limb.part is Part.WHOLE:
            yield limb, skeleton


def pool_examples(folder: Path, joints: Path) -> list[Example]:
    """Growing and adult limbs of the pool whose joints are known or found."""
    known = {(row["file"], row["limb"]): row for row in map(json.loads, _rows(joints))}
    predictor = Predictor([load_bundle(find_bundle("reference"))])
    examples = []
    for limb, skeleton in labelled(pool_limbs()):
        assert limb.limb is not None
        film = read_film(folder / limb.file)
        row = known.get((limb.file, limb.limb)) or _found(predictor, limb, film)
        if (limb.file, limb.limb) not in known:
            _add(joints, row)
        pose = Pose(row["turn_cw_deg"], row["mirrored"])
        points = {name: Point(*at) for name, at in row["points"].items()}
        if profiles := _profiles(limb.limb, film, points, pose):
            examples.append(Example(limb.file, limb.limb, skeleton is Skeleton.GROWING, profiles, "pool"))
    return examples


def _rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _add(path: Path, row: Mapping[str, object]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _found(predictor: Predictor, label: PoolLimb, film: Radiograph) -> dict[str, object]:
    """The joints of a limb of which limb, side and turn are told, without points where none are made out."""
    assert label.limb is not None
    rows, columns = film.pixels.shape
    pose = Pose(label.turn_cw_deg or 0.0, label.apparent_side is Side.RIGHT, label.box(Size(columns, rows)))
    search = PoseSearch(predictor, shipped_shape_models()[label.limb], film, label.file, "labels")
    points: Mapping[str, Point] = {}
    try:
        look = search.from_pose(pose, ("side", "turn"), turn_is_told=True)
        pose, points = look.pose, look.prediction.reading.points
    except OpenSvHError:
        pass
    at = {name: [round(x, 2), round(y, 2)] for name, (x, y) in points.items()}
    return {"file": label.file, "limb": label.limb, "turn_cw_deg": pose.turn_cw_deg, "mirrored": pose.mirrored,
            "points": at}  # fmt: skip


def simulated_examples(folder: Path) -> list[Example]:
    """Children with open plates, and adults, of a simulated cohort, joints as the simulator has them."""
    with (folder / "patients.csv").open(encoding="utf-8", newline="") as file:
        years = {row["patient"]: float(row["age"]) for row in csv.DictReader(file) if row["child"] == "True"}
    films = known_films(folder)
    adults = [film for film in films if film.patient not in years]
    kept = [film for film in films if years.get(film.patient, 99) <= OPEN_UNTIL] + adults[::ADULTS_EACH]
    read = ((film, _simulated(film)) for film in kept)
    return [Example(film.patient, film.limb, film.patient in years, each, "simulated") for film, each in read if each]


def _simulated(film: FilmTruth) -> dict[str, list[Profile]] | None:
    pose = Pose(90.0 * film.quarter_turns_cw, film.side is Side.RIGHT)
    return _profiles(film.limb, read_film(film.path), film.points, pose)


def _profiles(limb: Limb, film: Radiograph, points: Mapping[str, Point], pose: Pose) -> dict[str, list[Profile]] | None:
    """The lines at these joints; None where too few are known."""
    fit = fitted(shipped_shape_models()[limb], canonical_points(points, pose))
    if fit is None:
        return None
    return plate_profiles(limb, film.pixels, {n: at for n, at in points.items() if n not in fit.strays}, pose, fit)


def learnt(films: Sequence[Example]) -> PlateWeights:
    """The weights of every kind of bone end; the threshold is still to be set."""
    rows: dict[str, list[Profile]] = defaultdict(list)
    growing: dict[str, list[bool]] = defaultdict(list)
    for film in films:
        for kind, profiles in film.profiles.items():
            rows[kind] += profiles
            growing[kind] += [film.growing] * len(profiles)
    fits = {kind: _weighed(np.array(each), growing[kind]) for kind, each in rows.items()}
    return PlateWeights({kind: fit[0] for kind, fit in fits.items()}, {kind: fit[1] for kind, fit in fits.items()}, 0.0)


def _weighed(rows: Profile, growing: Sequence[bool]) -> tuple[Profile, float]:
    """Weights and offset for the lines as they are, learnt on lines of mean 0 and deviation 1."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    fit = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=500).fit((rows - mean) / spread, growing)
    weights = np.round(fit.coef_[0] / spread, DECIMALS)
    return weights, round(float(fit.intercept_[0] - mean @ weights), DECIMALS)


def told_by_others(films: Sequence[Example]) -> list[float]:
    """Each film's worth by weights that its patient had no part in."""
    patients = sorted({film.patient for film in films})
    order = np.random.default_rng(0).permutation(len(patients))
    part = {patient: int(number) % PARTS for patient, number in zip(patients, order, strict=True)}
    weights = [learnt([film for film in films if part[film.patient] != number]) for number in range(PARTS)]
    worths = (growing_worth(weights[part[film.patient]], film.profiles) for film in films)
    return [worth if worth is not None else float("-inf") for worth in worths]


def threshold_of(films: Sequence[Example], worths: Sequence[float]) -> float:
    """What no more than `FALSE` of the adults exceed, at least 0."""
    adults = [worth for film, worth in zip(films, worths, strict=True) if not film.growing]
    return round(max(float(np.quantile(adults, 1 - FALSE, method="lower")), 0.0), 2)


def told(films: Sequence[Example], worths: Sequence[float], threshold: float) -> str:
    """Counts called growing, by source, in words."""
    texts = []
    for source in sorted({film.source for film in films}):
        for name, growing in (("growing", True), ("adults", False)):
            own = [
                w > threshold for f, w in zip(films, worths, strict=True) if (f.source, f.growing) == (source, growing)
            ]
            texts.append(f"{sum(own)} of {len(own)} {name} ({source})")
    return f"threshold {threshold}; called growing: {', '.join(texts)}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn what growth plates look like.")
    parser.add_argument("films", type=Path, help="a simulated cohort, with its patients.csv")
    parser.add_argument("pool", type=Path, help="folder of the pool's films")
    parser.add_argument("joints", type=Path, help="joints of the pool's limbs, a JSON object a line; added to")
    parser.add_argument("-o", "--out", type=Path, required=True, help="file to write the weights to")
    arguments = parser.parse_args()
    films = [*simulated_examples(arguments.films), *pool_examples(arguments.pool, arguments.joints)]
    write(films, arguments.out)


def write(films: Sequence[Example], out: Path) -> None:
    """Learn, print what comes of it, and write the weights."""
    limbs = {}
    for limb in Limb:
        own = [film for film in films if film.limb is limb]
        worths = told_by_others(own)
        threshold = threshold_of(own, worths)
        print(f"{limb}: {told(own, worths, threshold)}")
        weights = learnt(own)
        limbs[limb.value] = {
            "weights": {kind: each.tolist() for kind, each in weights.weights.items()},
            "offset": dict(weights.offset),
            "threshold": threshold,
        }
    content = {"site_table": SITE_TABLE_VERSION, "films": len(films), "limbs": limbs}
    out.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
