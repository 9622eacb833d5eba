"""Paths become films, films become patients, and whatever cannot be used says why."""

import builtins
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.domain.errors import FilmUnreadable
from opensvh.io.identity import FilmClaims
from opensvh.workflows.films import FilmHints, Patient, content_digest, find_films, group_films

A_LEFT_HAND = FilmHints(FilmClaims(limb=Limb.HAND, side=Side.LEFT))


def films(folder: Path, *names: str) -> list[Path]:
    """Files of these names, each with a content of its own."""
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(path))
    return paths


def held(patients: Sequence[Patient]) -> dict[str, list[str]]:
    """Patient -> what the films are said to show, such as LH."""
    return {
        patient.name: [
            film_code(film.known.limb, film.known.side) if film.known.limb and film.known.side else "?"
            for film in patient.films
        ]
        for patient in patients
    }


def test_folders_are_searched_to_any_depth_in_order(tmp_path: Path) -> None:
    expected = films(tmp_path, "P-LH.png", "a/P-RH.JPG", "b/c/P-LF.tiff", "b/d.dicom")
    films(tmp_path, "notes.txt", "a/training.csv", ".hidden/P-RF.png", "a/.P-RF.png.partial", "a/.P-RF.png")
    assert find_films([tmp_path], tmp_path / "out") == expected


def test_dicom_files_are_known_by_their_mark_whatever_their_suffix(tmp_path: Path) -> None:
    for name in ("IM0001", "1.2.840.113", "export.bak"):
        (tmp_path / name).write_bytes(bytes(128) + b"DICM")
    (tmp_path / "README").write_text("no film")
    (tmp_path / "report.2024").write_bytes(bytes(200))
    assert [path.name for path in find_films([tmp_path], tmp_path / "out")] == ["1.2.840.113", "IM0001"]


def test_the_output_is_not_searched(tmp_path: Path) -> None:
    [film, *_] = films(tmp_path, "P-LH.png", "out/P/LH.png", "out/more/deep/RH.png")
    assert find_films([tmp_path], tmp_path / "out") == [film]
    assert find_films([tmp_path], tmp_path / "films" / ".." / "out") == [film]
    # Only what lies below it, not what is called like it.
    outlook = films(tmp_path, "outlook/P-RH.png")
    assert find_films([tmp_path], tmp_path / "out") == [film, *outlook]


def test_a_film_that_is_named_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    [odd] = films(tmp_path, "P-LH.scan")
    assert find_films([odd], tmp_path / "out") == [odd]


def test_a_film_named_twice_is_taken_once(tmp_path: Path) -> None:
    one, other = films(tmp_path, "P-LH.png", "P-RH.png")
    assert find_films([other, tmp_path, one], tmp_path / "out") == [other, one]


def test_a_folder_without_films_is_named(tmp_path: Path) -> None:
    films(tmp_path, "notes.txt")
    with pytest.raises(FilmUnreadable, match=rf"{tmp_path.name}: holds no films"):
        find_films([tmp_path], tmp_path / "out")


def test_a_path_where_nothing_lies_is_named(tmp_path: Path) -> None:
    [film] = films(tmp_path, "P-LH.png")
    with pytest.raises(FilmUnreadable, match=r"nowhere-LH\.png"):
        find_films([film, tmp_path / "nowhere-LH.png"], tmp_path / "out")


def test_films_are_grouped_by_patient_in_order_of_name(tmp_path: Path) -> None:
    patients, refused = group_films(films(tmp_path, "B-RF.png", "A-LH.png", "sub/B-LH.png"), FilmHints())
    assert held(patients) == {"A": ["LH"], "B": ["RF", "LH"]}
    assert refused == []
    assert [patient.name for patient in patients] == ["A", "B"]


def test_a_manifest_says_whose_a_film_is(tmp_path: Path) -> None:
    paths = films(tmp_path, "scan1.png", "scan2.png")
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("film,patient,limb,side,rotate_cw\nscan1.png,X,foot,R,90\nscan2.png,X,hand,L,\n")
    [patient], refused = group_films(paths, FilmHints(manifest=manifest))
    assert refused == []
    assert held([patient]) == {"X": ["RF", "LH"]}
    assert [film.known.quarter_turns_cw for film in patient.films] == [1, None]


def test_a_film_that_says_nothing_is_left_to_its_pixels(tmp_path: Path) -> None:
    patients, refused = group_films(films(tmp_path, "scan.png", "P-LH.png"), FilmHints())
    assert held(patients) == {"P": ["LH"], "scan": ["?"]}
    assert refused == []


def test_a_film_that_names_no_patient_is_a_patient_of_its_own(tmp_path: Path) -> None:
    patients, _ = group_films(films(tmp_path, "scan1.png", "scan2.png"), A_LEFT_HAND)
    assert held(patients) == {"scan1": ["LH"], "scan2": ["LH"]}


def test_films_of_one_name_in_two_folders_stay_apart(tmp_path: Path) -> None:
    paths = films(tmp_path, "monday/scan.png", "tuesday/scan.png", "tuesday/scan.jpg", "other.png")
    patients, _ = group_films(paths, A_LEFT_HAND)
    assert held(patients) == {**{str(path): ["LH"] for path in paths[:3]}, "other": ["LH"]}


def test_an_unnamed_film_does_not_join_a_patient_called_like_its_file(tmp_path: Path) -> None:
    paths = films(tmp_path, "P1.png", "P1-RH.png")
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("film,limb,side\nP1.png,hand,L\n")
    patients, _ = group_films(paths, FilmHints(manifest=manifest))
    assert held(patients) == {str(paths[0]): ["LH"], "P1": ["RH"]}


def test_a_torn_dicom_film_goes_by_its_name_until_it_is_read(tmp_path: Path) -> None:
    torn = tmp_path / "P-LH.dcm"
    torn.write_bytes(bytes(128) + b"DICM" + b"torn")
    patients, refused = group_films([torn], FilmHints())
    assert (held(patients), refused) == ({"P": ["LH"]}, [])


def test_the_content_of_a_film_tells_it_from_another(tmp_path: Path) -> None:
    one, other = films(tmp_path, "one.png", "other.png")
    assert content_digest(str(one)) != content_digest(str(other))
    other.write_bytes(one.read_bytes())
    assert content_digest(str(one)) == content_digest(str(other))
    assert content_digest(str(tmp_path / "none.png")) == "missing"


def test_a_film_that_may_not_be_opened_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused when it is read, as any that cannot be decoded."""
    locked, free = tmp_path / "P-LH.png", tmp_path / "Q-LH.png"
    for path in (locked, free):
        cv2.imwrite(str(path), np.eye(80, dtype=np.uint8) * 255)
    really_open = io.open

    def opened(file: Any, *arguments: Any, **options: Any) -> Any:
        if str(file) == str(locked):
            raise PermissionError(13, "Permission denied", str(file))
        return really_open(file, *arguments, **options)

    monkeypatch.setattr(io, "open", opened)
    monkeypatch.setattr(builtins, "open", opened)
    patients, refused = group_films([locked, free], FilmHints())
    assert (held(patients), refused) == ({"P": ["LH"], "Q": ["LH"]}, [])
    assert content_digest(str(locked)) != content_digest(str(free))
