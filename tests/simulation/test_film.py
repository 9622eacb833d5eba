"""The look of a film: exposure to grey levels, and the marks on it."""

import dataclasses

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.simulation.film import FilmStyle, develop, draw_style, finish
from opensvh.simulation.marks import draw_marks

PIXEL_MM = 0.4
CLEAN = FilmStyle(
    scatter=0.0,
    scatter_mm=10.0,
    heel=0.0,
    heel_angle=0.0,
    blur_mm=0.1,
    photons=1e9,
    compression=0.0,
    compression_mm=20.0,
    sharpening=0.0,
    sharpening_mm=2.0,
    gamma=1.0,
    white_point=1.0,
    background=30 / 255,
    highlight=230 / 255,
    local_contrast=0.0,
    grain=0.0,
    jpeg_quality=None,
)


def forearm() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A cylinder of flesh around a tube of bone, along the film; mm, [320, 250]."""
    x = (np.arange(250, dtype=np.float32) - 124.5) * PIXEL_MM
    flesh = 2 * np.sqrt(np.clip(25.0**2 - x**2, 0, None))
    tube = 2 * np.sqrt(np.clip(8.0**2 - x**2, 0, None)) - 2 * np.sqrt(np.clip(5.5**2 - x**2, 0, None))
    return np.tile(tube, (320, 1)).astype(np.float32), np.tile(flesh, (320, 1)).astype(np.float32)


def test_bone_is_brighter_than_flesh_and_flesh_than_background() -> None:
    bone, soft = forearm()
    image = develop(bone, soft, PIXEL_MM, CLEAN, np.random.default_rng(0))
    background, flesh, cortex, marrow = image[100, 5], image[100, 90], image[100, 107], image[100, 125]
    assert background == pytest.approx(30 / 255, abs=0.01)
    assert background + 0.1 < flesh < marrow < cortex <= 1.0


def test_density_follows_the_attenuation_of_bone_and_flesh() -> None:
    soft = np.full((60, 60), 20.0, np.float32)
    soft[:, :20] = 0
    bone = np.zeros((60, 60), np.float32)
    bone[:, 40:] = 10.0
    image = develop(bone, soft, PIXEL_MM, dataclasses.replace(CLEAN, background=0.0), np.random.default_rng(0))
    flesh, both = float(image[30, 30]), float(image[30, 50])
    assert both / flesh == pytest.approx((0.032 * 20 + 0.144 * 10) / (0.032 * 20), rel=0.02)


def test_edge_enhancement_leaves_a_dark_halo_along_the_skin() -> None:
    bone, soft = forearm()
    style = dataclasses.replace(CLEAN, sharpening=1.2)
    image = develop(bone, soft, PIXEL_MM, style, np.random.default_rng(0))
    outside = int(np.flatnonzero(soft[0])[0]) - 3
    assert image[100, outside] < image[100, 5] - 0.01


def test_fewer_photons_make_a_noisier_film() -> None:
    bone, soft = forearm()
    noise = []
    for photons in (3e4, 8e5):
        style = dataclasses.replace(CLEAN, photons=photons)
        image = develop(bone, soft, PIXEL_MM, style, np.random.default_rng(0))
        noise.append(float((image - cv2.GaussianBlur(image, (0, 0), 2))[20:-20, 124:126].std()))
    assert noise[0] > 3 * noise[1]


@pytest.mark.parametrize("limb", list(Limb))
def test_random_styles_cover_the_levels_of_real_films_and_more(limb: Limb) -> None:
    """Real films: background 11-43, median inside the limb 55-113 of 255 (36 FracAtlas films)."""
    bone, soft = forearm()
    background, inside = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        image = develop(bone, soft, PIXEL_MM, draw_style(rng, limb), rng) * 255
        background.append(np.median(image[:, :15]))
        inside.append(np.median(image[soft > 0]))
    assert min(background) < 11
    assert max(background) > 43
    assert 20 < np.median(background) < 45
    assert min(inside) < 75
    assert max(inside) > 113


def test_the_same_seed_gives_the_same_film() -> None:
    bone, soft = forearm()

    def film(seed: int) -> NDArray[np.uint8]:
        rng = np.random.default_rng(seed)
        style = draw_style(rng, Limb.HAND)
        return finish(develop(bone, soft, PIXEL_MM, style, rng), soft > 0, style, Side.LEFT, Limb.HAND, rng)

    assert np.array_equal(film(3), film(3))
    assert not np.array_equal(film(3), film(4))


def test_a_film_without_limb_can_be_developed() -> None:
    nothing = np.zeros((80, 60), np.float32)
    image = develop(nothing, nothing, PIXEL_MM, CLEAN, np.random.default_rng(0))
    assert np.isfinite(image).all()
    assert image.max() < 0.3


def test_marks_lie_beside_the_limb() -> None:
    limb = np.zeros((500, 400), bool)
    limb[60:, 120:280] = True
    blank = np.full(limb.shape, 0.12, np.float32)
    touched = []
    for seed in range(30):
        marked = draw_marks(blank, limb, Side.RIGHT, Limb.HAND, np.random.default_rng(seed))
        changed = np.abs(marked - blank) > 0.02
        touched.append(float(changed[80:480, 140:260].mean()))
        assert marked.min() >= 0
        assert marked.max() <= 1
    assert np.median(touched) == 0.0
    assert np.mean(np.array(touched) > 0.02) < 0.1


def test_most_films_carry_a_mark() -> None:
    blank = np.full((500, 400), 0.12, np.float32)
    limb = np.zeros(blank.shape, bool)
    bright = [
        (draw_marks(blank, limb, Side.LEFT, Limb.FOOT, np.random.default_rng(seed)) > 0.5).any() for seed in range(40)
    ]
    assert np.mean(bright) > 0.6
