"""Where rheumatoid erosions begin: for each site the places on its bones, and how often each is the first.

Bare areas lie at the margin of a joint surface, where the lining touches bone. Sourced: in MCP2 to MCP4 the radial side
leads, in MCP5 neither (MRI, Tan 2003, doi 10.1002/art.10963); of 354 erosions of MTP joints 288 lay on the metatarsal's
head, the tibial side leading (CT, Cureus 2021;13:e15823), while in MTP5 films show the fibular side first. The rest
(PIP and IP joints, ligament attachments of the wrist) follows the usual descriptions; all weights are our own choice.
"""

from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import Limb
from opensvh.simulation.anatomy.bone_ends import End


@dataclass(frozen=True)
class BareArea:
    """A place on a bone: `angle` in degrees from the joint's direction, positive towards thumb or hallux.

    `part` is a kind of bone (`mc`, `pp`; the site's digit is appended) or a bone's name; `spread` the SD of the angle.
    """

    part: str
    end: End
    angle: float
    weight: float
    spread: float = 9.0


def bare_areas(limb: Limb, site: str) -> tuple[BareArea, ...]:
    """The places of one site, parts being names of bones."""
    digit = site[-1] if site[-1].isdigit() else ""
    table = _FOOT if limb is Limb.FOOT else _HAND
    areas = table.get(site) or table[site.rstrip("0123456789")]
    named = site in _NAMED_BONES
    return tuple(BareArea(a.part if named else a.part + digit, a.end, a.angle, a.weight, a.spread) for a in areas)


def draw_area(areas: tuple[BareArea, ...], rng: np.random.Generator) -> BareArea:
    """One of the places, as often as its weight says."""
    weights = np.array([area.weight for area in areas])
    return areas[int(rng.choice(len(areas), p=weights / weights.sum()))]


def _joint(head: str, base: str, near: float, far: float, on_head: float = 0.7) -> tuple[BareArea, ...]:
    """The four corners of a digit's joint; `near` and `far` weigh the sides towards and away from the thumb."""
    return (
        BareArea(head, "head", 74.0, near * on_head),
        BareArea(head, "head", -74.0, far * on_head),
        BareArea(base, "base", 62.0, near * (1 - on_head)),
        BareArea(base, "base", -62.0, far * (1 - on_head)),
    )


_HAND: dict[str, tuple[BareArea, ...]] = {
    "MCP2": _joint("mc", "pp", 0.78, 0.22),
    "MCP3": _joint("mc", "pp", 0.72, 0.28),
    "MCP4": _joint("mc", "pp", 0.65, 0.35),
    "MCP": _joint("mc", "pp", 0.5, 0.5),
    "PIP": _joint("pp", "mp", 0.5, 0.5, on_head=0.5),
    "IP": _joint("pp", "dp", 0.5, 0.5, on_head=0.55),
    "MC1_BASE": (BareArea("mc1", "base", 58.0, 0.5), BareArea("mc1", "base", -58.0, 0.5)),
    "TRAPEZIUM": (
        BareArea("trapezium", "whole", 95.0, 0.45, 15.0),
        BareArea("trapezium", "whole", -160.0, 0.25, 15.0),
        BareArea("trapezium", "whole", 20.0, 0.3, 15.0),
    ),
    "NAVICULAR": (
        BareArea("scaphoid", "whole", 72.0, 0.5, 15.0),
        BareArea("scaphoid", "whole", -125.0, 0.3, 12.0),
        BareArea("scaphoid", "whole", 150.0, 0.2, 15.0),
    ),
    "LUNATE": (
        BareArea("lunate", "whole", 140.0, 0.35, 15.0),
        BareArea("lunate", "whole", -125.0, 0.35, 15.0),
        BareArea("lunate", "whole", 85.0, 0.3, 12.0),
    ),
    "RADIUS": (
        BareArea("radius", "head", 74.0, 0.4, 6.0),
        BareArea("radius", "head", -74.0, 0.3, 6.0),
        BareArea("radius", "head", 0.0, 0.3, 14.0),
    ),
    "ULNA": (
        BareArea("ulna", "head", -38.0, 0.45, 6.0),
        BareArea("ulna", "head", -95.0, 0.2, 8.0),
        BareArea("ulna", "head", -5.0, 0.15, 8.0),
        BareArea("ulna", "head", 75.0, 0.2, 10.0),
    ),
    "CAPITATE": (
        BareArea("capitate", "whole", 100.0, 0.5, 15.0),
        BareArea("capitate", "whole", -110.0, 0.5, 15.0),
    ),
    "TRIQUETRUM": (
        BareArea("triquetrum", "whole", -80.0, 0.6, 15.0),
        BareArea("triquetrum", "whole", 60.0, 0.4, 15.0),
    ),
    "HAMATE": (
        BareArea("hamate", "whole", -90.0, 0.6, 15.0),
        BareArea("hamate", "whole", 170.0, 0.4, 12.0),
    ),
}

_FOOT: dict[str, tuple[BareArea, ...]] = {
    "MTP1": _joint("mt", "pp", 0.7, 0.3, on_head=0.81),
    "MTP": _joint("mt", "pp", 0.58, 0.42, on_head=0.81),
    "MTP5": _joint("mt", "pp", 0.25, 0.75, on_head=0.81),
    "IP": _joint("pp", "dp", 0.55, 0.45, on_head=0.55),
}

UNSCORED_CARPALS = ("CAPITATE", "TRIQUETRUM", "HAMATE")
"""Carpals without a score that are eroded with the others, the capitate most often of all (MRI, J Rheumatol
2011;38:2014)."""

_NAMED_BONES = frozenset(("MC1_BASE", "TRAPEZIUM", "NAVICULAR", "LUNATE", "RADIUS", "ULNA", *UNSCORED_CARPALS))
"""Sites whose places name their bone in full."""


def graded_parts(limb: Limb, site: str, grade: int, rng: np.random.Generator) -> list[tuple[tuple[BareArea, ...], int]]:
    """What is graded by itself: a hand's site as a whole, a foot's joint by its two sides, the head leading."""
    areas = bare_areas(limb, site)
    head_share = rng.uniform(0.55, 0.85)
    if limb is Limb.HAND:
        return [(areas, grade)]
    on_head = int(np.clip(round(grade * head_share), grade - 5, 5))
    heads = tuple(area for area in areas if area.end == "head")
    bases = tuple(area for area in areas if area.end == "base")
    return [(heads, on_head), (bases, grade - on_head)]
