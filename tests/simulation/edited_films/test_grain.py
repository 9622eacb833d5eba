"""Grain is measured on quiet tissue and drawn again as strong and as coarse."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from opensvh.simulation.edited_films.grain import Grain


@pytest.mark.parametrize("soft_px", [0.4, 1.0])
def test_grain_is_drawn_as_strong_as_it_was(soft_px: float) -> None:
    rng = np.random.default_rng(0)
    noise = gaussian_filter(rng.standard_normal((300, 300)), soft_px)
    film = 0.5 + 0.02 * noise / noise.std() + np.linspace(0, 0.2, 300)
    grain = Grain.of(film)
    assert grain.sd == pytest.approx(0.02, rel=0.35)
    assert grain.drawn((100, 100), rng).std() == pytest.approx(grain.sd)


def test_a_film_without_grain_gets_none() -> None:
    assert Grain.of(np.full((64, 64), 0.5)).drawn((20, 20), np.random.default_rng(0)).std() == 0
