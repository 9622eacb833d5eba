"""The page of an evaluation: one self-contained HTML file with tables and plots; the figures are `evaluation`'s."""

from dataclasses import dataclass

from markupsafe import Markup

from opensvh.domain.reading import ModelIdentity
from opensvh.evaluation.figures import Evaluation, Figures
from opensvh.reporting.compare import statistics_plots
from opensvh.reporting.evaluation_plots import (
    confusion_plot,
    localization_plot,
    normal_films_plot,
    site_errors_plot,
)
from opensvh.reporting.evaluation_words import MISSING, number, page_environment, percent

__all__ = ["MISSING", "Heading", "evaluation_page", "number", "percent"]


@dataclass(frozen=True)
class Heading:
    """What the page says about where its figures come from: the models, the data's folder, the software's version."""

    models: tuple[ModelIdentity, ...]
    data: str
    software: str


def evaluation_page(heading: Heading, evaluation: Evaluation, figures: Figures) -> str:
    """The whole page; `figures` are those of `evaluation`."""
    template = page_environment().get_template("evaluation.html")
    shown = {"plots": _plots(evaluation, figures), "statistics_plots": _statistics_plots(evaluation, figures)}
    return template.render(heading=heading, figures=figures, **shown)


def _plots(evaluation: Evaluation, figures: Figures) -> dict[str, Markup]:
    plots: dict[str, str] = {}
    if "scores" in figures:
        plots["sites"] = site_errors_plot(evaluation.site_table())
        if figures["agreement"]:
            plots["confusion"] = confusion_plot(figures["agreement"])
    elif any(figures["mean_predicted"].values()):
        plots["means"] = normal_films_plot(figures["mean_predicted"])
    if "localization" in figures:
        plots["places"] = localization_plot(error for read in evaluation.reads for error in read.certain_errors())
    return {name: Markup(image) for name, image in plots.items()}


def _statistics_plots(evaluation: Evaluation, figures: Figures) -> dict[str, Markup]:
    return statistics_plots(evaluation.pairing, figures["statistics"]) if "statistics" in figures else {}
