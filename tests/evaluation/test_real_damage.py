from typing import Any

import pytest

from opensvh.domain.anatomy import SITES, Kind, Limb
from opensvh.evaluation.real_damage import false_damage_figures, film_totals, joint_group, severe_figures


def test_every_site_belongs_to_a_group_of_joints() -> None:
    groups = [joint_group(site) for site in SITES]
    assert {name: groups.count(name) for name in groups} == {
        "hand IP": 1, "PIP": 4, "MCP": 5, "wrist": 12, "foot IP": 1, "MTP": 5,
    }  # fmt: skip


def test_means_and_shares_are_over_sites_of_limbs_without_arthritis(made: Any, real_read: Any) -> None:
    reads = [
        real_read(made("a", grades={("MTP1", Kind.EROSION): 3.0})),
        real_read(made("b")),
        real_read(made("worst", Limb.HAND, severe=True, grade=4.0)),
    ]
    figures = false_damage_figures(reads)
    assert "hands" not in figures
    assert figures["feet"]["erosion"]["mean"]["value"] == pytest.approx(3 / 12)
    assert figures["MTP"]["erosion"]["above_1"]["value"] == pytest.approx(1 / 10)
    assert figures["all"]["narrowing"]["mean"]["value"] == 0
    assert figures["all"]["both"]["sites"] == 24
    assert figures["all"]["both"]["mean"]["high"] == pytest.approx(3 / 12)


def test_a_grade_of_exactly_1_is_not_above_1(made: Any, real_read: Any) -> None:
    assert false_damage_figures([real_read(made(grade=1.0))])["all"]["both"]["above_1"]["value"] == 0


def test_the_severe_hand_is_ranked_among_hands(made: Any, real_read: Any) -> None:
    hands = [real_read(made(f"hand {n}", Limb.HAND, grade=n / 10)) for n in range(5)]
    feet = [real_read(made("foot", grade=3.0))]
    [severe] = severe_figures([*hands, *feet, real_read(made("worst", Limb.HAND, severe=True, grade=0.35))])
    sites = 31
    assert (severe["films"], severe["persons"], severe["rank"]) == (5, 5, 2)
    assert severe["highest"] == pytest.approx(0.4 * sites)
    assert severe["percentile_99"] == pytest.approx(0.396 * sites)
    assert (severe["films_all"], severe["mean_rank"]) == (6, 3)


def test_a_refused_film_has_no_total(made: Any, real_read: Any) -> None:
    assert film_totals([real_read(made(refused="blank"))]) == []


def test_totals_add_up(made: Any, real_read: Any) -> None:
    [line] = film_totals([real_read(made(grade=0.5))])
    assert (line["sites"], line["narrowing"], line["erosion"], line["total"], line["mean"]) == (12, 3.0, 3.0, 6.0, 0.5)
