"""What is done while a run goes on: log of losses and figures, pictures of predictions, checkpoints, early end.

The run itself is `experiment`'s.
"""

import csv
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import TensorBoardLogger

from opensvh.io.whole_file import write_whole
from opensvh.training.module import TrainingModule
from opensvh.training.pictures import prediction_picture
from opensvh.training.run_tables import append_row, drop_after
from opensvh.training.validation import share_of_mean

LOSSES = ("loss", "loss/joint", "loss/narrowing", "loss/erosion")
LOG_COLUMNS = ("step", *LOSSES, "learning_rate", "seconds")
LOG, VALIDATION_LOG, LAST, STOPPED = "log.csv", "validation.csv", "last.ckpt", "stopped.json"
PICTURED_FILMS = 4
Tell = Callable[[int, Mapping[str, float]], None]
"""Told the steps done, and figures by name, after each step and each validation."""


class RunLog(Callback):
    """Appends a row to `log.csv` after each step, to `validation.csv` after each validation.

    When a run is taken up again, rows of steps that its checkpoint does not know are dropped first.
    """

    def __init__(self, folder: Path, tell: Tell) -> None:
        self._folder, self._tell = folder, tell
        self._since, self._rate = time.monotonic(), 0.0

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        for name in (LOG, VALIDATION_LOG):
            drop_after(self._folder / name, trainer.global_step)
        self._since = time.monotonic()

    def on_train_batch_start(self, trainer: Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        # Before the schedule moves on to the next step's.
        self._rate = trainer.optimizers[0].param_groups[0]["lr"]

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        figures = {name: float(trainer.callback_metrics[name]) for name in LOSSES}
        now = time.monotonic()
        row = {
            "step": trainer.global_step,
            **figures,
            "learning_rate": self._rate,
            "seconds": round(now - self._since, 3),
        }
        self._since = now
        append_row(self._folder / LOG, LOG_COLUMNS, row)
        self._tell(trainer.global_step, figures)

    def on_validation_end(self, trainer: Trainer, pl_module: Any) -> None:
        figures = pl_module.figures
        if figures:
            append_row(self._folder / VALIDATION_LOG, ("step", *figures), {"step": trainer.global_step, **figures})
            self._tell(trainer.global_step, figures)
        self._since = time.monotonic()


class Pictures(Callback):
    """After each validation: films with the joints and the damage the network sees, as files and in TensorBoard."""

    def __init__(self, folder: Path, films: Sequence[int]) -> None:
        self._folder, self._films = folder, films[:PICTURED_FILMS]

    def on_validation_end(self, trainer: Trainer, pl_module: Any) -> None:
        assert isinstance(pl_module, TrainingModule)
        if not self._films:
            return
        picture = prediction_picture(pl_module, self._films)
        self._folder.mkdir(exist_ok=True)
        cv2.imwrite(str(self._folder / f"step{trainer.global_step:06d}.png"), picture)
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                image = picture[..., ::-1].copy()
                logger.experiment.add_image("predictions", image, trainer.global_step, dataformats="HWC")


class LastCheckpoint(Callback):
    """Writes `last.ckpt` every few minutes, and at once when the system asks the process to end."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self._path, self._seconds = folder / LAST, minutes * 60
        self._written, self._step = time.monotonic(), 0

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        self._step = trainer.global_step

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.global_step == self._step:  # in the middle of a step
            return
        self._step = trainer.global_step
        due = trainer.received_sigterm or time.monotonic() - self._written > self._seconds
        if agreed(trainer, due):
            self.write(trainer)

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        self.write(trainer)

    def write(self, trainer: Trainer) -> None:
        """Beside the old one first, so that a kill or a full disk in between leaves a whole file."""
        part = self._path.with_suffix(".part")
        try:
            trainer.save_checkpoint(part)
            if trainer.is_global_zero:
                part.replace(self._path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        self._written = time.monotonic()


class EarlyStop(Callback):
    """Ends the run once `patience` validations brought nothing better, and writes down after which step.

    It looks at `validation.csv` alone, so that a run that was killed stops where it would have.
    """

    def __init__(self, folder: Path, patience: int) -> None:
        self._folder, self._patience = folder, patience

    def on_validation_end(self, trainer: Trainer, pl_module: Any) -> None:
        shares = _shares(self._folder / VALIDATION_LOG) if trainer.is_global_zero else []
        best = min(range(len(shares)), key=shares.__getitem__) if shares else 0
        if agreed(trainer, len(shares) - 1 - best >= self._patience):
            if trainer.is_global_zero:
                write_whole(self._folder / STOPPED, json.dumps({"step": trainer.global_step}) + "\n")
            trainer.should_stop = True


def stopped_at(folder: Path) -> int | None:
    """The step after which the run was ended early, None where it was not."""
    path = folder / STOPPED
    return int(json.loads(path.read_text(encoding="utf-8"))["step"]) if path.is_file() else None


def agreed(trainer: Trainer, answer: bool) -> bool:
    """The first device's answer, on every device: what one does alone the others would wait for."""
    return bool(trainer.strategy.broadcast(answer)) if trainer.world_size > 1 else answer


def _shares(path: Path) -> list[float]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [share_of_mean({name: float(value) for name, value in row.items() if value}) for row in rows]
