"""The page of an evaluation: one self-contained HTML file with tables and plots; the figures are `evaluation`'s."""

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from opensvh.domain.reading import ModelIdentity
from opensvh.evaluation.figures import Evaluation, Figures
from opensvh.reporting.evaluation_plots import (
    confusion_plot,
    localization_plot,
    normal_films_plot,
    site_errors_plot,
    totals_plot,
)

MISSING = "–"


@dataclass(frozen=True)
class Heading:
    """What the page says about where its figures come from: the models, the data's folder, the software's version."""

    models: tuple[ModelIdentity, ...]
    data: str
    software: str


def evaluation_page(heading: Heading, evaluation: Evaluation, figures: Figures) -> str:
    """The whole page; `figures` are those of `evaluation`."""
    template = _environment().get_template("evaluation.html")
    return template.render(heading=heading, figures=figures, plots=_plots(evaluation, figures))


def number(value: Any, digits: int = 3) -> str:
    """A figure as a reader wants it: rounded, a dash where there is none."""
    if value is None or value != value:
        return MISSING
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share as a whole percentage."""
    return MISSING if value is None else f"{100 * value:.0f} %"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(number=number, percent=percent)
    return environment


def _plots(evaluation: Evaluation, figures: Figures) -> dict[str, Markup]:
    plots: dict[str, str] = {}
    if "scores" in figures:
        plots["totals"] = totals_plot(evaluation.gold, evaluation.submitted)
        plots["sites"] = site_errors_plot(evaluation.site_table())
        if figures["agreement"]:
            plots["confusion"] = confusion_plot(figures["agreement"])
    elif any(figures["mean_predicted"].values()):
        plots["means"] = normal_films_plot(figures["mean_predicted"])
    if "localization" in figures:
        plots["places"] = localization_plot(error for read in evaluation.reads for error in read.certain_errors())
    return {name: Markup(image) for name, image in plots.items()}
