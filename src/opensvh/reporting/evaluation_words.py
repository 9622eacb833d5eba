"""How the pages of evaluations write a figure, and the templates they are made from."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

MISSING = "–"


def number(value: Any, digits: int = 3) -> str:
    """A figure as a reader wants it: rounded, a dash where there is none."""
    if value is None or value != value:
        return MISSING
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share as a whole percentage."""
    return MISSING if value is None else f"{100 * value:.0f} %"


def interval(figure: Mapping[str, Any] | None, digits: int = 3) -> str:
    """`0.912 (0.884 to 0.931)`: a figure with its interval, where it has one."""
    if figure is None:
        return MISSING
    return number(figure["value"], digits) + bounds((figure["low"], figure["high"]), digits)


def bounds(pair: tuple[float | None, float | None] | None, digits: int = 3) -> str:
    """` (0.884 to 0.931)`, nothing where a bound is missing."""
    if pair is None or None in pair:
        return ""
    return f" ({number(pair[0], digits)} to {number(pair[1], digits)})"


def page_environment() -> Environment:
    """Templates that escape what they are given and refuse a name they do not know."""
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(number=number, percent=percent, interval=interval, bounds=bounds)
    return environment
