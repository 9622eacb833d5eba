from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.domain.geometry import Point
from opensvh.evaluation.truth import FilmTruth
from opensvh.simulation.edited_films import edit as editing
from opensvh.simulation.edited_films.edit import EditedFilm, SiteEdit
from opensvh.workflows.evaluate_real_edits import PlannedDamage
from opensvh.workflows.evaluate_real_simulator import SimulatorEditor

PIXELS = np.zeros((90, 60), np.float32)
POINTS = {"MCP2": Point(20, 40), "PIP2": Point(20, 20)}
FILM = FilmTruth("film", "film", Path("film"), Limb.HAND, Side.RIGHT, points=POINTS)
MCP2 = PlannedDamage(site_named(Limb.HAND, "MCP2"), Kind.NARROWING, 3.0)
PIP2 = PlannedDamage(site_named(Limb.HAND, "PIP2"), Kind.EROSION, 2.0)


def edits(monkeypatch: pytest.MonkeyPatch, *done: SiteEdit) -> list[dict[str, Any]]:
    """The calls of an editor that does what it is told to have done."""
    calls: list[dict[str, Any]] = []

    def edited(pixels: Any, points: Any, limb: Any, side: Any, damages: Any, rng: Any, guarded: bool) -> EditedFilm:
        calls.append({"side": side, "damages": dict(damages), "guarded": guarded})
        return EditedFilm(pixels + 1, {**points, "PIP2": Point(20, 22)}, limb, {}, done, 0.1)

    monkeypatch.setattr(editing, "edited", edited)
    return calls


def test_what_could_not_be_edited_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = edits(monkeypatch, SiteEdit("MCP2", Kind.NARROWING, 3.0, 3), SiteEdit("MCP3", Kind.NARROWING, 0.0, 0))
    copy = SimulatorEditor().edit(PIXELS, FILM, (MCP2, PIP2), np.random.default_rng(0))
    assert copy.given == {("MCP2", Kind.NARROWING): 3.0}
    assert copy.points["PIP2"] == Point(20, 22)
    assert copy.pixels[0, 0] == 1
    wanted = {("MCP2", Kind.NARROWING): 3.0, ("PIP2", Kind.EROSION): 2.0}
    assert calls == [{"side": Side.RIGHT, "damages": wanted, "guarded": False}]


def test_a_copy_without_damage_has_harmless_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = edits(monkeypatch)
    assert SimulatorEditor().edit(PIXELS, FILM, (), np.random.default_rng(0)).given == {}
    assert calls[0]["guarded"] is True


def test_an_even_film_can_not_be_edited() -> None:
    copy = SimulatorEditor().edit(PIXELS + 0.5, FILM, (MCP2,), np.random.default_rng(0))
    assert copy.given == {}


def test_the_digest_is_that_of_the_sources() -> None:
    assert len(SimulatorEditor().digest) == 64
    assert SimulatorEditor().digest == SimulatorEditor().digest
