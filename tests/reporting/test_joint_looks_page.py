import pytest

from opensvh.evaluation.distributions import Difference, Spread
from opensvh.reporting.joint_looks_page import closeness, joint_looks_page


def difference(measure: str, size: float, group: str = "MCP") -> Difference:
    real, simulated = Spread(40, 1.4, 1.2, 1.6), Spread(50, 1.4 + 0.2 * size, 1.3, 1.9)
    return Difference("hand", group, measure, real, simulated, size, 0.4, 0.01)


def test_page_lists_differences_and_needs_no_other_file() -> None:
    page = joint_looks_page([difference("gap", 3.2), difference("floor", -0.4, "PIP")], {})
    assert "+3.2" in page
    assert "median width of the space" in page
    assert 'src="http' not in page
    assert page.count("<img") == 2


def test_baseline_is_shown_beside_what_came_of_it() -> None:
    page = joint_looks_page([difference("gap", 0.4)], {("hand", "MCP", "gap"): -4.9})
    assert "-4.9" in page
    assert page.count("<img") == 3


def test_closeness_counts_figures_within_one_sd() -> None:
    summary = closeness([difference("gap", -3.0), difference("floor", 0.5), difference("depth", 0.9)])
    assert summary["median"] == pytest.approx(0.9)
    assert summary["within_one"] == pytest.approx(2 / 3)
