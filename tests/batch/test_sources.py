"""Which files of an archive are taken for films, and by what a later run knows them."""

import os
from pathlib import Path

import pytest

from opensvh.batch.sources import FilmTask, find_archive, fresh
from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import ConfigInvalid, FilmUnreadable, TableInvalid


def names(tasks: object) -> list[str]:
    return [Path(task.file).name for task in tasks]  # type: ignore[attr-defined]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for name in (
        "b/P2-LH.png",
        "a/P1-LH.DCM",
        "a/IM0001",
        "a/1.2.840.7",
        "DICOMDIR",
        "x.zip",
        "notes.txt",
        ".old/P.png",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"film")
    return folder


def test_a_folder_gives_films_by_name_in_order_and_says_what_it_passed_over(archive: Path, tmp_path: Path) -> None:
    found = find_archive(str(archive), str(tmp_path / "out"))
    assert names(found.tasks) == ["1.2.840.7", "IM0001", "P1-LH.DCM", "P2-LH.png"]
    assert found.zipped == 1


def test_a_file_address_is_the_folder_itself(archive: Path, tmp_path: Path) -> None:
    by_path = find_archive(str(archive), str(tmp_path / "out"))
    assert find_archive(archive.as_uri(), str(tmp_path / "out")) == by_path


def test_results_below_the_folder_are_not_films(archive: Path) -> None:
    (archive / "out").mkdir()
    (archive / "out" / "P9-LH.png").write_bytes(b"film")
    assert "P9-LH.png" not in names(find_archive(str(archive), str(archive / "out")).tasks)


def test_a_manifest_says_whose_each_film_is_beside_it_or_under_an_address(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"film")
    other = tmp_path / "deep" / "two.png"
    other.parent.mkdir()
    other.write_bytes(b"film")
    manifest = tmp_path / "list.csv"
    manifest.write_text(
        f"film,patient,limb,side\none.png,A,hand,L\n{other.as_uri()},B,foot,R\n{tmp_path}/gone.png,C,,\n"
    )
    tasks = {Path(task.file).name: task for task in find_archive(str(manifest), str(tmp_path / "out")).tasks}
    assert set(tasks) == {"one.png", "two.png", "gone.png"}
    assert tasks["two.png"].file == str(other)
    assert (tasks["two.png"].claims.patient, tasks["two.png"].claims.limb) == ("B", Limb.FOOT)
    assert tasks["one.png"].claims.side is Side.LEFT
    assert tasks["gone.png"].stamp.startswith("-1-")


@pytest.mark.parametrize(
    ("change", "is_read_again"),
    [("nothing", False), ("touched", True), ("other content", True), ("other claims", True)],
)
def test_a_film_is_read_again_when_its_file_or_what_is_said_of_it_changes(
    tmp_path: Path, change: str, is_read_again: bool
) -> None:
    film, manifest = tmp_path / "one.png", tmp_path / "list.csv"
    film.write_bytes(b"film")
    manifest.write_text("film,patient\none.png,A\n")
    before = find_archive(str(manifest), str(tmp_path / "out")).tasks
    known = {task.file: (task.stamp, "key") for task in before}
    if change == "touched":
        os.utime(film, ns=(1, 1))
    if change == "other content":
        film.write_bytes(b"another film")
    if change == "other claims":
        manifest.write_text("film,patient\none.png,B\n")
    again = list(fresh(find_archive(str(manifest), str(tmp_path / "out")).tasks, known))
    assert [task.known for task in again] == (["key"] if is_read_again else [])


def test_a_film_that_nobody_has_read_has_no_key() -> None:
    task = FilmTask("one.png", "1-1")
    assert list(fresh([task], {})) == [task]


@pytest.mark.parametrize(
    ("source", "said"),
    [("nowhere", "nowhere: is not there"), ("empty", "holds no films"), ("zipped", "but 1 zip archives; unpack them")],
)
def test_a_source_without_films_is_named_with_the_remedy(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "zipped").mkdir()
    (tmp_path / "zipped" / "a.zip").write_bytes(b"")
    with pytest.raises(FilmUnreadable, match=said):
        find_archive(str(tmp_path / source), str(tmp_path / "out"))


def test_an_address_of_no_file_system_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="nonsense://there: cannot be opened"):
        find_archive("nonsense://there/films", str(tmp_path))


def test_a_manifest_with_a_wrong_cell_is_named_by_row(tmp_path: Path) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text("film,side\none.png,X\n")
    with pytest.raises(TableInvalid, match="row 2: side 'X'"):
        find_archive(str(manifest), str(tmp_path / "out"))
