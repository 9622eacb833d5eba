"""The page of an evaluation on real films: one self-contained HTML file; the figures are `evaluation.real_figures`'."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from opensvh.evaluation.real_figures import BOTH, RealEvaluation
from opensvh.evaluation.real_split import Half
from opensvh.reporting.evaluation import MISSING, Heading, number, percent
from opensvh.reporting.real_evaluation_overlays import Shown
from opensvh.reporting.real_evaluation_plots import error_plot, false_damage_plot, sensitivity_plot, totals_plot

Figures = Mapping[str, Any]
HALVES = (Half.MEASURING.value, Half.TUNING.value, BOTH)


def real_evaluation_page(
    heading: Heading, evaluation: RealEvaluation, figures: Figures, pictures: Mapping[str, Sequence[Shown]]
) -> str:
    """The whole page; `figures` are those of `evaluation`, `pictures` the `films` read worst and false `sites`."""
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(number=number, percent=percent, around=around, share=share, wanted=wanted_cell)
    return environment.get_template("real_evaluation.html").render(
        heading=heading,
        figures=figures,
        halves={name: figures["halves"][name] for name in HALVES if name in figures["halves"]},
        plots={name: Markup(image) for name, image in _plots(evaluation, figures).items()},
        pictures={
            name: [(each.caption, base64.b64encode(each.jpeg).decode("ascii")) for each in shown]
            for name, shown in pictures.items()
            if shown
        },
    )


def around(figure: Figures | None, digits: int = 2) -> str:
    """A figure with its interval, such as `0.41 (0.35–0.48)`; alone where the persons do not differ."""
    if figure is None:
        return MISSING
    value, low, high = (f"{figure[name]:.{digits}f}" for name in ("value", "low", "high"))
    return f"{value} ({low}–{high})" if figure["low"] < figure["high"] else value


def share(figure: Figures | None) -> str:
    """A share with its interval in percent, such as `97 % (92–100)`."""
    if figure is None:
        return MISSING
    value, low, high = (_share_text(figure[name]) for name in ("value", "low", "high"))
    return f"{value} % ({low}–{high})" if figure["low"] < figure["high"] else f"{value} %"


def wanted_cell(value: float | None, is_share: bool) -> str:
    """A figure of the table of what is wanted."""
    if value is None:
        return MISSING
    return f"{_share_text(value)} %" if is_share else f"{value:.3g}"


def _share_text(value: float) -> str:
    """A share in percent, never rounded up to all or down to none."""
    text = f"{100 * value:.0f}"
    return f"{100 * value:.1f}" if (text == "100" and value < 1) or (text == "0" and value > 0) else text


def _plots(evaluation: RealEvaluation, figures: Figures) -> dict[str, str]:
    halves = figures["halves"]
    plots = {
        "errors": error_plot(evaluation.reads),
        "false_damage": false_damage_plot(halves),
        "totals": totals_plot(figures["totals"]),
    }
    sensitivity = {name: each["sensitivity"] for name, each in halves.items() if each.get("sensitivity")}
    return plots | ({"sensitivity": sensitivity_plot(sensitivity)} if sensitivity else {})
