import json
from dataclasses import replace
from typing import Any

from opensvh.domain.anatomy import Kind, Limb, site_named
from opensvh.evaluation.real_figures import RealEvaluation
from opensvh.evaluation.real_sensitivity import EditedRead
from opensvh.evaluation.real_split import Half


def line(figures: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in figures["wanted"] if each["name"] == name)["halves"]


def hands(made: Any, real_read: Any) -> list[Any]:
    return [
        real_read(made("a", Limb.HAND, off_px=0.5)),
        real_read(made("b", Limb.HAND, off_px=8, half=Half.TUNING)),
        real_read(made("worst", Limb.HAND, severe=True, grade=3.0)),
    ]


def test_both_halves_and_their_union_stand_side_by_side(made: Any, real_read: Any) -> None:
    figures = RealEvaluation(hands(made, real_read), (), told=True).figures()
    assert [(name, half["films"]) for name, half in figures["halves"].items()] == [
        ("measuring", 2), ("tuning", 1), ("both", 3),
    ]  # fmt: skip
    median = line(figures, "fingers: median error, % of length")
    assert (median["measuring"]["met"], median["tuning"]["met"]) == (True, False)


def test_one_half_alone_has_no_union(made: Any, real_read: Any) -> None:
    assert list(RealEvaluation([real_read(made())], (), told=True).figures()["halves"]) == ["measuring"]


def test_nothing_is_said_of_what_was_told(made: Any, real_read: Any) -> None:
    reads = hands(made, real_read)
    told, untold = (RealEvaluation(reads, (), each).figures() for each in (True, False))
    assert "placement" not in told["halves"]["measuring"]
    assert line(told, "limb right")["measuring"]["met"] is None
    assert line(untold, "limb right")["measuring"] == {
        "value": 0.0, "bound": 1.0, "interval": [0.0, 0.0], "met": False,
    }  # fmt: skip


def test_the_severe_total_is_held_against_the_others_of_its_half(made: Any, real_read: Any) -> None:
    severe = line(
        RealEvaluation(hands(made, real_read), (), told=True).figures(),
        "severe hand: total above the others' 99th percentile",
    )
    assert severe["measuring"] == {"value": 93.0, "bound": 0.0, "interval": None, "met": True}
    assert severe["tuning"]["met"] is None


def test_a_median_of_joints_that_were_not_found_is_not_met(made: Any, real_read: Any) -> None:
    figures = RealEvaluation([real_read(made(refused="blank"))], (), told=True).figures()
    median = line(figures, "toes: median error, % of length")["measuring"]
    assert (median["value"], median["met"]) == (None, False)
    assert figures["refused"][0]["reason"] == "blank"


def test_edits_are_split_by_half_and_all_is_plain_json(made: Any, real_read: Any) -> None:
    site = site_named(Limb.HAND, "MCP2")
    edit = EditedRead("a", "a", Half.MEASURING, 0, site, Kind.NARROWING, 3.0, 2.0, 0.1)
    edits = [edit, replace(edit, film="b", person="b", half=Half.TUNING, read=1.0)]
    figures = RealEvaluation(hands(made, real_read), edits, told=True).figures()
    means = {half: each["sensitivity"]["narrowing"]["hands"]["curve"][1] for half, each in figures["halves"].items()}
    assert {half: (point["n"], point["read"]["value"]) for half, point in means.items()} == {
        "measuring": (1, 2.0), "tuning": (1, 1.0), "both": (2, 1.5),
    }  # fmt: skip
    json.dumps(figures, allow_nan=False)
