"""The list of what may stay agrees with PS3.15 Table E.1-1 and with what the image classes hold."""

import json
from importlib import resources

import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from opensvh.io.deidentify_table import Action, Option, action_of, attribute_rows, harmless_words

ALLOWED = {
    "D": {Action.REMOVE, Action.PSEUDONYM},
    "Z": {Action.REMOVE, Action.EMPTY, Action.PSEUDONYM},
    "X": {Action.REMOVE},
    "U": {Action.REMOVE, Action.UID},
    "Z_D": {Action.REMOVE, Action.EMPTY, Action.PSEUDONYM},
    "X_Z": {Action.REMOVE, Action.EMPTY},
    "X_D": {Action.REMOVE},
    "X_Z_D": {Action.REMOVE, Action.EMPTY},
    "X_Z_U_STAR": {Action.REMOVE, Action.EMPTY, Action.ITEMS},
}
"""What of ours does no less than each action of Table E.1-1: to remove is always enough."""
REQUIRED_BY_TYPE = {"StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID", "PatientSex"}
IMAGES = ("computed-radiography-image", "digital-x-ray-image", "secondary-capture-image")


def test_every_attribute_of_table_e_1_1_is_treated_as_it_says() -> None:
    """The table as dicom-anonymizer (BSD-3-Clause) carries it, edition 2026c."""
    database = "dicomanonymizer.dicom_anonymization_databases.dicomfields_2026c"
    table = pytest.importorskip(database, reason="needs dicom-anonymizer: pip install opensvh[dev]")
    checked = 0
    for code, allowed in ALLOWED.items():
        for tag in getattr(table, f"{code}_TAGS"):
            if len(tag) == 2 and (keyword := keyword_for_tag(tag)):
                assert action_of(keyword, frozenset()) in allowed, (keyword, code)
                checked += 1
    assert checked > 600


def test_what_is_named_in_the_list_belongs_to_these_images() -> None:
    standard = resources.files("highdicom") / "_standard"
    modules = json.loads((standard / "iod_module_map.json").read_text(encoding="utf-8"))
    attributes = json.loads((standard / "module_attribute_map.json").read_text(encoding="utf-8"))
    known = {
        attribute["keyword"]
        for image in IMAGES
        for module in modules[image]
        for attribute in attributes.get(module["key"], [])
    }
    assert set(attribute_rows()) <= known


def test_no_free_text_stays_by_the_basic_profile_but_makers_and_codes() -> None:
    texts = {
        keyword
        for keyword, row in attribute_rows().items()
        if row.basic is Action.KEEP and dictionary_VR(tag_for_keyword(keyword)) in {"LO", "SH", "LT", "ST", "UT", "PN"}
    }
    assert texts == {
        "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "DetectorManufacturerName",
        "DetectorManufacturerModelName", "CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning",
        "RescaleType", "ModalityLUTType",
    }  # fmt: skip


def test_options_widen_only_what_is_theirs() -> None:
    dates = frozenset({Option.SHIFTED_DATES})
    assert action_of("StudyDate", dates) is Action.SHIFT
    assert action_of("StudyDate", frozenset()) is Action.EMPTY
    assert action_of("PatientBirthDate", dates) is Action.EMPTY
    assert action_of("PatientAge", frozenset({Option.PATIENT_CHARACTERISTICS})) is Action.KEEP
    assert action_of("StationName", frozenset({Option.PATIENT_CHARACTERISTICS})) is Action.REMOVE


@pytest.mark.parametrize("keyword", ["", "IconImageSequence", "OverlayData", "CurveData", "PatientComments"])
def test_what_is_not_listed_is_removed(keyword: str) -> None:
    assert action_of(keyword, frozenset(Option)) is Action.REMOVE


def test_what_must_be_there_is_emptied_not_removed() -> None:
    assert {action_of(keyword, frozenset()) for keyword in REQUIRED_BY_TYPE} == {Action.EMPTY}


def test_no_harmless_word_is_a_common_name() -> None:
    assert not harmless_words() & {"anna", "maria", "hans", "john", "smith", "mueller", "frank", "mark", "rose"}
