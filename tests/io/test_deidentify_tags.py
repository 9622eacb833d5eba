"""A header with a patient in every corner comes out without her, at every depth, and says what was done."""

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from opensvh.io.deidentify_key import Key
from opensvh.io.deidentify_table import Option
from opensvh.io.deidentify_tags import Profile, deidentified

KEY = Key(b"k" * 32)
CR = "1.2.840.10008.5.1.4.1.1.1"


def film(**tags: object) -> Dataset:
    """A CR header of Anna Mueller's hand."""
    header = Dataset()
    header.SOPClassUID, header.SOPInstanceUID, header.StudyInstanceUID = CR, "1.2.3.1", "1.2.3"
    header.SeriesInstanceUID = "1.2.3.2"
    header.PatientName, header.PatientID, header.PatientBirthDate = "Mueller^Anna", "MRN1234567", "19510203"
    header.PatientSex, header.PatientAge, header.StudyDate, header.StudyTime = "F", "073Y", "20240115", "101500"
    header.StudyDescription, header.Modality, header.BodyPartExamined = "Hand links Mueller", "CR", "HAND"
    header.Manufacturer, header.StationName, header.InstitutionName = "Maker", "ROOM7", "Clinic of Town"
    for keyword, value in tags.items():
        setattr(header, keyword, value)
    return header


def item(**tags: object) -> Dataset:
    """An item of a sequence."""
    made = Dataset()
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    return made


def without_patient(header: Dataset, *options: Option, **safe: frozenset[tuple[str, int, int]]) -> Dataset:
    profile = Profile(KEY, frozenset({Option.BASIC, *options}), **safe)
    return deidentified(header, "MRN1234567", profile)[0]


def test_the_basic_profile_leaves_the_picture_s_facts_and_no_patient() -> None:
    new = without_patient(film())
    assert new.PatientID == new.PatientName == KEY.pseudonym("MRN1234567")
    assert (new.PatientBirthDate, new.PatientSex, new.StudyDate) == ("", "", "")
    assert (new.Modality, new.BodyPartExamined, new.Manufacturer) == ("CR", "HAND", "Maker")
    for keyword in ("PatientAge", "StudyDescription", "StationName", "InstitutionName"):
        assert keyword not in new
    assert "Mueller" not in str(new)
    assert "MRN" not in str(new)


def test_it_says_what_was_done() -> None:
    new = without_patient(film(), Option.SHIFTED_DATES, Option.CLEAN_PIXELS)
    assert (new.PatientIdentityRemoved, new.BurnedInAnnotation) == ("YES", "NO")
    assert new.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = {code.CodeValue for code in new.DeidentificationMethodCodeSequence}
    assert codes == {"113100", "113101", "113107"}
    assert without_patient(film()).LongitudinalTemporalInformationModified == "REMOVED"
    assert "BurnedInAnnotation" not in without_patient(film())


def test_uids_change_alike_everywhere_and_class_uids_stay() -> None:
    reference = item(ReferencedSOPClassUID=CR, ReferencedSOPInstanceUID="1.2.3.1")
    new = without_patient(film(SourceImageSequence=Sequence([reference])))
    assert new.SOPInstanceUID == new.file_meta.MediaStorageSOPInstanceUID == KEY.uid("1.2.3.1")
    assert new.SourceImageSequence[0].ReferencedSOPInstanceUID == new.SOPInstanceUID
    assert new.SourceImageSequence[0].ReferencedSOPClassUID == new.SOPClassUID == CR


def test_shifted_dates_move_by_the_patient_s_days_and_the_birth_date_goes() -> None:
    first, second = (without_patient(film(StudyDate=day), Option.SHIFTED_DATES) for day in ("20240115", "20250116"))
    assert first.StudyDate < second.StudyDate < "20250116"
    assert first.StudyTime == "101500"
    assert first.PatientBirthDate == ""


def test_options_keep_what_is_theirs() -> None:
    wanted = (Option.PATIENT_CHARACTERISTICS, Option.DEVICE_IDENTITY, Option.CLEAN_DESCRIPTORS)
    new = without_patient(film(), *wanted)
    assert (new.PatientSex, new.PatientAge, new.StationName) == ("F", "073Y", "ROOM7")
    assert new.StudyDescription == "Hand links"


def test_sequences_are_entered_and_local_codes_dropped() -> None:
    public = item(CodeValue="85562004", CodingSchemeDesignator="SCT", CodeMeaning="Hand", PatientName="Mueller")
    local = item(CodeValue="MUELLER", CodingSchemeDesignator="99TOWN", CodeMeaning="Hand of Mueller")
    other = Sequence([item(PatientID="MRN1234567")])
    new = without_patient(film(AnatomicRegionSequence=Sequence([public, local]), OtherPatientIDsSequence=other))
    [kept] = new.AnatomicRegionSequence
    assert kept.CodeValue == "85562004"
    assert "PatientName" not in kept
    assert "OtherPatientIDsSequence" not in new


def test_private_attributes_go_unless_listed_as_safe() -> None:
    header = film()
    block = header.private_block(0x0011, "ACME", create=True)
    block.add_new(1, "LO", "Mueller")
    block.add_new(2, "DS", "0.5")
    assert not [element for element in without_patient(header) if element.tag.is_private]
    safe = without_patient(header, Option.SAFE_PRIVATE, safe_private=frozenset({("ACME", 0x0011, 0x02)}))
    assert {str(element.value) for element in safe if element.tag.is_private} == {"ACME", "0.5"}


@pytest.mark.parametrize("group", [0x5000, 0x6000])
def test_curves_overlays_and_icons_go(group: int) -> None:
    header = film(IconImageSequence=Sequence([item(Rows=8)]))
    header.add_new((group, 0x3000), "OW", b"MUELLER ")
    new = without_patient(header, *Option)
    assert "IconImageSequence" not in new
    assert (group, 0x3000) not in new


def test_text_in_the_place_of_a_code_goes() -> None:
    assert "BodyPartExamined" not in without_patient(film(BodyPartExamined="Hand Mueller"))


def test_changes_name_attributes_and_never_values() -> None:
    _, changes = deidentified(film(), "MRN1234567", Profile(KEY, frozenset({Option.BASIC})))
    assert changes.removed["InstitutionName"] == changes.replaced["PatientID"] == changes.kept["Modality"] == 1
    assert "Mueller" not in repr(changes)
