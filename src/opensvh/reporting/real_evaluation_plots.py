"""The plots of an evaluation on real films as self-contained SVG images; the page is `real_evaluation`'s."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from opensvh.domain.anatomy import Kind, Limb
from opensvh.evaluation.real_figures import BOTH
from opensvh.evaluation.real_points import part_errors
from opensvh.evaluation.real_reads import RealRead, of_half
from opensvh.evaluation.real_split import Half
from opensvh.reporting.plot_image import plot_axes, plot_image

Figures = Mapping[str, Any]

HALF_COLOURS = {Half.TUNING.value: "#b8bfc9", Half.MEASURING.value: "#1768ac", BOTH: "#1f2a37"}
SEVERE_COLOUR = "#d1495b"
SHOWN_PARTS = {"fingers": 0.4, "wrist": 1.0, "toes, DP": 0.5, "toes, oblique": 0.5}
"""Parts drawn, each with its wanted median error in percent."""
PERCENT_SHOWN = 5.0
JOINT_GROUPS = ("hand IP", "PIP", "MCP", "wrist", "foot IP", "MTP")
WANTED_MEAN = 0.3


def error_plot(reads: Sequence[RealRead]) -> str:
    """Share of marked joints found within so many percent of the limb's length, by part and half."""
    figure, axes = plot_axes(len(SHOWN_PARTS), 4, (3.1, 2.9))
    for axis, (part, wanted) in zip(axes, SHOWN_PARTS.items(), strict=True):
        axis.axvline(wanted, color=SEVERE_COLOUR, linewidth=0.8, linestyle=":")
        for half in Half:
            errors = [error.error_percent for _, error in part_errors(of_half(reads, half), part, certain=True)]
            if errors:
                _cumulative(axis, np.sort(errors), f"{half}, n = {len(errors)}", HALF_COLOURS[half.value])
        axis.set(title=part, xlim=(0, PERCENT_SHOWN), ylim=(0, 1.01), xlabel="error, % of length")
        axis.grid(color="#e5e8ec")
        _legend(axis)
    axes[0].set_ylabel("share of joints")
    return plot_image(figure, "Cumulative error of found joints by part and half; dotted: the median wanted")


def false_damage_plot(halves: Mapping[str, Figures]) -> str:
    """Mean grade read on limbs without arthritis by joint group and half, with intervals over persons."""
    figure, axes = plot_axes(len(Kind), 2, (5.2, 2.9))
    shown = {name: each for name, each in halves.items() if name != BOTH} or halves
    for axis, kind in zip(axes, Kind, strict=True):
        for place, (half, figures) in enumerate(shown.items()):
            for row, group in enumerate(JOINT_GROUPS):
                level = figures["false_damage"].get(group, {}).get(kind.value, {}).get("mean")
                if level:
                    _bar(axis, row + 0.36 * (place - 0.5), level, HALF_COLOURS[half], half)
        axis.axvline(WANTED_MEAN, color=SEVERE_COLOUR, linewidth=0.8, linestyle=":")
        axis.set_yticks(range(len(JOINT_GROUPS)), JOINT_GROUPS)
        axis.invert_yaxis()
        axis.set(title=kind.capitalize(), xlabel="mean grade read")
        _legend(axis)
    return plot_image(figure, "Mean grade read on limbs without arthritis by joint; dotted: what is wanted at most")


def totals_plot(totals: Sequence[Figures]) -> str:
    """The total read on each film, hands and feet, the severe hand marked."""
    figure, axes = plot_axes(1, 1, (8, 1.9))
    [axis] = axes
    for row, limb in enumerate(Limb):
        for half in Half:
            values = [line["total"] for line in totals if _sound(line, limb, half)]
            offset = row + 0.2 * (half is Half.TUNING)
            colour, label = HALF_COLOURS[half.value], half.value if values else ""
            axis.scatter(values, [offset] * len(values), s=26, color=colour, alpha=0.8, linewidths=0, label=label)
        severe = [line["total"] for line in totals if line["severe"] and line["limb"] == limb.value]
        axis.scatter(
            severe, [row] * len(severe), s=60, marker="D", color=SEVERE_COLOUR, label="severe" if severe else ""
        )
    axis.set_yticks(range(len(Limb)), [limb.value for limb in Limb])
    axis.set(xlabel="total read on the film", ylim=(-0.6, len(Limb) - 0.3))
    _legend(axis)
    return plot_image(figure, "Total read on each film")


def sensitivity_plot(sensitivity: Mapping[str, Figures]) -> str:
    """Mean grade read at each grade edited in, by joint group and half, with intervals over persons."""
    halves = {name: each for name, each in sensitivity.items() if name != BOTH} or sensitivity
    panels = list(dict.fromkeys((kind, group) for each in halves.values() for kind, group in _curves(each)))
    figure, axes = plot_axes(len(panels), 6, (2.2, 2.2))
    for axis, (kind, group) in zip(axes, panels, strict=True):
        for half, each in halves.items():
            _curve(axis, each.get(kind, {}).get(group, {}).get("curve", ()), HALF_COLOURS[half])
        axis.axline((0, 0), slope=1, color="#e0c3c7", linewidth=1, zorder=0)
        axis.set_title(f"{group}, {kind}", fontsize=8)
        axis.set(xlim=(-0.2, None), ylim=(-0.2, None))
    return plot_image(figure, "Grade read against grade edited in, blue: measuring half; 0: the same joints unedited")


def _curves(sensitivity: Figures) -> Iterator[tuple[str, str]]:
    for kind, groups in sensitivity.items():
        yield from ((kind, group) for group, each in groups.items() if group in JOINT_GROUPS and each["curve"])


def _curve(axis: Axes, points: Sequence[Figures], colour: str) -> None:
    shown = [(point["given"], point["read"]) for point in points if point["read"]]
    read = np.array([[level["value"], level["low"], level["high"]] for _, level in shown]).reshape(-1, 3)
    reach = np.maximum([read[:, 0] - read[:, 1], read[:, 2] - read[:, 0]], 0)
    given = [grade for grade, _ in shown]
    axis.errorbar(given, read[:, 0], yerr=reach, color=colour, marker="o", markersize=3, linewidth=1)


def _legend(axis: Axes) -> None:
    """One entry a label, none where nothing is drawn."""
    entries = {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    if entries:
        axis.legend(list(entries.values()), list(entries), frameon=False, fontsize=7)


def _cumulative(axis: Axes, errors: np.ndarray, label: str, colour: str) -> None:
    shown = errors[errors <= PERCENT_SHOWN]
    shares = np.arange(len(shown) + 1) / len(errors)
    places, steps = np.r_[0, shown, PERCENT_SHOWN], np.r_[shares, shares[-1]]
    axis.step(places, steps, where="post", color=colour, label=label)


def _bar(axis: Axes, row: float, level: Figures, colour: str, label: str) -> None:
    value = level["value"]
    reach = np.maximum([[value - level["low"]], [level["high"] - value]], 0)
    axis.barh(row, value, height=0.34, color=colour, label=label)
    axis.errorbar(value, row, xerr=reach, color="#1f2a37", linewidth=0.8, capsize=2)


def _sound(line: Figures, limb: Limb, half: Half) -> bool:
    return not line["severe"] and line["limb"] == limb.value and line["half"] == half.value
