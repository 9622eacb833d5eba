"""The look of a film: exposure, console and storage together."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.simulation.films.film import develop, draw_style, marked
from opensvh.simulation.films.marks import Shown

PIXEL_MM = 0.4


def forearm() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A cylinder of flesh around a tube of bone, along the film; mm, [320, 250]."""
    x = (np.arange(250, dtype=np.float32) - 124.5) * PIXEL_MM
    flesh = 2 * np.sqrt(np.clip(25.0**2 - x**2, 0, None))
    tube = 2 * np.sqrt(np.clip(8.0**2 - x**2, 0, None)) - 2 * np.sqrt(np.clip(5.5**2 - x**2, 0, None))
    return np.tile(tube, (320, 1)).astype(np.float32), np.tile(flesh, (320, 1)).astype(np.float32)


def developed(seed: int, limb: Limb = Limb.HAND) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return develop(*forearm(), PIXEL_MM, draw_style(rng, limb), rng)


@pytest.mark.parametrize("limb", list(Limb))
def test_random_styles_cover_the_levels_of_real_films_and_more(limb: Limb) -> None:
    """Real films: background 24-41, median inside the limb 55-113 of 255 (31 marked FracAtlas films)."""
    _, soft = forearm()
    background, inside = [], []
    for seed in range(60):
        image = developed(seed, limb) * 255
        background.append(np.median(image[:, :15]))
        inside.append(np.median(image[soft > 0]))
    assert min(background) < 24
    assert max(background) > 41
    assert 24 < np.median(background) < 41
    assert min(inside) < 75
    assert max(inside) > 100


def test_bone_is_brighter_than_flesh_on_every_film() -> None:
    for seed in range(40):
        image = developed(seed)
        assert image[100:200, 106:109].mean() > image[100:200, 88:92].mean() + 0.05


def test_most_films_are_darker_along_the_skin_than_in_the_open() -> None:
    images = [developed(seed) for seed in range(40)]
    skin = int(np.flatnonzero(forearm()[1][0])[0])
    halo = [float(image[:, skin - 4 : skin - 1].mean() - image[:, 5:15].mean()) for image in images]
    assert np.mean(np.array(halo) < -0.005) > 0.6


def test_the_same_seed_gives_the_same_film() -> None:
    bone, soft = forearm()

    def film(seed: int) -> NDArray[np.uint8]:
        rng = np.random.default_rng(seed)
        style = draw_style(rng, Limb.HAND)
        return marked(develop(bone, soft, PIXEL_MM, style, rng), Shown(soft > 0, Side.LEFT, Limb.HAND), style, rng)

    assert np.array_equal(film(3), film(3))
    assert not np.array_equal(film(3), film(4))


def test_bytes_do_not_depend_on_the_number_of_threads() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        one = developed(5)
        cv2.setNumThreads(2)
        assert np.array_equal(one, developed(5))
    finally:
        cv2.setNumThreads(before)


def test_a_film_without_limb_can_be_developed() -> None:
    nothing = np.zeros((80, 60), np.float32)
    rng = np.random.default_rng(0)
    image = develop(nothing, nothing, PIXEL_MM, draw_style(rng, Limb.FOOT), rng)
    assert np.isfinite(image).all()
    assert image.max() < 0.6
