"""What results are called: coded concepts for sites, sides, scores, sums and the reasons for gaps.

Codes of sites come from the table in `domain.anatomy`; SNOMED CT (SCT), NCI Thesaurus (NCIt), DICOM (DCM) and LOINC
(LN) where a concept exists, the private scheme 99SVH where none was found. The words beside a code are for people.
"""

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept

from opensvh.domain.anatomy import LATERALITY_CODES, PRIVATE_CODE_SCHEME, SCORE_CODES, Kind, Limb, Side, Site
from opensvh.domain.reading import Status

METHOD_NAME = "Sharp/van der Heijde"

_JOINTS = {
    "IP": "Interphalangeal joint",
    "PIP": "Proximal interphalangeal joint",
    "MCP": "Metacarpophalangeal joint",
    "CMC": "Carpometacarpal joint",
    "MTP": "Metatarsophalangeal joint",
}
_OTHER_SITES = {
    "STT": "Multangular-navicular joint space",
    "CNL": "Capitate-navicular-lunate joint space",
    "RADCAR": "Radiocarpal joint space",
    "MC1_BASE": "Base of first metacarpal bone",
    "TRAPEZIUM": "Trapezium bone",
    "NAVICULAR": "Scaphoid bone",
    "LUNATE": "Lunate bone",
    "RADIUS": "Distal end of radius",
    "ULNA": "Distal end of ulna",
}
_BOTH_SIDES = ("SCT", "51440002", "Bilateral")
_LIMBS = {Limb.HAND: ("SCT", "85562004", "Hand"), Limb.FOOT: ("SCT", "56459004", "Foot")}
"""As PS3.16, annex L."""
_SIDE_WORDS = {Side.LEFT: "Left", Side.RIGHT: "Right"}


def coded(scheme: str, value: str, meaning: str) -> CodedConcept:
    """A concept by scheme, code and words."""
    return CodedConcept(value=value, scheme_designator=scheme, meaning=meaning)


def own(value: str, meaning: str) -> CodedConcept:
    """A concept of the private scheme 99SVH."""
    return coded(PRIVATE_CODE_SCHEME, value, meaning)


METHOD = own("SVH", f"{METHOD_NAME} method")
SITE_FINDING = own("SVH_SITE", f"{METHOD_NAME} site")
SUM_FINDING = own("SVH_SUM", f"{METHOD_NAME} sum")
NOTICE_NAME = own("NOTICE", "Notice")
WARNING_NAME = own("FILM_WARNING", "Warning about a film")
MISSING_NAME = own("FILM_MISSING", "Limb without a film that was read")
COMMENT_NAME = coded("DCM", "121106", "Comment")
SITES_ASSESSED = own("SITES_ASSESSED", "Number of scores that were assessed")
SITES_POSSIBLE = own("SITES_POSSIBLE", "Number of scores of the method")
MAXIMUM_ASSESSED = own("MAXIMUM_ASSESSED", "Highest sum that the assessed scores allow")
PROCEDURE = coded("LN", "43468-8", "XR unspecified body region")
QUALITATIVE_EVALUATIONS = coded("UMLS", "C0034375", "Qualitative Evaluations")
MEAN = coded("SCT", "373098007", "Mean")
NO_UNITS = coded("UCUM", "1", "no units")

CODING_SCHEMES = (
    CodingSchemeIdentificationItem(
        designator=PRIVATE_CODE_SCHEME, name="OpenSvH private codes", responsible_organization="OpenSvH"
    ),
)
"""PS3.3 C.12.1.1.3: a private scheme is named in each object that uses it."""

_SCORES = {Kind.EROSION: "erosion score", Kind.NARROWING: "joint space narrowing score"}
SUMS: dict[Kind | None, CodedConcept] = {
    None: own("SVH_TOTAL", f"{METHOD_NAME} total score"),
    Kind.NARROWING: own("SVH_NARROWING", f"{METHOD_NAME} joint space narrowing sum"),
    Kind.EROSION: own("SVH_EROSION", f"{METHOD_NAME} erosion sum"),
}
_STATUS: dict[Status, CodedConcept] = {
    status: own({Status.SURGICALLY_ALTERED: "ALTERED"}.get(status, status.name), status.value.capitalize())
    for status in Status
    if status is not Status.SCORED
}
"""A code has 16 characters at most."""


def site_code(site: Site) -> CodedConcept:
    """The finding site of a row of the site table."""
    return coded(site.code_scheme, site.code, site_meaning(site))


def site_meaning(site: Site) -> str:
    """`Metacarpophalangeal joint of digit 2` for MCP2; without the side."""
    if site.name in _OTHER_SITES:
        return _OTHER_SITES[site.name]
    return f"{_JOINTS[site.name.rstrip('12345')]} of {'toe' if site.limb is Limb.FOOT else 'digit'} {site.name[-1]}"


def laterality(side: Side | None) -> CodedConcept:
    """Left or right; None is both."""
    if side is None:
        return coded(*_BOTH_SIDES)
    return coded(*LATERALITY_CODES[side], _SIDE_WORDS[side])


def limb_code(limb: Limb) -> CodedConcept:
    """The hand or the foot as a whole."""
    return coded(*_LIMBS[limb])


def score_name(kind: Kind) -> CodedConcept:
    """What the expectation of a site's score is called: NCIt C128988 or C128989."""
    scheme, value, _ = SCORE_CODES[kind]
    return coded(scheme, value, f"{METHOD_NAME} {_SCORES[kind]}")


def grade_name(kind: Kind) -> CodedConcept:
    """What the whole grade nearest to the expectation is called."""
    return own(f"{SCORE_CODES[kind][2]}_GRADE", f"{METHOD_NAME} {_SCORES[kind]}, whole grade")


def status_name(kind: Kind) -> CodedConcept:
    """What the answer to "was it scored?" is called."""
    return own(f"{SCORE_CODES[kind][2]}_STATUS", f"{METHOD_NAME} {_SCORES[kind]}, status")


def status_value(status: Status) -> CodedConcept:
    """Why there is no score; raises KeyError for a status that has one."""
    return _STATUS[status]


def score_unit(maximum: int) -> CodedConcept:
    """A score in a range, with the range as its unit."""
    return coded("UCUM", f"{{0:{maximum}}}", f"range: 0:{maximum}")


def site_words(limb: Limb, side: Side, label: str) -> str:
    """`Left hand MCP 2`: a Tracking Identifier, the same at every visit."""
    return f"{_SIDE_WORDS[side]} {limb.value} {label.replace('–', '-')}"
