import numpy as np
import pytest

from opensvh.evaluation.real_intervals import by_person, lower_median, mean, median, share


def test_rows_are_grouped_by_person_in_order_of_names() -> None:
    groups = by_person(["b", "a", "b"], np.array([1.0, 2.0, 3.0]))
    assert [group.tolist() for group in groups] == [[2.0], [1.0, 3.0]]


def test_a_person_with_more_rows_weighs_more() -> None:
    figure = mean(["a", "a", "a", "b"], np.array([1.0, 1.0, 1.0, 0.0]))
    assert figure is not None
    assert (figure["value"], figure["low"], figure["high"]) == (0.75, 0.0, 1.0)


def test_an_interval_covers_the_mean_of_many_persons() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(40):
        values = rng.normal(2.0, 1.0, 60)
        figure = mean([str(number) for number in range(60)], values)
        assert figure is not None
        covered += figure["low"] <= 2.0 <= figure["high"]
    assert covered >= 34  # of 40 at 95 %: fewer happen once in a hundred times


def test_half_of_the_joints_lost_leave_no_median() -> None:
    assert lower_median(np.array([1.0, np.inf])) == 1.0
    assert median(["a"] * 3, np.array([1.0, np.inf, np.inf])) is None


def test_a_share_of_nothing_is_no_figure() -> None:
    assert share([], []) is None


def test_one_person_has_the_value_as_its_interval() -> None:
    figure = share(["a", "a"], [True, False])
    assert figure == {"value": pytest.approx(0.5), "low": pytest.approx(0.5), "high": pytest.approx(0.5)}
