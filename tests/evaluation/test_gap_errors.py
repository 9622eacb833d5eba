import numpy as np
import pytest

from opensvh.evaluation.gap_errors import GapSeen, gap_errors, gap_figures


def test_errors_are_those_of_known_offsets() -> None:
    asked = np.linspace(0.2, 2.0, 50)
    errors = gap_errors(asked, asked + 0.05)
    assert errors is not None
    assert (errors.mean, errors.sd, errors.p95) == pytest.approx((0.05, 0.0, 0.05))
    assert errors.small


def test_wide_scatter_is_not_small_though_its_mean_is() -> None:
    asked = np.ones(100)
    errors = gap_errors(asked, asked + np.tile([-0.3, 0.3], 50))
    assert errors is not None
    assert abs(errors.mean) < 1e-9
    assert not errors.small


def test_a_joint_that_is_not_seen_counts_against_its_class() -> None:
    errors = gap_errors([1.0, 1.0], [1.0, float("nan")])
    assert errors is not None
    assert errors.missed == 1
    assert not errors.small


def test_fused_joint_is_asked_to_be_closed() -> None:
    errors = gap_errors([-0.4], [0.0])
    assert errors is not None
    assert errors.mean == 0


def test_the_film_is_judged_only_where_the_space_is_clear() -> None:
    gaps = [GapSeen(0, "hand", "MCP", "MCP2", 0.3, 0.3, 0.9), GapSeen(0, "hand", "MCP", "MCP3", 1.5, 1.5, 1.6)]
    figures = gap_figures(gaps)["hand MCP"]
    assert figures["seen"]["n"] == 2
    assert figures["on_film"]["n"] == 1
    assert figures["on_film"]["mean"] == pytest.approx(0.1)
