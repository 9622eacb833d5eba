"""An experiment as a picture: error along its axis, as in the paper's figure 2, or each arm's difference."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from opensvh.reporting.plot_image import plot_axes

Figures = Mapping[str, Any]
PANELS = {"rmse_narrowing": "narrowing", "rmse_erosion": "erosion"}
LINE, SEED, ZERO = "#1768ac", "#8aa9c4", "#b8bfc9"


def experiment_plot(figures: Figures) -> bytes:
    """PNG of the development patients' figures."""
    arms = figures["development"]["arms"]
    along_axis = bool(figures["axis"]) and all(arm["x"] is not None for arm in arms.values())
    figure, axes = plot_axes(len(PANELS), len(PANELS), (4.6, 3.4))
    for axis, (measure, kind) in zip(axes, PANELS.items(), strict=True):
        axis.set_title(kind, fontsize=10)
        if along_axis:
            _curve(axis, arms, measure, figures["axis"])
        else:
            _differences(axis, arms, measure, figures["than"])
    figure.suptitle(_heading(figures), fontsize=9)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=140, metadata={"Software": None})
    return buffer.getvalue()


def _curve(axis: Axes, arms: Figures, measure: str, label: str) -> None:
    ordered = sorted(arms.values(), key=lambda arm: float(arm["x"]))
    places = np.array([float(arm["x"]) for arm in ordered])
    rows = [arm["reader"][measure] for arm in ordered]
    values = np.array([row["value"] for row in rows])
    low, high = (
        np.array([row[end] if row[end] is not None else row["value"] for row in rows]) for end in ("low", "high")
    )
    for place, row in zip(places, rows, strict=True):
        axis.plot([place] * len(row["runs"]), row["runs"], "o", color=SEED, markersize=4, zorder=2)
    axis.errorbar(places, values, yerr=[values - low, high - values], color=LINE, capsize=3, marker="s", zorder=3)
    axis.set_xlabel(label, fontsize=8)
    axis.set_ylabel("RMSE, grades", fontsize=8)


def _differences(axis: Axes, arms: Figures, measure: str, baseline: str) -> None:
    rows = {name: arm["reader_difference"][measure] for name, arm in arms.items() if "reader_difference" in arm}
    axis.axvline(0, color=ZERO)
    for place, row in enumerate(rows.values()):
        share = row["share"]
        if share["low"] is not None:
            axis.plot([100 * share["low"], 100 * share["high"]], [place, place], color=LINE)
        axis.plot([100 * share["value"]], [place], "s", color=LINE)
        value = 100 * share["value"]
        axis.annotate(f"{value:+.1f} %", (value, place), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    axis.set_yticks(range(len(rows)), list(rows), fontsize=8)
    axis.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    axis.invert_yaxis()
    axis.set_xlabel(f"RMSE less that of {baseline}, %", fontsize=8)


def _heading(figures: Figures) -> str:
    runs = figures["runs"]
    state = (
        "" if runs["finished"] == runs["planned"] else f"; provisional, {runs['finished']} of {runs['planned']} runs"
    )
    return f"{figures['title']}: size {figures['size']}, development patients{state}"
