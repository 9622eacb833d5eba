"""The words in which CDISC's SDTM names sites, tests, sides and reasons, and where each comes from.

Domain MK (Musculoskeletal System Findings), SDTMIG 3.4, 6.3.7.3. Codelists by their NCIt code: MKTESTCD C127269, MKTEST
C127270, MKLOC C74456, MKLAT C99073, MKMETHOD C85492, MKSTAT C66789, MKDRVFL C66742, MKEVAL C78735, MKEVALID C96777.
Rows are `sdtm`'s.
"""

from dataclasses import dataclass

from opensvh.domain.anatomy import SCORE_CODES, Kind, Limb, Side, Site
from opensvh.domain.reading import Status

CATEGORY = "SHARP/VAN DER HEIJDE"
METHOD, EVALUATOR, NOT_DONE, YES = "X-RAY", "ALGORITHM", "NOT DONE", "Y"
LATERALITY = {Side.LEFT: "LEFT", Side.RIGHT: "RIGHT"}
NO_FILM = "NO IMAGE OF THE LIMB WAS READ"
REASONS = {
    Status.NOT_ASSESSABLE: "JOINT NOT EVALUABLE",
    Status.NOT_VISIBLE: "JOINT NOT VISIBLE",
    Status.POOR_QUALITY: "INADEQUATE IMAGE QUALITY",
    Status.SURGICALLY_ALTERED: "SURGICAL ALTERATION",
    Status.AMPUTATED: "AMPUTATION",
}
"""MKREASND has no codelist; two of these are the examples' own words (SDTMIG 3.4, MK examples 1 and 2)."""


@dataclass(frozen=True)
class Test:
    """A test: its short name (8 characters at most), its name (40 at most), its NCIt code, "" for a private one."""

    __test__ = False

    short: str
    name: str
    code: str = ""


SITE_TESTS = {
    Kind.NARROWING: Test(SCORE_CODES[Kind.NARROWING][2], "Sharp/van der Heijde JSN Score", "C128989"),
    Kind.EROSION: Test(SCORE_CODES[Kind.EROSION][2], "Sharp/van der Heijde Bone Erosion Score", "C128988"),
}
SUM_TESTS: dict[Kind | None, Test] = {
    Kind.NARROWING: Test("SVJSNTOT", "Sharp/van der Heijde JSN Sum"),
    Kind.EROSION: Test("SVBETOT", "Sharp/van der Heijde Bone Erosion Sum"),
    None: Test("SVTOT", "Sharp/van der Heijde Total Score"),
}
"""Private: the codelist has no term for a sum, which SDTMIG leaves to analysis data sets (6.3.7.3, example 2)."""


@dataclass(frozen=True)
class Location:
    """A value of MKLOC; `printed` if SDTMIG 3.4 itself shows the term, else it is written as the codelist writes such.

    The codelist is extensible: what a release lacks is a sponsor's term.
    """

    term: str
    printed: bool = False


_JOINTS = {
    "MCP": Location("METACARPOPHALANGEAL JOINT {}", printed=True),
    "PIP": Location("PROXIMAL INTERPHALANGEAL JOINT {} OF THE HAND", printed=True),
    "CMC": Location("CARPOMETACARPAL JOINT {}"),
    "MTP": Location("METATARSOPHALANGEAL JOINT {}"),
}
_OTHERS = {
    (Limb.HAND, "IP1"): Location("INTERPHALANGEAL JOINT 1", printed=True),
    (Limb.FOOT, "IP1"): Location("INTERPHALANGEAL JOINT 1 OF THE FOOT"),
    (Limb.HAND, "STT"): Location("SCAPHOTRAPEZIOTRAPEZOID JOINT"),
    (Limb.HAND, "CNL"): Location("CAPITATE-SCAPHOID-LUNATE JOINT"),
    (Limb.HAND, "RADCAR"): Location("RADIOCARPAL JOINT"),
    (Limb.HAND, "MC1_BASE"): Location("METACARPAL BONE 1, BASE"),
    (Limb.HAND, "TRAPEZIUM"): Location("TRAPEZIUM BONE"),
    (Limb.HAND, "NAVICULAR"): Location("SCAPHOID BONE"),
    (Limb.HAND, "LUNATE"): Location("LUNATE BONE"),
    (Limb.HAND, "RADIUS"): Location("RADIUS, DISTAL"),
    (Limb.HAND, "ULNA"): Location("ULNA, DISTAL"),
}


def location(site: Site) -> Location:
    """Where a site is; the side is another variable's."""
    other = _OTHERS.get((site.limb, site.name))
    if other is not None:
        return other
    joint = _JOINTS[site.name.rstrip("12345")]
    return Location(joint.term.format(site.name[-1]), joint.printed)
