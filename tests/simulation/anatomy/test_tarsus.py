import numpy as np
import pytest

from opensvh.simulation.anatomy.foot import FootPose, pose_foot
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Contact, Skeleton
from opensvh.simulation.anatomy.tarsus import CENTRES, JOINTS, TARSALS, leg, tarsal_shapes, tarsals


@pytest.fixture(scope="module")
def foot() -> Skeleton:
    return pose_foot(Build(), FootPose(), {}, np.random.default_rng(1))


def test_every_tarsal_has_a_place_and_a_shape() -> None:
    assert set(CENTRES) == set(TARSALS) <= set(tarsal_shapes())


def test_neighbours_reach_into_each_other_so_that_the_cut_is_their_joint(foot: Skeleton) -> None:
    for one, other in JOINTS:
        first, second = foot.bones[one], foot.bones[other]
        start, end = (bone.along(0.05) if bone.shape.waist is not None else bone.centre for bone in (first, second))
        line = start + np.linspace(0, 1, 200)[:, None] * (end - start)
        apart = first.distance_at(line) + second.distance_at(line)
        assert apart.min() < 2.5, (one, other)


def test_both_bones_of_a_joint_are_cut_alike(foot: Skeleton) -> None:
    shared = {(each.bone, each.neighbour): each for each in foot.contacts if each.shared}
    for (one, other), contact in shared.items():
        back: Contact = shared[other, one]
        assert (contact.gap_mm, contact.flatten, contact.depth_mm, contact.through) == (
            back.gap_mm,
            back.flatten,
            back.depth_mm,
            back.through,
        )


def test_the_talus_lies_over_the_calcaneus_and_the_metatarsals_reach_the_tarsus(foot: Skeleton) -> None:
    assert foot.bones["talus"].centre[2] < foot.bones["calcaneus"].centre[2] - 15.0
    for digit, tarsal in ((1, "cuneiform1"), (2, "cuneiform2"), (3, "cuneiform3"), (4, "cuboid"), (5, "cuboid")):
        assert foot.bones[tarsal].distance_at(foot.bones[f"mt{digit}"].along(0.0))[0] < 4.0, digit


@pytest.mark.parametrize("plantarflexion", [20.0, 50.0, 80.0])
def test_the_leg_stays_on_the_talar_dome_while_the_ankle_bends(plantarflexion: float) -> None:
    rng = np.random.default_rng(0)
    talus = tarsals(Build(), rng)["talus"]
    tibia = leg(Build(), plantarflexion, 0.0, rng)["tibia"]
    plafond = tibia.along(1.0)
    assert talus.distance_at(plafond)[0] == pytest.approx(0.0, abs=4.0)
    rise = np.degrees(np.arcsin(tibia.axis[2]))
    assert rise == pytest.approx(90.0 - plantarflexion, abs=0.5)


def test_the_fibula_is_lateral_and_reaches_further_than_the_tibia() -> None:
    bones = leg(Build(), 90.0, 0.0, np.random.default_rng(0))
    assert bones["fibula"].position[0] < bones["tibia"].position[0] - 15.0
    tips = {}
    for name, bone in bones.items():
        places = np.argwhere(bone.shape.distance < 0) * 0.4 + np.asarray(bone.shape.origin)
        tips[name] = bone.world(places[places[:, 1].argmax()])[1]
    assert tips["fibula"] > tips["tibia"]
