"""Paths become films, films become patients, and whatever cannot be used says why."""

import builtins
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomItems
from pydicom.uid import ExplicitVRLittleEndian

from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.io.dicomdir import MEDIA_STORAGE_DIRECTORY
from opensvh.io.identity import FilmClaims
from opensvh.io.image import read_film
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


def dicom_film(path: Path, patient: str, side: Side = Side.LEFT, frames: int = 1) -> Path:
    """A film of a left or right hand, its frames alike but for their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(frames).integers(0, 255, (80, 90)).astype(np.uint8)
    write_dicom(path, pixels, FilmTags(Limb.HAND, side, patient, 0.1))
    if frames > 1:
        dataset = dcmread(path)
        dataset.NumberOfFrames = frames
        dataset.PixelData = dataset.PixelData * frames
        dataset.save_as(path)
    return path


def zipped(archive: Path, *members: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as opened:
        for member in members:
            opened.write(member, member.name)
    return archive


def listed(folder: Path, *names: str) -> Path:
    """A DICOMDIR of these images."""
    directory = Dataset()
    directory.file_meta = FileMetaDataset()
    directory.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    directory.file_meta.MediaStorageSOPClassUID = MEDIA_STORAGE_DIRECTORY
    directory.file_meta.MediaStorageSOPInstanceUID = "1.2"
    records = []
    for name in names:
        record = Dataset()
        record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", name.split("/")
        records.append(record)
    directory.DirectoryRecordSequence = DicomItems(records)
    directory.save_as(folder / "DICOMDIR", enforce_file_format=True)
    return folder / "DICOMDIR"


def again(found: list[Path], tmp_path: Path) -> list[Path]:
    """What is found where the films that were found are given: the command line finds before it scores."""
    return find_films(found, tmp_path / "out")


def test_films_in_an_archive_are_found_by_their_place_in_it(tmp_path: Path) -> None:
    one, other = dicom_film(tmp_path / "made" / "P-LH.dcm", "P"), dicom_film(tmp_path / "made" / "IM2", "Q")
    [note] = films(tmp_path / "made", "notes.txt")
    archive = zipped(tmp_path / "visit.zip", one, other, note)
    expected = [archive / "IM2", archive / "P-LH.dcm"]
    assert find_films([archive], tmp_path / "out") == expected
    assert again(expected, tmp_path) == expected
    patients, refused = group_films(expected, FilmHints())
    assert (held(patients), refused) == ({"P": ["LH"], "Q": ["LH"]}, [])
    assert content_digest(str(archive / "P-LH.dcm")) == content_digest(str(one))


def test_archives_in_a_folder_are_looked_into(tmp_path: Path) -> None:
    one = dicom_film(tmp_path / "made" / "P-LH.dcm", "P")
    (tmp_path / "in").mkdir()
    archive = zipped(tmp_path / "in" / "a.zip", one)
    (tmp_path / "in" / "broken.zip").write_text("no archive")
    found = find_films([tmp_path / "in"], tmp_path / "out")
    assert found == [archive / "P-LH.dcm", tmp_path / "in" / "broken.zip"]  # the other is refused when it is read
    with pytest.raises(FilmUnreadable, match=r"broken\.zip: is no sound zip archive"):
        read_film(found[1])


def test_a_film_missing_in_an_archive_is_named(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", dicom_film(tmp_path / "P-LH.dcm", "P"))
    with pytest.raises(FilmUnreadable, match=r"P-RH\.dcm: is not there"):
        find_films([archive / "P-RH.dcm"], tmp_path / "out")


def test_each_frame_is_a_film_of_its_patient(tmp_path: Path) -> None:
    path = dicom_film(tmp_path / "hands.dcm", "P", frames=3)
    expected = [Path(f"{path}#{frame}") for frame in (1, 2, 3)]
    assert find_films([tmp_path], tmp_path / "out") == expected
    assert again(expected, tmp_path) == expected
    [patient], refused = group_films(expected, FilmHints())
    assert (patient.name, len(patient.films), refused) == ("P", 3, [])


def test_frames_in_an_archive(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", dicom_film(tmp_path / "hands.dcm", "P", frames=2))
    expected = [archive / "hands.dcm#1", archive / "hands.dcm#2"]
    assert find_films([archive], tmp_path / "out") == expected
    assert again(expected, tmp_path) == expected
    assert read_film(expected[1]).facts["frame"] == "2 of 2"


def test_a_manifest_may_name_a_file_or_its_frames(tmp_path: Path) -> None:
    path = dicom_film(tmp_path / "hands.dcm", "P", frames=2)
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("film,patient,limb,side\nhands.dcm,M,hand,L\nhands.dcm#2,M,hand,R\n")
    [patient], refused = group_films(find_films([path], tmp_path / "out"), FilmHints(manifest=manifest))
    assert (held([patient]), refused) == ({"M": ["LH", "RH"]}, [])


def test_of_a_medium_only_what_its_list_names_is_taken(tmp_path: Path) -> None:
    there = dicom_film(tmp_path / "cd" / "IMAGES" / "IM1", "P")
    dicom_film(tmp_path / "cd" / "OTHER" / "IM2", "Q")
    films(tmp_path / "cd", "viewer/logo.png")
    listing = listed(tmp_path / "cd", "IMAGES/IM1", "IMAGES/IM9")
    expected = [there, tmp_path / "cd" / "IMAGES" / "IM9"]
    for given in (listing, tmp_path / "cd", tmp_path):
        assert find_films([given], tmp_path / "out") == expected
    assert again(expected, tmp_path) == expected
    with pytest.raises(FilmUnreadable, match=r"IM9: is listed in .*DICOMDIR but is not there"):
        read_film(expected[1])


def test_of_a_medium_in_an_archive_only_what_its_list_names_is_taken(tmp_path: Path) -> None:
    dicom_film(tmp_path / "made" / "cd" / "IMAGES" / "IM1", "P")
    films(tmp_path / "made", "cd/viewer/logo.png", "loose.png")
    listed(tmp_path / "made" / "cd", "IMAGES/IM1", "IMAGES/IM9")
    archive = tmp_path / "cd.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted((tmp_path / "made").rglob("*")):
            opened.write(path, path.relative_to(tmp_path / "made").as_posix())
    expected = [archive / "loose.png", archive / "cd" / "IMAGES" / "IM1", archive / "cd" / "IMAGES" / "IM9"]
    assert find_films([archive], tmp_path / "out") == expected
    assert again(expected, tmp_path) == expected
    assert read_film(expected[1]).patient == "P"
    with pytest.raises(FilmUnreadable, match=r"IM9: is listed in .*cd\.zip/cd/DICOMDIR but is not there"):
        read_film(expected[2])


def test_a_list_that_is_no_use_is_passed_over(tmp_path: Path) -> None:
    film = dicom_film(tmp_path / "cd" / "IM1", "P")
    (tmp_path / "cd" / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    assert find_films([tmp_path / "cd"], tmp_path / "out") == [film]
    with pytest.raises(FilmUnreadable, match="DICOMDIR: is no sound"):
        find_films([tmp_path / "cd" / "DICOMDIR"], tmp_path / "out")


def test_grouping_reads_no_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dicom_film(tmp_path / "IM1", "P")
    monkeypatch.setattr("opensvh.io.dicom.decoded", lambda *_: pytest.fail("pixels were decoded"))
    [patient], _ = group_films([path], FilmHints())
    assert held([patient]) == {"P": ["LH"]}
