"""Learning growth plates: which limbs of the pool serve, and that weights told apart what is plainly different."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from growth_plates import Example, ages, labelled, learnt, threshold_of, told_by_others, write
from pool_limbs import Part, View, pool_limbs

from opensvh.domain.anatomy import Limb
from opensvh.domain.placement import Skeleton
from opensvh.inference.growth_plates import FEATURES, growing_worth


def example(number: int, growing: bool, limb: Limb = Limb.HAND) -> Example:
    """Lines that are strong in some cells where the limb grows."""
    rng = np.random.default_rng(number)
    lines = rng.uniform(0, 0.2, FEATURES)
    lines[0:96:2] += 0.3 * growing
    return Example(f"P{number}", limb, growing, {"radius": [lines]}, "simulated")


@pytest.fixture
def films() -> list[Example]:
    return [example(number, number % 3 == 0) for number in range(60)]


def test_none_beside_a_marked_film_serves() -> None:
    kept = list(labelled(pool_limbs()))
    assert len(kept) > 100
    assert not any(limb.near or limb.same_as for limb, _ in kept)
    assert all(limb.view is View.FRONTAL and limb.part is Part.WHOLE for limb, _ in kept)


def test_ages_seen_enlarged_go_before_those_of_the_contact_sheets() -> None:
    told = {(limb.file, limb.limb): skeleton for limb, skeleton in labelled(pool_limbs())}
    assert told["IMG0003643.jpg", Limb.HAND] is Skeleton.GROWING
    assert ("IMG0000451.jpg", Limb.FOOT) in ages()
    assert ("IMG0000451.jpg", Limb.FOOT) not in told


def test_every_age_is_of_a_labelled_limb() -> None:
    assert ages().keys() <= {(limb.file, limb.limb) for limb in pool_limbs()}


def test_those_that_grow_are_told_by_weights_of_other_patients(films: list[Example]) -> None:
    worths = told_by_others(films)
    growing = [worth for film, worth in zip(films, worths, strict=True) if film.growing]
    adults = [worth for film, worth in zip(films, worths, strict=True) if not film.growing]
    assert min(growing) > max(adults)


def test_the_threshold_is_what_one_adult_in_a_hundred_exceeds(films: list[Example]) -> None:
    adults = [replace(film, growing=False) for film in films]
    assert threshold_of(adults, list(np.linspace(-1, -0.1, 60))) == 0
    assert threshold_of(adults, list(np.linspace(0, 0.59, 60))) == pytest.approx(0.58)


def test_weights_written_are_those_learnt(films: list[Example], tmp_path: Path) -> None:
    feet = [replace(film, limb=Limb.FOOT) for film in films]
    write([*films, *feet], tmp_path / "weights.json")
    content = json.loads((tmp_path / "weights.json").read_text())["limbs"]["hand"]
    weights = learnt(films)
    assert content["weights"]["radius"] == weights.weights["radius"].tolist()
    assert (growing_worth(weights, films[0].profiles) or 0) > 0 > (growing_worth(weights, films[1].profiles) or 0)
