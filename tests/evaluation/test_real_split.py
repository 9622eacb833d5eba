from pathlib import Path

import pytest

from opensvh.domain.errors import TableInvalid
from opensvh.evaluation.real_split import UNKNOWN, Allotment, Half, allotments, read_split


def test_every_group_is_dealt_to_a_half_and_one_limb_is_severe(tmp_path: Path) -> None:
    dealt = allotments(tmp_path)
    assert set(dealt) == set(read_split())
    assert [group for group, each in dealt.items() if each.severe] == ["artrite-reumatoide-rx-maos"]


def test_films_never_seen_measure() -> None:
    assert UNKNOWN.half is Half.MEASURING


def test_a_folder_can_bring_its_own_split(tmp_path: Path) -> None:
    (tmp_path / "real_films_split.csv").write_text("group,half,disease\nours,tuning,\nworst,measuring,severe\n")
    dealt = allotments(tmp_path)
    assert dealt["ours"] == Allotment(Half.TUNING, severe=False)
    assert dealt["worst"] == Allotment(Half.MEASURING, severe=True)


@pytest.mark.parametrize("text", ["group,half\nours,third\n", "group\nours\n"])
def test_a_split_of_other_words_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "real_films_split.csv").write_text(text)
    with pytest.raises(TableInvalid, match="group and half"):
        allotments(tmp_path)
