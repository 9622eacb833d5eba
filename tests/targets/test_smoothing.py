"""Soft labels against the paper's words: mass p/2 aside, the boundary rule, half a foot's erosion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opensvh.domain.anatomy import Kind, Limb
from opensvh.targets.smoothing import SHAPES, Smoothing, between_classes, smoothing_matrix, soft_label


def test_mass_goes_to_both_neighbours() -> None:
    np.testing.assert_allclose(soft_label(2, Kind.NARROWING, Limb.HAND, 5, 0.1), [0, 0.05, 0.9, 0.05, 0], atol=1e-7)


def test_at_a_boundary_the_side_that_does_not_exist_keeps_its_mass() -> None:
    np.testing.assert_allclose(soft_label(0, Kind.NARROWING, Limb.HAND, 5, 0.1), [0.95, 0.05, 0, 0, 0], atol=1e-7)
    np.testing.assert_allclose(soft_label(5, Kind.EROSION, Limb.HAND, 6, 0.2), [0, 0, 0, 0, 0.1, 0.9], atol=1e-7)


def test_without_smoothing_a_label_is_one_class() -> None:
    np.testing.assert_array_equal(smoothing_matrix(6, 0), np.eye(6))


@given(st.integers(2, 11), st.floats(0, 1))
def test_every_label_sums_to_one(classes: int, smoothing: float) -> None:
    np.testing.assert_allclose(smoothing_matrix(classes, smoothing).sum(axis=1), 1, rtol=1e-6)


def test_an_odd_foot_score_is_spread_over_the_classes_it_lies_between() -> None:
    np.testing.assert_allclose(soft_label(5, Kind.EROSION, Limb.FOOT, 6, 0), [0, 0, 0.5, 0.5, 0, 0])


@pytest.mark.parametrize("score", range(11))
def test_twice_the_expectation_is_the_foots_score(score: int) -> None:
    label = soft_label(score, Kind.EROSION, Limb.FOOT, 6, 0)
    assert 2 * float(label @ np.arange(6)) == pytest.approx(score)


def test_a_native_head_takes_a_foots_score_as_it_is() -> None:
    assert int(soft_label(7, Kind.EROSION, Limb.FOOT, 11, 0).argmax()) == 7


def test_a_hands_erosion_is_never_halved() -> None:
    assert int(soft_label(4, Kind.EROSION, Limb.HAND, 6, 0).argmax()) == 4


def test_the_mean_of_two_readers_lies_between_their_classes() -> None:
    np.testing.assert_allclose(between_classes(2.25, 5), [0, 0, 0.75, 0.25, 0])


@pytest.mark.parametrize("score", [-1, 5])
def test_a_score_outside_the_classes_is_refused(score: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        soft_label(score, Kind.NARROWING, Limb.HAND, 5, 0.1)


@pytest.mark.parametrize("shape", list(SHAPES))
@given(classes=st.integers(2, 11), p=st.floats(0.01, 1))
def test_labels_of_every_shape_sum_to_one_and_have_their_peak_on_the_class(shape: str, classes: int, p: float) -> None:
    matrix = Smoothing(p, shape).matrix(classes)  # type: ignore[arg-type]
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-5)
    if p < 0.5:
        assert (matrix.argmax(axis=1) == np.arange(classes)).all()


def test_a_gaussian_label_has_the_variance_of_the_local_one() -> None:
    grades = np.arange(11)
    for shape in ("local", "gaussian"):
        label = Smoothing(0.4, shape).matrix(11)[5]  # type: ignore[arg-type]
        assert label @ (grades - 5) ** 2 == pytest.approx(0.4, rel=0.02)


def test_a_binomial_label_keeps_its_expectation_and_leaves_the_ends_alone() -> None:
    matrix = Smoothing(0.5, "binomial").matrix(6)
    np.testing.assert_allclose(matrix @ np.arange(6), np.arange(6), atol=1e-6)
    np.testing.assert_array_equal(matrix[[0, 5]], np.eye(6)[[0, 5]])
