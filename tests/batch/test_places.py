"""Films and results under addresses: read and written through a real server of the S3 protocol, moto's."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from pyarrow import fs

from opensvh.batch import places
from opensvh.batch.parts import Results
from opensvh.batch.places import here, opened, plain
from opensvh.batch.rows import FileResult
from opensvh.batch.sources import find_archive
from opensvh.domain.errors import FilmUnreadable

SERVER = "from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"


def test_a_path_and_its_file_address_are_one_place(tmp_path: Path) -> None:
    assert plain((tmp_path / "a b").as_uri()) == plain(str(tmp_path / "a b")) == str(tmp_path / "a b")


def test_a_file_here_is_not_copied(tmp_path: Path) -> None:
    with here(str(tmp_path / "film.png")) as path:
        assert path == tmp_path / "film.png"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a server that runs while these tests do."""
    if find_spec("moto") is None or find_spec("flask") is None:
        pytest.skip("moto is not installed: pip install 'moto[s3,server]'")
    number = 5611
    server = subprocess.Popen([sys.executable, "-c", SERVER.format(port=number)], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 300
        while not _answers(number):
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.2)
        yield number
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=2):
            return True
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture
def bucket(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket with two films below a folder."""
    settings = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**settings, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}.items():
        monkeypatch.setenv(name, value)
    places._filesystem.cache_clear()
    fs.S3FileSystem(endpoint_override=f"http://127.0.0.1:{port}", allow_bucket_creation=True).create_dir("archive")
    filesystem, name = opened("s3://archive")
    for film in ("P1-LH.png", "deep/P2-RH.png", "notes.txt"):
        with filesystem.open_output_stream(f"{name}/films/{film}") as stream:
            stream.write(b"film " + film.encode())
    yield "s3://archive"
    places._filesystem.cache_clear()


@pytest.mark.slow
def test_films_under_an_address_are_found_with_their_stamps_and_streamed_here(bucket: str) -> None:
    tasks = {task.file: task for task in find_archive(f"{bucket}/films", f"{bucket}/results").tasks}
    assert set(tasks) == {f"{bucket}/films/P1-LH.png", f"{bucket}/films/deep/P2-RH.png"}
    assert all(task.stamp.startswith(f"{len('film ' + file.split('films/')[1])}-1") for file, task in tasks.items())
    for file in tasks:
        with here(file) as path:
            assert path.read_bytes() == f"film {file.split('films/')[1]}".encode()
            assert path.name == file.rpartition("/")[2]
        assert not path.exists()


@pytest.mark.slow
def test_a_manifest_may_name_films_under_an_address(bucket: str, tmp_path: Path) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text(f"film,patient\n{bucket}/films/P1-LH.png,A\n{bucket}/films/gone.png,B\n")
    there, gone = find_archive(str(manifest), "out").tasks
    assert (there.claims.patient, gone.stamp.split("-")[1]) == ("A", "1")
    with pytest.raises(FilmUnreadable, match=r"gone\.png: is not there"), here(gone.file):
        pass


@pytest.mark.slow
def test_results_are_written_under_an_address_and_known_again(bucket: str, result: Callable[..., FileResult]) -> None:
    results = Results(f"{bucket}/results", "0123")
    results.write([result("a"), result("b")])
    results.write([result("a", key="new")])
    results.tidy()
    assert results.known() == {"a": ("1-1", "new"), "b": ("1-1", "k")}


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_named(bucket: str) -> None:
    with pytest.raises(FilmUnreadable, match="s3://nowhere/films: is not there"):
        find_archive("s3://nowhere/films", "out")
