import base64
import re
from typing import Any

from opensvh.domain.anatomy import Kind, Limb, site_named
from opensvh.evaluation.real_damage import false_damage_figures, film_totals
from opensvh.evaluation.real_sensitivity import EditedRead, sensitivity_figures
from opensvh.evaluation.real_split import Half
from opensvh.reporting.real_evaluation_plots import error_plot, false_damage_plot, sensitivity_plot, totals_plot


def drawn(image: str) -> str:
    """The SVG inside an `img` element."""
    found = re.search(r"data:image/svg\+xml;base64,([^\"]+)", image)
    assert found
    return base64.b64decode(found[1]).decode()


def test_a_half_without_films_has_no_line(made: Any, real_read: Any) -> None:
    svg = drawn(error_plot([real_read(made(off_px=2)), real_read(made("b", half=Half.TUNING))]))
    assert svg.count("<!-- measuring, n = 6 -->") == svg.count("<!-- tuning, n = 6 -->") == 1
    assert "tuning" not in drawn(error_plot([real_read(made())]))


def test_false_damage_of_one_half_alone_is_drawn(made: Any, real_read: Any) -> None:
    figures = false_damage_figures([real_read(made(grade=1.0))])
    assert "measuring" in drawn(false_damage_plot({"measuring": {"false_damage": figures}}))


def test_the_severe_film_is_marked(made: Any, real_read: Any) -> None:
    totals = film_totals([real_read(made(limb=Limb.HAND, severe=True, grade=2.0)), real_read(made("b"))])
    assert "<!-- severe -->" in drawn(totals_plot(totals))


def test_each_kind_and_group_of_joints_has_its_curve() -> None:
    edits = [
        EditedRead("a", "a", Half.MEASURING, 0, site_named(Limb.HAND, name), kind, 3.0, 2.0, 0.0)
        for name in ("MCP2", "PIP2")
        for kind in Kind
    ]
    svg = drawn(sensitivity_plot({"measuring": sensitivity_figures(edits)}))
    for panel in ("MCP, narrowing", "PIP, narrowing", "MCP, erosion", "PIP, erosion"):
        assert svg.count(f"<!-- {panel} -->") == 1
