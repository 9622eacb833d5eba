"""An experiment's results as a Markdown page: what was claimed, what was found with its interval, how to repeat it."""

from collections.abc import Mapping, Sequence
from typing import Any

Figures = Mapping[str, Any]
SHOWN = ("rmse", "rmse_narrowing", "rmse_erosion", "sc1_all", "sc2_all", "sc3_all")
DIFFERENCES = ("rmse", "rmse_narrowing", "rmse_erosion")
NAMES = {"rmse": "an RMSE", "sc1_all": "an SC1", "sc2_all": "an SC2", "sc3_all": "an SC3"}
"""Of measures within a sentence."""
PARTS = {"development": "Development patients", "test": "Test patients, read once"}


def experiment_table(figures: Figures) -> str:
    """The page; `figures` as `workflows.reproduce_results` puts them together."""
    runs = figures["runs"]
    parts = [
        f"# {figures['title']}: size `{figures['size']}`\n",
        f"{figures['configuration']}; OpenSvH-Sim v1, digest `{figures['benchmark'][:16]}`; seeds "
        f"{', '.join(map(str, figures['seeds']))}; {runs['finished']} of {runs['planned']} runs finished"
        + ("." if runs["finished"] == runs["planned"] else ": what follows is provisional."),
        f"\n**Claim.** {figures['claim']}\n\n**Expected.** {figures['expected']}\n\n**Found.** {verdict(figures)}\n",
        "![figure](figure.png)\n",
    ]
    parts += [_part(figures, part, title) for part, title in PARTS.items() if part in figures]
    parts.append(
        "RMSE: over the joints of a film, averaged over films, in grades (paper, section 4), against the grades of a "
        "reader who errs; SC1 to SC3 as the challenge counts them. In brackets 95 % intervals of 1,000 samples of "
        f"patients and runs. Repeat with\n\n    {figures['command']}\n"
    )
    return "\n".join(parts)


def verdict(figures: Figures) -> str:
    """In a sentence for each measure that decides: whether the better arm is better, by how much, and how sure that
    is. Measures are the experiment's, the paper's RMSE where it names none."""
    part = "test" if "test" in figures else "development"
    best, base = figures[part]["best"], figures["than"]
    row = figures[part]["arms"].get(best, {}).get("reader_difference")
    if row is None:
        return "nothing yet: the runs that would tell are not finished."
    on = "test patients" if part == "test" else "development patients"
    so_far = "" if figures["runs"]["finished"] == figures["runs"]["planned"] else "Provisional. "
    said = [
        f"On {on} `{best}` has {NAMES.get(name, figures['measures'][name])} {_compared(row[name]['share'], base)}"
        for name in figures.get("decides", ("rmse",))
    ]
    return so_far + " ".join(said)


def _compared(share: Figures, base: str) -> str:
    change = f"{abs(100 * share['value']):.1f} % {'lower' if share['value'] < 0 else 'higher'}"
    bounds = (
        "" if share["low"] is None else f" (95 % interval {100 * share['low']:+.1f} to {100 * share['high']:+.1f} %)"
    )
    return f"{change} than `{base}`{bounds}: {_judged(share)}"


def _judged(share: Figures) -> str:
    if share["low"] is None:
        return "no interval can be given."
    if share["high"] < 0:
        return "the claim's order holds, its interval excludes zero."
    if share["low"] > 0:
        return "the claim does not reproduce here: the order is reversed, and the interval excludes zero."
    return "the interval holds zero, so that this does not decide the claim."


def _part(figures: Figures, part: str, title: str) -> str:
    arms, labels = figures[part]["arms"], figures["measures"]
    rows = [f"## {title}\n", _table(("arm", "runs", *(labels[name] for name in SHOWN)))]
    rows += [
        _row((name, str(len(arm["reader"]["rmse"]["runs"])), *_figures(arm["reader"]))) for name, arm in arms.items()
    ]
    differences = {name: arm for name, arm in arms.items() if "reader_difference" in arm}
    if differences:
        rows.append(f"\nLess `{figures['than']}`, in % of its figure (below 0 is better):\n")
        exact = [f"{labels[name]}, exact grades" for name in DIFFERENCES]
        rows.append(_table(("arm", *(labels[name] for name in SHOWN), *exact)))
        for name, arm in differences.items():
            shares = [_percent(arm["reader_difference"][measure]["share"]) for measure in SHOWN]
            shares += [_percent(arm["exact_difference"][measure]["share"]) for measure in DIFFERENCES]
            rows.append(_row((name, *shares)))
    return "\n".join(rows) + "\n"


def _figures(measured: Figures) -> list[str]:
    return [_interval(measured[name]) for name in SHOWN]


def _interval(row: Figures) -> str:
    return "–" if row["value"] is None else f"{row['value']:.4f}{_bounds(row, 1, 4)}"


def _percent(row: Figures) -> str:
    return "–" if row["value"] is None else f"{100 * row['value']:+.1f}{_bounds(row, 100, 1, '+')}"


def _bounds(row: Figures, times: float, decimals: int, sign: str = "") -> str:
    if row["low"] is None:
        return ""
    low, high = (f"{times * row[end]:{sign}.{decimals}f}" for end in ("low", "high"))
    return f" ({low} to {high})"


def _table(columns: Sequence[str]) -> str:
    return f"{_row(columns)}\n{_row(['---'] * len(columns))}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
