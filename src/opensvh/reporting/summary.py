"""What a study amounts to: totals by limb, side and kind, and what could not be assessed and why.

The sums themselves are `domain.scoring`'s, how sure they are is `intervals`'s, how they are said `words`'.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap

from opensvh.domain.anatomy import FILM_CODES, Kind, Limb, Side, film_code, sites_of
from opensvh.domain.reading import FilmReading, StudyReading
from opensvh.domain.scoring import Total, maximum_total, site_count, total
from opensvh.reporting import words
from opensvh.reporting.words import SHORT_LABELS as SHORT_LABELS
from opensvh.reporting.words import SITE_LABELS as SITE_LABELS
from opensvh.reporting.words import film_label as film_label
from opensvh.reporting.words import site_label as site_label


@dataclass(frozen=True)
class LimbTotal:
    """One sum of a study: `side` or `limb` or `kind` None means all; `possible` is the sum's maximum with no gap."""

    limb: Limb | None
    side: Side | None
    kind: Kind | None
    total: Total
    possible: int


@dataclass(frozen=True)
class Gap:
    """Sites of one film that have no score for one reason; `sites` are labels such as `MCP 2 (erosion)`."""

    film: str
    reason: str
    sites: tuple[str, ...]


def study_total(
    study: StudyReading, kind: Kind | None = None, limb: Limb | None = None, side: Side | None = None
) -> LimbTotal:
    """The sum of a study's expectations over a kind, limb or side, or all where none is given."""
    readings = [(film.side, reading) for film, reading in study.site_readings() if side in (None, film.side)]
    sides = 2 if side is None else 1
    kinds = list(Kind) if kind is None else [kind]
    return LimbTotal(
        limb=limb,
        side=side,
        kind=kind,
        total=replace(total(readings, kind, limb), sites=sum(site_count(each, limb, sides) for each in kinds)),
        possible=sum(maximum_total(each, limb, sides) for each in kinds),
    )


def gaps(study: StudyReading) -> list[Gap]:
    """The sites without a score on the films that were read, grouped by film and reason."""
    return [gap for film in study.films for gap in _film_gaps(film)]


def missing_films(study: StudyReading) -> list[str]:
    """Codes of the limbs that no film was read of: their sites are in no sum."""
    read = {film_code(film.limb, film.side) for film in study.films}
    return [code for code in FILM_CODES if code not in read]


def unscored_sites(codes: Iterable[str]) -> int:
    """Number of scores (sites of a kind) that films of these codes would have given."""
    return sum(len(sites_of(FILM_CODES[code][0], kind)) for code in codes for kind in Kind)


def _film_gaps(film: FilmReading) -> list[Gap]:
    reasons: dict[str, dict[str, list[str]]] = {}
    for reading in film.sites:
        if reading.expected is None:
            why = reading.reason or reading.status.value
            reasons.setdefault(why, {}).setdefault(reading.site.name, []).append(words.KINDS[reading.kind])
    code = film_code(film.limb, film.side)
    return [
        Gap(code, why, tuple(starmap(partial(_site_of_gap, film.limb), sites.items())))
        for why, sites in reasons.items()
    ]


def _site_of_gap(limb: Limb, name: str, kinds: Sequence[str]) -> str:
    return words.GAP_SITE.format(site=site_label(limb, name), kinds=words.AND.join(kinds))


def seen_on_film(film: FilmReading) -> str:
    """What was found from the pixels and how sure that is, in a line; "" where all was told."""
    found = film.placement
    if found is None:
        return ""
    said = {
        "limb": words.LIMBS[found.limb],
        "side": words.LOOKS_LIKE[found.apparent_side],
        "turn": words.TURNED.format(degrees=film.pose.turn_cw_deg % 360),
        "projection": found.projection.value,
        "skeleton": words.SKELETON.format(age=found.skeleton.value),
    }
    sure = {name: words.SURE.format(percent=100 * share) for name, share in found.confidence.items()}
    return ", ".join(f"{text}{sure.get(name, '')}" for name, text in said.items())
