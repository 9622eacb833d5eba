"""An archive scored on a real Ray: again, after a kill, after a full disk. Nothing is lost, nothing is there twice."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow.dataset
import pytest

from opensvh.batch import archive as archive_module
from opensvh.batch import parts
from opensvh.batch.archive import BatchRequest, Tally, score_archive
from opensvh.batch.pool import PoolSettings
from opensvh.batch.rows import FilmStatus
from opensvh.batch.scorer import ModelChoice
from opensvh.domain.backends import Choice
from opensvh.domain.errors import ConfigInvalid, OutputConflict
from opensvh.io.whole_file import write_whole

SLOW_READER = """
import os, sys, time
from pathlib import Path

from opensvh.batch import parts
from opensvh.batch.archive import BatchRequest, score_archive
from opensvh.batch.pool import PoolSettings
from opensvh.batch.rows import FileRead, FileResult, FilmStatus, ModelLabel, film_row
from opensvh.batch.scorer import ModelChoice

films, out, bundle, log = sys.argv[1:]
parts.FILMS_A_PART = 2


def load():
    label = ModelLabel("slow", "1", "0", "none")

    class Scorer:
        def __init__(self):
            self.label = label

        def read(self, task):
            with open(log, "a") as file:
                file.write(f"{os.getpid()} {task.file}\\n")
            time.sleep(0.4)
            row = film_row(task.file, FileRead(task.file, task.stamp, "s", "k"), label, FilmStatus.SCORED)
            return FileResult(task.file, (row,), ({"film": task.file, "site": "PIP2"},))

    return Scorer()


score_archive(BatchRequest(films, out, ModelChoice((bundle,)), PoolSettings(2)), load=load)
print("finished")
"""


def request(source: Path, out: Path, bundle: Path, again: bool = False) -> BatchRequest:
    return BatchRequest(str(source), str(out), ModelChoice((str(bundle),), Choice.TORCH), PoolSettings(1), again=again)


def films_in(out: Path, name: str = "films") -> Counter[str]:
    """How often each film has a row."""
    if not (out / name).exists():
        return Counter()
    rows = pyarrow.dataset.dataset(out / name, partitioning="hive").to_table(columns=["film"])
    return Counter(Path(film).name for film in rows["film"].to_pylist())


def wait_for(what: "object", seconds: float = 200) -> None:
    until = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_an_archive_is_scored_once_and_a_second_run_does_nothing(
    hands: Path, tmp_path: Path, small_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = request(hands, tmp_path / "out", small_bundle)
    told: list[int] = []
    tally = score_archive(wanted, lambda so_far: told.append(so_far.left))
    assert tally.films == {FilmStatus.SCORED: 2, FilmStatus.REFUSED: 1, FilmStatus.QUARANTINED: 0}
    assert (told[0], told[-1]) == (3, 0)
    assert tally.engine == "torch fp32"
    assert tally.films_a_second > 0
    assert films_in(tmp_path / "out") == {"P1-LH.png": 1, "P2-RH.png": 1, "P3-LH.png": 1}
    assert set(films_in(tmp_path / "out", "sites")) == {"P1-LH.png", "P2-RH.png"}
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")}

    def no_ray(*_: object) -> None:
        raise AssertionError("there is nothing to do")

    monkeypatch.setattr(archive_module, "cluster", no_ray)
    second = score_archive(wanted)
    assert (second.there, second.left, sum(second.films.values())) == (3, 0, 0)
    assert second.all_films == tally.films
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.parquet")} == files


@pytest.mark.slow
def test_a_killed_worker_and_a_killed_driver_lose_nothing_and_score_nothing_twice(
    tmp_path: Path, small_bundle: Path
) -> None:
    pytest.importorskip("ray", reason="ray is an extra: pip install 'opensvh[ray]'")
    films, out, log = tmp_path / "films", tmp_path / "out", tmp_path / "log"
    films.mkdir()
    for number in range(24):
        (films / f"F{number:02}.png").write_bytes(b"film")
    script = tmp_path / "driver.py"
    script.write_text(SLOW_READER)
    command = [sys.executable, str(script), str(films), str(out), str(small_bundle), str(log)]
    driver = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_for(log.exists)
    wait_for(lambda: log.read_text().count("\n") >= 2)
    os.kill(int(log.read_text().split()[0]), signal.SIGKILL)
    wait_for(lambda: len(films_in(out)) >= 4)
    driver.kill()
    driver.wait()
    kept = set(films_in(out))
    assert len(kept) < 24
    workers = {int(line.split()[0]) for line in log.read_text().splitlines()}
    wait_for(lambda: not any(is_alive(pid) for pid in workers))
    log.unlink()
    again = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert again.stdout.strip() == "finished", again.stderr
    everything = {f"F{number:02}.png" for number in range(24)}
    read_again = {Path(line.split(maxsplit=1)[1]).name for line in log.read_text().splitlines()}
    assert films_in(out) == dict.fromkeys(everything, 1)
    assert films_in(out, "sites") == dict.fromkeys(everything, 1)
    assert read_again == everything - kept


@pytest.mark.slow
@pytest.mark.usefixtures("ray")
def test_a_disk_that_fills_up_ends_the_run_and_the_next_one_goes_on(
    hands: Path, tmp_path: Path, small_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "FILMS_A_PART", 1)

    def full(path: Path, content: bytes) -> None:
        if len(list((tmp_path / "out").rglob("films/*/*.parquet"))) >= 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(path, content)

    monkeypatch.setattr(parts, "write_whole", full)
    wanted = request(hands, tmp_path / "out", small_bundle)
    with pytest.raises(OutputConflict, match="the disk is full"):
        score_archive(wanted)
    assert sum(films_in(tmp_path / "out").values()) == 1
    monkeypatch.setattr(parts, "write_whole", write_whole)
    tally = score_archive(wanted)
    assert tally.there == 1
    assert films_in(tmp_path / "out") == {"P1-LH.png": 1, "P2-RH.png": 1, "P3-LH.png": 1}


def test_the_tally_gives_films_a_second() -> None:
    tally = Tally(files=10, left=10, films={FilmStatus.SCORED: 6, FilmStatus.REFUSED: 2}, seconds=4.0)
    assert tally.films_a_second == 2.0


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_named(hands: Path, tmp_path: Path, small_bundle: Path) -> None:
    pytest.importorskip("ray", reason="ray is an extra: pip install 'opensvh[ray]'")
    wanted = BatchRequest(
        str(hands), str(tmp_path / "out"), ModelChoice((str(small_bundle),)), PoolSettings(1), "127.0.0.1:9"
    )
    with pytest.raises(ConfigInvalid, match=r"--ray 127\.0\.0\.1:9: no cluster answers"):
        score_archive(wanted)
