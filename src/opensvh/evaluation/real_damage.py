"""What is read on real limbs without arthritis, where every grade above 0 is false, and the severe hand beside them.

Sites that were not scored are counted, never taken for undamaged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Site
from opensvh.domain.reading import SiteReading, Status
from opensvh.evaluation.real_intervals import Figures, Values, mean, share
from opensvh.evaluation.real_reads import CHILD, RealFilm, RealRead

DAMAGED = 1.0
"""A site read above this is called damaged."""
PERCENTILE = 99

_PREFIXES = {"MCP": "MCP", "PIP": "PIP", "MTP": "MTP"}


@dataclass(frozen=True)
class SiteRead:
    """One kind of damage at one site of a real film; `expected` None where it was not scored."""

    film: RealFilm
    site: Site
    kind: Kind
    expected: float | None


PARTS: Mapping[str, Callable[[SiteRead], bool]] = {
    "all": lambda row: True,
    "certain points": lambda row: row.site.point not in row.film.truth.uncertain,
    "adults": lambda row: row.film.truth.age != CHILD,
    "adults, PA and DP": lambda row: row.film.truth.age != CHILD and not row.film.oblique,
    "children": lambda row: row.film.truth.age == CHILD,
    "hands": lambda row: row.site.limb is Limb.HAND,
    "feet": lambda row: row.site.limb is Limb.FOOT,
    "feet, DP": lambda row: row.site.limb is Limb.FOOT and not row.film.oblique,
    "feet, oblique": lambda row: row.site.limb is Limb.FOOT and row.film.oblique,
    "PIP": lambda row: joint_group(row.site) == "PIP",
    "MCP": lambda row: joint_group(row.site) == "MCP",
    "hand IP": lambda row: joint_group(row.site) == "hand IP",
    "wrist": lambda row: joint_group(row.site) == "wrist",
    "MTP": lambda row: joint_group(row.site) == "MTP",
    "foot IP": lambda row: joint_group(row.site) == "foot IP",
}
KINDS: Mapping[str, tuple[Kind, ...]] = {"both": tuple(Kind), **{kind.value: (kind,) for kind in Kind}}


def joint_group(site: Site) -> str:
    """PIP, MCP, hand IP, wrist, MTP or foot IP."""
    letters = site.name.rstrip("0123456789")
    return f"{site.limb.value} IP" if letters == "IP" else _PREFIXES.get(letters, "wrist")


def false_damage_figures(reads: Sequence[RealRead]) -> Figures:
    """By part and kind, over limbs without arthritis: sites, mean grade and the share of sites above 1."""
    rows = [row for read in reads if not read.film.severe for row in site_reads(read)]
    figures = {
        part: {
            name: _level([row for row in rows if belongs(row) and row.kind in kinds]) for name, kinds in KINDS.items()
        }
        for part, belongs in PARTS.items()
    }
    return {part: each for part, each in figures.items() if each["both"]["sites"]}


def site_reads(read: RealRead) -> list[SiteRead]:
    """Every reading of the marked limb; none where it was not read."""
    sites: Iterable[SiteReading] = () if read.reading is None else read.reading.sites
    return [SiteRead(read.film, each.site, each.kind, each.expected) for each in sites]


def film_totals(reads: Sequence[RealRead]) -> list[Figures]:
    """A line for each film that was read: its sums by kind and in all, and its mean a site."""
    return [_film_total(read) for read in reads if read.reading is not None]


def severe_figures(reads: Sequence[RealRead]) -> list[Figures]:
    """Each severe film among the films of the same limb without arthritis: its total, its rank, their percentile.

    `mean_rank` compares the mean a site with all films, hands and feet. With few films the percentile lies just below
    the highest of them.
    """
    totals = film_totals(reads)
    sound = [line for line in totals if not line["severe"]]
    return [_beside(line, sound) for line in totals if line["severe"]]


def _beside(severe: Figures, sound: Sequence[Figures]) -> Figures:
    alike = [line for line in sound if line["limb"] == severe["limb"]]
    others: Values = np.array([line["total"] for line in alike])
    means: Values = np.array([line["mean"] for line in sound])
    return {
        "film": severe["film"],
        "total": severe["total"],
        "mean": severe["mean"],
        "films": len(alike),
        "persons": len({line["person"] for line in alike}),
        "rank": int((others >= severe["total"]).sum()) + 1,
        "percentile_99": float(np.percentile(others, PERCENTILE)) if len(others) else None,
        "highest": float(others.max()) if len(others) else None,
        "median": float(np.median(others)) if len(others) else None,
        "films_all": len(sound),
        "mean_rank": int((means >= severe["mean"]).sum()) + 1,
    }


def _level(rows: Sequence[SiteRead]) -> Figures:
    scored = [(row.film.person, row.expected) for row in rows if row.expected is not None]
    persons: list[str] = [person for person, _ in scored]
    grades: Values = np.array([grade for _, grade in scored], dtype=float)
    return {
        "sites": len(rows),
        "not_scored": len(rows) - len(scored),
        "films": len({row.film.truth.film for row in rows}),
        "persons": len(set(persons)),
        "mean": mean(persons, grades),
        "above_1": share(persons, grades > DAMAGED),
    }


def _film_total(read: RealRead) -> Figures:
    sites = [] if read.reading is None else list(read.reading.sites)
    scored = [(each.kind, each.expected or 0.0) for each in sites if each.status is Status.SCORED]
    sums = {kind.value: sum(grade for each, grade in scored if each is kind) for kind in Kind}
    total = sum(sums.values())
    return {
        **read.film.facts,
        "sites": len(sites),
        "scored": len(scored),
        **sums,
        "total": total,
        "mean": total / len(scored) if scored else 0.0,
    }
