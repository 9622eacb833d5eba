"""A bundle holds to its schema, names things by what they are, and says why a score is missing."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.bundle import Bundle as BundleR5
from fhir.resources.R4B.bundle import Bundle as BundleR4

from opensvh.domain.anatomy import SITES, Kind, Limb, Side
from opensvh.domain.reading import StudyReading
from opensvh.io.dicom_source import DicomSource
from opensvh.reporting.fhir import fhir_bundle, write_fhir
from opensvh.reporting.fhir_terms import LATERALITY_EXTENSION, PRIVATE_SYSTEM, SUMS, Release

SCHEMAS = {Release.R4: BundleR4, Release.R5: BundleR5}
LEFT_HAND = "films/L-hand.png"


@pytest.fixture
def source() -> DicomSource:
    return DicomSource(
        LEFT_HAND, study_instance_uid="1.2.3", sop_instance_uid="1.2.3.4", issuer_of_patient_id="Ward <9>"
    )


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def score(bundle: dict[str, Any], words: str, code: str) -> dict[str, Any]:
    """The observation of the site in words, of the NCIt code."""
    [found] = [
        each
        for each in resources(bundle, "Observation")
        if each.get("bodySite", {}).get("text") == words and each["code"]["coding"][0]["code"] == code
    ]
    return found


def summed(bundle: dict[str, Any], kind: Kind | None) -> dict[str, Any]:
    code = SUMS[kind][0]
    [found] = [each for each in resources(bundle, "Observation") if each["code"]["coding"][0]["code"] == code]
    return found


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "reference" in value:
            yield value["reference"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


@pytest.mark.parametrize("release", Release)
def test_the_bundle_holds_to_the_schema_of_its_release(
    study: StudyReading, source: DicomSource, release: Release, tmp_path: Path
) -> None:
    write_fhir(tmp_path / "fhir.json", replace(study, date="2024-05-01"), {LEFT_HAND: source}, release)
    read = SCHEMAS[release].model_validate_json((tmp_path / "fhir.json").read_text())
    assert len(read.entry) == 1 + 1 + 3 + (31 + 31 + 12) + 3 + 1


@pytest.mark.parametrize("release", Release)
def test_the_schema_would_object(study: StudyReading, release: Release) -> None:
    """The validator that the test above trusts refuses a bundle with an element of the other release."""
    bundle = fhir_bundle(study, {}, release)
    [report] = resources(bundle, "DiagnosticReport")
    report["study" if release is Release.R4 else "imagingStudy"] = [{"reference": "ImagingStudy/1"}]
    with pytest.raises(ValueError, match=r"study|imagingStudy"):
        SCHEMAS[release].model_validate_json(json.dumps(bundle))


def test_every_site_has_its_score_side_and_codes(study: StudyReading) -> None:
    found = score(fhir_bundle(study, {}, Release.R4), "left hand, MCP 2", "C128988")
    assert found["bodySite"]["coding"] == [{"system": "http://snomed.info/sct", "code": "289002"}]
    [side] = found["bodySite"]["extension"]
    assert side["url"] == LATERALITY_EXTENSION
    assert side["valueCodeableConcept"]["coding"][0]["code"] == "7771000"
    assert found["valueQuantity"]["value"] == 1.25
    assert found["component"][0]["valueInteger"] == 1
    assert found["status"] == "preliminary"
    assert "dataAbsentReason" not in found
    private = score(fhir_bundle(study, {}, Release.R4), "left hand, Radiocarpal", "C128989")
    assert private["bodySite"]["coding"][0]["system"] == PRIVATE_SYSTEM


def test_what_was_not_assessed_has_a_reason_and_no_value(study: StudyReading) -> None:
    bundle = fhir_bundle(study, {}, Release.R4)
    lost = score(bundle, "right hand, MCP 2", "C128989")
    assert lost["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert lost["dataAbsentReason"]["text"].startswith("not assessable: ")
    assert "valueQuantity" not in lost
    assert [part["code"]["coding"][0]["code"] for part in lost["component"]] == ["JOINT_CONFIDENCE"]


def test_an_incomplete_sum_is_no_total(study: StudyReading) -> None:
    total = summed(fhir_bundle(study, {}, Release.R4), None)
    assert "valueQuantity" not in total
    assert total["dataAbsentReason"]["text"] == "72 of 86 scores were assessed"
    parts = {part["code"]["coding"][0]["code"]: part for part in total["component"]}
    assert parts["SITES_ASSESSED"]["valueInteger"] == 72
    assert parts["SUM_ASSESSED"]["valueQuantity"]["value"] > 0


def test_a_complete_sum_is_a_value_and_names_what_it_sums(whole_study: StudyReading) -> None:
    bundle = fhir_bundle(whole_study, {}, Release.R4)
    total, erosion = summed(bundle, None), summed(bundle, Kind.EROSION)
    assert total["valueQuantity"]["value"] == 448 / 4
    assert erosion["valueQuantity"]["value"] == 280 / 4
    assert len(erosion["hasMember"]) == 44
    assert len(total["hasMember"]) == 2


def test_every_reference_is_in_the_bundle_and_every_name_is_once(study: StudyReading, source: DicomSource) -> None:
    bundle = fhir_bundle(study, {LEFT_HAND: source}, Release.R4)
    names = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(names)) == len(names)
    assert set(references(bundle["entry"])) <= set(names)


def test_a_second_making_gives_the_same_bundle_and_another_model_other_names(study: StudyReading) -> None:
    first = fhir_bundle(study, {}, Release.R4)
    assert fhir_bundle(study, {}, Release.R4) == first
    other = replace(study, models=(replace(study.models[0], sha256="cd" * 32),))
    names = {entry["fullUrl"] for entry in first["entry"]}
    later = fhir_bundle(replace(study, date="2024-05-01"), {}, Release.R4)
    for changed, kept in ((fhir_bundle(other, {}, Release.R4), 1), (later, 2)):
        # The patient stays, and so does the device where only the day is another.
        assert len(names & {entry["fullUrl"] for entry in changed["entry"]}) == kept


def test_the_patient_is_an_identifier_and_nothing_else(study: StudyReading, source: DicomSource) -> None:
    bundle = fhir_bundle(study, {LEFT_HAND: replace(source, patient_name="Doe^Jane", patient_sex="F")}, Release.R4)
    [patient] = resources(bundle, "Patient")
    assert patient["identifier"] == [{"value": "P <1>", "assigner": {"display": "Ward <9>"}}]
    assert set(patient) == {"resourceType", "meta", "identifier"}
    assert "Doe" not in json.dumps(bundle)
    [entry] = [entry for entry in bundle["entry"] if entry["resource"] is patient]
    assert entry["request"] == {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=P%20%3C1%3E"}


def test_a_dicom_film_is_named_by_its_uids_and_any_other_by_its_file_alone(
    study: StudyReading, source: DicomSource
) -> None:
    bundle = fhir_bundle(study, {LEFT_HAND: source}, Release.R4)
    left = score(bundle, "left hand, MCP 2", "C128988")
    assert left["derivedFrom"][0] == {
        "type": "ImagingStudy",
        "identifier": {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"},
    }
    right = score(bundle, "right hand, MCP 3", "C128988")
    [film] = [each for each in resources(bundle, "DocumentReference") if right["derivedFrom"] == [
        {"reference": each["identifier"][0]["value"]}
    ]]  # fmt: skip
    assert film["content"] == [{"attachment": {"contentType": "image/png", "title": "R-hand.png"}}]
    assert "films/" not in json.dumps(bundle)


def test_everything_is_marked_and_the_report_says_so_first(study: StudyReading) -> None:
    bundle = fhir_bundle(study, {}, Release.R4)
    tags = {entry["resource"]["meta"]["tag"][0]["code"] for entry in bundle["entry"]}
    assert tags == {"RESEARCH_USE_ONLY"}
    [report] = resources(bundle, "DiagnosticReport")
    assert report["conclusion"].startswith("For research use only")
    assert report["text"]["div"].startswith('<div xmlns="http://www.w3.org/1999/xhtml"><p>For research use only')
    assert "No film of the right foot was read." in report["conclusion"]
    assert report["status"] == "preliminary"


def test_the_device_is_the_model_with_version_and_digest(study: StudyReading) -> None:
    [device] = resources(fhir_bundle(study, {}, Release.R4), "Device")
    versions = {version["type"]["text"]: version["value"] for version in device["version"]}
    assert versions == {
        "software": "OpenSvH 0.1",
        "version of the model tiny": "3",
        "SHA-256 of the weights of tiny": "ab" * 32,
    }


def test_a_site_of_each_limb_and_side_has_one_code_in_the_whole_bundle(whole_study: StudyReading) -> None:
    observed = [
        each for each in resources(fhir_bundle(whole_study, {}, Release.R4), "Observation") if "bodySite" in each
    ]
    keys = {
        (
            each["code"]["coding"][0]["code"],
            each["bodySite"]["coding"][0]["code"],
            each["bodySite"]["extension"][0]["valueCodeableConcept"]["text"],
        )
        for each in observed
    }
    assert len(keys) == len(observed) == 86
    assert {code for _, code, _ in keys} == {site.code for site in SITES}


def test_the_private_codes_are_those_of_the_dicom_reports() -> None:
    codes = pytest.importorskip("opensvh.reporting.dicom.codes")
    assert {kind: SUMS[kind][0] for kind in SUMS} == {kind: codes.SUMS[kind].value for kind in codes.SUMS}
    bundle = fhir_bundle(StudyReading("p", (), (), (), "s"), {}, Release.R4)
    parts = {part["code"]["coding"][0]["code"] for part in summed(bundle, None)["component"]}
    assert {codes.SITES_ASSESSED.value, codes.SITES_POSSIBLE.value, codes.MAXIMUM_ASSESSED.value} < parts


def test_no_text_breaks_out_of_the_narrative(study: StudyReading) -> None:
    lost = next(each for each in study.films[1].sites if each.expected is None)
    film = replace(study.films[1], sites=(replace(lost, reason="<b>&lost"),))
    [report] = resources(fhir_bundle(replace(study, films=(film,)), {}, Release.R4), "DiagnosticReport")
    assert "&lt;b&gt;&amp;lost" in report["text"]["div"]
    assert re.findall(r"<(?!/?p>|/?div)", report["text"]["div"]) == []


def test_limbs_and_sides_are_in_words(study: StudyReading) -> None:
    words = {
        each["bodySite"]["text"]
        for each in resources(fhir_bundle(study, {}, Release.R4), "Observation")
        if "bodySite" in each
    }
    assert "left foot, IP hallux" in words
    assert {text.split(",")[0] for text in words} == {
        f"{'left' if side is Side.LEFT else 'right'} {limb}" for side, limb in
        ((Side.LEFT, Limb.HAND), (Side.RIGHT, Limb.HAND), (Side.LEFT, Limb.FOOT))
    }  # fmt: skip
