"""The plots of a prediction's statistics as self-contained SVG images; the figures are `evaluation`'s."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.pairing import Pairing
from opensvh.evaluation.progression import cumulative_shares
from opensvh.reporting.plot_image import plot_axes, plot_image

GOLD, MODEL, LINE, BAND = "#d1495b", "#1768ac", "#8a93a0", "#dbe7f3"
Figures = Mapping[str, Any]
PANELS: tuple[tuple[str, str, Kind | None], ...] = (
    ("Total", "total", None),
    ("Narrowing", "narrowing", Kind.NARROWING),
    ("Erosion", "erosion", Kind.EROSION),
)


def totals_against_gold(pairing: Pairing) -> str:
    """Predicted against gold totals, one dot a film set: together, narrowing, erosion."""
    figure, axes = plot_axes(3, 3, (3.6, 3.5))
    for axis, (title, _, kind) in zip(axes, PANELS, strict=True):
        gold, predicted = pairing.totals(site_columns(kind))
        top = 1.05 * max(float(np.nanmax([gold, predicted], initial=1.0)), 1.0)
        axis.plot([0, top], [0, top], color=LINE, linewidth=1)
        axis.scatter(gold, predicted, s=14, color=MODEL, alpha=0.6, linewidths=0)
        axis.set(title=title, xlabel="gold", ylabel=pairing.predicted.name, xlim=(0, top), ylim=(0, top))
    return plot_image(figure, "Predicted against gold totals, one dot a film set")


def bland_altman_plot(pairing: Pairing, totals: Figures) -> str:
    """Difference against mean of totals, with bias and limits of agreement, each with its 95 % interval shaded."""
    figure, axes = plot_axes(3, 3, (3.6, 3.3))
    for axis, (title, name, kind) in zip(axes, PANELS, strict=True):
        if totals[name] is not None:
            _bland_altman(axis, *pairing.totals(site_columns(kind)), totals[name]["bland_altman"])
        axis.set(title=title, xlabel="mean of both, points", ylabel="predicted less gold, points")
    return plot_image(figure, "Bland-Altman plots of the totals")


def change_plots(change: Figures) -> str:
    """Cumulative probability plot of change by gold and by the prediction, and the Bland-Altman plot of change."""
    gold, predicted = np.array(list(change["by_person"].values()), dtype=float).T
    figure, (left, right) = plot_axes(2, 2, (5.2, 3.8))
    for values, colour, label in ((gold, GOLD, "gold"), (predicted, MODEL, "predicted")):
        left.plot(*cumulative_shares(values), "o-", color=colour, markersize=3, linewidth=1, label=label)
    threshold = change["progression"]["threshold"]
    left.axhline(threshold, color=LINE, linestyle="--", linewidth=1, label=f"threshold {threshold:.1f}")
    left.axhline(0, color=LINE, linewidth=0.8)
    left.set(title="Cumulative probability", xlabel="patients, %", ylabel="change of the total, points", xlim=(0, 100))
    left.legend(frameon=False, fontsize=8, loc="upper left")
    _bland_altman(right, gold, predicted, change["bland_altman"])
    right.set(title="Agreement of change", xlabel="mean of both changes", ylabel="predicted less gold, points")
    return plot_image(figure, "Cumulative probability plot of change, and its Bland-Altman plot")


def reliability_plot(rows: Sequence[Figures]) -> str:
    """Mean gold grade against mean expectation of each tenth of the scale, by limb and kind; the area of a dot is n."""
    figure, axes = plot_axes(len(rows), 4, (2.9, 3.0))
    for axis, row in zip(axes, rows, strict=True):
        _reliability(axis, row["bins"])
        axis.set(title=f"{row['limb']} {row['kind']}".capitalize(), xlabel="expected grade", ylabel="mean gold grade")
    return plot_image(figure, "Reliability of expectations")


def probability_plot(rows: Sequence[Figures]) -> str:
    """Share of damaged sites against the probability of damage, by limb and kind."""
    figure, axes = plot_axes(len(rows), 4, (2.9, 3.0))
    for axis, row in zip(axes, rows, strict=True):
        _reliability(axis, row["probabilities"]["any_damage"]["bins"])
        axis.set(title=f"{row['limb']} {row['kind']}".capitalize(), xlabel="probability of damage", ylabel="damaged")
    return plot_image(figure, "Reliability of the probability of any damage")


def _bland_altman(
    axis: Axes, gold: NDArray[np.float64], predicted: NDArray[np.float64], figures: Figures | None
) -> None:
    axis.scatter((gold + predicted) / 2, predicted - gold, s=14, color=MODEL, alpha=0.6, linewidths=0)
    if figures is None:
        return
    for name, style in (("lower", "--"), ("bias", "-"), ("upper", "--")):
        axis.axhspan(*figures[f"{name}_interval"], color=BAND, linewidth=0, zorder=0)
        axis.axhline(figures[name], color=GOLD, linestyle=style, linewidth=1)
        axis.annotate(
            f"{figures[name]:.1f}", (1, figures[name]), xycoords=("axes fraction", "data"), fontsize=7, va="bottom",
            ha="right", color=GOLD,
        )  # fmt: skip


def _reliability(axis: Axes, bins: Sequence[Figures]) -> None:
    expected, observed, number = (np.array([each[name] for each in bins]) for name in ("expected", "observed", "n"))
    top = 1.05 * float(max(expected.max(initial=0.1), observed.max(initial=0.1)))
    axis.plot([0, top], [0, top], color=LINE, linewidth=1)
    axis.plot(expected, observed, color=MODEL, linewidth=1)
    axis.scatter(expected, observed, s=8 + 90 * np.sqrt(number / number.max()), color=MODEL, alpha=0.6, linewidths=0)
    axis.set(xlim=(-0.03 * top, top), ylim=(-0.03 * top, top))
