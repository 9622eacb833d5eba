"""The plots of a comparison of real and simulated films, from its figures alone, as PNG.

Real is black, simulated blue; where an earlier comparison is given, the films simulated then are grey.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Figures = Mapping[str, Any]
REAL, NOW, BEFORE, ASKED = "#1f2a37", "#1768ac", "#a8b0bb", "#d1495b"
WANTED = {"film": 0.85, "limb": 0.85, "joints": 0.75}
"""The balanced accuracy that each view's classifier is to stay below."""
CLASSIFIERS = {"network": "small network", "features": "regression on features"}
VIEWS = {"film": "whole film", "limb": "limb cut out", "joints": "joint squares"}
COLUMNS = 3


def realism_plots(now: Figures, before: Figures | None) -> dict[str, bytes]:
    """PNG by name, for one limb's figures and those of an earlier comparison."""
    return {
        "accuracy": accuracy_plot(now, before),
        "equalised": equalised_plot(now, before),
        "histograms": curves_plot(now, before, "histograms", "grey level", lambda n: (np.arange(n) + 0.5) / n),
        "spectra": curves_plot(now, before, "spectra", "cycles a side (dB)", np.arange),
        "profiles": curves_plot(now, before, "profiles", "along the profile", lambda n: np.linspace(-1, 1, n)),
        "scalars": scalars_plot(now, before),
    }


def curves_plot(now: Figures, before: Figures | None, part: str, label: str, places: Callable[[int], Any]) -> bytes:
    """Mean curves with the band of 80 % of the films, one panel a kind."""
    names = list(now[part])
    rows = -(-len(names) // COLUMNS)
    figure, axes = _figure(rows, min(COLUMNS, len(names)), 2.8)
    for axis, name in zip(axes, names, strict=False):
        _panel(axis, now[part][name], (before or {}).get(part, {}).get(name), places)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel(label, fontsize=8)
    axes[0].legend(frameon=False, fontsize=7)
    return _png(figure)


def _panel(axis: Axes, curves: Figures, earlier: Figures | None, places: Callable[[int], Any]) -> None:
    shown = [("real", curves["real"], REAL), ("simulated", curves["simulated"], NOW)]
    if earlier:
        shown.insert(1, ("simulated before", earlier["simulated"], BEFORE))
    for name, curve, colour in shown:
        x = places(len(curve["mean"]))
        axis.plot(x, curve["mean"], color=colour, linewidth=1.3, label=name)
        if colour != BEFORE:
            axis.fill_between(x, curve["low"], curve["high"], color=colour, alpha=0.13, linewidth=0)


def scalars_plot(now: Figures, before: Figures | None) -> bytes:
    """Each measure's difference of means in pooled standard deviations; within half of one is close."""
    names = list(now["scalars"])
    figure, [axis] = _figure(1, 1, 0.26 * len(names) + 1)
    places = np.arange(len(names))
    axis.axvspan(-0.5, 0.5, color="#eef1f4")
    if before:
        earlier = [before["scalars"].get(name, {}).get("effect", np.nan) for name in names]
        axis.barh(places, np.clip(earlier, -4, 4), color=BEFORE, height=0.8, label="before")
    axis.barh(places, np.clip([now["scalars"][name]["effect"] for name in names], -4, 4), color=NOW, height=0.4)
    axis.set_yticks(places, names, fontsize=7)
    axis.invert_yaxis()
    axis.set_xlabel("simulated less real, standard deviations", fontsize=8)
    return _png(figure)


def accuracy_plot(now: Figures, before: Figures | None) -> bytes:
    """Balanced accuracy of both classifiers by view with its interval, and the accuracy to stay below."""
    figure, axes = _figure(1, len(VIEWS), 3.0)
    for axis, (view, title) in zip(axes, VIEWS.items(), strict=True):
        rows = [(label, _trial(now, view, name), _trial(before, view, name)) for name, label in CLASSIFIERS.items()]
        _bars(axis, rows)
        axis.axhline(WANTED[view], color=ASKED, linestyle="--", linewidth=1)
        axis.set_title(title, fontsize=9)
    return _png(figure)


def equalised_plot(now: Figures, before: Figures | None) -> bytes:
    """What is left of the accuracy when pictures are made alike in one respect: regression on features."""
    views = [view for view in VIEWS if "equalised" in now["classifiers"][view]]
    figure, axes = _figure(1, len(views), 3.2)
    for axis, view in zip(axes, views, strict=True):
        _bars(axis, list(_equalised_rows(now, before, view)))
        axis.set_title(VIEWS[view], fontsize=9)
    return _png(figure)


def _equalised_rows(now: Figures, before: Figures | None, view: str) -> Iterator[tuple[str, Any, Any]]:
    yield "as they are", _trial(now, view, "features"), _trial(before, view, "features")
    for name, trial in now["classifiers"][view]["equalised"].items():
        earlier = before["classifiers"][view].get("equalised", {}).get(name, {}) if before else {}
        yield name, trial["features"], earlier.get("features")


def _trial(figures: Figures | None, view: str, name: str) -> Any:
    return None if figures is None else figures["classifiers"][view][name]


def _bars(axis: Axes, rows: Sequence[tuple[str, Any, Any]]) -> None:
    for place, (_, trial, earlier) in enumerate(rows):
        if earlier:
            _bar(axis, place - 0.2, earlier, BEFORE)
        _bar(axis, place + (0.2 if earlier else 0), trial, NOW)
    axis.axhline(0.5, color=REAL, linewidth=0.8)
    axis.set_ylim(0.3, 1.02)
    axis.set_ylabel("balanced accuracy", fontsize=8)
    axis.set_xticks(range(len(rows)), [label.replace(" ", "\n", 1) for label, _, _ in rows], fontsize=7)


def _bar(axis: Axes, place: float, trial: Figures, colour: str) -> None:
    low, high = trial["interval"]
    axis.bar(place, trial["accuracy"], 0.36, color=colour)
    axis.vlines(place, low, high, color=REAL, linewidth=1)


def _figure(rows: int, columns: int, row_inches: float) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(10, rows * row_inches), layout="constrained", dpi=100)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=7)
    return figure, list(axes.flat)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
