"""Rings, bracelets, casts and calibration objects: thickness maps on the film."""

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.skeleton import PosedBone, Skeleton
from opensvh.simulation.rays.accessories import (
    ALUMINIUM_AS_STEEL,
    METAL,
    Accessories,
    Hoop,
    add_hoop,
    draw_accessories,
)
from opensvh.simulation.rays.projection import Detector

DETECTOR = Detector(width=300, height=420, pixel_mm=0.5, left_mm=-75.0, top_mm=140.0)


class Rod(BoneShape):
    """A bone whose shape does not matter here, of a given length."""

    def __init__(self, length_mm: float) -> None:
        object.__setattr__(self, "length_mm", length_mm)


def rod(x: float, y: float, length: float) -> PosedBone:
    return PosedBone(Rod(length), np.eye(3), np.array([x, y, 0.0]))


def limb() -> tuple[Skeleton, NDArray[np.float32]]:
    """Straight rods where a hand's bones lie, in a slab of flesh."""
    bones = {"radius": rod(12, -70, 70), "ulna": rod(-15, -70, 65)}
    for digit, x in zip(range(1, 6), (40, 25, 0, -15, -30), strict=True):
        bones |= {f"mc{digit}": rod(x, 15, 65), f"pp{digit}": rod(x, 82, 40), f"dp{digit}": rod(x, 122, 14)}
    soft = np.zeros((420, 300), np.float32)
    soft[40:, 80:230] = 20.0
    return Skeleton(bones, (), {}, {}), soft


def test_a_ring_is_thickest_at_its_sides_and_hollow_in_the_middle() -> None:
    metal = np.zeros((420, 300), np.float32)
    bone = rod(0, 82, 40)
    add_hoop(metal, Hoop(radius_mm=10, wall_mm=1.5, height_mm=4, tilt=0), bone.along(0.5), bone, DETECTOR)
    row = metal[int((140 - 102) / 0.5)]
    across = np.flatnonzero(row > 0)
    assert np.ptp(across) * 0.5 == pytest.approx(20, abs=1.1)
    assert row[150] == pytest.approx(2 * 1.5, abs=0.1)
    assert row.max() > 3 * row[150]
    assert np.count_nonzero(metal[:, 150]) * 0.5 == pytest.approx(4, abs=1.1)


def test_a_tilted_ring_opens_to_an_ellipse() -> None:
    metal = np.zeros((420, 300), np.float32)
    bone = rod(0, 82, 40)
    add_hoop(metal, Hoop(radius_mm=10, wall_mm=1.0, height_mm=2, tilt=40), bone.along(0.5), bone, DETECTOR)
    middle = np.flatnonzero(metal[:, 150] > 0.5)
    assert np.diff(middle).max() * 0.5 > 8


def test_metal_and_plaster_add_up_to_bone() -> None:
    ones = np.ones((4, 4), np.float32)
    assert Accessories().as_bone_mm() is None
    both = Accessories(metal_mm=ones, plaster_mm=ones).as_bone_mm()
    metal = Accessories(metal_mm=ones).as_bone_mm()
    assert both is not None
    assert metal is not None
    assert (both > metal).all()
    assert metal.mean() * ALUMINIUM_AS_STEEL == pytest.approx(1.3, abs=0.2)


def test_frequencies_are_those_asked_for() -> None:
    skeleton, soft = limb()
    drawn = [draw_accessories(skeleton, soft, Limb.HAND, DETECTOR, np.random.default_rng(seed)) for seed in range(600)]
    metal = np.mean([each.metal_mm is not None for each in drawn])
    plaster = np.mean([each.plaster_mm is not None for each in drawn])
    assert metal == pytest.approx(sum(share for share, _ in METAL[Limb.HAND]), abs=0.035)
    assert plaster == pytest.approx(0.025, abs=0.015)


def test_a_cast_covers_the_forearm_and_leaves_the_fingertips_free() -> None:
    skeleton, soft = limb()
    casts = (
        draw_accessories(skeleton, soft, Limb.HAND, DETECTOR, np.random.default_rng(seed)).plaster_mm
        for seed in range(600)
    )
    cast = next(each for each in casts if each is not None)
    assert cast.min() >= 0
    assert cast[-60:, 130:180].mean() > 2
    assert cast[:60].max() == 0


def test_every_thing_of_metal_can_be_drawn_on_a_hand_and_on_a_film_that_it_misses() -> None:
    skeleton, soft = limb()
    away = Detector(width=300, height=420, pixel_mm=0.5, left_mm=900.0, top_mm=900.0)
    for seed, (_, draw) in enumerate(METAL[Limb.HAND]):
        here, there = np.zeros_like(soft), np.zeros_like(soft)
        draw(here, skeleton, DETECTOR, np.random.default_rng(seed))
        draw(there, skeleton, away, np.random.default_rng(seed))
        assert here.max() > 0
        assert (here >= 0).all()
