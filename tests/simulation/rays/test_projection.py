"""Joint spaces on the projected film are as wide as was asked for, and damage takes bone away."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb
from opensvh.simulation.anatomy.foot import FootPose, pose_foot
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import FUSED_GAP_MM, LIPS_HIDE_MM, Build, JointSpace
from opensvh.simulation.anatomy.skeleton import Contact, Skeleton
from opensvh.simulation.disease.damage import eroded
from opensvh.simulation.rays.projection import BoneTissue, Detector, bone_thickness

PLAIN_BONE = BoneTissue(texture=0.0)
FINGER_JOINTS = [
    (f"{joint}{digit}", f"{part}{digit}") for joint, part in (("MCP", "pp"), ("PIP", "mp")) for digit in range(2, 6)
]
FINE_HAND = Detector(1700, 2000, 0.1, -85.0, 165.0)


def _hand(share: float, seed: int = 1) -> Skeleton:
    spaces = {site: JointSpace(share) for site, _ in FINGER_JOINTS} | {f"CMC{d}": JointSpace(share) for d in (3, 4, 5)}
    return pose_hand(Build(), HandPose(flexion=2.0), spaces, np.random.default_rng(seed))


def _without_lips(hand: Skeleton) -> Skeleton:
    """The same with joints seen through: lips hide a part of the space, as on real films, and bases are set back."""
    return replace(hand, contacts=tuple(_seen_through(each) for each in hand.contacts))


def _seen_through(contact: Contact) -> Contact:
    set_back = float(np.interp(contact.flatten, *LIPS_HIDE_MM)) if contact.bone.startswith(("pp", "mp", "dp")) else 0.0
    fused = contact.gap_mm <= FUSED_GAP_MM
    return replace(contact, flatten=0.0, gap_mm=contact.gap_mm - (0.0 if fused else set_back))


def _gap_on_film(
    image: NDArray[np.float32], detector: Detector, point: NDArray[np.float64], axis: NDArray[np.float64]
) -> float:
    """Width in mm of the dark band at `point` along `axis`, at half height, the median over the middle 3 mm."""
    along = np.array([axis[0], -axis[1]]) / np.hypot(axis[0], axis[1])
    across = np.array([-along[1], along[0]])
    return float(np.median(list(_widths(image, detector, np.array(detector.pixels(point)), along, across))))


def _widths(
    image: NDArray[np.float32],
    detector: Detector,
    centre: NDArray[np.float64],
    along: NDArray[np.float64],
    across: NDArray[np.float64],
) -> Iterator[float]:
    steps = np.arange(-4, 4, 0.02)
    for offset in np.linspace(-1.5, 1.5, 7):
        line = (centre + across * offset / detector.pixel_mm + np.outer(steps / detector.pixel_mm, along)).astype(
            np.float32
        )
        profile = cv2.remap(image, line[None, :, 0], line[None, :, 1], cv2.INTER_LINEAR)[0]
        lowest = int(np.argmin(np.where(np.abs(steps) < 1.2, profile, np.inf)))
        edges = profile[max(lowest - 120, 0) : lowest].max(initial=0), profile[lowest : lowest + 120].max()
        half = profile[lowest] + 0.5 * (min(edges) - profile[lowest])
        start = lowest - int(np.argmax(profile[lowest::-1] > half))
        end = lowest + int(np.argmax(profile[lowest:] > half))
        yield (end - start - 1) * 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("share", "typical", "near"), [(1.0, 0.15, 0.8), (0.6, 0.1, 0.9), (0.25, 0.18, 0.65)])
def test_gap_on_the_film_is_the_gap_asked_for(share: float, typical: float, near: float) -> None:
    errors = []
    for seed in range(5):
        hand = _without_lips(_hand(share, seed))
        image = bone_thickness(hand, FINE_HAND, PLAIN_BONE)
        errors += [
            _gap_on_film(image, FINE_HAND, hand.points[site], hand.bones[bone].axis) - hand.gaps_mm[site]
            for site, bone in (*FINGER_JOINTS, ("CMC3", "mc3"))
        ]
    assert np.median(np.abs(errors)) < typical
    # A bent finger's space is seen at a slant, and a slanted one of 0.4 mm is hardly seen.
    assert np.mean(np.abs(errors) < 0.45) > near


@pytest.mark.slow
def test_fused_joint_has_no_dark_band() -> None:
    open_hand, fused = (
        _hand(1.0),
        pose_hand(Build(), HandPose(flexion=2.0), {"MCP3": JointSpace(fused=True)}, np.random.default_rng(1)),
    )
    through = []
    for hand in (open_hand, fused):
        image = bone_thickness(_without_lips(hand), FINE_HAND, PLAIN_BONE)
        x, y = FINE_HAND.pixels(hand.points["MCP3"])
        through.append(float(image[round(y) - 2 : round(y) + 3, round(x) - 10 : round(x) + 11].min()))
    assert through[0] == 0.0
    assert through[1] > 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "site", ["MCP2", "PIP3", "IP1", "LUNATE", "NAVICULAR", "RADIUS", "ULNA", "MC1_BASE", "TRAPEZIUM"]
)
def test_higher_grades_of_erosion_take_more_bone(site: str) -> None:
    hand = _hand(1.0)
    detector = Detector(600, 700, 0.28, -85.0, 165.0)
    bone = []
    for grade in (0, 1, 3, 5):
        damaged = eroded(hand, Limb.HAND, {(site, Kind.EROSION): grade}, np.random.default_rng(4))
        bone.append(float(bone_thickness(damaged, detector, PLAIN_BONE).sum()))
    assert bone[0] > bone[1] > bone[2] > bone[3]


def test_foot_erosion_of_ten_ruins_both_sides_of_the_joint() -> None:
    foot = pose_foot(Build(), FootPose(), {}, np.random.default_rng(0))
    damaged = eroded(foot, Limb.FOOT, {("MTP5", Kind.EROSION): 10}, np.random.default_rng(0))
    assert damaged.bones["mt5"].erosions
    assert damaged.bones["pp5"].erosions
    assert not damaged.bones["mt4"].erosions


def test_a_bone_off_the_film_changes_nothing() -> None:
    hand = _hand(1.0)
    assert bone_thickness(hand, Detector(50, 50, 0.2, 500.0, 500.0), PLAIN_BONE).max() == 0.0


@pytest.mark.slow
def test_bones_drawn_one_by_one_add_up_to_the_film_of_all() -> None:
    hand, joint = _hand(1.0), Detector(60, 60, 0.4, -12.0, 26.0)
    alone = sum(bone_thickness(hand, joint, BoneTissue(), only=name) for name in hand.bones)
    assert alone == pytest.approx(bone_thickness(hand, joint, BoneTissue()), abs=1e-4)
