"""Scores of people who told real from simulated crops."""

import pytest

from opensvh.evaluation.blind_reading import blind_result


def answers(right: int, wrong: int) -> dict[str, tuple[str, str]]:
    given = [("real", "real")] * right + [("real", "simulated")] * wrong
    return {str(number): each for number, each in enumerate(given)}


def test_half_right_is_guessing() -> None:
    result = blind_result(answers(10, 10), crops=20)
    assert result.chance > 0.5
    assert result.interval[0] < 0.5 < result.interval[1]


def test_all_right_is_not() -> None:
    result = blind_result(answers(20, 0), crops=40)
    assert result.chance == pytest.approx(0.5**20)
    assert (result.right, result.answered, result.crops) == (20, 20, 40)


def test_calling_everything_real_shows_in_both_shares() -> None:
    result = blind_result({"1": ("real", "real"), "2": ("simulated", "real")}, crops=2)
    assert (result.real_called_real, result.simulated_called_real) == (1, 1)


def test_no_answer_is_no_score() -> None:
    assert blind_result({}, crops=40).interval == (0, 1)
    assert "0 of 0" in str(blind_result({}, crops=40))
