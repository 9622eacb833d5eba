from typing import Any

import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement, Projection, Skeleton
from opensvh.evaluation.real_placement import decisions, placement_figures, refusals
from opensvh.evaluation.real_reads import FilmOutcome, RealRead

BOX = Box(90, 90, 310, 510)


def placed(limb: Limb = Limb.FOOT, side: Side = Side.LEFT, turn: float = 0.0, box: Box = BOX) -> LimbPlacement:
    return LimbPlacement(limb, side, turn, box)


@pytest.mark.parametrize(("turn", "is_right"), [(0, True), (24, True), (336, True), (26, False), (180, False)])
def test_a_turn_within_25_degrees_is_right(made: Any, real_read: Any, turn: float, is_right: bool) -> None:
    assert decisions(real_read(made(placement=placed(turn=turn))))["turn"] is is_right


def test_each_decision_is_judged_by_itself(made: Any, real_read: Any) -> None:
    assert decisions(real_read(made(placement=placed(side=Side.RIGHT)))) == {
        "limb": True, "side": False, "turn": True, "projection": True, "skeleton": True,
    }  # fmt: skip


def test_view_and_age_are_judged_by_the_record(made: Any, real_read: Any) -> None:
    read = real_read(made(view="oblique", age="child", placement=placed()))
    assert not decisions(read)["projection"]
    assert not decisions(read)["skeleton"]
    told = LimbPlacement(Limb.FOOT, Side.LEFT, 0.0, BOX, Projection.OBLIQUE, Skeleton.GROWING)
    assert all(decisions(real_read(made(view="oblique", age="child", placement=told))).values())


def test_a_foot_taken_for_a_hand_has_no_joints_found(made: Any, real_read: Any) -> None:
    read = real_read(made(placement=placed(limb=Limb.HAND)))
    assert read.reading is None
    assert not decisions(read)["limb"]


def test_a_limb_found_elsewhere_is_not_the_marked_one(made: Any, real_read: Any) -> None:
    read = real_read(made(placement=placed(box=Box(600, 600, 800, 900))))
    assert read.found is None
    assert not any(decisions(read).values())
    assert refusals([read])[0]["reason"] == "nothing found where the limb is marked"


def test_of_several_limbs_the_one_in_the_marked_place_is_read(made: Any, real_read: Any) -> None:
    here = real_read(made(placement=placed(side=Side.RIGHT)))
    elsewhere = real_read(made(placement=placed(box=Box(280, 100, 500, 500))))
    both = RealRead(here.film, FilmOutcome((*elsewhere.outcome.limbs, *here.outcome.limbs)))
    assert both.found is here.outcome.limbs[0]
    assert elsewhere.found is None
    assert placement_figures([both])["all"]["further_limbs"] == 1


def test_refused_films_are_counted_and_wrong(made: Any, real_read: Any) -> None:
    reads = [real_read(made("a", placement=placed())), real_read(made("b", refused="blank"))]
    figures = placement_figures(reads)
    assert list(figures) == ["all", "PA and DP"]
    assert figures["all"]["refused"] == 1
    assert figures["all"]["right"]["side"]["value"] == 0.5
    assert [line["reason"] for line in refusals(reads)] == ["blank"]
