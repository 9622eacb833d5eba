"""UIDs follow from what they name."""

import re

from opensvh.domain.anatomy import Limb, Side
from opensvh.reporting.dicom.uids import tracking_uid, uid_of


def test_the_same_parts_give_the_same_uid_for_ever() -> None:
    assert uid_of("series", "a", 1) == "2.25.180430497860673143175169547413118795597"
    assert re.fullmatch(r"2\.25\.[1-9]\d{0,38}", uid_of("object"))


def test_other_parts_give_another_uid() -> None:
    uids = {uid_of("a", "b", "c"), uid_of("a", "bc"), uid_of("ab", "c"), uid_of("a", "c", "b"), uid_of("a", "b")}
    assert len(uids) == 5


def test_a_site_is_told_apart_by_patient_issuer_limb_and_side() -> None:
    uids = {
        tracking_uid(patient, issuer, limb, side, "IP1")
        for patient in ("1", "2")
        for issuer in ("", "hospital")
        for limb in Limb
        for side in Side
    }
    assert len(uids) == 16
