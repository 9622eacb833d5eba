"""A film's pixels and truth: deterministic, on the film, on the right side of the picture."""

from functools import cache

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, sites_of
from opensvh.simulation.films.two_limbs import film_of_two
from opensvh.simulation.patients.patient import PatientTraits
from opensvh.simulation.radiograph import SimulatedFilm, project_limb, simulate_film

pytestmark = pytest.mark.slow

TRAITS = PatientTraits(sex="female", age=50.0, size=0.97, bone_density=0.95, soft_tissue=1.0, severity=0.0)


@cache
def _film(limb: Limb, side: Side, grade: int = 0) -> SimulatedFilm:
    """Made once for all tests."""
    return _made_film(limb, side, 3, grade)


def _made_film(limb: Limb, side: Side, seed: int, grade: int = 0) -> SimulatedFilm:
    grades = {(site.name, Kind.NARROWING): grade for site in sites_of(limb, Kind.NARROWING)}
    return simulate_film(limb, side, grades, np.random.SeedSequence(seed), TRAITS)


@pytest.mark.parametrize("limb", list(Limb))
@pytest.mark.parametrize("side", list(Side))
def test_every_joint_lies_on_the_film(limb: Limb, side: Side) -> None:
    film = _film(limb, side)
    rows, columns = film.pixels.shape
    assert tuple(film.points) == POINTS[limb]
    assert all(0 <= x < columns and 0 <= y < rows for x, y in film.points.values())


@pytest.mark.parametrize(("limb", "inner", "outer"), [(Limb.HAND, "IP1", "PIP5"), (Limb.FOOT, "MTP1", "MTP5")])
def test_thumb_and_hallux_lie_right_on_left_limbs_and_left_on_right_ones(limb: Limb, inner: str, outer: str) -> None:
    left, right = _film(limb, Side.LEFT), _film(limb, Side.RIGHT)
    assert left.points[inner].x > left.points[outer].x
    assert right.points[inner].x < right.points[outer].x


def test_digits_point_up() -> None:
    film = _film(Limb.HAND, Side.LEFT)
    assert film.points["PIP3"].y < film.points["MCP3"].y < film.points["RADCAR"].y


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, again, other = (_made_film(Limb.FOOT, Side.LEFT, seed) for seed in (5, 5, 6))
    assert first.pixels.tobytes() == again.pixels.tobytes()
    assert first.points == again.points
    assert first.pixels.tobytes() != other.pixels.tobytes()


def test_narrowed_hand_has_smaller_true_gaps() -> None:
    healthy, narrowed = _film(Limb.HAND, Side.LEFT), _film(Limb.HAND, Side.LEFT, grade=3)
    sites = [site.name for site in sites_of(Limb.HAND, Kind.NARROWING)]
    assert np.mean([narrowed.gaps_mm[site] for site in sites]) < 0.5 * np.mean(
        [healthy.gaps_mm[site] for site in sites]
    )


def test_two_projected_hands_share_a_film_with_all_their_points() -> None:
    pair = [project_limb(Limb.HAND, side, {}, np.random.SeedSequence(8), TRAITS) for side in (Side.RIGHT, Side.LEFT)]
    film = film_of_two(pair[0], pair[1], Limb.HAND, np.random.default_rng(8))
    rows, columns = film.pixels.shape
    assert [placed.side for placed in film.limbs] == [Side.LEFT, Side.RIGHT]
    for placed in film.limbs:
        assert tuple(placed.points) == POINTS[Limb.HAND]
        assert all(0 <= x < columns and 0 <= y < rows for x, y in placed.points.values())
        assert placed.box.contains(placed.points["MCP3"])
    left, right = film.limbs
    assert left.points["IP1"].x > left.points["PIP5"].x
    assert right.points["IP1"].x < right.points["PIP5"].x
