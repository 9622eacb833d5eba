"""The page that sets the joints of real films beside simulated ones: ranked differences, a map, and small multiples."""

from collections.abc import Mapping, Sequence

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.axes import Axes

from opensvh.evaluation import bone_looks, joint_looks
from opensvh.evaluation.distributions import Difference, Spread
from opensvh.reporting.plot_image import plot_axes, plot_image

REAL, SIMULATED, BEFORE = "#1f2a37", "#1768ac", "#b8bfc9"
MEANINGS = joint_looks.MEASURES | bone_looks.MEASURES
SHOWN_SD = 4.0
"""Differences beyond this are all equally far."""
LISTED = 40

Before = Mapping[tuple[str, str, str], float]
"""(limb, class, measure) -> the difference of an earlier run."""


def joint_looks_page(ranked: Sequence[Difference], before: Before) -> str:
    """The whole page: differences by rank, all of them as a map, and median and quartiles of every figure."""
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    listed = [(each, before.get(_key(each))) for each in ranked[:LISTED]]
    plots = {"map": difference_map(ranked, "now"), "spreads": spreads_plot(ranked)}
    if before:
        plots["before"] = difference_map(ranked, "before", before)
    return environment.get_template("joint_looks.html").render(
        listed=listed,
        meanings=MEANINGS,
        summary=closeness(ranked),
        plots={name: Markup(plot) for name, plot in plots.items()},
    )


def closeness(ranked: Sequence[Difference]) -> dict[str, float]:
    """How close the two sets are in all: median absolute difference, and the share of figures within one SD."""
    sizes = np.abs([each.difference for each in ranked])
    return {"median": float(np.median(sizes)), "within_one": float((sizes < 1).mean()), "n": len(sizes)}


def difference_map(ranked: Sequence[Difference], title: str, before: Before | None = None) -> str:
    """Figures by classes, coloured by the difference: blue where simulated joints have less, red where more."""
    measures = [name for name in MEANINGS if any(each.measure == name for each in ranked)]
    groups = list(dict.fromkeys((each.limb, each.group) for each in sorted(ranked, key=lambda each: each.limb)))
    values = np.full((len(measures), len(groups)), np.nan)
    for each in ranked:
        value = each.difference if before is None else before.get(_key(each), np.nan)
        values[measures.index(each.measure), groups.index((each.limb, each.group))] = value
    figure, [axis] = plot_axes(1, 1, (9.5, 0.23 * len(measures) + 1.6))
    axis.imshow(values, cmap="RdBu_r", vmin=-SHOWN_SD, vmax=SHOWN_SD, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if abs(value) > 0.65 * SHOWN_SD else REAL
            axis.text(column, row, f"{value:+.1f}", ha="center", va="center", fontsize=6, color=colour)
    axis.set_xticks(range(len(groups)), [" ".join(group) for group in groups], rotation=45, ha="right")
    axis.set_yticks(range(len(measures)), [name.replace("_", " ") for name in measures])
    axis.set_title(f"Simulated less real, in SD: {title}", fontsize=10)
    return plot_image(figure, f"Standardised differences of every figure by joint class, {title}")


def spreads_plot(ranked: Sequence[Difference]) -> str:
    """Median and quartiles of every figure, a panel each, real above simulated in each class of joints."""
    measures = [name for name in MEANINGS if any(each.measure == name for each in ranked)]
    figure, axes = plot_axes(len(measures), columns=4, panel=(2.9, 2.7))
    for axis, measure in zip(axes, measures, strict=True):
        members = sorted((each for each in ranked if each.measure == measure), key=lambda each: (each.limb, each.group))
        for place, each in enumerate(members):
            _bar(axis, place - 0.17, each.real, REAL)
            _bar(axis, place + 0.17, each.simulated, SIMULATED)
        axis.set_yticks(range(len(members)), [f"{each.limb} {each.group}" for each in members])
        axis.invert_yaxis()
        axis.set_title(measure.replace("_", " "), fontsize=9)
    return plot_image(figure, "Median and quartiles of every figure: real black, simulated blue")


def _bar(axis: Axes, place: float, spread: Spread, colour: str) -> None:
    axis.plot([spread.low, spread.high], [place, place], color=colour, linewidth=2.2, alpha=0.55)
    axis.plot([spread.median], [place], "o", color=colour, markersize=3.5)


def _key(each: Difference) -> tuple[str, str, str]:
    return each.limb, each.group, each.measure
