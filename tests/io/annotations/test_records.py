"""Hand-marked films: what a record says arrives as said, and a broken record is named."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Box, Point
from opensvh.io.annotations.records import has_records, read_records

RECORD: dict[str, Any] = {
    "file": "films/feet/a.jpg",
    "limb": "foot",
    "side": "R",
    "marker": None,
    "rotate_cw": 270,
    "view": "DP",
    "age": "adult",
    "group": "a",
    "bbox": [10, 20, 110, 320],
    "points": {"IP1": [30.5, 40.0], "MTP2": [50.0, 60.0]},
    "uncertain": ["MTP2"],
    "note": "free text",
}


def written(folder: Path, *records: Any) -> Path:
    (folder / "joints.json").write_text(json.dumps(list(records)))
    return folder


def test_a_record_arrives_as_written(tmp_path: Path) -> None:
    [film] = read_records(written(tmp_path, RECORD))
    assert (film.limb, film.side, film.marker, film.quarter_turns_cw) == (Limb.FOOT, Side.RIGHT, None, 3)
    assert (film.box, film.path) == (Box(10, 20, 110, 320), tmp_path / "films/feet/a.jpg")
    assert film.points == {"IP1": Point(30.5, 40), "MTP2": Point(50, 60)}
    assert (film.view, film.age, film.group) == ("DP", "adult", "a")


def test_uncertain_points_are_kept_apart(tmp_path: Path) -> None:
    [film] = read_records(written(tmp_path, RECORD))
    assert film.uncertain == {"MTP2"}
    assert film.certain_points == {"IP1": Point(30.5, 40)}


def test_a_limb_lying_on_its_side_is_as_high_as_its_box_is_wide(tmp_path: Path) -> None:
    [lying, upright] = read_records(written(tmp_path, RECORD, RECORD | {"rotate_cw": 180}))
    assert (lying.height_px, upright.height_px) == (100, 300)


def test_a_folder_or_its_file_may_be_named(tmp_path: Path) -> None:
    assert not has_records(tmp_path)
    written(tmp_path, RECORD)
    assert has_records(tmp_path)
    assert read_records(tmp_path) == read_records(tmp_path / "joints.json")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"limb": "knee"}, "limb"),
        ({"rotate_cw": 45}, "45 degrees"),
        ({"bbox": [10, 20, 10, 320]}, "empty box"),
        ({"points": {"CMC3": [1, 2]}}, "a foot has no point CMC3"),
        ({"uncertain": ["ULNA"]}, "a foot has no point ULNA"),
        ({"points": {"IP1": [1]}}, "points.IP1"),
    ],
)
def test_a_broken_record_is_named_in_one_line(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(DatasetInvalid, match="record 2") as failure:
        read_records(written(tmp_path, RECORD, RECORD | change))
    assert words in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("content", ["{", "{}", "[]", "\xff"])
def test_a_file_that_is_no_record_list_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "joints.json").write_text(content, encoding="latin-1")
    with pytest.raises(DatasetInvalid, match=r"joints\.json"):
        read_records(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match=r"joints\.json"):
        read_records(tmp_path)


@pytest.mark.skipif("OPENSVH_REAL_FILMS" not in os.environ, reason="real films are not part of the repository")
def test_the_real_films_records_are_read_whole() -> None:
    films = read_records(Path(os.environ["OPENSVH_REAL_FILMS"]))
    assert len(films) == len({film.path for film in films}) > 30
    for film in films:
        assert film.path.is_file()
        assert all(film.box.grown(2).contains(point) for point in film.points.values())
