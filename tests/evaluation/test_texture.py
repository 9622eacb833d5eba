"""Spectrum and texture of signals that are known."""

import numpy as np
import pytest

from opensvh.evaluation.texture import anisotropy, band_energy, power_spectrum

ROWS, COLUMNS = np.mgrid[:64, :64]


def test_white_noise_has_its_variance_at_every_frequency() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (40, 64, 64))
    power = np.mean([power_spectrum(each) for each in noise], axis=0)
    assert power[3:] == pytest.approx(0.01, rel=0.2)


def test_a_sine_stands_at_its_own_frequency() -> None:
    power = power_spectrum(0.5 + 0.2 * np.sin(2 * np.pi * 12 * COLUMNS / 64))
    assert power.argmax() == 12
    assert power[20:].max() < 1e-3 * power[12]


def test_an_even_square_has_neither_power_nor_texture() -> None:
    even = np.full((36, 36), 0.4, np.float32)
    assert power_spectrum(even).max() < 1e-12
    assert band_energy(even) == pytest.approx(0, abs=1e-6)
    assert anisotropy(even, (0.0, 1.0)) == 0


@pytest.mark.parametrize(("direction", "along"), [((0.0, -1.0), 1.0), ((1.0, 0.0), -1.0), ((1.0, 1.0), 0.0)])
def test_upright_lines_keep_to_the_upright(direction: tuple[float, float], along: float) -> None:
    lines = (0.5 + 0.1 * np.sin(2 * np.pi * COLUMNS / 6)).astype(np.float32)
    assert anisotropy(lines, direction) == pytest.approx(along, abs=0.02)


def test_oblique_lines_keep_to_their_own_diagonal() -> None:
    falling = (0.5 + 0.1 * np.sin(2 * np.pi * (COLUMNS - ROWS) / 8)).astype(np.float32)
    assert anisotropy(falling, (1.0, 1.0)) == pytest.approx(1, abs=0.02)


def test_lines_of_trabecular_width_count_more_than_slow_changes() -> None:
    fine, slow = (0.5 + 0.1 * np.sin(2 * np.pi * COLUMNS / length) for length in (8, 60))
    assert band_energy(fine.astype(np.float32)) > 5 * band_energy(slow.astype(np.float32))
