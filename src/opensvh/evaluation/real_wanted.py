"""What is wanted of a model on real films, and whether it is met: a table of figures and bounds.

The bounds are the product's own; a figure counts on the measuring half, the tuning half stands beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opensvh.evaluation.real_intervals import Figures

AT_MOST, AT_LEAST, UNDER, ABOVE = "at most", "at least", "under", "above"
_HOLDS = {
    AT_MOST: lambda value, bound: value <= bound,
    AT_LEAST: lambda value, bound: value >= bound,
    UNDER: lambda value, bound: value < bound,
    ABOVE: lambda value, bound: value > bound,
}


@dataclass(frozen=True)
class Wanted:
    """A figure at `path` in a half's figures, and its bound; `percent` where it is a share.

    `bound` may be a path too: a figure that another figure is held against.
    """

    name: str
    path: tuple[str | int, ...]
    relation: str
    bound: float | tuple[str | int, ...]
    percent: bool = False


def _points(part: str, median: float, within: int, share: float) -> tuple[Wanted, Wanted]:
    where = ("points", part)
    return (
        Wanted(f"{part}: median error, % of length", (*where, "median_percent", "value"), AT_MOST, median),
        _within(part, within, share),
    )


def _within(part: str, within: int, share: float) -> Wanted:
    path = ("points", part, "within", str(within), "value")
    return Wanted(f"{part}: within {within} %", path, AT_LEAST, share, percent=True)


def _decision(name: str, label: str, share: float) -> Wanted:
    return Wanted(label, ("placement", "all", "right", name, "value"), AT_LEAST, share, percent=True)


WANTED: tuple[Wanted, ...] = (
    _decision("limb", "limb right", 1.0),
    _decision("side", "apparent side right", 0.97),
    _decision("turn", "turn right within 25°", 0.99),
    Wanted("PA and DP films refused", ("placement", "PA and DP", "refused"), AT_MOST, 0),
    Wanted("images of no hand or foot that were read", ("not_limbs", "read"), AT_MOST, 0),
    *_points("fingers", 0.4, 3, 0.99),
    *_points("wrist", 1.0, 4, 0.95),
    Wanted("toes: median error, % of length", ("points", "toes", "median_percent", "value"), AT_MOST, 0.5),
    _within("toes, DP", 3, 0.97),
    _within("toes, oblique", 3, 0.90),
    *(
        Wanted(
            f"false damage, {label}: mean a site", ("false_damage", "all", kind, "mean", "value"), UNDER, 0.3
        )
        for kind, label in (("both", "all sites"), ("narrowing", "narrowing"), ("erosion", "erosion"))
    ),
    Wanted(
        "severe hand: total above the others' 99th percentile",
        ("severe", 0, "total"), ABOVE, ("severe", 0, "percentile_99"),
    ),
)  # fmt: skip


def wanted_figures(halves: Mapping[str, Figures]) -> list[Figures]:
    """A line for each figure wanted: the bound, and by half the value, its interval and whether it is met.

    A figure that a half does not have (the severe hand is in one) is None there, and so is whether it is met.
    """
    return [_line(wanted, halves) for wanted in WANTED]


def _line(wanted: Wanted, halves: Mapping[str, Figures]) -> Figures:
    return {
        "name": wanted.name,
        "wanted": wanted.relation,
        "percent": wanted.percent,
        "halves": {name: _cell(wanted, figures) for name, figures in halves.items()},
    }


def _cell(wanted: Wanted, figures: Figures) -> Figures:
    value = _at(figures, wanted.path)
    bound = _at(figures, wanted.bound) if isinstance(wanted.bound, tuple) else wanted.bound
    missed = _counts_as_missed(figures, wanted.path) and value is None
    met = False if missed else _HOLDS[wanted.relation](value, bound) if None not in (value, bound) else None
    return {"value": value, "bound": bound, "interval": _interval(figures, wanted.path), "met": met}


def _counts_as_missed(figures: Figures, path: Sequence[str | int]) -> bool:
    """A median over points of which half were not found is no number, and not met."""
    return "median_percent" in path and _at(figures, path[:2]) is not None


def _interval(figures: Figures, path: Sequence[str | int]) -> list[float] | None:
    if path[-1] != "value":
        return None
    around = _at(figures, path[:-1])
    return None if around is None else [around["low"], around["high"]]


def _at(figures: Any, path: Sequence[str | int]) -> Any:
    """What lies at a path of keys and places, None where it leads nowhere."""
    for step in path:
        try:
            figures = figures[step]
        except (KeyError, IndexError, TypeError):
            return None
    return figures
