"""The page of a comparison of real and simulated films: one self-contained HTML file, before and after side by side."""

import base64
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from opensvh.reporting.realism_plots import CLASSIFIERS, VIEWS, WANTED

Figures = Mapping[str, Any]
MISSING = "–"


def realism_page(figures: Figures, before: Figures | None, plots: Mapping[str, Mapping[str, bytes]]) -> str:
    """The whole page; `plots` PNG by limb and name, as `realism_plots` makes them."""
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(number=_number, share=_share)
    images = {
        limb: {name: "data:image/png;base64," + base64.b64encode(png).decode("ascii") for name, png in each.items()}
        for limb, each in plots.items()
    }
    return environment.get_template("realism.html").render(
        figures=figures,
        before=before["limbs"] if before else {},
        images=images,
        views=VIEWS,
        classifiers=CLASSIFIERS,
        wanted=WANTED,
    )


def _number(value: float | None, digits: int = 3) -> str:
    return MISSING if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return MISSING if value is None else f"{100 * value:.0f} %"
