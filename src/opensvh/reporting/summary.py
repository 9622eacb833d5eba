"""What a study amounts to: totals by limb, side and kind, and what could not be assessed and why.

The sums themselves are `domain.scoring`'s; how they look on a page is `html`'s.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from opensvh.domain.anatomy import FILM_CODES, Kind, Limb, Side, film_code, sites_of
from opensvh.domain.reading import FilmReading, StudyReading
from opensvh.domain.scoring import Total, maximum_total, site_count, total

SITE_LABELS: dict[tuple[Limb, str], str] = {
    (Limb.HAND, "IP1"): "IP thumb",
    (Limb.HAND, "STT"): "Multangular–navicular",
    (Limb.HAND, "CNL"): "Capitate–navicular–lunate",
    (Limb.HAND, "RADCAR"): "Radiocarpal",
    (Limb.HAND, "MC1_BASE"): "Metacarpal 1 base",
    (Limb.HAND, "TRAPEZIUM"): "Multangular (trapezium)",
    (Limb.HAND, "NAVICULAR"): "Navicular (scaphoid)",
    (Limb.HAND, "LUNATE"): "Lunate",
    (Limb.HAND, "RADIUS"): "Radius",
    (Limb.HAND, "ULNA"): "Ulna",
    (Limb.FOOT, "IP1"): "IP hallux",
}

SHORT_LABELS = {"MC1_BASE": "MC1", "TRAPEZIUM": "Mul", "LUNATE": "Lun", "RADCAR": "RC", "RADIUS": "Rad", "ULNA": "Uln"}
"""Points whose names are too long to stand on a film."""


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


def site_label(limb: Limb, name: str) -> str:
    """A site's name as a reader writes it: `MCP 2`, `Radiocarpal`."""
    return SITE_LABELS.get((limb, name)) or f"{name.rstrip('12345')} {name[-1]}"


def film_label(code: str) -> str:
    """`Left hand` for `LH`."""
    limb, side = FILM_CODES[code]
    return f"{'Left' if side is Side.LEFT else 'Right'} {limb.value}"


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
            reasons.setdefault(why, {}).setdefault(reading.site.name, []).append(reading.kind.value)
    code = film_code(film.limb, film.side)
    return [
        Gap(code, why, tuple(f"{site_label(film.limb, name)} ({' and '.join(kinds)})" for name, kinds in sites.items()))
        for why, sites in reasons.items()
    ]


def seen_on_film(film: FilmReading) -> str:
    """What was found from the pixels and how sure that is, in a line; "" where all was told."""
    found = film.placement
    if found is None:
        return ""
    looks = "left" if found.apparent_side is Side.LEFT else "right"
    words = {
        "limb": found.limb.value,
        "side": f"looks like a {looks} one",
        "turn": f"turned {film.pose.turn_cw_deg % 360:.0f}° to bring the digits up",
        "projection": found.projection.value,
        "skeleton": f"{found.skeleton.value} skeleton",
    }
    sure = {name: f" ({100 * share:.0f} %)" for name, share in found.confidence.items()}
    return ", ".join(f"{word}{sure.get(name, '')}" for name, word in words.items())
