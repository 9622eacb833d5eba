"""The demonstration compares only what was read: a site without a reading is in neither sum."""

from pathlib import Path

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb, Side
from opensvh.domain.reading import StudyReading
from opensvh.workflows.demo import Demonstration, SiteKey

TRUTH: dict[SiteKey, float] = {
    (side, site.limb, site.name, kind): 2.0 for side, site, kind in RA2_SITE_COLUMNS.values()
}
STUDY = StudyReading("SIM0001", (), (), (), "OpenSvH")


def test_sums_over_all_sites() -> None:
    shown = Demonstration(TRUTH, dict.fromkeys(TRUTH, 1.5), STUDY, Path("report.html"))
    sums = {each.label: (each.truth, each.read, each.assessed, each.sites) for each in shown.sums()}
    assert sums == {
        "hand narrowing": (60, 45, 30, 30),
        "hand erosion": (64, 48, 32, 32),
        "foot narrowing": (24, 18, 12, 12),
        "foot erosion": (24, 18, 12, 12),
        "total": (172, 129, 86, 86),
    }


def test_a_site_that_was_not_assessable_is_in_neither_sum() -> None:
    read = dict.fromkeys(TRUTH, 1.5)
    del read[Side.LEFT, Limb.FOOT, "MTP2", Kind.EROSION]
    shown = Demonstration(TRUTH, read, STUDY, Path("report.html"))
    sums = {each.label: (each.truth, each.read, each.assessed, each.sites) for each in shown.sums()}
    assert sums["foot erosion"] == (22, 16.5, 11, 12)
    assert sums["total"] == (170, 127.5, 85, 86)
