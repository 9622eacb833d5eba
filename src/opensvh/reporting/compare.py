"""The page of a comparison: one self-contained HTML file with tables and plots of every prediction and difference."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from opensvh.evaluation.measures import MEASURES
from opensvh.evaluation.pairing import Pairing
from opensvh.reporting.evaluation_words import number, page_environment
from opensvh.reporting.statistics_plots import (
    bland_altman_plot,
    change_plots,
    probability_plot,
    reliability_plot,
    totals_against_gold,
)

Figures = Mapping[str, Any]


def comparison_page(figures: Figures, pairings: Mapping[str, Pairing]) -> str:
    """The whole page from the figures of `workflows.compare` and what they were taken of."""
    plots = {name: statistics_plots(pairing, figures["results"][name]) for name, pairing in pairings.items()}
    template = _environment().get_template("compare.html")
    labels = {name: measure.label for name, measure in MEASURES.items()}
    return template.render(figures=figures, plots=plots, labels=labels)


def statistics_plots(pairing: Pairing, statistics: Figures) -> dict[str, Markup]:
    """Every plot that a prediction's statistics allow."""
    plots = {
        "totals": totals_against_gold(pairing),
        "bland_altman": bland_altman_plot(pairing, statistics["totals"]),
    }
    if "change" in statistics:
        plots["change"] = change_plots(statistics["change"])
    if statistics["calibration"]:
        plots["reliability"] = reliability_plot(statistics["calibration"])
    with_probabilities = [row for row in statistics["calibration"] if "probabilities" in row]
    if with_probabilities:
        plots["probabilities"] = probability_plot(with_probabilities)
    return {name: Markup(image) for name, image in plots.items()}


def _environment() -> Environment:
    environment = page_environment()
    environment.filters.update(verdict=verdict)
    return environment


def verdict(row: Figures, first: str, second: str) -> str:
    """Who is better by the challenge's rule, or that they are tied."""
    if row["tied"]:
        return f"tied (Bayes factor {number(row['bayes_factor'], 1)})"
    better = first if row["first_wins"] > row["second_wins"] else second
    factor = "won every sample" if row["bayes_factor"] is None else f"Bayes factor {row['bayes_factor']:.1f}"
    return f"{better} ({factor})"
