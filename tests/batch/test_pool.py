"""A pool on a real Ray: files that kill their worker, keep it for ever, or lose it to somebody else."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opensvh.batch.pool import Lost, Pool, PoolSettings
from opensvh.batch.rows import FileResult, ModelLabel
from opensvh.batch.sources import FilmTask
from opensvh.domain.errors import BundleInvalid, ConfigInvalid

pytestmark = pytest.mark.slow
LABEL = ModelLabel("fake", "1", "0", "none")


def fake(read: Callable[[str], None], label: ModelLabel = LABEL) -> Callable[[], Any]:
    """What a worker loads; a closure, so that Ray's processes need not import this file."""

    def load() -> Any:
        def read_one(task: FilmTask) -> FileResult:
            read(task.file)
            return FileResult(task.file)

        return SimpleNamespace(label=label, read=read_one)

    return load


def tasks(*names: str) -> list[FilmTask]:
    return [FilmTask(name, "1-1") for name in names]


def came_of(pool: Pool, given: list[FilmTask]) -> tuple[list[str], dict[str, str]]:
    """Names of the files that were read, and why others were lost."""
    pool.start()
    came = [each for each in pool.run(given) if each is not None]
    lost = {each.task.file: each.reason for each in came if isinstance(each, Lost)}
    return [each.file for each in came if isinstance(each, FileResult)], lost


def test_files_that_kill_or_keep_their_worker_are_lost_by_name_and_all_others_are_read(
    ray: Any, tmp_path: Path
) -> None:
    def read(file: str) -> None:
        if file == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if file == "hang":
            time.sleep(3600)
        if file == "killed once" and not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    others = [f"film {number}" for number in range(8)]
    given = tasks(*others[:3], "crash", "killed once", *others[3:6], "hang", *others[6:])
    read_files, lost = came_of(Pool(ray, fake(read), PoolSettings(2, file_seconds=8)), given)
    assert sorted(read_files) == sorted([*others, "killed once"])
    assert set(lost) == {"crash", "hang"}
    assert lost["crash"].startswith("killed its worker twice, the second time with nothing beside it")
    assert lost["hang"] == "took longer than 8 s twice, the second time with nothing beside it"


def test_the_last_file_may_be_the_one_that_kills(ray: Any) -> None:
    def read(file: str) -> None:
        if file == "crash":
            os._exit(1)

    read_files, lost = came_of(Pool(ray, fake(read), PoolSettings(1)), tasks("crash", "film"))
    assert (read_files, set(lost)) == (["film"], {"crash"})


def test_what_is_wrong_with_the_model_is_told_as_it_is(ray: Any) -> None:
    def load() -> Any:
        raise BundleInvalid("models/x: lacks weights")

    with pytest.raises(BundleInvalid, match=r"^models/x: lacks weights$"):
        Pool(ray, load, PoolSettings(1)).start()


def test_workers_that_die_while_they_load_end_the_run_with_a_remedy(ray: Any) -> None:
    def load() -> Any:
        os._exit(1)

    with pytest.raises(ConfigInvalid, match="3 workers in a row died while they loaded the model; give fewer"):
        Pool(ray, load, PoolSettings(2)).start()
