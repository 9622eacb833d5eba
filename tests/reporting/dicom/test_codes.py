"""Codes against the list they were taken from, and the limits that the standard sets to codes and words."""

import pytest

from opensvh.domain.anatomy import SITES, Kind, Limb, Side
from opensvh.domain.reading import Status
from opensvh.reporting.dicom import codes

MCP = ("56310002", "289002", "6059006", "13822002", "5493005")
PIP = ("371270005", "371263005", "371267006", "371233001")
MTP = ("27824001", "71721008", "81247008", "45230000", "50133002")
SNOMED = {
    **{("hand", f"MCP{number}"): code for number, code in enumerate(MCP, start=1)},
    **{("hand", f"PIP{number}"): code for number, code in enumerate(PIP, start=2)},
    **{("foot", f"MTP{number}"): code for number, code in enumerate(MTP, start=1)},
    ("hand", "IP1"): "115955008",
    ("foot", "IP1"): "363670009",
    ("hand", "RADIUS"): "75129005",
    ("hand", "ULNA"): "91238003",
    ("hand", "NAVICULAR"): "30518006",
    ("hand", "LUNATE"): "52181001",
    ("hand", "TRAPEZIUM"): "71800003",
    ("hand", "MC1_BASE"): "4247003",
}
PRIVATE = {"CMC3", "CMC4", "CMC5", "STT", "CNL", "RADCAR"}


def test_sites_have_the_codes_of_the_list() -> None:
    found = {(site.limb.value, site.name): codes.site_code(site) for site in SITES}
    assert {key: code.value for key, code in found.items() if code.scheme_designator == "SCT"} == SNOMED
    assert {name for (_, name), code in found.items() if code.scheme_designator == "99SVH"} == PRIVATE
    assert len(found) == len(SNOMED) + len(PRIVATE)


def test_codes_and_words_are_as_short_as_the_standard_wants() -> None:
    every = [codes.site_code(site) for site in SITES]
    every += [name(kind) for kind in Kind for name in (codes.score_name, codes.grade_name, codes.status_name)]
    every += [codes.status_value(status) for status in Status if status is not Status.SCORED]
    every += [codes.limb_code(limb) for limb in Limb] + [codes.laterality(side) for side in (None, *Side)]
    every += [*codes.SUMS.values(), codes.score_unit(448), codes.SITES_ASSESSED, codes.SITES_POSSIBLE, codes.METHOD]
    every += [codes.MAXIMUM_ASSESSED, codes.NOTICE_NAME, codes.WARNING_NAME, codes.MISSING_NAME, codes.SITE_FINDING]
    assert all(0 < len(code.value) <= 16 and 0 < len(code.meaning) <= 64 for code in every)
    assert len({(code.scheme_designator, code.value, code.meaning) for code in every}) == len(every)


def test_scores_have_the_codes_of_the_thesaurus() -> None:
    names = {kind: codes.score_name(kind) for kind in Kind}
    assert {kind: (name.scheme_designator, name.value) for kind, name in names.items()} == {
        Kind.EROSION: ("NCIt", "C128988"),
        Kind.NARROWING: ("NCIt", "C128989"),
    }


def test_words_name_the_joint_as_anatomy_does() -> None:
    meanings = {(site.limb, site.name): codes.site_meaning(site) for site in SITES}
    assert meanings[Limb.HAND, "MCP2"] == "Metacarpophalangeal joint of digit 2"
    assert meanings[Limb.FOOT, "IP1"] == "Interphalangeal joint of toe 1"
    assert meanings[Limb.HAND, "NAVICULAR"] == "Scaphoid bone"


def test_a_score_is_no_reason_for_a_gap() -> None:
    with pytest.raises(KeyError):
        codes.status_value(Status.SCORED)
