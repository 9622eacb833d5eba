"""What may happen to a run, and does not harm it: kills at any moment, a full disk, an end before its time."""

import csv
import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import torch

from opensvh.domain.errors import OutputConflict, TrainingFailed
from opensvh.io.tables import FilmRecord
from opensvh.training.callbacks import LAST, LOG, STOPPED, VALIDATION_LOG, stopped_at
from opensvh.training.config import Preset, with_training
from opensvh.training.datamodule import Split
from opensvh.training.dataset import FilmExamples
from opensvh.training.experiment import CHECKPOINTS, TrainingFilms, run_training
from opensvh.training.film_cache import PIXELS, open_cache
from opensvh.training.module import TrainingModule
from opensvh.training.run_tables import drop_after

SPLIT = Split(training=tuple(range(8)), validation=(8, 9, 10, 11))
AFTER_EVERY_STEP = 1e-9
KILLS = 10


def steps_in(path: Path) -> list[int]:
    with path.open(newline="", encoding="utf-8") as file:
        return [int(row["step"]) for row in csv.DictReader(file)]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills forked processes")
def test_a_run_killed_at_ten_random_moments_gives_the_model_of_an_unbroken_one(film_set: Path, tmp_path: Path) -> None:
    program = [sys.executable, str(Path(__file__).with_name("killed_run.py")), str(film_set)]
    whole = subprocess.run([*program, str(tmp_path / "whole"), "0", "0"], capture_output=True, text=True, check=True)
    assert whole.stdout.strip() == "killed 0, end 0"
    broken = subprocess.run(
        [*program, str(tmp_path / "broken"), str(KILLS), "7"], capture_output=True, text=True, check=True
    )
    assert broken.stdout.strip() == f"killed {KILLS}, end 0", broken.stderr
    weights, again = (torch.load(tmp_path / name / "weights.pt", weights_only=True) for name in ("whole", "broken"))
    for name, weight in weights.items():
        torch.testing.assert_close(again[name], weight, rtol=1e-4, atol=1e-6, msg=name)
    for log in (LOG, VALIDATION_LOG):
        assert steps_in(tmp_path / "broken" / log) == steps_in(tmp_path / "whole" / log)


@pytest.fixture
def any_file_size() -> Iterator[None]:
    """Undoes a limit on the size of files."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("any_file_size")
def test_a_full_disk_ends_the_run_in_words_and_leaves_the_last_good_state(
    examples: FilmExamples, tiny: Preset, tmp_path: Path
) -> None:
    """The system refuses writing beyond a file's allowed size as it does on a full disk."""
    preset = with_training(tiny, steps=4, checkpoint_minutes=AFTER_EVERY_STEP)
    data = TrainingFilms(examples, Split(SPLIT.training, ()))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def no_room_after_two(step: int, figures: Mapping[str, float]) -> None:
        if step == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))

    with pytest.raises(TrainingFailed, match=r"disk is full.*--resume.*last\.ckpt"):
        run_training(tmp_path, data, preset, tell=no_room_after_two)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    checkpoint = torch.load(tmp_path / CHECKPOINTS / LAST, weights_only=True)
    assert checkpoint["global_step"] == 2
    assert not list((tmp_path / CHECKPOINTS).glob("*.part"))
    assert run_training(tmp_path, data, preset, resume=True).steps == 4


@pytest.mark.usefixtures("any_file_size")
def test_crops_that_have_no_room_are_refused_before_the_first_is_stored(
    films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path
) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    with pytest.raises(TrainingFailed, match="no room for"):
        open_cache(tmp_path, films, tiny)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    cache = open_cache(tmp_path, films, tiny)
    stored = next(tmp_path.rglob(PIXELS)).stat()
    assert stored.st_blocks * 512 >= cache.pixels.nbytes


def test_a_run_that_gets_no_better_ends_early_and_is_finished(
    examples: FilmExamples, tiny: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = iter(range(1, 100))
    figures = TrainingModule.on_validation_epoch_end

    def ever_worse(self: TrainingModule) -> None:
        figures(self)
        count = next(worse)
        self.figures = {"narrowing_rmse": 1.0 * count, "narrowing_rmse_of_mean": 1.0}

    monkeypatch.setattr(TrainingModule, "on_validation_epoch_end", ever_worse)
    preset = with_training(tiny, steps=8, validations=8, patience=2)
    model = run_training(tmp_path, TrainingFilms(examples, SPLIT), preset)
    # The first validation was the best; two later ones were not.
    assert model.steps == stopped_at(tmp_path) == 3
    assert steps_in(tmp_path / LOG) == [1, 2, 3]
    again = run_training(tmp_path, TrainingFilms(examples, SPLIT), preset, resume=True)
    assert again.steps == 3
    assert all(torch.equal(weight, model.weights[name]) for name, weight in again.weights.items())


def test_a_run_killed_after_its_early_end_was_decided_ends_there(
    examples: FilmExamples, tiny: Preset, tmp_path: Path
) -> None:
    preset = with_training(tiny, steps=4, validations=4, patience=3)
    (tmp_path / STOPPED).write_text(json.dumps({"step": 2}))
    assert run_training(tmp_path, TrainingFilms(examples, SPLIT), preset).steps == 2
    assert torch.load(tmp_path / CHECKPOINTS / LAST, weights_only=True)["global_step"] == 2


def test_where_a_run_goes_on_is_its_own_affair(examples: FilmExamples, tiny: Preset, tmp_path: Path) -> None:
    data = TrainingFilms(examples, Split(SPLIT.training, ()))
    preset = with_training(tiny, steps=1, accumulate=2)
    run_training(tmp_path, data, preset)
    elsewhere = with_training(preset, threads=2, checkpoint_minutes=9.0)
    assert run_training(tmp_path, data, elsewhere, resume=True).steps == 1
    with pytest.raises(OutputConflict):
        run_training(tmp_path, data, with_training(preset, accumulate=1), resume=True)


def test_a_row_that_broke_off_is_forgotten(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("step,loss\n1,0.5\n2,0.4\n3")
    drop_after(log, 5)
    assert log.read_text() == "step,loss\n1,0.5\n2,0.4\n"
    log.write_text("step,lo")
    drop_after(log, 5)
    assert not log.exists()
