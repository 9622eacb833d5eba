"""A run that is killed at random moments: started by a test as a program of its own, never imported by one.

    python killed_run.py FILMS RUN KILLS SEED

Imports once, then forks a process for each attempt and kills it with SIGKILL; the last attempt is left alone.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from opensvh.io.tables import read_dataset
from opensvh.training.callbacks import LOG
from opensvh.training.config import Preset, load_preset, with_training
from opensvh.training.datamodule import Split
from opensvh.training.dataset import FilmExamples
from opensvh.training.experiment import TrainingFilms, run_training
from opensvh.training.film_cache import open_cache

STEPS = 30


def preset_of_run() -> Preset:
    """Averaged, validated on the way, a checkpoint after every step."""
    return with_training(
        load_preset("tiny"),
        steps=STEPS,
        batch_size=2,
        threads=1,
        precision="fp32",
        average_decay=0.9,
        validations=3,
        checkpoint_minutes=1e-9,
    )


def attempt(films: Path, run: Path) -> None:
    """Go on with the run to its end."""
    preset = preset_of_run()
    records = read_dataset(films).films
    examples = FilmExamples(records, open_cache(run / "cache", records, preset), preset.model, preset.augmentation)
    split = Split(training=tuple(range(8)), validation=tuple(range(8, len(records))))
    model = run_training(run, TrainingFilms(examples, split), preset, resume=True)
    torch.save(dict(model.weights), run / "weights.pt")


def rows(run: Path) -> int:
    """Lines of the log by now."""
    log = run / LOG
    return len(log.read_bytes().splitlines()) if log.exists() else 0


def killed_attempt(films: Path, run: Path, wait: float) -> bool:
    """Fork an attempt and kill it `wait` seconds after its first new step; False where it ended before."""
    before = rows(run)
    child = os.fork()
    if child == 0:
        attempt(films, run)
        os._exit(0)
    while rows(run) == before and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.02)
    time.sleep(wait)
    try:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):
        return False
    return os.WIFSIGNALED(status)


def main() -> None:
    films, run, kills, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    rng = random.Random(seed)
    killed = sum(killed_attempt(films, run, rng.uniform(0, 0.6)) for _ in range(kills))
    child = os.fork()
    if child == 0:
        attempt(films, run)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(f"killed {killed}, end {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
