"""The plots of an evaluation as self-contained SVG images; the page around them is `evaluation`'s."""

import base64
import io
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from opensvh.domain.anatomy import Kind, Limb
from opensvh.evaluation.localization import POINT_GROUPS, PointError, in_group

INK, MODEL, BASELINE = "#1f2a37", "#1768ac", "#b8bfc9"
GROUP_COLOURS = {"fingers": "#1768ac", "wrist": "#d1495b", "hallux IP": "#edae49", "MTP": "#2e8b6f"}
PERCENT_SHOWN = 6.0
"""Errors beyond this percentage of the limb's length are all equally wrong."""


def site_errors_plot(sites: pd.DataFrame) -> str:
    """RMSE of each site, both sides together, beside that of predicting the training mean."""
    kinds = [kind.value for kind in Kind if (sites["kind"] == kind.value).any()]
    figure, axes = _figure(1, len(kinds), (11, 7))
    for axis, kind in zip(axes, kinds, strict=True):
        rows = _pooled_over_sides(sites[sites["kind"] == kind])
        places = np.arange(len(rows))
        if rows["baseline"].notna().any():
            axis.barh(places, rows["baseline"], color=BASELINE, height=0.8, label="training mean")
        axis.barh(places, rows["rmse"], color=MODEL, height=0.45, label="model")
        axis.set_yticks(places, rows.index.to_list(), fontsize=8)
        axis.invert_yaxis()
        axis.set(title=kind.capitalize(), xlabel="RMSE, grades")
        axis.legend(frameon=False, fontsize=8, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.07))
    return _image(figure, "RMSE of each site beside the training mean's")


def localization_plot(errors: Iterable[PointError]) -> str:
    """Share of marked joints found within so many percent of the limb's length, by group."""
    listed = list(errors)
    figure, [axis] = _figure(1, 1, (6.5, 4))
    for group, colour in GROUP_COLOURS.items():
        percent = np.sort([error.error_percent for error in in_group(listed, group)])
        if len(percent):
            shown = percent[percent <= PERCENT_SHOWN]
            shares = np.arange(len(shown) + 1) / len(percent)
            label = f"{group} ({POINT_GROUPS[group][0]}), n = {len(percent)}"
            places, steps = np.r_[0, shown, PERCENT_SHOWN], np.r_[shares, shares[-1]]
            axis.step(places, steps, where="post", color=colour, label=label)
    axis.set(xlim=(0, PERCENT_SHOWN), ylim=(0, 1), xlabel="error, % of the limb's length", ylabel="share of joints")
    axis.grid(color="#e5e8ec")
    axis.legend(frameon=False, fontsize=8, loc="lower right")
    return _image(figure, "Cumulative localisation error by group of joints")


def confusion_plot(agreement: Mapping[str, Any]) -> str:
    """Heat maps of gold against predicted grades, each row as shares of its gold grade."""
    shown = [
        (f"{limb} {kind}", np.array(figures["confusion"]))
        for limb, kinds in agreement.items()
        for kind, figures in kinds.items()
    ]
    figure, axes = _figure(1, len(shown), (11, 3.2))
    for axis, (title, counts) in zip(axes, shown, strict=True):
        _heat_map(axis, counts)
        axis.set(title=title.capitalize(), xlabel="predicted", ylabel="gold")
    return _image(figure, "Gold against predicted grades")


def normal_films_plot(mean_predicted: Mapping[str, Any]) -> str:
    """Mean expectation of each site on films, for films whose true scores are not known."""
    shown = [
        (limb, kind, {site: each["mean"] for site, each in figures["sites"].items() if each["mean"] is not None})
        for limb, kinds in mean_predicted.items()
        for kind, figures in kinds.items()
    ]
    figure, axes = _figure(1, len(shown), (11, 4))
    for axis, (limb, kind, means) in zip(axes, shown, strict=True):
        axis.barh(list(means), list(means.values()), color=MODEL)
        axis.tick_params(axis="y", labelsize=8)
        axis.invert_yaxis()
        axis.set(title=f"{limb.capitalize()} {kind}", xlabel="mean, grades")
    return _image(figure, "Mean predicted grade of each site")


def _pooled_over_sides(sites: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for (limb, site), both in sites.groupby(["limb", "site"], sort=False):
        name = f"{site} (foot)" if limb == Limb.FOOT.value else str(site)
        weights = both["n"].to_numpy(dtype=float)
        rows[name] = {
            "rmse": _rooted_mean(both["rmse"], weights),
            "baseline": _rooted_mean(both["baseline_rmse"], weights),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _rooted_mean(errors: pd.Series, weights: np.ndarray) -> float:
    squares = errors.to_numpy(dtype=float) ** 2
    return float(np.sqrt((squares * weights).sum() / weights.sum())) if weights.sum() else float("nan")


def _heat_map(axis: Axes, counts: np.ndarray) -> None:
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, origin="lower")
    small = 6 if len(counts) > 6 else 8
    for (gold, predicted), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[gold, predicted] > 0.6 else INK
            axis.text(predicted, gold, str(count), ha="center", va="center", fontsize=small, color=colour)
    axis.set_xticks(range(len(counts)))
    axis.set_yticks(range(len(counts)))


def _figure(rows: int, columns: int, inches: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=inches, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes.flat)


def _image(figure: Figure, alternative: str) -> str:
    """An `img` element with the figure inside; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "opensvh"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="{alternative}" src="data:image/svg+xml;base64,{encoded}">'
