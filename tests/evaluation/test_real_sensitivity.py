import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from opensvh.domain.anatomy import Kind, Limb, site_named
from opensvh.evaluation.real_sensitivity import (
    EditedRead,
    discrimination,
    discrimination_from_harmless,
    sensitivity_figures,
    slope,
    spearman,
)
from opensvh.evaluation.real_split import Half


def edit(
    given: float, read: float | None, unedited: float | None = 0.0, person: str = "p", name: str = "MCP2"
) -> EditedRead:
    site = site_named(Limb.HAND, name)
    return EditedRead(person, person, Half.MEASURING, 0, site, Kind.NARROWING, given, read, unedited)


def rows(seed: int = 0, count: int = 200) -> np.ndarray:
    rng = np.random.default_rng(seed)
    given = rng.integers(1, 5, count).astype(float)
    noise = rng.normal(0, 1, (3, count))
    return np.column_stack([given, 0.5 * given + noise[0], noise[1], noise[2]])


def test_a_perfect_reader_has_slope_rank_correlation_and_auc_of_one() -> None:
    edits = [edit(grade, grade, person=f"{person}") for person in range(4) for grade in (1.0, 2.0, 3.0, 4.0)]
    figures = sensitivity_figures(edits)["narrowing"]["hands"]
    assert [figures[name]["value"] for name in ("slope", "spearman", "auc_grade_2")] == pytest.approx([1, 1, 1])
    assert [(point["given"], point["read"]["value"]) for point in figures["curve"]] == [
        (0, 0), (1, 1), (2, 2), (3, 3), (4, 4),
    ]  # fmt: skip


def test_a_blind_reader_tells_nothing() -> None:
    blind = np.array([(grade, 0.7, 0.7, 0.7) for grade in (1.0, 2.0, 4.0)])
    assert slope(blind) == pytest.approx(0)
    assert discrimination(blind) == 0.5
    assert spearman(blind) is None


def test_slope_is_that_of_a_fitted_line() -> None:
    given = np.concatenate([rows()[:, 0], np.zeros(200)])
    read = np.concatenate([rows()[:, 1], rows()[:, 2]])
    assert slope(rows()) == pytest.approx(np.polyfit(given, read, 1)[0])


def test_discrimination_is_the_area_under_the_roc_curve_of_grades_2_and_more() -> None:
    damaged = rows()[rows()[:, 0] >= 2]
    truth = np.repeat([1, 0], len(damaged))
    assert discrimination(rows()) == pytest.approx(roc_auc_score(truth, np.r_[damaged[:, 1], damaged[:, 2]]))


def test_a_reader_of_the_mark_of_editing_is_found_out() -> None:
    marked = np.array([(grade, 2.0, 0.0, 2.0) for grade in (2.0, 3.0, 4.0)])
    assert discrimination(marked) == 1
    assert discrimination_from_harmless(marked) == 0.5


def test_light_damage_alone_says_nothing_of_grade_2() -> None:
    figures = sensitivity_figures([edit(1.0, 1.0)])["narrowing"]["hands"]
    assert figures["auc_grade_2"] is None


def test_sites_without_a_score_are_counted_apart() -> None:
    figures = sensitivity_figures([edit(2.0, None), edit(3.0, 3.0), edit(1.0, 1.0, None)])["narrowing"]["hands"]
    assert (figures["edits"], figures["not_scored"]) == (3, 2)
    assert [point["given"] for point in figures["curve"]] == [0, 3]


def test_joint_groups_stand_apart() -> None:
    figures = sensitivity_figures([edit(2.0, 2.0), edit(2.0, 0.0, name="CMC3")])["narrowing"]
    assert set(figures) == {"hands", "MCP", "wrist"}
    assert figures["wrist"]["slope"]["value"] == 0


def test_nothing_scored_gives_figures_without_values() -> None:
    figures = sensitivity_figures([edit(2.0, None)])["narrowing"]["hands"]
    assert figures["slope"] is None
    assert figures["curve"] == []


def test_the_ten_grades_of_a_foot_are_taken_in_pairs() -> None:
    site = site_named(Limb.FOOT, "MTP2")
    edits = [
        EditedRead("p", "p", Half.MEASURING, 0, site, Kind.EROSION, grade, grade, 0.0) for grade in (1.0, 2.0, 9.0)
    ]
    curve = sensitivity_figures(edits)["erosion"]["feet"]["curve"]
    assert [(point["given"], point["n"]) for point in curve] == [(0, 3), (1.5, 2), (9, 1)]
