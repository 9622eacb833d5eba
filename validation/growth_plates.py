"""What growth plates look like, learnt on simulated films: `python validation/growth_plates.py FILMS -o WEIGHTS`.

A ridge-penalised logistic regression for each kind of bone end on the levels along it, joints as the simulator has
them; children whose plates are closing are left out. Half a minute of one core for 300 patients. The threshold is what
none of the adults reaches when the patients are dealt to five parts and each is told by the other four, with a margin,
and no lower than 0.
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from opensvh.domain.anatomy import SITE_TABLE_VERSION, Limb, Side
from opensvh.domain.placement import Pose
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.growth_plates import PlateWeights, Profile, growing_worth, plate_profiles
from opensvh.inference.shape_model import canonical_points, fitted
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.image import read_film
from opensvh.workflows.known_films import known_films

OPEN_UNTIL = 14.5
"""Years up to which the simulator's plates are surely open."""
ADULTS_EACH = 7
"""Of the adults' films every so many are read."""
PARTS, PENALTY, MARGIN = 5, 0.01, 0.1
DECIMALS = 4


@dataclass(frozen=True)
class Example:
    """The profiles of a film, whether its plates are open, and whose it is."""

    patient: str
    limb: Limb
    growing: bool
    profiles: Mapping[str, list[Profile]]


def profiles_of(film: FilmTruth) -> dict[str, list[Profile]] | None:
    """The film's profiles at its marked joints; None where too few are marked."""
    pose = Pose(90.0 * film.quarter_turns_cw, film.side is Side.RIGHT)
    fit = fitted(shipped_shape_models()[film.limb], canonical_points(film.points, pose))
    return None if fit is None else plate_profiles(film.limb, read_film(film.path).pixels, film.points, pose, fit)


def examples(folder: Path) -> list[Example]:
    """Children with open plates, and adults, of a simulated cohort."""
    with (folder / "patients.csv").open(encoding="utf-8", newline="") as file:
        years = {row["patient"]: float(row["age"]) for row in csv.DictReader(file) if row["child"] == "True"}
    films = known_films(folder)
    adults = [film for film in films if film.patient not in years]
    kept = [film for film in films if years.get(film.patient, 99) <= OPEN_UNTIL] + adults[::ADULTS_EACH]
    read = ((film, profiles_of(film)) for film in kept)
    return [Example(film.patient, film.limb, film.patient in years, each) for film, each in read if each]


def learnt(films: Sequence[Example]) -> PlateWeights:
    """The weights of every kind of bone end; the threshold is still to be set."""
    rows: dict[str, list[Profile]] = defaultdict(list)
    growing: dict[str, list[bool]] = defaultdict(list)
    for film in films:
        for kind, profiles in film.profiles.items():
            rows[kind] += profiles
            growing[kind] += [film.growing] * len(profiles)
    fits = {
        kind: LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=500).fit(np.array(each), growing[kind])
        for kind, each in rows.items()
    }
    weights = {kind: np.round(fit.coef_[0], DECIMALS) for kind, fit in fits.items()}
    return PlateWeights(weights, {kind: round(float(fit.intercept_[0]), DECIMALS) for kind, fit in fits.items()}, 0.0)


def told_by_others(films: Sequence[Example]) -> list[float]:
    """Each film's worth by weights that its patient had no part in."""
    patients = sorted({film.patient for film in films})
    part = {patient: number % PARTS for number, patient in enumerate(patients)}
    weights = [learnt([film for film in films if part[film.patient] != number]) for number in range(PARTS)]
    worths = (growing_worth(weights[part[film.patient]], film.profiles) for film in films)
    return [worth if worth is not None else float("-inf") for worth in worths]


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn on simulated films what growth plates look like.")
    parser.add_argument("films", type=Path, help="a simulated cohort, with its patients.csv")
    parser.add_argument("-o", "--out", type=Path, required=True, help="file to write the weights to")
    arguments = parser.parse_args()
    films, limbs = examples(arguments.films), {}
    for limb in Limb:
        own = [film for film in films if film.limb is limb]
        worths = told_by_others(own)
        adults = [worth for film, worth in zip(own, worths, strict=True) if not film.growing]
        children = [worth for film, worth in zip(own, worths, strict=True) if film.growing]
        threshold = round(max(max(adults) + MARGIN, 0.0), 2)
        print(f"{limb}: {len(adults)} adults up to {max(adults):.2f}, threshold {threshold}, "
              f"{np.mean(np.array(children) > threshold):.0%} of {len(children)} children above")  # fmt: skip
        weights = learnt(own)
        limbs[limb.value] = {
            "weights": {kind: each.tolist() for kind, each in weights.weights.items()},
            "offset": dict(weights.offset),
            "threshold": threshold,
        }
    content = {"site_table": SITE_TABLE_VERSION, "films": len(films), "limbs": limbs}
    arguments.out.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
