"""The damage trial's figures in words: one trial beside its wanted values, or two trials side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from damage_figures import WANTED_MEAN, WANTED_RATIO, WANTED_SHARE
from rich.table import Table

from opensvh.domain.anatomy import Kind

Result = Mapping[str, Any]
UNSEEN_PARTS = ("all", "MCP", "PIP", "hand IP", "wrist", "MTP", "foot IP")
REAL_PARTS = ("all", "certain", "adults", "children", "hands", "feet", *UNSEEN_PARTS[1:])


def tables(results: Mapping[str, Result]) -> list[Table]:
    """Tables with a column or more for each trial, by its name."""
    return [
        table for kind in Kind for table in (_simulated(results, kind), _by_grade(results, kind), _real(results, kind))
    ]


def _simulated(results: Mapping[str, Result], kind: Kind) -> Table:
    wanted = f"wanted: ratio at most {WANTED_RATIO:g}"
    table = Table(
        "joints", title=f"{kind}, unseen simulated limbs: RMSE / RMSE of the training mean = ratio ({wanted})"
    )
    for name in results:
        table.add_column(f"{name}: exact")
        table.add_column(f"{name}: reader")
    for part in UNSEEN_PARTS:
        cells = [
            _error(result["kinds"][kind]["unseen"][against].get(part))
            for result in results.values()
            for against in ("exact", "reader")
        ]
        table.add_row(part, *cells)
    return table


def _by_grade(results: Mapping[str, Result], kind: Kind) -> Table:
    table = Table("exact grade", title=f"{kind}, unseen simulated limbs: mean read, share above 1")
    for name in results:
        for limb in ("hand", "foot"):
            table.add_column(f"{name}: {limb}")
    read = [
        result["kinds"][kind]["unseen"]["by_exact_grade"][limb]
        for result in results.values()
        for limb in ("hand", "foot")
    ]
    for grade in sorted({grade for each in read for grade in each}, key=float):
        table.add_row(grade, *(_level(each.get(grade)) for each in read))
    return table


def _real(results: Mapping[str, Result], kind: Kind) -> Table:
    wanted = f"wanted: below {WANTED_MEAN:g}, at most {WANTED_SHARE:.0%}"
    table = Table("sites", title=f"{kind}, real limbs without arthritis: mean read, share above 1 ({wanted})")
    for name in results:
        table.add_column(f"{name}: measuring half")
        table.add_column(f"{name}: all")
    for part in REAL_PARTS:
        cells = [
            _level(result["kinds"][kind]["real"][half].get(part))
            for result in results.values()
            for half in ("measuring", "all")
        ]
        table.add_row(part, *cells)
    hands = [_hands(result["kinds"][kind]["real"]["limbs"]) for result in results.values()]
    table.add_section()
    for row, label in enumerate(("sum of a hand: without arthritis", "sum of a hand: severe arthritis")):
        table.add_row(label, *(cell for pair in hands for cell in (pair[row], "")))
    return table


def verdict(result: Result) -> list[str]:
    """One line for each thing wanted: met or not."""
    lines = []
    for kind in Kind:
        figures = result["kinds"][kind]
        ratio = figures["unseen"]["exact"]["all"]["ratio"]
        level = figures["real"]["measuring"]["all"]
        lines.append(
            _line(ratio <= WANTED_RATIO, f"{kind}: ratio to predicting the mean {ratio:.2f}, wanted {WANTED_RATIO:g}")
        )
        lines.append(
            _line(
                level["mean"] < WANTED_MEAN,
                f"{kind}: mean read on real limbs {level['mean']:.2f}, wanted below {WANTED_MEAN:g}",
            )
        )
        share = level["share_above_1"]
        lines.append(_line(share <= WANTED_SHARE, f"{kind}: share above 1 {share:.1%}, wanted {WANTED_SHARE:.0%}"))
        severe, others = severe_and_others(figures["real"]["limbs"])
        if severe and others:
            fact = f"{kind}: severe hand {max(severe):.1f} in all, the highest other hand {max(others):.1f}"
            lines.append(_line(max(severe) > max(others), fact))
    return lines


def severe_and_others(limbs: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[float]]:
    """Sums of hands: with severe arthritis, and without."""
    hands = [limb for limb in limbs if limb["limb"] == "hand"]
    return [hand["sum"] for hand in hands if hand["severe"]], [hand["sum"] for hand in hands if not hand["severe"]]


def _hands(limbs: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    severe, others = severe_and_others(limbs)
    middle = sorted(others)[len(others) // 2] if others else 0.0
    spread = f"{min(others):.1f} to {max(others):.1f}, median {middle:.1f}" if others else "–"
    return spread, ", ".join(f"{each:.1f}" for each in severe) or "–"


def _line(met: bool, fact: str) -> str:
    return f"{'met    ' if met else 'not met'} {fact}"


def _error(figures: Mapping[str, Any] | None) -> str:
    if not figures or figures["rmse"] is None:
        return "–"
    return f"{figures['rmse']:.2f} / {figures['rmse_of_mean']:.2f} = {figures['ratio']:.2f}"


def _level(figures: Mapping[str, Any] | None) -> str:
    if not figures or not figures["sites"]:
        return "–"
    return f"{figures['mean']:.2f}, {figures['share_above_1']:.0%} of {figures['sites']}"
