"""What both reports share."""

from typing import Any

import highdicom as hd
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

NOTICE = "For research use only: not a medical device, not for diagnosis or treatment decisions."


@pytest.fixture(params=["sites", "totals"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def items(tree: Dataset, words: str) -> list[Dataset]:
    """Items of a name, anywhere below."""
    found = []
    for item in tree.get("ContentSequence", ()):
        found += [item] if item.ConceptNameCodeSequence[0].CodeMeaning == words else []
        found += items(item, words)
    return found


def test_a_device_observed_it_and_says_which(good: Any, name: str) -> None:
    report = hd.sr.srread(good.folder / f"{name}.dcm")
    [observer] = report.content.get_observer_contexts(observer_type=codes.DCM.Device)
    device = observer.observer_identifying_attributes
    assert (device.manufacturer_name, device.model_name, device.serial_number) == ("OpenSvH", "tiny 3", "ab" * 32)
    assert "research use only" in str(device.name)


def test_the_notice_warnings_and_missing_films_stand_in_words(good: Any, name: str) -> None:
    assert [item.TextValue for item in items(good[name], "Notice")] == [NOTICE]
    warnings = [item.TextValue for item in items(good[name], "Warning about a film")]
    assert warnings == [f"{film}: an oblique view" for film in ("Left hand", "Right hand", "Left foot")]
    assert [item.TextValue for item in items(good[name], "Limb without a film that was read")] == ["Right foot"]


def test_every_group_names_algorithm_version_and_weights(good: Any, name: str) -> None:
    groups = items(good[name], "Measurement Group")
    assert len(groups) in (50, 21)
    for group in groups:
        assert [item.TextValue for item in items(group, "Algorithm Name")] == ["tiny"]
        assert [item.TextValue for item in items(group, "Algorithm Version")] == ["3"]
        assert any("ab" * 32 in item.TextValue for item in items(group, "Algorithm Parameters"))


def test_the_method_modifies_its_group(good: Any, name: str) -> None:
    """TID 1501, row 5: validators refuse a group that contains its method."""
    relations = {item.RelationshipType for item in items(good[name], "Measurement Method")}
    assert relations == {"HAS CONCEPT MOD"}


def test_it_is_nobodys_verified_final_report(good: Any, name: str) -> None:
    report = good[name]
    assert (report.VerificationFlag, report.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert report.SOPClassUID.name == "Comprehensive SR Storage"


def test_the_private_scheme_is_named(good: Any, name: str) -> None:
    [scheme] = good[name].CodingSchemeIdentificationSequence
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeName) == ("99SVH", "OpenSvH private codes")


def test_the_films_are_its_evidence(good: Any, name: str) -> None:
    report = hd.sr.srread(good.folder / f"{name}.dcm")
    assert len(report.get_evidence()) == 3
    assert len(items(report, "Patient Orientation Row")) == 3


def test_orientation_and_spacing_that_a_film_lacks_are_not_made_up(bare: Any, name: str) -> None:
    report = hd.sr.srread(bare.folder / f"{name}.dcm")
    assert len(report.get_evidence()) == 3
    assert items(report, "Patient Orientation Row") == items(report, "Horizontal Pixel Spacing") == []
    assert len(items(report, "Pixel Data Rows")) == 3
