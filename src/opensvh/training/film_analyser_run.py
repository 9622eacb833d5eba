"""A run that trains one of the film analyser's networks: the same for the same seed, broken off and taken up or not.

RUN/config.json, log.csv and last.pt. What is learnt is told by a `Task`.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from opensvh.domain.errors import OutputConflict, TrainingFailed
from opensvh.io.whole_file import write_whole
from opensvh.training.datamodule import PREFETCHED, ahead
from opensvh.training.run_tables import append_row, drop_after

CONFIG, LOG, LAST = "config.json", "log.csv", "last.pt"
WARMUP_SHARE, LEAST_RATE = 0.15, 0.01
Tell = Callable[[int, Mapping[str, float]], None]


class Schedule(BaseModel):
    """AdamW, a rate that rises and falls over the `steps`, and a moving average of the weights to ship."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(default=900, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=0.02, ge=0)
    clip_norm: float = Field(default=5.0, gt=0)
    average_decay: float = Field(default=0.99, ge=0, lt=1)
    bf16: bool = True
    threads: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0)
    checkpoint_minutes: float = Field(default=2.0, ge=0)


@dataclass(frozen=True)
class Task:
    """What a run learns.

    `network` builds one; `example` gives arrays, the picture first, as a function of seed and number alone; `losses`
    takes the network's output and the other arrays of a batch, and gives the parts of the loss by name.
    """

    network: Callable[[], nn.Module]
    example: Callable[[int, int], Sequence[NDArray[np.float32]]]
    losses: Callable[[Tensor, Sequence[Tensor]], Mapping[str, Tensor]]


def train_network(
    run: Path, task: Task, config: Schedule, resume: bool = False, tell: Tell = lambda step, figures: None
) -> nn.Module:
    """Train in `run` and return the averaged network; with `resume` go on from its last checkpoint.

    A run may be taken up with another number of steps, which moves its schedule, and of threads. Raises OutputConflict
    where the folder holds another run, TrainingFailed where the loss is no longer finite.
    """
    torch.set_num_threads(config.threads or torch.get_num_threads())
    cv2.setNumThreads(1)
    checkpoint = _claim(run, config, resume)
    state = _State(task, config)
    if checkpoint is not None:
        state.load(checkpoint)
    drop_after(run / LOG, state.step)
    written = time.monotonic()
    batches: Any = ahead(cast(Any, _batches(task, config, state.step)), PREFETCHED)
    for batch in batches:
        since = time.monotonic()
        figures = {name: float(part) for name, part in state.train_on(batch).items()}
        figures = {"loss": sum(figures.values()), **figures}
        if not np.isfinite(figures["loss"]):
            raise TrainingFailed(f"{run}: the loss is no number at step {state.step}; lower the learning rate")
        row = {"step": state.step, **figures, "seconds": round(time.monotonic() - since, 3)}
        append_row(run / LOG, tuple(row), row)
        tell(state.step, figures)
        if time.monotonic() - written > config.checkpoint_minutes * 60 or state.step == config.steps:
            state.save(run / LAST)
            written = time.monotonic()
    return state.averaged()


def rate_share(done: float) -> float:
    """The learning rate as a share of its highest, after that share of the run: up in a line, down in a cosine."""
    if done < WARMUP_SHARE:
        return LEAST_RATE + (1 - LEAST_RATE) * done / WARMUP_SHARE
    down = min((done - WARMUP_SHARE) / (1 - WARMUP_SHARE), 1.0)
    return LEAST_RATE + (1 - LEAST_RATE) * (1 + math.cos(math.pi * down)) / 2


class _State:
    """Network, average, optimiser and schedule, which a checkpoint holds together."""

    def __init__(self, task: Task, config: Schedule) -> None:
        self._task, self._config, self.step = task, config, 0
        with torch.random.fork_rng():
            torch.manual_seed(config.seed)
            self.network = task.network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._average = AveragedModel(
            self.network,
            multi_avg_fn=get_ema_multi_avg_fn(config.average_decay),  # type: ignore[no-untyped-call]
            use_buffers=True,
        )
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: rate_share(step / config.steps)
        )

    def train_on(self, batch: Sequence[Tensor]) -> dict[str, Tensor]:
        """One step; its dropout is the seed's and the step's."""
        self.network.train()
        image, *wanted = batch
        with torch.random.fork_rng():
            torch.manual_seed(self._config.seed + self.step)
            with torch.autocast("cpu", torch.bfloat16, enabled=self._config.bf16):
                output = self.network(image)
        losses = self._task.losses(output, wanted)
        self._optimizer.zero_grad(set_to_none=True)
        torch.stack(tuple(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self._config.clip_norm)
        self._optimizer.step()
        self._schedule.step()
        self._average.update_parameters(self.network)
        self.step += 1
        return {name: part.detach() for name, part in losses.items()}

    def averaged(self) -> nn.Module:
        """The network to ship, in eval mode."""
        return self._average.module.eval()

    def save(self, path: Path) -> None:
        """Beside the old one first, so that a kill in between leaves a whole file."""
        parts = {name: part.state_dict() for name, part in self._parts().items()}
        partial = path.with_suffix(".part")
        torch.save({"step": self.step, **parts}, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Take up a checkpoint."""
        stored = torch.load(path, weights_only=True)
        self.step = int(stored["step"])
        for name, part in self._parts().items():
            part.load_state_dict(stored[name])

    def _parts(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "average": self._average,
            "optimizer": self._optimizer,
            "schedule": self._schedule,
        }


def _batches(task: Task, config: Schedule, first: int) -> Iterator[list[Tensor]]:
    size = config.batch_size
    for step in range(first, config.steps):
        examples = [task.example(config.seed, number) for number in range(step * size, (step + 1) * size)]
        image, *wanted = (torch.from_numpy(np.stack(part)) for part in zip(*examples, strict=True))
        yield [image.contiguous(memory_format=torch.channels_last), *wanted]


def _claim(run: Path, config: Schedule, resume: bool) -> Path | None:
    """The checkpoint to go on from, None at the start; the folder is ours afterwards."""
    said, last = run / CONFIG, run / LAST
    if said.exists() and not resume:
        raise OutputConflict(f"{run}: holds a training run; go on with --resume, or name another folder")
    if said.exists() and _lasting(type(config).model_validate_json(said.read_bytes())) != _lasting(config):
        raise OutputConflict(f"{run}: was begun with another configuration ({said}); name another folder")
    run.mkdir(parents=True, exist_ok=True)
    write_whole(said, config.model_dump_json(indent=2) + "\n")
    return last if resume and last.exists() else None


def _lasting(config: Schedule) -> Schedule:
    """What of a run may not change while it goes on."""
    usual = Schedule()
    return config.model_copy(update={"steps": usual.steps, "threads": usual.threads})
