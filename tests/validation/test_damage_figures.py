from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from damage_data import GradedJoints, Joints
from damage_figures import Means, joint_class, real_figures, simulated_figures
from damage_report import severe_and_others, tables, verdict
from patches import Patches, PatchOf
from real_films import Half, RealFilm

from opensvh.domain.anatomy import Kind, Limb, Side, site_named, sites_of
from opensvh.domain.geometry import Box
from opensvh.io.annotations.records import MarkedFilm

NAMES = ("MCP2", "PIP3", "RADCAR", "MCP2", "PIP3", "RADCAR")
EXACT = np.array([0.0, 2.0, 4.0, 2.0, 0.0, 0.0])


def joints(limbs: tuple[str, ...] = ("a", "a", "a", "b", "b", "b")) -> Joints:
    sites = tuple(site_named(Limb.HAND, name) for name in NAMES)
    index = tuple(PatchOf(limb, Limb.HAND, site.point) for limb, site in zip(limbs, sites, strict=True))
    patches = Patches(np.zeros((6, 128, 128), np.uint8), index)
    return Joints(Kind.NARROWING, patches, np.arange(6), sites, limbs)


def graded() -> GradedJoints:
    return GradedJoints(joints(), EXACT + 1, EXACT)


def film(name: str, half: Half = Half.MEASURING, severe: bool = False) -> RealFilm:
    marked = MarkedFilm(
        name, Path(name), Limb.HAND, Side.LEFT, None, 0, Box(0, 0, 1, 1), {}, frozenset({"PIP3"}), "PA", "adult", name
    )
    return RealFilm(marked, half, severe)


def test_predicting_the_mean_has_the_ratio_one_and_the_truth_zero() -> None:
    means = Means.of(graded())
    by_mean = np.array([means.exact[site] for site in graded().joints.sites])
    assert simulated_figures(graded(), by_mean, means)["exact"]["all"]["ratio"] == pytest.approx(1)
    figures = simulated_figures(graded(), EXACT, means)
    assert figures["exact"]["all"]["ratio"] == 0
    assert figures["reader"]["all"]["rmse"] == pytest.approx(1), "the reader of this set is one grade strict"
    assert figures["exact"]["MCP"]["sites"] == 2


def test_sites_without_an_exact_grade_are_left_out() -> None:
    exact = EXACT.copy()
    exact[0] = np.nan
    known = replace(graded(), exact=exact)
    figures = simulated_figures(known, np.where(np.isnan(exact), 99, EXACT), Means.of(known))
    assert figures["exact"]["all"] == pytest.approx({"sites": 5, "rmse": 0, "rmse_of_mean": 2**0.5, "ratio": 0})


def test_the_severe_limb_is_shown_beside_the_others_and_not_counted_with_them() -> None:
    predicted = np.array([0.0, 0.2, 1.6, 3.0, 4.0, 4.0])
    figures = real_figures(joints(), predicted, [film("a"), film("b", severe=True)])
    assert figures["measuring"]["all"] == {
        "sites": 3,
        "mean": pytest.approx(0.6),
        "share_above_1": pytest.approx(1 / 3),
    }
    assert figures["measuring"]["certain"]["mean"] == pytest.approx(0.8)
    assert figures["measuring"]["wrist"]["mean"] == pytest.approx(1.6)
    assert severe_and_others(figures["limbs"]) == ([pytest.approx(11)], [pytest.approx(1.8)])


def test_the_tuning_half_is_not_in_the_headline() -> None:
    predicted = np.array([0.0, 0.0, 0.0, 3.0, 3.0, 3.0])
    figures = real_figures(joints(), predicted, [film("a"), film("b", Half.TUNING)])
    assert figures["measuring"]["all"]["mean"] == 0
    assert figures["all"]["all"]["mean"] == pytest.approx(1.5)


def test_every_site_is_of_a_joint_class() -> None:
    names = {joint_class(site) for limb in Limb for site in sites_of(limb)}
    assert names == {"MCP", "PIP", "hand IP", "wrist", "MTP", "foot IP"}


def test_the_report_says_what_is_met() -> None:
    sound = {
        "unseen": simulated_figures(graded(), EXACT, Means.of(graded())),
        "real": real_figures(joints(), np.array([0, 0, 0.3, 3, 3, 3.0]), [film("a"), film("b", severe=True)]),
    }
    lines = verdict({"kinds": dict.fromkeys(Kind, sound)})
    assert len(lines) == 8
    assert all(line.startswith("met") for line in lines)
    blind = sound | {"real": real_figures(joints(), np.full(6, 2.0), [film("a"), film("b", severe=True)])}
    assert sum(line.startswith("not met") for line in verdict({"kinds": dict.fromkeys(Kind, blind)})) == 6
    assert len(tables({"first": {"kinds": dict.fromkeys(Kind, sound)}})) == 6
