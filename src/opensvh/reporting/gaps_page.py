"""The page of joint spaces asked for against those seen: a table of errors and a scatter plot for each joint class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from opensvh.evaluation.gap_errors import LARGEST_MEAN_MM, LARGEST_P95_MM, GapSeen
from opensvh.reporting.plot_image import plot_axes, plot_image

ASKED, SEEN, BOUND = "#b8bfc9", "#1768ac", "#d1495b"


def gaps_page(gaps: Sequence[GapSeen], figures: dict[str, Any]) -> str:
    """The whole page; `figures` are `evaluation.gap_errors.gap_figures` of the same gaps."""
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    bounds = {"mean": LARGEST_MEAN_MM, "p95": LARGEST_P95_MM}
    return environment.get_template("gaps.html").render(
        figures=figures, bounds=bounds, n=len(gaps), plot=Markup(gaps_plot(gaps))
    )


def gaps_plot(gaps: Sequence[GapSeen]) -> str:
    """Seen against asked, a panel for each class, with the wanted bound either side of equality."""
    classes = list(dict.fromkeys((gap.limb, gap.joint) for gap in gaps))
    figure, axes = plot_axes(len(classes), columns=4, panel=(2.8, 2.6))
    for axis, (limb, joint) in zip(axes, classes, strict=True):
        members = [gap for gap in gaps if (gap.limb, gap.joint) == (limb, joint)]
        top = 1.1 * max(max(gap.asked for gap in members), 0.5)
        axis.plot([0, top], [0, top], color=ASKED, linewidth=1)
        for bound in (-LARGEST_P95_MM, LARGEST_P95_MM):
            axis.plot([0, top], [bound, top + bound], color=BOUND, linewidth=0.7, linestyle=":")
        seen = np.clip([gap.seen for gap in members], -0.5, top + 0.5)
        axis.scatter([gap.asked for gap in members], seen, s=9, color=SEEN, alpha=0.6, linewidths=0)
        axis.set(title=f"{limb} {joint}", xlabel="asked, mm", ylabel="seen, mm", xlim=(0, top), ylim=(-0.5, top + 0.5))
    return plot_image(figure, "Joint spaces seen against those asked for, one dot a joint")
