"""ICCs and their intervals against Shrout and Fleiss' table, R's psych package, and simulated coverage."""

import numpy as np
import pytest

from opensvh.evaluation.icc import icc_2_1, icc_2_1_interval, icc_3_1, icc_3_1_interval, mean_squares

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)  # fmt: skip
"""Four judges of six targets: Shrout and Fleiss, Psychol Bull 1979;86:420, table 2."""


def test_published_values_of_shrout_and_fleiss() -> None:
    squares = mean_squares(SHROUT_FLEISS)
    assert squares is not None
    assert (squares.between, squares.reader, squares.error) == pytest.approx((11.24, 32.49, 1.02), abs=0.005)
    assert (icc_2_1(squares), icc_3_1(squares)) == pytest.approx((0.29, 0.71), abs=0.005)


@pytest.mark.parametrize(
    ("judges", "icc_2", "bounds_2", "icc_3", "bounds_3"),
    [
        (
            [0, 1, 2, 3],
            0.289763779528,
            (0.0187865133747, 0.761084369649),
            0.714840714841,
            (0.3424647650339, 0.945858259955),
        ),
        (
            [0, 3],
            0.647887323944,
            (-0.0600694997243, 0.939148567205),
            0.686567164179,
            (-0.1409261873460, 0.949308492197),
        ),
    ],
)
def test_figures_and_intervals_of_r_psych(
    judges: list[int],
    icc_2: float,
    bounds_2: tuple[float, float],
    icc_3: float,
    bounds_3: tuple[float, float],
) -> None:
    """`format(psych::ICC(scores[, judges], lmer = FALSE)$results, digits = 12)`, psych 2.2.9 in R 4.2.2."""
    squares = mean_squares(SHROUT_FLEISS[:, judges])
    assert squares is not None
    assert (icc_2_1(squares), icc_3_1(squares)) == pytest.approx((icc_2, icc_3), rel=1e-11)
    assert icc_2_1_interval(squares) == pytest.approx(bounds_2, rel=1e-10)
    assert icc_3_1_interval(squares) == pytest.approx(bounds_3, rel=1e-10)


def test_without_variation_or_error_there_is_no_figure_or_no_interval() -> None:
    assert mean_squares(np.ones((1, 2))) is None
    same = mean_squares(np.ones((4, 2)))
    assert same is not None
    assert (icc_2_1(same), icc_3_1(same), icc_2_1_interval(same), icc_3_1_interval(same)) == (None, None, None, None)
    equal = mean_squares(np.column_stack([np.arange(5.0), np.arange(5.0)]))
    assert equal is not None
    assert (icc_2_1(equal), icc_2_1_interval(equal), icc_3_1_interval(equal)) == (1.0, None, None)


@pytest.mark.slow
def test_intervals_cover_the_true_icc_as_often_as_promised() -> None:
    """800 tables of 30 patients and 2 readers: patients' SD 2, readers' 0.5, error 1; four standard errors allowed."""
    rng, covered = np.random.default_rng(0), np.zeros(2)
    for _ in range(800):
        readers = rng.normal(0, 0.5, (1, 2))
        scores = rng.normal(0, 2, (30, 1)) + readers + rng.normal(0, 1, (30, 2))
        squares = mean_squares(scores)
        assert squares is not None
        pairs = ((icc_2_1_interval(squares), 4 / 5.25), (icc_3_1_interval(squares), 4 / 5))
        covered += [bounds is not None and bounds[0] <= truth <= bounds[1] for bounds, truth in pairs]
    shares = covered / 800
    assert 0.95 - 0.031 <= shares[1] <= 0.95 + 0.031
    # Satterthwaite's degrees of freedom approximate: with two readers ICC(2,1) is covered a little more often.
    assert 0.92 <= shares[0] <= 0.99
