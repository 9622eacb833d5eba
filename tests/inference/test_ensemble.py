"""Evidence of one or several models becomes one reading, on the site's own scale."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, site_named
from opensvh.domain.geometry import Point
from opensvh.domain.reading import Status
from opensvh.inference.ensemble import JointEvidence, combined, expectation, on_scale, site_reading

HERE = Point(10, 20)
MCP2, MTP3 = site_named(Limb.HAND, "MCP2"), site_named(Limb.FOOT, "MTP3")


def odds(classes: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(classes))


def evidence(point: Point | None = HERE, confidence: float = 0.9, erosion: np.ndarray | None = None) -> JointEvidence:
    return JointEvidence(
        point, confidence, {Kind.NARROWING: odds(5, 1), Kind.EROSION: odds(6, 2) if erosion is None else erosion}
    )


@pytest.mark.parametrize(
    ("classes", "maximum", "grades"),
    [(5, 4, (0, 1, 2, 3, 4)), (6, 5, (0, 1, 2, 3, 4, 5)), (6, 10, (0, 2, 4, 6, 8, 10)), (11, 10, tuple(range(11)))],
)
def test_a_class_stands_for_its_grade(classes: int, maximum: int, grades: tuple[int, ...]) -> None:
    assert [expectation(each, maximum) for each in np.eye(classes)] == list(grades)


def test_the_expectation_weighs_grades_by_probability() -> None:
    assert expectation(np.array([0.5, 0.25, 0, 0, 0, 0.25]), 10) == pytest.approx(0.25 * 2 + 0.25 * 10)


def test_rounding_does_not_carry_the_expectation_past_the_maximum() -> None:
    assert expectation(np.array([0, 0, 0, 0, 1 + 1e-12]), 4) == 4
    assert expectation(np.array([1, -1e-12, 0, 0, 0]), 4) == 0


def test_a_hand_keeps_the_classes_it_can_have_of_a_head_of_eleven() -> None:
    head = np.array([0.1, 0.2, 0.1, 0.0, 0.0, 0.1, 0.3, 0.0, 0.0, 0.0, 0.2])
    assert on_scale(head, 5) == pytest.approx(np.array([0.2, 0.4, 0.2, 0, 0, 0.2]))


@pytest.mark.parametrize(("classes", "maximum"), [(5, 4), (6, 5), (6, 10), (11, 10)])
def test_a_head_that_fits_its_limb_stays_as_it_is(classes: int, maximum: int) -> None:
    assert on_scale(odds(classes), maximum) == pytest.approx(odds(classes))


def test_one_model_is_not_changed_by_combining() -> None:
    only = evidence()
    assert combined([only]) is only


@pytest.mark.parametrize("seed", range(5))
def test_models_of_six_and_eleven_classes_agree_on_the_mean_of_their_grades(seed: int) -> None:
    coarse, fine = odds(6, seed), odds(11, seed + 100)
    both = combined([evidence(erosion=coarse), evidence(erosion=fine)]).damage[Kind.EROSION]
    assert both.sum() == pytest.approx(1)
    mean = (expectation(coarse, 10) + expectation(fine, 10)) / 2
    assert expectation(both, 10) == pytest.approx(mean)
    assert expectation(combined([evidence(erosion=fine), evidence(erosion=coarse)]).damage[Kind.EROSION], 10) == (
        pytest.approx(mean)
    )


def test_the_place_leans_to_the_surer_model() -> None:
    agreed = combined([evidence(Point(0, 10), 0.9), evidence(Point(8, 30), 0.3)])
    assert agreed.point == pytest.approx((2, 15))
    assert agreed.confidence == pytest.approx(0.6)


def test_a_model_that_saw_no_joint_does_not_place_it_but_lowers_the_confidence() -> None:
    agreed = combined([evidence(None, 0.2), evidence(Point(8, 30), 0.8), evidence(None, 0.5)])
    assert agreed.point == pytest.approx((8, 30))
    assert agreed.confidence == pytest.approx(0.5)


def test_what_no_model_saw_has_no_place() -> None:
    assert combined([evidence(None, 0.2), evidence(None, 0.4)]).point is None
    assert combined([evidence(Point(1, 1), 0.0), evidence(None, 0.0)]).point is None


def test_a_sure_joint_is_scored_where_it_lies() -> None:
    reading = site_reading(MTP3, Kind.EROSION, evidence(confidence=0.5), threshold=0.5)
    assert (reading.status, reading.point, reading.confidence) == (Status.SCORED, HERE, 0.5)
    assert reading.expected == pytest.approx(2 * odds(6, 2) @ np.arange(6))
    assert reading.probabilities == pytest.approx(tuple(odds(6, 2)))
    assert reading.reason == ""


@pytest.mark.parametrize("kind", Kind)
def test_an_unsure_joint_is_not_assessable_and_never_zero(kind: Kind) -> None:
    reading = site_reading(MCP2, kind, evidence(confidence=0.49), threshold=0.5)
    assert reading.status is Status.NOT_ASSESSABLE
    assert (reading.expected, reading.score, reading.point, reading.probabilities) == (None, None, None, ())
    assert reading.confidence == 0.49
    assert reading.reason == "the joint was not found (confidence below 0.50)"


def test_a_joint_without_a_place_is_not_assessable_and_its_reason_is_true() -> None:
    reading = site_reading(MCP2, Kind.EROSION, evidence(None, confidence=0.8), threshold=0.5)
    assert (reading.status, reading.expected) == (Status.NOT_ASSESSABLE, None)
    assert "not found" in reading.reason
    assert "below 0.50" not in reading.reason


def test_a_kind_that_is_not_scored_at_a_site_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"IP1.*not scored"):
        site_reading(site_named(Limb.HAND, "IP1"), Kind.NARROWING, evidence(), threshold=0.5)


def test_a_model_without_any_evidence_does_not_turn_a_grade_into_zero() -> None:
    """Where a joint's probability underflows, its pooled scores are all 0: not a distribution, and no grade."""
    nothing = JointEvidence(
        None, 0.0, {Kind.NARROWING: on_scale(np.zeros(5), 4), Kind.EROSION: on_scale(np.zeros(6), 5)}
    )
    agreed = combined([evidence(Point(8, 30), 0.9, np.eye(6)[4]), nothing])
    assert site_reading(MCP2, Kind.EROSION, agreed, threshold=0.3).expected == pytest.approx(4)
