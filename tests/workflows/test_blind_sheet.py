"""The blind sheet: half real, in random order, the truth only in the key; and the score of answers."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from opensvh.domain.errors import DatasetInvalid, OutputConflict, TableInvalid
from opensvh.workflows.blind_sheet import KEY, PAGE, SHEET, SheetSettings, make_sheet, score_answers
from opensvh.workflows.compared_films import RealChoice

SetMaker = Callable[[Path, int], Path]


@pytest.fixture
def sheet(tmp_path: Path, marked_films: SetMaker, simulated_set: SetMaker) -> Callable[[str, int], Path]:
    real, simulated = marked_films(tmp_path / "real", 3), simulated_set(tmp_path / "simulated", 2)

    def made(name: str, seed: int) -> Path:
        make_sheet(simulated, real, tmp_path / name, SheetSettings(10, seed, RealChoice()))
        return tmp_path / name

    return made


def key(folder: Path) -> list[dict[str, str]]:
    with (folder / KEY).open() as file:
        return list(csv.DictReader(file))


def answered(path: Path, rows: list[tuple[str, str]], header: str = "number,answer") -> Path:
    path.write_text("".join(f"{line}\n" for line in (header, *(",".join(row) for row in rows))))
    return path


def test_half_of_the_crops_are_real_and_each_joint_is_in_both_halves(sheet: Callable[[str, int], Path]) -> None:
    rows = key(sheet("one", 3))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 11)]
    assert Counter(row["truth"] for row in rows) == {"real": 5, "simulated": 5}
    points = [Counter(row["point"] for row in rows if row["truth"] == truth) for truth in ("real", "simulated")]
    assert points[0] == points[1]


def test_the_seed_settles_choice_and_order(sheet: Callable[[str, int], Path]) -> None:
    one, same, other = sheet("one", 3), sheet("same", 3), sheet("other", 4)
    assert (one / KEY).read_text() == (same / KEY).read_text() != (other / KEY).read_text()
    assert (one / SHEET).read_bytes() == (same / SHEET).read_bytes()


def test_the_page_does_not_tell(sheet: Callable[[str, int], Path]) -> None:
    folder = sheet("one", 3)
    page = (folder / PAGE).read_text()
    assert page.count("<figure>") == 10
    for row in key(folder):
        assert row["film"] not in page


def test_answers_are_scored_and_gaps_left_out(tmp_path: Path, sheet: Callable[[str, int], Path]) -> None:
    folder = sheet("one", 3)
    rows = [(row["number"], row["truth"]) for row in key(folder)]
    wrong = "simulated" if rows[0][1] == "real" else "real"
    given = answered(tmp_path / "a.csv", [(rows[0][0], wrong), (rows[1][0], ""), *rows[2:]])
    result = score_answers(folder, given)
    assert (result.right, result.answered, result.crops) == (8, 9, 10)


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([("1", "maybe")], "number,answer"),
        ([("1", "real"), ("1", "real")], "number,answer"),
        ([("99", "real")], "number,answer"),
        ([("one", "real")], "number,answer"),
        ([("1", "real")], "number,guess"),
    ],
)
def test_answers_that_make_no_sense_are_refused_by_file(
    tmp_path: Path, sheet: Callable[[str, int], Path], rows: list[tuple[str, str]], header: str
) -> None:
    with pytest.raises(TableInvalid, match=r"a\.csv"):
        score_answers(sheet("one", 3), answered(tmp_path / "a.csv", rows, header))


def test_a_sheet_is_not_overwritten_and_answers_need_its_key(tmp_path: Path, sheet: Callable[[str, int], Path]) -> None:
    sheet("one", 3)
    with pytest.raises(OutputConflict, match="one"):
        sheet("one", 4)
    with pytest.raises(DatasetInvalid, match=KEY):
        score_answers(tmp_path, tmp_path / "a.csv")
