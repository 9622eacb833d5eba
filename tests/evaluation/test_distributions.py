import numpy as np
import pandas as pd
import pytest

from opensvh.evaluation.distributions import differences


def table(values: np.ndarray, other: float = 0.0) -> pd.DataFrame:
    facts = {"film": "f", "limb": "hand", "class": "MCP", "site": "MCP2"}
    return pd.DataFrame([{**facts, "gap": value, "even": other} for value in values])


def test_shift_of_one_sd_is_a_difference_of_one() -> None:
    rng = np.random.default_rng(0)
    found = differences(table(rng.normal(0, 1, 4000)), table(rng.normal(1, 1, 4000)))
    gap = next(each for each in found if each.measure == "gap")
    assert gap.difference == pytest.approx(1.0, abs=0.08)
    assert gap.ks == pytest.approx(0.383, abs=0.04)


def test_same_distribution_is_no_difference_and_comes_last() -> None:
    rng = np.random.default_rng(1)
    found = differences(table(rng.normal(0, 1, 500)), table(rng.normal(2, 1, 500)))
    assert [each.measure for each in found] == ["gap", "even"]
    assert found[-1].difference == 0


def test_mismeasured_joints_do_not_count() -> None:
    values = np.random.default_rng(2).normal(0, 1, 400)
    spoilt = values.copy()
    spoilt[:5], spoilt[5:8] = 1e6, np.nan
    gap = next(each for each in differences(table(values), table(spoilt)) if each.measure == "gap")
    assert abs(gap.difference) < 0.1
    assert gap.simulated.n == 397


def test_few_joints_are_not_compared() -> None:
    assert differences(table(np.arange(3.0)), table(np.arange(9.0))) == []
