from typing import Any

import pytest

from opensvh.domain.anatomy import Limb
from opensvh.evaluation.real_points import point_figures

# A foot of 400 px: 4 px are 1 % of its length.


def test_errors_are_in_percent_of_the_limb_s_length(made: Any, real_read: Any) -> None:
    reads = [real_read(made(f"film {n}", off_px=n)) for n in (2, 4, 10)]
    toes = point_figures(reads, certain=True)["toes, DP"]
    assert (toes["films"], toes["persons"], toes["points"]) == (3, 3, 18)
    assert toes["median_percent"]["value"] == pytest.approx(1.0)
    assert toes["median_percent"]["low"] == pytest.approx(0.5)
    assert toes["median_percent"]["high"] == pytest.approx(2.5)
    assert [toes["within"][bound]["value"] for bound in "1234"] == pytest.approx([2 / 3, 2 / 3, 1, 1])


def test_joints_that_were_not_found_are_beyond_every_bound(made: Any, real_read: Any) -> None:
    figures = point_figures([real_read(made(lost=("MTP1", "MTP2")))], certain=True)["toes"]
    assert figures["missed"] == 2
    assert figures["within"]["4"]["value"] == pytest.approx(4 / 6)
    assert figures["median_percent"]["value"] == 0


def test_a_refused_film_counts_with_all_its_joints(made: Any, real_read: Any) -> None:
    figures = point_figures([real_read(made("good")), real_read(made("bad", refused="no limb"))], certain=True)
    assert figures["toes"]["missed"] == 6
    assert figures["toes"]["within"]["3"]["value"] == 0.5


def test_children_and_the_severe_hand_are_no_part_of_the_adult_figures(made: Any, real_read: Any) -> None:
    reads = [
        real_read(made("a", Limb.HAND)),
        real_read(made("b", Limb.HAND, severe=True, off_px=40)),
        real_read(made("c", Limb.HAND, age="child", off_px=20)),
        real_read(made("d", age="child", view="oblique")),
    ]
    figures = point_figures(reads, certain=True)
    assert list(figures) == [
        "fingers", "wrist", "fingers, severe hand", "wrist, severe hand", "fingers, child", "wrist, child",
        "toes, children, oblique",
    ]  # fmt: skip
    assert figures["fingers"]["points"] == 10
    assert figures["wrist"]["median_percent"]["value"] == 0
    assert figures["wrist, severe hand"]["median_percent"]["value"] == pytest.approx(100 * 40 / (0.93 * 400))


def test_oblique_feet_stand_apart_from_dorsoplantar_ones(made: Any, real_read: Any) -> None:
    reads = [real_read(made("a")), real_read(made("b", view="oblique", off_px=4))]
    figures = point_figures(reads, certain=True)
    assert figures["toes, oblique"]["median_percent"]["value"] == pytest.approx(1.0)
    assert figures["toes, DP"]["median_percent"]["value"] == 0
    assert figures["toes"]["points"] == 12


def test_uncertain_points_are_left_out_unless_asked_for(made: Any, real_read: Any) -> None:
    reads = [real_read(made(uncertain=("MTP5",)))]
    assert point_figures(reads, certain=True)["toes"]["points"] == 5
    assert point_figures(reads, certain=False)["toes"]["points"] == 6


def test_films_of_one_person_are_drawn_together(made: Any, real_read: Any) -> None:
    one = [real_read(made(f"film {n}", off_px=n, person="same")) for n in (0, 8)]
    figure = point_figures(one, certain=True)["toes"]["within"]["1"]
    assert (figure["low"], figure["high"]) == (0.5, 0.5)
