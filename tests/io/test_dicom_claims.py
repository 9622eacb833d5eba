"""What a header claims of limb, side, day and visit, and what becomes of contradictions."""

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.dicom_claims import claims_of_header, day_of, patient_of, visit_of


def header(**tags: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return dataset


def coded(value: str, **more: object) -> Sequence:
    return Sequence([header(CodeValue=value, CodingSchemeDesignator="SCT", CodeMeaning="", **more)])


@pytest.mark.parametrize(
    ("tags", "limb", "side"),
    [
        ({"BodyPartExamined": "HAND", "ImageLaterality": "R"}, Limb.HAND, Side.RIGHT),
        ({"BodyPartExamined": "FOOT", "Laterality": "L"}, Limb.FOOT, Side.LEFT),
        ({"BodyPartExamined": "WRIST", "FrameLaterality": "L"}, Limb.HAND, Side.LEFT),
        ({"BodyPartExamined": "CHEST"}, None, None),
        ({"BodyPartExamined": "LEFT FEET", "ImageLaterality": "U", "Laterality": "L"}, Limb.FOOT, Side.LEFT),
        ({"AnatomicRegionSequence": coded("56459004")}, Limb.FOOT, None),
        (
            {"AnatomicRegionSequence": coded("85562004", AnatomicRegionModifierSequence=coded("24028007"))},
            Limb.HAND,
            Side.RIGHT,
        ),
        ({"SeriesDescription": "Linke Hand d.p."}, Limb.HAND, Side.LEFT),
        ({"SeriesDescription": "MAIN DROITE FACE"}, Limb.HAND, Side.RIGHT),
        ({"ProtocolName": "FOOT L AP"}, Limb.FOOT, Side.LEFT),
        ({"SeriesDescription": "L spine"}, None, None),
        ({"SeriesDescription": "Handling test"}, None, None),
        ({}, None, None),
    ],
)
def test_claims_of_tags_and_words(tags: dict[str, object], limb: Limb | None, side: Side | None) -> None:
    claims = claims_of_header(header(**tags))
    assert (claims.limb, claims.side, claims.both_sides, claims.contradiction) == (limb, side, False, "")


@pytest.mark.parametrize(
    "tags",
    [
        {"ImageLaterality": "B"},
        {"AnatomicRegionSequence": coded("85562004", AnatomicRegionModifierSequence=coded("51440002"))},
        {"SeriesDescription": "Hands both PA"},
        {"SeriesDescription": "left and right hand"},
    ],
)
def test_both_sides_are_no_side(tags: dict[str, object]) -> None:
    claims = claims_of_header(header(**tags))
    assert (claims.side, claims.both_sides, claims.contradiction) == (None, True, "")


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"ImageLaterality": "L", "Laterality": "R"}, "ImageLaterality says L, Laterality says R"),
        ({"ImageLaterality": "B", "Laterality": "R"}, "ImageLaterality says B, Laterality says R"),
        ({"Laterality": "L", "SeriesDescription": "RIGHT HAND"}, "Laterality says L, SeriesDescription says R"),
        ({"SeriesDescription": "RIGHT", "ProtocolName": "left"}, "SeriesDescription says R, ProtocolName says L"),
        (
            {
                "ImageLaterality": "L",
                "AnatomicRegionSequence": coded("85562004", AnatomicRegionModifierSequence=coded("24028007")),
            },
            "ImageLaterality says L, AnatomicRegionModifierSequence says R",
        ),
    ],
)
def test_sides_that_contradict_each_other_are_not_believed(tags: dict[str, object], told: str) -> None:
    claims = claims_of_header(header(**tags))
    assert (claims.side, claims.both_sides, claims.contradiction) == (None, False, told)


@pytest.mark.parametrize(
    "tags",
    [
        {"BodyPartExamined": "HAND", "SeriesDescription": "left foot"},
        {"BodyPartExamined": "HAND", "AnatomicRegionSequence": coded("56459004")},
    ],
)
def test_limbs_that_contradict_each_other_are_not_believed(tags: dict[str, object]) -> None:
    claims = claims_of_header(header(**tags))
    assert claims.limb is None
    assert "says hand" in claims.contradiction
    assert "says foot" in claims.contradiction


def test_a_series_of_both_hands_may_hold_a_left_one() -> None:
    claims = claims_of_header(header(ImageLaterality="L", SeriesDescription="Hands both"))
    assert (claims.side, claims.both_sides, claims.contradiction) == (Side.LEFT, False, "")


@pytest.mark.parametrize(
    ("tags", "day"),
    [
        ({"StudyDate": "20240501", "AcquisitionDate": "20240502"}, "2024-05-01"),
        ({"StudyDate": "", "AcquisitionDate": "20240502"}, "2024-05-02"),
        ({"StudyDate": "1997.04.24"}, "1997-04-24"),
        ({"StudyDate": "20240231", "ContentDate": "20240302"}, "2024-03-02"),
        ({"StudyDate": "00000000"}, None),
        ({}, None),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_day(tags: dict[str, object], day: str | None) -> None:
    assert day_of(header(**tags)) == day


def test_trial_names_patient_and_visit() -> None:
    trial = header(PatientID="", ClinicalTrialSubjectID="S-17", ClinicalTrialTimePointID="V2")
    assert (patient_of(trial), visit_of(trial)) == ("S-17", "V2")
    trial.ClinicalTrialTimePointDescription, trial.PatientID = "Week 24", "X7"
    assert (patient_of(trial), visit_of(trial)) == ("X7", "Week 24")
    assert (patient_of(Dataset()), visit_of(Dataset())) == (None, None)


def test_damaged_sequence_claims_nothing(made: Any) -> None:
    odd = header(BodyPartExamined="HAND")
    odd.add_new("AnatomicRegionSequence", "LO", "Hand")
    assert claims_of_header(odd).limb is Limb.HAND
