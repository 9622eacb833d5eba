"""The scores of sites, as highdicom reads them back."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import highdicom as hd
import pydicom
import pytest
from highdicom.sr import PlanarROIMeasurementsAndQualitativeEvaluations as Group
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from opensvh.domain.anatomy import SITES, Limb, Side
from opensvh.reporting.dicom.codes import SITE_FINDING, grade_name, score_name
from opensvh.reporting.dicom.sites_report import sites_report


@cache
def groups_of(made: Any) -> list[Group]:
    report = hd.sr.srread(made.folder / "sites.dcm")
    return list(report.content.get_planar_roi_measurement_groups(finding_type=SITE_FINDING))


def by_identifier(made: Any) -> dict[str, Group]:
    return {str(group.tracking_identifier): group for group in groups_of(made)}


def test_there_is_a_group_a_site_of_each_film(good: Any) -> None:
    hand, foot = (sum(site.limb is limb for site in SITES) for limb in Limb)
    groups = groups_of(good)
    assert len(groups) == 2 * hand + foot == 50
    assert len({group.tracking_uid for group in groups}) == 50


def test_values_are_the_expectations_and_whole_grades_stand_beside(good: Any) -> None:
    films = {film.side: film for film in good.study.films if film.limb is Limb.HAND}
    group = by_identifier(good)["Left hand PIP 3"]
    for kind in ("narrowing", "erosion"):
        reading = next(r for r in films[Side.LEFT].sites if r.site.name == "PIP3" and r.kind == kind)
        [score] = group.get_measurements(name=score_name(reading.kind))
        [grade] = group.get_measurements(name=grade_name(reading.kind))
        assert score.value == pytest.approx(reading.expected)
        assert (grade.value, score.derivation) == (reading.score, codes.SCT.Mean)
        assert score.unit.value == f"{{0:{reading.site.maximum(reading.kind)}}}"


def test_sites_and_sides_are_coded(good: Any) -> None:
    [site] = by_identifier(good)["Right hand MCP 3"].finding_sites
    laterality = site.ContentSequence[0].ConceptCodeSequence[0]
    assert (site.value.scheme_designator, site.value.value) == ("SCT", "6059006")
    assert (laterality.CodeValue, laterality.CodingSchemeDesignator) == ("24028007", "SCT")
    [wrist] = by_identifier(good)["Left hand Radiocarpal"].finding_sites
    assert (wrist.value.scheme_designator, wrist.value.value) == ("99SVH", "RADCAR")


def test_the_place_is_the_joint_in_the_sources_own_pixels(good: Any) -> None:
    film = next(each for each in good.study.films if each.limb is Limb.FOOT)
    source = pydicom.dcmread(film.film, stop_before_pixels=True)
    region = by_identifier(good)["Left foot MTP 1"].roi
    point = film.points["MTP1"]
    assert region.graphic_type.value == "POINT"
    assert region.value.tolist() == [[point.x + 0.5, point.y + 0.5]]
    image = region.ContentSequence[0].ReferencedSOPSequence[0]
    assert image.ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert image.ReferencedSOPClassUID == source.SOPClassUID


def test_a_site_without_a_score_has_a_status_a_reason_and_the_limbs_box(good: Any, make: SimpleNamespace) -> None:
    group = by_identifier(good)["Right hand MCP 2"]
    assert group.get_measurements() == []
    answers = {
        each.name.value: each.value.value for each in group.get_qualitative_evaluations() if "STATUS" in each.name.value
    }
    assert answers == {"SVBESCR_STATUS": "NOT_ASSESSABLE", "SVJSNSCR_STATUS": "NOT_ASSESSABLE"}
    assert [item.TextValue for item in group[0].ContentSequence if item.name == codes.DCM.Comment] == [make.reason]
    assert group.roi.graphic_type.value == "POLYLINE"
    assert group.roi.value.tolist() == [[0, 30], [260, 30], [260, 380], [0, 380], [0, 30]]


def test_missing_is_never_zero(good: Any) -> None:
    def values(tree: Dataset) -> list[float]:
        found = [float(v.NumericValue) for v in tree.get("MeasuredValueSequence", ())]
        return found + [value for item in tree.get("ContentSequence", ()) for value in values(item)]

    lost = by_identifier(good)["Right hand MCP 2"]
    assert values(lost[0]) == []


def test_tracking_uids_are_stable_over_visits_and_films(good: Any, pictures: Any) -> None:
    """The same patient, other films in another study: a site keeps its UID."""
    first = {str(group.tracking_identifier): group.tracking_uid for group in groups_of(good)}
    assert {str(group.tracking_identifier): group.tracking_uid for group in groups_of(pictures)} == first


def test_films_that_lack_everything_optional_are_reported_as_well(bare: Any) -> None:
    assert len(groups_of(bare)) == 50


def test_one_film_of_both_hands_is_referred_to_by_both(tmp_path: Path, make: SimpleNamespace) -> None:
    path = tmp_path / "both.dcm"
    make.write_film(path, Limb.HAND, Side.LEFT)
    films = tuple(make.film_reading(path, Limb.HAND, side) for side in Side)
    run = make.run(make.study_of(films))
    report = sites_report(run)
    assert [source.codes for source in run.sources] == ["LH-RH"]
    groups = hd.sr.ComprehensiveSR.from_dataset(report).content.get_planar_roi_measurement_groups()
    assert len(groups) == len({group.tracking_uid for group in groups}) == 44
    assert [uids[2] for uids in report.get_evidence()] == [pydicom.dcmread(path).SOPInstanceUID]
