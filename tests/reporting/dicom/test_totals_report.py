"""The sums of a study."""

from functools import cache
from typing import Any

import highdicom as hd
import pytest

from opensvh.domain.anatomy import Kind, Limb, Side
from opensvh.reporting.dicom.codes import MAXIMUM_ASSESSED, SITES_ASSESSED, SITES_POSSIBLE, SUMS
from opensvh.reporting.summary import study_total


@cache
def groups_of(made: Any) -> dict[str, Any]:
    report = hd.sr.srread(made.folder / "totals.dcm")
    return {str(group.tracking_identifier): group for group in report.content.get_image_measurement_groups()}


def value(group: Any, name: Any) -> float:
    [measurement] = group.get_measurements(name=name)
    return float(measurement.value)


@pytest.mark.parametrize(
    ("words", "limb", "side"),
    [
        ("Patient", None, None),
        ("Hands", Limb.HAND, None),
        ("Feet", Limb.FOOT, None),
        ("Right hand", Limb.HAND, Side.RIGHT),
    ],
)
@pytest.mark.parametrize("kind", [None, *Kind])
def test_sums_are_those_of_the_summary(
    good: Any, words: str, limb: Limb | None, side: Side | None, kind: Kind | None
) -> None:
    group = groups_of(good)[f"{words}, {kind or 'total'}"]
    expected = study_total(good.study, kind, limb, side)
    assert value(group, SUMS[kind]) == pytest.approx(expected.total.value, abs=1e-4)
    assert value(group, SITES_ASSESSED) == expected.total.assessed
    assert value(group, SITES_POSSIBLE) == expected.total.sites
    assert value(group, MAXIMUM_ASSESSED) == expected.total.maximum
    [measurement] = group.get_measurements(name=SUMS[kind])
    assert measurement.unit.value == f"{{0:{expected.possible}}}"


def test_a_limb_without_a_film_has_no_sum(good: Any) -> None:
    group = groups_of(good)["Right foot, total"]
    assert group.get_measurements(name=SUMS[None]) == []
    assert value(group, SITES_ASSESSED) == 0
    assert [each.value.value for each in group.get_qualitative_evaluations() if each.name.value == "SUM_STATUS"] == [
        "NOT_ASSESSABLE"
    ]


def test_both_sides_are_coded_as_both(good: Any) -> None:
    groups = groups_of(good)
    [hands] = groups["Hands, erosion"].finding_sites
    assert hands.value.value == "85562004"
    assert hands.ContentSequence[0].ConceptCodeSequence[0].CodeValue == "51440002"
    assert groups["Patient, total"].finding_sites == []


def test_sums_and_sites_are_never_in_one_series(good: Any) -> None:
    """A viewer that takes the newest report of a series, or fails on one without places, shows the sites."""
    assert good["sites"].SeriesInstanceUID != good["totals"].SeriesInstanceUID
    report = hd.sr.srread(good.folder / "totals.dcm")
    assert report.content.get_planar_roi_measurement_groups() == []
