"""The log signal of a detector: attenuation, hardening, scatter, quanta."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.simulation.films.exposure import Exposure, draw_exposure, log_signal, white_noise

PLAIN = Exposure(energy_kev=35.0, scatter=0.0, scatter_mm=10.0, heel=0.0, heel_angle=0.0, blur_mm=0.01, photons=1e12)


def slab(mm: float) -> NDArray[np.float32]:
    return np.full((64, 64), mm, np.float32)


def signal(bone_mm: float, soft_mm: float, exposure: Exposure) -> NDArray[np.float32]:
    return log_signal(slab(bone_mm), slab(soft_mm), 0.2, exposure, np.random.default_rng(0))


def test_thin_layers_attenuate_as_the_tables_say() -> None:
    """At 35 keV: soft tissue 0.0325, cortical bone 0.175 per mm, of which 0.0325 is counted with the soft tissue."""
    assert signal(0.0, 1.0, PLAIN).mean() == pytest.approx(0.0325, rel=0.01)
    assert signal(0.5, 0.0, PLAIN).mean() == pytest.approx(0.5 * 0.1425, rel=0.01)


def test_a_thick_limb_hardens_the_beam() -> None:
    assert signal(0.0, 60.0, PLAIN).mean() < 0.95 * 60 * signal(0.0, 1.0, PLAIN).mean()


def test_a_softer_beam_shows_bone_with_more_contrast() -> None:
    softer = dataclasses.replace(PLAIN, energy_kev=30.0)
    assert signal(3.0, 10.0, softer).mean() > 1.2 * signal(3.0, 10.0, PLAIN).mean()


def test_quantum_noise_falls_with_the_root_of_the_dose() -> None:
    few, many = (signal(0, 0, dataclasses.replace(PLAIN, photons=photons)).std() for photons in (1e5, 1.6e6))
    assert few == pytest.approx(4 * many, rel=0.02)
    assert few == pytest.approx(1 / np.sqrt(1e5 * 0.04), rel=0.1)


def test_a_burnt_out_detector_tells_no_skin_from_open_beam() -> None:
    burnt = dataclasses.replace(PLAIN, saturation=0.6)
    assert signal(0, 3.0, burnt).mean() == signal(0, 0, burnt).mean()
    assert signal(2.0, 15.0, burnt).mean() > signal(0, 0, burnt).mean()


def test_noise_is_normal_and_white() -> None:
    noise = white_noise((700, 300), np.random.default_rng(1))
    assert noise.std() == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(noise[:-1].ravel(), noise[1:].ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]) < 0.01


def test_a_few_films_in_a_hundred_are_badly_exposed() -> None:
    drawn = [draw_exposure(np.random.default_rng(seed)) for seed in range(400)]
    bad = np.mean([e.saturation < 1 or e.photons < 2e5 or e.blur_mm > 0.2 for e in drawn])
    assert 0.02 < bad < 0.1
