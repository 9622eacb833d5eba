"""One key, one pseudonym: over runs, apart from others, and never lost by overwriting."""

import stat
from pathlib import Path

import pytest

from opensvh.domain.errors import ConfigInvalid, OutputConflict
from opensvh.io.deidentify_key import MOST_DAYS, Key, new_key, read_key

KEY, OTHER = Key(b"k" * 32), Key(b"o" * 32)


def test_a_new_key_is_the_owner_s_alone_and_reads_back(tmp_path: Path) -> None:
    made = new_key(tmp_path / "keys" / "key")
    assert stat.S_IMODE((tmp_path / "keys" / "key").stat().st_mode) == 0o600
    assert read_key(tmp_path / "keys" / "key") == made
    assert new_key(tmp_path / "second") != made


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    made = new_key(tmp_path / "key")
    with pytest.raises(OutputConflict, match="never overwritten"):
        new_key(tmp_path / "key")
    assert read_key(tmp_path / "key") == made


@pytest.mark.parametrize("text", ["", "key", "opensvh-deidentify-key-1 12", "opensvh-deidentify-key-1 " + "g" * 64])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(ConfigInvalid, match="no key file"):
        read_key(tmp_path / "key")


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(ConfigInvalid, match="chmod 600"):
        read_key(tmp_path / "key")


def test_a_missing_key_tells_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="--new-key"):
        read_key(tmp_path / "key")


def test_the_secret_is_not_shown() -> None:
    assert "kkk" not in repr(KEY)


def test_pseudonyms_follow_from_key_and_patient() -> None:
    assert KEY.pseudonym("A") == KEY.pseudonym("A")
    assert len({KEY.pseudonym("A"), KEY.pseudonym("B"), OTHER.pseudonym("A")}) == 3
    assert KEY.pseudonym("A")[0] == "P"
    assert KEY.pseudonym("A").isalnum()


def test_dates_move_back_by_days_of_the_patient() -> None:
    days = [KEY.shift_days(f"patient {number}") for number in range(300)]
    assert all(-MOST_DAYS <= each <= -1 for each in days)
    assert len(set(days)) > 250


def test_uids_are_those_of_version_4_uuids() -> None:
    uid = KEY.uid("1.2.3")
    number = int(uid.removeprefix("2.25."))
    assert uid == KEY.uid("1.2.3") != OTHER.uid("1.2.3")
    assert (number >> 76) & 0xF == 4
    assert (number >> 62) & 3 == 2
    assert len(uid) <= 64
