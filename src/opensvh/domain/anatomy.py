"""The sites of the Sharp/van der Heijde (SvH) method, in one table; every other list of sites derives from it.

Scores are summed in `scoring`; results about sites are in `reading`.

Sources: the sites and ranges follow van der Heijde's modification of Sharp's method (narrowing 0-4; erosion 0-5 in
hands, 0-10 in feet); column names are those of the RA2 DREAM challenge's `training.csv`; codes are SNOMED CT where a
concept exists and the private scheme `99SVH` where none was found; score concepts are NCIt C128988 (erosion) and
C128989 (narrowing), as in CDISC COSMoS.
"""

from dataclasses import dataclass
from enum import StrEnum

SITE_TABLE_VERSION = "1"
PRIVATE_CODE_SCHEME = "99SVH"
BACKGROUND, IGNORED = 0, -1
"""Classes of pixels that no joint has: outside all of them, and of no class at all (paper, section 3)."""


class Limb(StrEnum):
    """What a film shows."""

    HAND = "hand"
    FOOT = "foot"


class Side(StrEnum):
    """Which of the patient's two limbs: the anatomical side, not the apparent handedness of the picture."""

    LEFT = "L"
    RIGHT = "R"


class Kind(StrEnum):
    """What is scored at a site."""

    NARROWING = "narrowing"
    EROSION = "erosion"


_DIGITS = "SvH joints of the digits: van der Heijde, J Rheumatol 2000;27:261; columns RA2; codes SNOMED CT"
_WRIST_SPACE = "SvH wrist spaces: van der Heijde, J Rheumatol 2000;27:261; columns RA2; no SNOMED concept found"
_WRIST_BONE = "SvH wrist bones: van der Heijde, J Rheumatol 2000;27:261; columns RA2; codes SNOMED CT"
_AT_RADCAR = (
    f"{_WRIST_BONE}; read at RADCAR as in Mandora's RA2 entry: the paper (section 3) counts 21 points where the "
    "sites by name are 22 and does not say which pair merges"
)
_FOOT = "SvH forefoot, erosion 0-5 on each side of the joint: van der Heijde, J Rheumatol 2000;27:261; columns RA2"

SCORE_CODES = {Kind.EROSION: ("NCIt", "C128988", "SVBESCR"), Kind.NARROWING: ("NCIt", "C128989", "SVJSNSCR")}
LATERALITY_CODES = {Side.LEFT: ("SCT", "7771000"), Side.RIGHT: ("SCT", "24028007")}


@dataclass(frozen=True)
class Site:
    """One row of the table.

    `point` is the joint centre it is read at; `digit` counts from the thumb or hallux (None in the wrist); `narrowing`
    and `erosion` are the highest scores, None where the method does not score that kind; the RA2 names lack the
    `LH_`-like prefix; `source` says where the row comes from.
    """

    limb: Limb
    name: str
    point: str
    digit: int | None
    narrowing: int | None
    erosion: int | None
    ra2_narrowing: str | None
    ra2_erosion: str | None
    code_scheme: str
    code: str
    source: str

    def maximum(self, kind: Kind) -> int | None:
        """The highest score of `kind` at this site, None where it is not scored."""
        return self.narrowing if kind is Kind.NARROWING else self.erosion

    def ra2_column(self, side: Side, kind: Kind) -> str | None:
        """The challenge's column, such as `LH_mcp_E__1`; None where `kind` is not scored here."""
        name = self.ra2_narrowing if kind is Kind.NARROWING else self.ra2_erosion
        return None if name is None else f"{film_code(self.limb, side)}_{name}"


def film_code(limb: Limb, side: Side) -> str:
    """`LH`, `RH`, `LF` or `RF`."""
    return f"{side.value}{limb.value[0].upper()}"


FILM_CODES: dict[str, tuple[Limb, Side]] = {film_code(limb, side): (limb, side) for limb in Limb for side in Side}


def _hand_digit(joint: str, digit: int, ra2_kind: str, snomed: str, narrowing: int | None) -> Site:
    ra2_name = "ip" if joint == "IP" else str(digit)
    return Site(
        limb=Limb.HAND,
        name=f"{joint}{digit}",
        point=f"{joint}{digit}",
        digit=digit,
        narrowing=narrowing,
        erosion=5,
        ra2_narrowing=None if narrowing is None else f"{ra2_kind}_J__{ra2_name}",
        ra2_erosion=f"{ra2_kind}_E__{ra2_name}",
        code_scheme="SCT",
        code=snomed,
        source=_DIGITS,
    )


def _wrist_space(name: str, ra2: str) -> Site:
    return Site(Limb.HAND, name, name, None, 4, None, f"wrist_J__{ra2}", None, PRIVATE_CODE_SCHEME, name, _WRIST_SPACE)


def _wrist_bone(name: str, ra2: str, snomed: str, digit: int | None = None) -> Site:
    return Site(Limb.HAND, name, name, digit, None, 5, None, f"wrist_E__{ra2}", "SCT", snomed, _WRIST_BONE)


def _foot(name: str, digit: int, ra2: str, snomed: str) -> Site:
    return Site(Limb.FOOT, name, name, digit, 4, 10, f"mtp_J__{ra2}", f"mtp_E__{ra2}", "SCT", snomed, _FOOT)


SITES: tuple[Site, ...] = (
    _hand_digit("IP", 1, "mcp", "115955008", narrowing=None),
    *(
        _hand_digit("PIP", digit, "pip", code, narrowing=4)
        for digit, code in zip(range(2, 6), ("371270005", "371263005", "371267006", "371233001"), strict=True)
    ),
    *(
        _hand_digit("MCP", digit, "mcp", code, narrowing=4)
        for digit, code in zip(range(1, 6), ("56310002", "289002", "6059006", "13822002", "5493005"), strict=True)
    ),
    _wrist_space("CMC3", "cmc3"),
    _wrist_space("CMC4", "cmc4"),
    _wrist_space("CMC5", "cmc5"),
    _wrist_space("STT", "mna"),
    _wrist_space("CNL", "capnlun"),
    _wrist_space("RADCAR", "radcar"),
    _wrist_bone("MC1_BASE", "mc1", "4247003", digit=1),
    _wrist_bone("TRAPEZIUM", "mul", "71800003"),
    Site(Limb.HAND, "NAVICULAR", "RADCAR", None, None, 5, None, "wrist_E__nav", "SCT", "30518006", _AT_RADCAR),
    _wrist_bone("LUNATE", "lunate", "52181001"),
    _wrist_bone("RADIUS", "radius", "75129005"),
    _wrist_bone("ULNA", "ulna", "91238003"),
    _foot("IP1", 1, "ip", "363670009"),
    *(
        _foot(f"MTP{digit}", digit, str(digit), code)
        for digit, code in zip(range(1, 6), ("27824001", "71721008", "81247008", "45230000", "50133002"), strict=True)
    ),
)

POINTS: dict[Limb, tuple[str, ...]] = {
    limb: tuple(dict.fromkeys(site.point for site in SITES if site.limb is limb)) for limb in Limb
}
"""The joint centres of a limb in table order: 21 for a hand, 6 for a foot."""

JOINT_CLASSES: tuple[str, ...] = POINTS[Limb.HAND]
"""The 21 classes of the joint head; class k of the network (k >= 1, 0 is background) is `JOINT_CLASSES[k - 1]`."""


def hand_point_of(limb: Limb, point: str) -> str:
    """The hand's point whose class a point shares: toes take the fingers' (MTP2 -> MCP2), per paper section 3."""
    return point.replace("MTP", "MCP") if limb is Limb.FOOT else point


def joint_class(limb: Limb, point: str) -> int:
    """Class in 1..21 of a joint centre; raises ValueError for a point the limb does not have."""
    if point not in POINTS[limb]:
        raise ValueError(f"a {limb} has no point {point!r}; it has {', '.join(POINTS[limb])}")
    return JOINT_CLASSES.index(hand_point_of(limb, point)) + 1


def sites_of(limb: Limb, kind: Kind | None = None) -> tuple[Site, ...]:
    """The limb's sites in table order, only those scored for `kind` if one is given."""
    return tuple(site for site in SITES if site.limb is limb and (kind is None or site.maximum(kind) is not None))


def site_named(limb: Limb, name: str) -> Site:
    """The site of that name; raises KeyError where the limb has none."""
    for site in SITES:
        if site.limb is limb and site.name == name:
            return site
    raise KeyError(f"a {limb} has no site {name!r}")


def _ra2_block(limb: Limb, kind: Kind) -> list[tuple[str, Side, Site, Kind]]:
    """Columns of one limb and kind, left side first, as (column, side, site, kind)."""
    return [
        (column, side, site, kind)
        for side in Side
        for site in sites_of(limb, kind)
        if (column := site.ra2_column(side, kind)) is not None
    ]


RA2_SITE_COLUMNS: dict[str, tuple[Side, Site, Kind]] = {
    column: (side, site, kind)
    for kind in (Kind.EROSION, Kind.NARROWING)
    for limb in Limb
    for column, side, site, kind in _ra2_block(limb, kind)
}
"""The challenge's 86 site columns in its order, each with what it holds."""

RA2_COLUMNS: tuple[str, ...] = (
    "Patient_ID",
    "Overall_Tol",
    "Overall_erosion",
    "Overall_narrowing",
    *RA2_SITE_COLUMNS,
)
"""All 90 columns of `training.csv` in order."""
