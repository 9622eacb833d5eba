"""Films of a patient go in by her name and come out without it, twice alike, and never over what was there."""

import csv
import json
import os
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import OutputConflict, TableInvalid
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement
from opensvh.io.deidentify_key import Key
from opensvh.io.deidentify_table import Option
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.workflows import deidentify as workflow
from opensvh.workflows.deidentify import Request, Result, deidentify, read_safe_private, refuse_places
from opensvh.workflows.deidentify_record import DETAILS, JOURNAL, TABLE, Status
from opensvh.workflows.films import find_films

KEY = Key(b"k" * 32)
NAME, NUMBER = "MUELLER", "MRN1234567"
ROWS, COLUMNS = 500, 400
LIMB = Box(120, 150, 290, 490)


class SeesTheLimb:
    """In place of the networks: the drawn limb, where there is one."""

    def analyse(self, pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]:
        if pixels[350, 200] < 0.3:
            return ()
        return (LimbPlacement(Limb.HAND, Side.LEFT, 0.0, LIMB),)


@pytest.fixture(autouse=True)
def _without_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "FilmAnalyser", SeesTheLimb)


def picture(text: str = "MUELLER ANNA", at: tuple[int, int] = (20, 60), with_limb: bool = True) -> NDArray[np.uint8]:
    """A film with a limb and a name on it."""
    film = np.full((ROWS, COLUMNS), 30, np.uint8)
    if with_limb:
        cv2.ellipse(film, (205, 330), (60, 150), 0, 0, 360, 110, -1)
        film = cv2.GaussianBlur(film, (0, 0), 2.0)
    film = (film + np.random.default_rng(2).integers(0, 3, film.shape)).astype(np.uint8)
    cv2.putText(film, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1, cv2.LINE_AA)
    return film


def dicom(path: Path, day: str = "20240115", visit: int = 1, **tags: object) -> Path:
    """A DX film of Anna Mueller's left hand; `text` and other drawing go through `picture`."""
    drawing = {name: tags.pop(name) for name in ("text", "at", "with_limb") if name in tags}
    write_dicom(path, picture(**drawing), FilmTags(Limb.HAND, Side.LEFT, NUMBER, 0.1, visit=visit))  # type: ignore[arg-type]
    film = pydicom.dcmread(path)
    film.PatientName, film.PatientBirthDate, film.StudyDate = "Mueller^Anna", "19510203", day
    film.PatientIdentityRemoved = "NO"
    for keyword, value in tags.items():
        setattr(film, keyword, value)
    film.save_as(path)
    return path


def run(films: Path, out: Path, *options: Option, key: Key = KEY, **request: object) -> Result:
    found = find_films([films], out)
    return deidentify(found, [films], out, key, Request(frozenset(options), **request), lambda film: None)  # type: ignore[arg-type]


def written(out: Path) -> list[Path]:
    return sorted(path for path in out.rglob("*") if path.is_file() and path.suffix in (".dcm", ".png"))


def content_of(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_a_dicom_film_loses_its_patient_and_keeps_its_limb(tmp_path: Path) -> None:
    before = pydicom.dcmread(dicom(tmp_path / "in" / f"{NAME}-LH.dcm")).pixel_array
    result = run(tmp_path / "in", tmp_path / "out")
    assert result.count(Status.WRITTEN) == 1
    [path] = written(tmp_path / "out")
    film = pydicom.dcmread(path)
    after = film.pixel_array
    assert film.PatientID == KEY.pseudonym(NUMBER)
    assert film.ImageType[0] == "DERIVED"
    assert film.BurnedInAnnotation == "NO"
    np.testing.assert_array_equal(after[150:490, 140:270], before[150:490, 140:270])
    assert after[40:65].max() < 60 < before[40:65].max()
    assert path.read_bytes()[:128] == bytes(128)


def test_nothing_written_names_the_patient(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / NAME / f"{NAME}-LH.dcm", StudyDescription="Mueller left", InstitutionName="Town")
    cv2.imwrite(str(tmp_path / "in" / f"{NAME}-RF.png"), picture())
    dicom(tmp_path / "in" / f"{NAME}-refused.dcm", with_limb=False, visit=3)
    run(tmp_path / "in", tmp_path / "out", Option.CLEAN_DESCRIPTORS)
    for name, content in content_of(tmp_path / "out").items():
        text = name.lower() + content.decode("latin-1").lower()
        assert not any(word in text for word in ("mueller", NUMBER.lower(), "19510203", "in/"))


def test_visits_stay_in_order_and_their_days_apart(tmp_path: Path) -> None:
    for visit, day in ((1, "20240115"), (2, "20250116")):
        dicom(tmp_path / "in" / f"visit{visit}.dcm", day, visit)
    run(tmp_path / "in", tmp_path / "out", Option.SHIFTED_DATES)
    days = sorted(pydicom.dcmread(path).StudyDate for path in written(tmp_path / "out"))
    first, second = (np.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:]}") for day in days)
    assert (second - first).astype(int) == 367
    assert len({pydicom.dcmread(path).PatientID for path in written(tmp_path / "out")}) == 1


def test_a_picture_becomes_png_without_metadata_under_its_pseudonym(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    jpeg = cv2.imencode(".jpg", picture())[1].tobytes()
    comment = b"\xff\xfe\x00\x0eMueller Anna"
    (tmp_path / "in" / f"{NAME}-LH.jpg").write_bytes(jpeg[:2] + comment + jpeg[2:])
    run(tmp_path / "in", tmp_path / "out")
    [path] = written(tmp_path / "out")
    assert path.name == f"{KEY.pseudonym(NAME)}-LH.png"
    samples = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(
        samples[150:490, 140:270], cv2.imdecode(np.frombuffer(jpeg, np.uint8), -1)[150:490, 140:270]
    )
    assert samples[40:65].max() < 60


@pytest.mark.parametrize(
    ("drawing", "reason"),
    [({"with_limb": False}, "no hand or foot"), ({"at": (130, 330)}, "over the limb")],
)
def test_what_cannot_be_cleared_is_listed_and_not_written(
    tmp_path: Path, drawing: dict[str, object], reason: str
) -> None:
    dicom(tmp_path / "in" / "film.dcm", **drawing)
    result = run(tmp_path / "in", tmp_path / "out")
    [(_, record)] = result.films
    assert record.status is Status.REFUSED
    assert reason in record.reason
    assert written(tmp_path / "out") == []
    with (tmp_path / "out" / TABLE).open() as file:
        [row] = csv.DictReader(file)
    assert (row["name"], row["status"]) == ("", "refused")


def test_pixels_are_kept_when_asked_and_that_is_not_claimed(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / "film.dcm", with_limb=False)
    run(tmp_path / "in", tmp_path / "out", keep_pixels=True)
    film = pydicom.dcmread(written(tmp_path / "out")[0])
    np.testing.assert_array_equal(film.pixel_array, picture(with_limb=False))
    assert film.BurnedInAnnotation == "YES"
    assert "113101" not in {code.CodeValue for code in film.DeidentificationMethodCodeSequence}


def test_reports_are_damaged_files_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"MUELLER")
    [(_, record)] = run(tmp_path / "in", tmp_path / "out").films
    assert record.status is Status.REFUSED


def test_a_leak_removes_the_file_again(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / "film.dcm", Manufacturer="Mueller Works")
    [(_, record)] = run(tmp_path / "in", tmp_path / "out").films
    assert (record.status, "Manufacturer" in record.reason) == (Status.FAILED, True)
    assert written(tmp_path / "out") == []


def test_a_run_that_was_killed_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for visit in (1, 2, 3):
        dicom(tmp_path / "in" / f"visit{visit}.dcm", visit=visit)
    whole = run(tmp_path / "in", tmp_path / "whole")
    seen: list[str] = []

    def killed(film: str) -> None:
        seen.append(film)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deidentify(find_films([tmp_path / "in"], tmp_path), [tmp_path / "in"], tmp_path / "out", KEY, Request(), killed)
    with (tmp_path / "out" / JOURNAL).open("a") as journal:
        journal.write('{"source": "cut sh')
    again = run(tmp_path / "in", tmp_path / "out")
    assert again.continued == 2
    assert [record for _, record in again.films] == [record for _, record in whole.films]
    apart = {name: content for name, content in content_of(tmp_path / "out").items() if name != JOURNAL}
    assert apart == {name: content for name, content in content_of(tmp_path / "whole").items() if name != JOURNAL}


def test_a_file_that_was_lost_is_made_again(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / "film.dcm")
    run(tmp_path / "in", tmp_path / "out")
    [path] = written(tmp_path / "out")
    path.unlink()
    assert run(tmp_path / "in", tmp_path / "out").continued == 0
    assert written(tmp_path / "out") == [path]


def test_the_same_key_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / "film.dcm")
    for folder, key in (("one", KEY), ("two", KEY), ("three", Key(b"o" * 32))):
        run(tmp_path / "in", tmp_path / folder, key=key)
    one, two, three = (content_of(tmp_path / folder) for folder in ("one", "two", "three"))
    assert one == two
    assert set(one) != set(three)


def test_a_folder_of_another_run_or_of_anything_is_refused(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / "film.dcm")
    run(tmp_path / "in", tmp_path / "out")
    with pytest.raises(OutputConflict, match="another key"):
        run(tmp_path / "in", tmp_path / "out", key=Key(b"o" * 32))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="something else"):
        run(tmp_path / "in", tmp_path / "full")
    assert (tmp_path / "full" / "thesis.txt").read_text() == "mine"


def test_two_films_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / f"{NAME}-LH.png"), picture())
    cv2.imwrite(str(tmp_path / "in" / f"{NAME}-LH.bmp"), picture("ANNA"))
    result = run(tmp_path / "in", tmp_path / "out")
    assert (result.count(Status.WRITTEN), result.count(Status.REFUSED)) == (1, 1)
    assert len(written(tmp_path / "out")) == 1


@pytest.mark.parametrize("out", ["in", "in/out", "."])
def test_output_among_the_originals_is_refused(tmp_path: Path, out: str) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(OutputConflict, match="apart from the originals"):
        refuse_places([tmp_path / "in"], tmp_path / out, None, "")


def test_secrets_do_not_lie_in_the_output(tmp_path: Path) -> None:
    with pytest.raises(OutputConflict, match="must not lie"):
        refuse_places([tmp_path / "in"], tmp_path / "out", tmp_path / "out" / "key", "the key")


def test_who_is_who_is_told_only_in_the_link_file(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / "film.dcm")
    run(tmp_path / "in", tmp_path / "out", link=tmp_path / "keys" / "link.csv")
    with (tmp_path / "keys" / "link.csv").open() as file:
        [row] = csv.DictReader(file)
    assert (row["patient"], row["pseudonym"]) == (NUMBER, KEY.pseudonym(NUMBER))
    assert (tmp_path / "keys" / "link.csv").stat().st_mode & 0o077 == 0
    assert NUMBER not in (tmp_path / "out" / DETAILS).read_text()


def test_details_count_attributes_by_name_without_values(tmp_path: Path) -> None:
    dicom(tmp_path / "in" / "film.dcm", InstitutionName="Clinic")
    run(tmp_path / "in", tmp_path / "out")
    [film] = json.loads((tmp_path / "out" / DETAILS).read_text())["films"]
    assert film["removed"]["InstitutionName"] == film["replaced"]["PatientID"] == 1
    assert film["kept"]["Rows"] == 1
    assert film["text_boxes"]


def test_the_originals_are_not_touched(tmp_path: Path) -> None:
    path = dicom(tmp_path / "in" / "film.dcm")
    os.utime(path, (1, 1))
    before = path.read_bytes()
    run(tmp_path / "in", tmp_path / "out")
    assert path.read_bytes() == before
    assert path.stat().st_mtime == 1


def test_safe_private_attributes_are_read_from_a_table(tmp_path: Path) -> None:
    table = tmp_path / "safe.csv"
    table.write_text("creator,group,element\nACME,0011,2a\n")
    assert read_safe_private(table) == {("ACME", 0x11, 0x2A)}
    table.write_text("creator,group\nACME,0011\n")
    with pytest.raises(TableInvalid, match="creator, group, element"):
        read_safe_private(table)


@pytest.mark.parametrize("text", ["MUELLER ANNA", ""])
def test_a_compressed_film_stays_so_only_where_nothing_was_covered(tmp_path: Path, text: str) -> None:
    path = dicom(tmp_path / "in" / "film.dcm", text=text)
    film = pydicom.dcmread(path)
    film.compress(JPEGLSLossless, generate_instance_uid=False)
    film.save_as(path)
    run(tmp_path / "in", tmp_path / "out")
    new = pydicom.dcmread(written(tmp_path / "out")[0])
    assert new.file_meta.TransferSyntaxUID == (ExplicitVRLittleEndian if text else JPEGLSLossless)
    np.testing.assert_array_equal(new.pixel_array[150:490, 140:270], picture(text)[150:490, 140:270])


def test_films_in_an_archive_are_taken_too(tmp_path: Path) -> None:
    path = dicom(tmp_path / "film.dcm")
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / f"{NAME}.zip", "w") as archive:
        archive.write(path, f"{NAME}/film.dcm")
    result = run(tmp_path / "in", tmp_path / "out")
    assert result.count(Status.WRITTEN) == 1
    assert NAME not in "".join(content_of(tmp_path / "out"))
