from opensvh.evaluation.gap_errors import GapSeen, gap_figures
from opensvh.reporting.gaps_page import gaps_page


def page_of(error_mm: float) -> str:
    gaps = [GapSeen(0, "hand", "MCP", "MCP2", 0.2 * step, 0.2 * step + error_mm, 0.2 * step) for step in range(1, 9)]
    return gaps_page(gaps, gap_figures(gaps))


def test_errors_beyond_the_bound_are_marked() -> None:
    assert page_of(0.3).count('class="off"') == 2
    assert page_of(0.02).count('class="off"') == 0


def test_page_shows_every_class_and_a_plot() -> None:
    page = page_of(0.02)
    assert "hand MCP" in page
    assert "data:image/svg+xml" in page
