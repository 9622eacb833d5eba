"""Processing of a log signal: what the pyramid's gains and the display curve do to known signals."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.simulation.films.console import VENDORS, Console, displayed, draw_console

PIXEL_MM = 0.4
PLAIN = Console(
    vendor="test",
    detail=0.0,
    detail_mm=1.0,
    evenness=0.0,
    evenness_mm=10.0,
    restraint=0.0,
    gamma=1.0,
    toe=1.0,
    white_point=1.0,
    background=0.1,
    highlight=0.9,
    local_contrast=0.0,
    grain=0.0,
)


def shown(signal: NDArray[np.float32], console: Console) -> NDArray[np.float32]:
    return displayed(signal.copy(), signal > 0, PIXEL_MM, console, np.random.default_rng(0))


def steps() -> NDArray[np.float32]:
    """Open beam, 0.5 and 1 log units in three broad stripes."""
    signal = np.zeros((90, 240), np.float32)
    signal[:, 80:160], signal[:, 160:] = 0.5, 1.0
    return signal


def ripple(period_mm: float) -> NDArray[np.float32]:
    x = np.arange(256, dtype=np.float32) * PIXEL_MM
    return np.tile(0.5 + 0.05 * np.sin(2 * np.pi * x / period_mm), (256, 1)).astype(np.float32)


def test_without_processing_levels_follow_the_signal() -> None:
    image = shown(steps(), PLAIN)
    assert [image[45, 20], image[45, 120], image[45, 220]] == pytest.approx([0.1, 0.5, 0.9], abs=0.002)


def swing(period_mm: float, console: Console) -> float:
    return float(shown(ripple(period_mm), console)[100:150, 60:-60].std())


def test_detail_raises_fine_ripples_more_than_coarse_ones() -> None:
    flat = dataclasses.replace(PLAIN, white_point=2.0)
    sharp = dataclasses.replace(flat, detail=1.5)
    fine, coarse = (swing(period, sharp) / swing(period, flat) for period in (1.2, 20.0))
    assert fine > 1.3 * coarse


def test_evenness_takes_out_slow_changes() -> None:
    flat = dataclasses.replace(PLAIN, white_point=2.0)
    even = dataclasses.replace(flat, evenness=0.6, evenness_mm=4.0)
    fine, slow = (swing(period, even) / swing(period, flat) for period in (2.0, 50.0))
    assert slow < 0.75 * fine


def test_enhancement_leaves_a_dark_halo_along_the_skin() -> None:
    image = shown(steps(), dataclasses.replace(PLAIN, detail=1.5, detail_mm=2.0))
    assert image[45, 78] < image[45, 20] - 0.02


def test_restraint_keeps_strong_edges_from_ringing() -> None:
    ring = [
        shown(steps(), dataclasses.replace(PLAIN, detail=0.8, detail_mm=2.0, restraint=restraint, background=0.3))[
            45, 78
        ]
        for restraint in (0.0, 2.0)
    ]
    assert ring[0] < ring[1] - 0.01 < 0.3


def test_a_power_above_one_darkens_soft_tissue() -> None:
    image = shown(steps(), dataclasses.replace(PLAIN, gamma=2.0, toe=0.2))
    assert image[45, 120] < 0.4
    assert image[45, 220] == pytest.approx(0.9, abs=0.002)


@pytest.mark.parametrize("limb", list(Limb))
def test_every_family_of_consoles_occurs(limb: Limb) -> None:
    seen = {draw_console(np.random.default_rng(seed), limb).vendor for seed in range(300)}
    assert seen == set(VENDORS)
    assert sum(vendor.share for vendor in VENDORS.values()) == pytest.approx(1)
