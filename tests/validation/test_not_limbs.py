import os
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from not_limbs import MEASURING, TRAINING, films_of_no_limb, gather
from not_limbs_drawn import DRAWN
from pool_limbs import POOL, films_without_limb, pool_limbs

from opensvh.domain.errors import DatasetInvalid

NUMBERS_OF_ONE_PERSON = 3


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    """Stand-ins for the pool's films that are shown."""
    (tmp_path / POOL).mkdir()
    for film in films_of_no_limb():
        if film.shown:
            (tmp_path / POOL / film.file).write_bytes(film.file.encode())
    return tmp_path


def contents(paths: tuple[Path, ...]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


def test_forty_images_are_gathered_and_a_seed_gives_the_same_bytes(pool: Path, tmp_path: Path) -> None:
    first, again = (contents(gather(pool, tmp_path / name, seed=5)) for name in ("first", "again"))
    assert len(first) == 40
    assert first == again


def test_another_seed_draws_other_noise_and_copies_the_same_films(pool: Path, tmp_path: Path) -> None:
    first, other = (contents(gather(pool, tmp_path / str(seed), seed)) for seed in (5, 6))
    assert first["white_noise.png"] != other["white_noise.png"]
    films = [name for name in first if name.endswith(".jpg")]
    assert len(films) == 20
    assert all(first[name] == other[name] for name in films)


def test_a_pool_that_lacks_a_film_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="--real"):
        gather(tmp_path, tmp_path / "out")


def test_no_listed_film_shows_a_hand_or_foot_and_none_without_is_left_out() -> None:
    assert {film.file for film in films_of_no_limb()} == set(films_without_limb(pool_limbs()))


def test_each_half_has_about_as_many_of_each_kind() -> None:
    halves = Counter((film.shows, film.half) for film in films_of_no_limb())
    for kind in ("shoulder", "hip", "leg", "arm"):
        assert halves[kind, TRAINING] == pytest.approx(halves[kind, MEASURING], rel=0.2)


def test_what_is_shown_is_never_trained_on() -> None:
    assert {film.half for film in films_of_no_limb() if film.shown} == {MEASURING}


def test_neighbouring_numbers_and_twins_share_a_half() -> None:
    half = {film.file: film.half for film in films_of_no_limb()}
    twins = {limb.file: limb.same_as for limb in pool_limbs() if limb.same_as and limb.file in half}
    assert all(half[file] == half[first] for file, first in twins.items())
    singles = sorted(set(half) - set(twins))
    near = [(a, b) for a, b in pairwise(singles) if int(b[3:10]) - int(a[3:10]) <= NUMBERS_OF_ONE_PERSON]
    assert near
    assert all(half[a] == half[b] for a, b in near)


@pytest.mark.parametrize("name", sorted(set(DRAWN) - {"black", "grey"}))
def test_a_drawn_picture_uses_the_range_of_a_film(name: str) -> None:
    picture = DRAWN[name](np.random.default_rng(0))
    assert picture.dtype == np.uint8
    assert picture.shape == (1000, 800)
    assert np.ptp(picture) > 100


def test_the_real_pool_holds_every_listed_film() -> None:
    folder = os.environ.get("OPENSVH_REAL_FILMS")
    if not folder:
        pytest.skip("OPENSVH_REAL_FILMS names no folder with the real films and their pool")
    assert all((Path(folder) / POOL / film.file).is_file() for film in films_of_no_limb())
