"""What the terminal shows of a comparison; everything else is in its page and file."""

from typing import Any

SCORES = (("SC1", "sc1_all"), ("SC2", "sc2_all"), ("SC3", "sc3_all"))


def lines(figures: dict[str, Any]) -> list[str]:
    """What the terminal shows: the challenge's scores of each prediction, then each difference with its verdict."""
    shown = []
    for name, result in figures["results"].items():
        shown.append(f"{name} against {figures['gold']}, {result['film_sets']} film sets")
        shown += [f"  {label} {_with_interval(result['measures'][key])}" for label, key in SCORES]
    for pair in figures["differences"]:
        shown.append(f"{pair['first']} less {pair['second']}, in the same samples of patients")
        shown += [f"  {label} {_verdict(pair, pair['measures'][key])}" for label, key in SCORES]
    return [*shown, *figures["notes"]]


def _with_interval(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "–"
    if figure["low"] is None:
        return f"{figure['value']:.4f}"
    return f"{figure['value']:.4f} (95 % interval {figure['low']:.4f} to {figure['high']:.4f})"


def _verdict(pair: dict[str, Any], row: dict[str, Any] | None) -> str:
    if row is None:
        return "–"
    factor = row["bayes_factor"]
    said = "won every sample" if factor is None else f"Bayes factor {factor:.1f}"
    better = pair["first"] if row["first_wins"] > row["second_wins"] else pair["second"]
    return f"{_with_interval(row)}: {'tied' if row['tied'] else f'{better} is better'}, {said}"
