"""The page of a comparison: plots from figures alone, before and after."""

from typing import Any

import numpy as np
import pytest

from opensvh.reporting.realism_page import realism_page
from opensvh.reporting.realism_plots import realism_plots


def trial(accuracy: float) -> dict[str, Any]:
    return {
        "pictures": {"real": 12, "simulated": 60}, "accuracy": accuracy, "auc": accuracy,
        "interval": [accuracy - 0.1, min(accuracy + 0.1, 1.0)], "real_recognised": accuracy,
        "simulated_recognised": accuracy,
    }  # fmt: skip


def view(accuracy: float, equalised: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "network": trial(accuracy),
        "features": trial(accuracy - 0.05),
        "distances": {"pictures": 12, "frechet": 0.02, "frechet_floor": 0.003, "kernel": 1.5},
    }
    return figures | ({"equalised": {"same spectrum": {"features": trial(0.6)}}} if equalised else {})


def limb(accuracy: float) -> dict[str, Any]:
    curve = {"films": 12, "mean": [0.1] * 8, "low": [0.0] * 8, "high": [0.2] * 8}
    spread = {"n": 12, "mean": 0.1, "sd": 0.02, "values": [0.1] * 12}
    curves = {"a part": {"distance": 0.1, "real": curve, "simulated": curve}}
    return {
        "films": {"real": 12, "simulated": 60}, "persons": {"real": 11, "simulated": 30},
        "histograms": curves, "spectra": curves, "profiles": curves,
        "scalars": {"grain <of> film": {"real": spread, "simulated": spread, "effect": 1.5, "ks": 0.4}},
        "classifiers": {name: view(accuracy, name != "film") for name in ("film", "limb", "joints")},
    }  # fmt: skip


def figures(accuracy: float) -> dict[str, Any]:
    return {
        "software": "OpenSvH", "simulated": "set", "real": "films", "choice": "adults",
        "limbs": {"hand": limb(accuracy)},
    }  # fmt: skip


@pytest.mark.parametrize("earlier", [None, 0.97])
def test_the_page_shows_accuracies_and_loads_nothing(earlier: float | None) -> None:
    now, before = figures(0.81), figures(earlier) if earlier else None
    plots = {"hand": realism_plots(now["limbs"]["hand"], before["limbs"]["hand"] if before else None)}
    page = realism_page(now, before, plots)
    assert "81 %" in page
    assert ("97 %" in page) == (earlier is not None)
    assert "grain &lt;of&gt; film" in page
    assert "http" not in page


def test_a_baseline_of_another_limb_shows_nothing_before() -> None:
    now, before = figures(0.81), {**figures(0.97), "limbs": {"foot": limb(0.97)}}
    page = realism_page(now, before, {"hand": realism_plots(now["limbs"]["hand"], None)})
    assert "97 %" not in page


def test_plots_are_png_and_the_same_figures_give_the_same_bytes() -> None:
    one, same = (realism_plots(limb(0.8), limb(0.9)) for _ in range(2))
    assert one == same
    assert all(png.startswith(b"\x89PNG") for png in one.values())
    assert one["accuracy"] != realism_plots(limb(0.6), limb(0.9))["accuracy"]


def test_measures_that_an_earlier_comparison_lacked_are_left_blank() -> None:
    old = limb(0.9)
    old["scalars"] = {}
    old["profiles"] = {}
    assert np.all([len(png) > 1000 for png in realism_plots(limb(0.8), old).values()])
