"""The posed wrist: where its points lie, which joints are seen through, and how it answers to narrowing."""

import numpy as np
import pytest

from opensvh.simulation.anatomy.carpals import CARPALS
from opensvh.simulation.anatomy.forearm import radius_height
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build, JointSpace
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.anatomy.wrist import MEAN_DEVIATION, SHOWN_LESS_MM, SITES
from opensvh.simulation.rays.projection import BoneTissue, Detector, bone_thickness

WRIST_SITES = ("CMC3", "CMC4", "CMC5", "STT", "CNL", "RADCAR")
FINE = Detector(320, 320, 0.2, -34.0, 24.0)


def _hand(share: float = 1.0, seed: int = 0, **pose: float) -> Skeleton:
    spaces = {site: JointSpace(share=share) for site in WRIST_SITES}
    return pose_hand(Build(), HandPose(**pose), spaces, np.random.default_rng(seed))


def _bone_at(image: np.ndarray, hand: Skeleton, site: str) -> float:
    """The least bone within 1.5 mm of a joint's centre."""
    x, y = FINE.pixels(hand.points[site])
    near = image[round(y) - 7 : round(y) + 8, round(x) - 7 : round(x) + 8]
    return float(near.min())


def test_every_carpal_is_there_and_the_pisiform_lies_on_the_palmar_side_of_the_triquetrum() -> None:
    hand = _hand()
    assert set(CARPALS) <= set(hand.bones)
    assert hand.bones["pisiform"].centre[2] > hand.bones["triquetrum"].centre[2] + 6


def test_trapezium_stands_palmar_of_the_trapezoid_as_in_the_carpal_arch() -> None:
    hand = _hand()
    assert hand.bones["trapezium"].centre[2] > hand.bones["trapezoid"].centre[2] + 3


@pytest.mark.slow
@pytest.mark.parametrize("site", ["CMC3", "CMC4", "CMC5"])
def test_metacarpal_joints_close_as_they_narrow(site: str) -> None:
    floors = []
    for share in (1.0, 0.5, 0.1):
        hand = _hand(share)
        floors.append(_bone_at(bone_thickness(hand, FINE, BoneTissue(texture=0.0)), hand, site))
    assert floors[0] < 0.5
    assert floors[0] <= floors[1] < floors[2]


@pytest.mark.slow
@pytest.mark.parametrize("site", ["CNL", "RADCAR", "STT"])
def test_spaces_of_the_rows_show_more_bone_when_they_narrow(site: str) -> None:
    seen = []
    for share in (1.0, 0.1):
        total = 0.0
        for seed in range(2):
            hand = _hand(share, seed)
            total += _bone_at(bone_thickness(hand, FINE, BoneTissue(texture=0.0)), hand, site)
        seen.append(total)
    assert seen[0] < seen[1]


def test_bones_are_cut_apart_by_the_gap_asked_and_by_what_soft_margins_hide() -> None:
    hand = _hand(0.4)
    for site, facets in SITES.items():
        for facet in facets if site else ():
            contact = next(c for c in hand.contacts if (c.neighbour, c.bone) == (facet.first, facet.second))
            assert contact.gap_mm == pytest.approx(hand.gaps_mm[site] + SHOWN_LESS_MM[site])


@pytest.mark.slow
def test_hook_of_the_hamate_does_not_say_where_the_metacarpals_are_cut() -> None:
    for seed in range(6):
        hand = _hand(seed=seed)
        for name in ("mc4", "mc5"):
            contact = next(c for c in hand.contacts if (c.bone, c.neighbour) == (name, "hamate"))
            bone = hand.bones[name]
            about = bone.position + contact.depth_mm * bone.rotation[:, 2]
            assert abs(about[2] - hand.bones["hamate"].centre[2]) < 6.0


def test_fused_wrist_has_trabeculae_across_its_joints() -> None:
    spaces = {site: JointSpace(fused=True) for site in ("CMC3", "RADCAR")}
    hand = pose_hand(Build(), HandPose(), spaces, np.random.default_rng(0))
    bridged = {name for name, bone in hand.bones.items() if bone.bridges}
    assert bridged == {"capitate", "mc3", "scaphoid", "lunate", "radius"}
    place = hand.bones["mc3"].world(hand.bones["mc3"].bridges[0].centre)
    assert np.linalg.norm(place - hand.points["CMC3"]) < 4.0


def test_radius_has_a_dorsal_rim_distal_of_its_palmar_one() -> None:
    dorsal, bottom, palmar = (float(radius_height(0.0, z)) for z in (-9.0, 4.0, 9.0))
    assert 1.5 < dorsal - bottom < 4.5
    assert dorsal > palmar


def test_radial_deviation_turns_the_forearm_and_flexes_the_scaphoid() -> None:
    ulnar, radial = (_hand(deviation=MEAN_DEVIATION + d) for d in (-12.0, 12.0))
    assert radial.points["ULNA"][0] > ulnar.points["ULNA"][0] + 2
    assert radial.bones["scaphoid"].axis[2] > ulnar.bones["scaphoid"].axis[2] + 0.1


@pytest.mark.slow
def test_points_lie_where_readers_mark_them() -> None:
    """Within 2.5 mm of the mean of 12 real adult hands; mm from the third carpometacarpal joint (x to the thumb)."""
    marked = {"STT": (12.3, -12.1), "CNL": (0.7, -23.8), "TRAPEZIUM": (20.0, -8.5), "LUNATE": (-7.7, -26.6)}
    hands = [_hand(seed=seed) for seed in range(12)]
    for name, place in marked.items():
        mean = np.mean([hand.points[name] - hand.points["CMC3"] for hand in hands], axis=0)
        assert np.hypot(*(mean[:2] - place)) < 2.5, name
