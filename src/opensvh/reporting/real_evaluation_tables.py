"""The tables of an evaluation on real films as CSV: every point, film, site and edit, and the figures wanted."""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from opensvh.evaluation.real_damage import joint_group, site_reads
from opensvh.evaluation.real_figures import RealEvaluation
from opensvh.evaluation.real_placement import decisions, turn_off
from opensvh.evaluation.real_reads import RealRead
from opensvh.io.whole_file import write_whole

Row = dict[str, Any]


def write_tables(folder: Path, evaluation: RealEvaluation, figures: Mapping[str, Any]) -> None:
    """Write `points.csv`, `films.csv`, `sites.csv`, `edits.csv` where there are edits, and `wanted.csv`."""
    tables = {
        "points": _point_rows(evaluation.reads),
        "films": _film_rows(evaluation),
        "sites": _site_rows(evaluation.reads),
        "edits": _edit_rows(evaluation),
        "wanted": _wanted_rows(figures),
    }
    for name, rows in tables.items():
        table = pd.DataFrame(list(rows))
        if len(table):
            write_whole(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.4f"))


def _point_rows(reads: Iterable[RealRead]) -> Iterator[Row]:
    for read in reads:
        for error in read.errors(certain=False):
            yield {
                **read.film.facts,
                "point": error.point,
                "uncertain": error.point in read.film.truth.uncertain,
                "error_px": _finite(error.error_px),
                "error_percent": _finite(error.error_percent),
            }


def _film_rows(evaluation: RealEvaluation) -> Iterator[Row]:
    for read in evaluation.reads:
        placement = None if read.found is None else read.found.placement
        row: Row = {**read.film.facts, "limbs_read": len(read.outcome.limbs), "reason": read.outcome.reason}
        if not evaluation.told:
            row |= {f"{name}_right": right for name, right in decisions(read).items()}
            row["turn_off_deg"] = None if placement is None else turn_off(placement, read.film)
        row["warnings"] = "; ".join(read.reading.warnings) if read.reading else ""
        yield row


def _site_rows(reads: Iterable[RealRead]) -> Iterator[Row]:
    for read in reads:
        for each in site_reads(read):
            site = {"site": each.site.name, "joint": joint_group(each.site), "kind": each.kind.value}
            yield {**read.film.facts, **site, "expected": each.expected}


def _edit_rows(evaluation: RealEvaluation) -> Iterator[Row]:
    for edit in evaluation.edits:
        yield {
            "film": edit.film,
            "person": edit.person,
            "half": edit.half.value,
            "copy": edit.copy,
            "site": edit.site.name,
            "joint": joint_group(edit.site),
            "kind": edit.kind.value,
            "given": edit.given,
            "read": edit.read,
            "unedited": edit.unedited,
            "harmless": edit.harmless,
            "place_error_percent": edit.place_error_percent,
        }


def _wanted_rows(figures: Mapping[str, Any]) -> Iterator[Row]:
    for line in figures["wanted"]:
        for half, cell in line["halves"].items():
            low, high = cell["interval"] or (None, None)
            yield {
                "figure": line["name"],
                "wanted": line["wanted"],
                "bound": cell["bound"],
                "half": half,
                "value": cell["value"],
                "low": low,
                "high": high,
                "met": cell["met"],
            }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
