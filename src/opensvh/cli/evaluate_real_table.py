"""The table that `opensvh evaluate --real` prints: each figure wanted, what was measured, met or not."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

SIGNS = {"at most": "≤", "at least": "≥", "under": "<", "above": ">"}
WORDS = {True: "[green]met[/]", False: "[red]not met[/]", None: ""}


def wanted_table(figures: Mapping[str, Any]) -> Table:
    """A row a figure, a column a half."""
    halves = list(figures["halves"])
    table = Table("Figure", "wanted", *halves, title="Real films: what is wanted, and what is")
    for line in figures["wanted"]:
        cells = [line["halves"][half] for half in halves]
        bound = next((cell["bound"] for cell in cells if cell["bound"] is not None), None)
        values = [f"{_text(cell['value'], line['percent'])} {WORDS[cell['met']]}" for cell in cells]
        table.add_row(line["name"], f"{SIGNS[line['wanted']]} {_text(bound, line['percent'])}", *values)
    return table


def _text(value: float | None, percent: bool) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if percent else f"{value:.3g}"
