import json
import os
from collections import Counter
from pathlib import Path

import pytest
from real_films import Half, read_split, real_films, write_half

from opensvh.domain.errors import DatasetInvalid
from opensvh.io.annotations.records import read_records


@pytest.mark.parametrize("limb", ["hand", "foot"])
def test_about_half_of_each_limbs_persons_measure(limb: str) -> None:
    halves = Counter(row["half"] for row in read_split().values() if row["limb"] == limb)
    assert set(halves) == {"measuring", "tuning"}
    assert abs(halves["measuring"] - halves["tuning"]) <= 1


def test_children_and_oblique_views_are_in_both_halves() -> None:
    rows = read_split().values()
    assert {row["half"] for row in rows if row["age"] == "child"} == {"measuring", "tuning"}
    assert {row["half"] for row in rows if "oblique" in row["views"]} == {"measuring", "tuning"}


def test_the_hand_with_severe_arthritis_measures() -> None:
    assert [row["half"] for row in read_split().values() if row["disease"]] == ["measuring"]


def test_every_marked_real_film_belongs_to_a_half() -> None:
    folder = os.environ.get("OPENSVH_REAL_FILMS")
    if not folder:
        pytest.skip("OPENSVH_REAL_FILMS names no folder with the real films and joints.json")
    films = read_records(Path(folder))
    split = read_split()
    assert {film.group for film in films} == set(split)
    counted = Counter(film.group for film in films)
    assert all(int(row["films"]) == counted[group] for group, row in split.items())


def record(group: str) -> dict[str, object]:
    return {
        "file": f"films/{group}.jpg",
        "limb": "hand",
        "side": "L",
        "bbox": [0, 0, 10, 10],
        "points": {"MCP3": [5, 5]},
        "group": group,
    }


def test_a_half_is_a_folder_of_its_films_alone(tmp_path: Path) -> None:
    folder, out = tmp_path / "real", tmp_path / "half"
    (folder / "films").mkdir(parents=True)
    groups = ["IMG0000032", "IMG0000035"]
    for group in groups:
        (folder / "films" / f"{group}.jpg").write_bytes(b"film")
    (folder / "joints.json").write_text(json.dumps([record(group) for group in groups]))
    write_half(folder, Half.MEASURING, out)
    assert [film.group for film in read_records(out)] == ["IMG0000032"]
    assert [path.name for path in (out / "films").iterdir()] == ["IMG0000032.jpg"]


def test_a_film_of_no_half_is_named(tmp_path: Path) -> None:
    (tmp_path / "joints.json").write_text(json.dumps([record("stranger")]))
    with pytest.raises(DatasetInvalid, match="stranger"):
        real_films(tmp_path)
