"""A run that trains the film analyser: schedule, losses, log, checkpoint; the same for the same seed, resumed or not.

RUN/config.json, log.csv and last.pt. Pictures are `film_analyser_examples`'; what is shipped is
`inference.film_analyser_bundle`'s.
"""

import csv
import math
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import cv2
import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, smooth_l1_loss
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from opensvh.domain.errors import OutputConflict, TrainingFailed
from opensvh.model.film_analyser import FIRST_FLAG, PEAKS, FilmAnalyserConfig, FilmAnalyserNet
from opensvh.training.datamodule import PREFETCHED, ahead
from opensvh.training.film_analyser_examples import Shares, SheetSource, varied_example

CONFIG, LOG, LAST = "config.json", "log.csv", "last.pt"
COLUMNS = ("step", "loss", "peaks", "place", "direction", "flags", "seconds")
WARMUP_SHARE, LEAST_RATE = 0.15, 0.01
FLAG_WEIGHTS = (3.0, 1.0, 1.0, 1.0)
"""The side is what is hardest to see, and most depends on it (the order is `targets.limb_maps.FLAGS`')."""
Tell = Callable[[int, Mapping[str, float]], None]


class AnalyserRun(BaseModel):
    """The run: AdamW, a rate that rises and falls over its `steps`, and a moving average of the weights to ship."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: FilmAnalyserConfig = FilmAnalyserConfig()
    shares: Shares = Shares()
    steps: int = Field(default=1500, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=0.02, ge=0)
    clip_norm: float = Field(default=5.0, gt=0)
    average_decay: float = Field(default=0.99, ge=0, lt=1)
    bf16: bool = True
    threads: int | None = Field(default=None, ge=1)
    seed: int = Field(default=0, ge=0)
    checkpoint_minutes: float = Field(default=2.0, ge=0)


class AnalyserBatch(NamedTuple):
    """Examples stacked: `image` [batch, 1, side, side], `maps` and `weights` [batch, 12, side / 8, side / 8]."""

    image: Tensor
    maps: Tensor
    weights: Tensor


class AnalyserLosses(NamedTuple):
    """Each part of the loss, weighted as it enters the sum."""

    peaks: Tensor
    place: Tensor
    direction: Tensor
    flags: Tensor


def train_analyser(
    run: Path,
    source: SheetSource,
    config: AnalyserRun,
    resume: bool = False,
    tell: Tell = lambda step, figures: None,
) -> FilmAnalyserNet:
    """Train in `run` and return the averaged network; with `resume` go on from its last checkpoint.

    A run may be taken up with another number of steps, which moves its schedule, and of threads. Raises OutputConflict
    where the folder holds another run, TrainingFailed where the loss is no longer finite.
    """
    torch.set_num_threads(config.threads or torch.get_num_threads())
    cv2.setNumThreads(1)
    checkpoint = _claim(run, config, resume)
    state = _State(config)
    if checkpoint is not None:
        state.load(checkpoint)
    written = time.monotonic()
    batches: Any = ahead(cast(Any, _batches(source, config, state.step)), PREFETCHED)
    for batch in batches:
        since = time.monotonic()
        losses = state.train_on(batch)
        figures = {name: float(part) for name, part in losses._asdict().items()}
        figures = {"loss": sum(figures.values()), **figures}
        if not np.isfinite(figures["loss"]):
            raise TrainingFailed(f"{run}: the loss is no number at step {state.step}; lower the learning rate")
        _append(run / LOG, {"step": state.step, **figures, "seconds": round(time.monotonic() - since, 3)})
        tell(state.step, figures)
        if time.monotonic() - written > config.checkpoint_minutes * 60 or state.step == config.steps:
            state.save(run / LAST)
            written = time.monotonic()
    return state.averaged()


def analyser_losses(maps: Tensor, batch: AnalyserBatch) -> AnalyserLosses:
    """Focal loss of the peaks (Zhou et al. 2019, equation 1), the rest where a limb's peak is, weighted by its height.

    `maps` are the network's, peaks and flags as logits.
    """
    found = maps.float()
    weights = batch.weights
    limbs = batch.maps[:, :PEAKS].eq(1).sum().clamp(min=1)
    place, direction, flags = slice(2, 6), slice(6, FIRST_FLAG), slice(FIRST_FLAG, None)
    apart = smooth_l1_loss(found[:, place], batch.maps[:, place], reduction="none", beta=0.1)
    turned = (found[:, direction] - batch.maps[:, direction]).square()
    sureness = torch.tensor(FLAG_WEIGHTS)[:, None, None]
    doubt = sureness * binary_cross_entropy_with_logits(found[:, flags], batch.maps[:, flags], reduction="none")
    return AnalyserLosses(
        _focal(found[:, :PEAKS], batch.maps[:, :PEAKS], weights[:, :PEAKS]) / limbs,
        _mean(apart, weights[:, place]),
        2 * _mean(turned, weights[:, direction]),
        2 * _mean(doubt, weights[:, flags]),
    )


def rate_share(done: float) -> float:
    """The learning rate as a share of its highest, after that share of the run: up in a line, down in a cosine."""
    if done < WARMUP_SHARE:
        return LEAST_RATE + (1 - LEAST_RATE) * done / WARMUP_SHARE
    down = min((done - WARMUP_SHARE) / (1 - WARMUP_SHARE), 1.0)
    return LEAST_RATE + (1 - LEAST_RATE) * (1 + math.cos(math.pi * down)) / 2


class _State:
    """Network, average, optimiser and schedule, which a checkpoint holds together."""

    def __init__(self, config: AnalyserRun) -> None:
        self._config, self.step = config, 0
        with torch.random.fork_rng():
            torch.manual_seed(config.seed)
            self.network = FilmAnalyserNet(config.model).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
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

    def train_on(self, batch: AnalyserBatch) -> AnalyserLosses:
        """One step."""
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self._config.bf16):
            maps = self.network(batch.image)
        losses = analyser_losses(maps, batch)
        self._optimizer.zero_grad(set_to_none=True)
        torch.stack(tuple(losses)).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self._config.clip_norm)
        self._optimizer.step()
        self._schedule.step()
        self._average.update_parameters(self.network)
        self.step += 1
        return AnalyserLosses(*(part.detach() for part in losses))

    def averaged(self) -> FilmAnalyserNet:
        """The network to ship, in eval mode."""
        network = self._average.module
        assert isinstance(network, FilmAnalyserNet)
        return network.eval()

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


def _batches(source: SheetSource, config: AnalyserRun, first: int) -> Iterator[AnalyserBatch]:
    size = config.batch_size
    for step in range(first, config.steps):
        numbers = range(step * size, (step + 1) * size)
        examples = [varied_example(source, config.shares, config.model.side_px, config.seed, n) for n in numbers]
        image, maps, weights = (torch.from_numpy(np.stack(part)) for part in zip(*examples, strict=True))
        yield AnalyserBatch(image.contiguous(memory_format=torch.channels_last), maps, weights)


def _focal(logits: Tensor, peaks: Tensor, weights: Tensor) -> Tensor:
    at_peak = peaks.eq(1).float()
    likely = logits.sigmoid()
    hit = -logsigmoid(logits) * (1 - likely).square() * at_peak
    false = -logsigmoid(-logits) * likely.square() * (1 - peaks).pow(4) * (1 - at_peak)
    return ((hit + false) * weights).sum()


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1e-6)


def _claim(run: Path, config: AnalyserRun, resume: bool) -> Path | None:
    """The checkpoint to go on from, None at the start; the folder is ours afterwards."""
    said, last = run / CONFIG, run / LAST
    if said.exists() and not resume:
        raise OutputConflict(f"{run}: holds a training run; go on with --resume, or name another folder")
    if said.exists() and _lasting(AnalyserRun.model_validate_json(said.read_bytes())) != _lasting(config):
        raise OutputConflict(f"{run}: was begun with another configuration ({said}); name another folder")
    run.mkdir(parents=True, exist_ok=True)
    said.write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return last if resume and last.exists() else None


def _lasting(config: AnalyserRun) -> AnalyserRun:
    """What of a run may not change while it goes on."""
    usual = AnalyserRun()
    return config.model_copy(update={"steps": usual.steps, "threads": usual.threads})


def _append(path: Path, row: Mapping[str, object]) -> None:
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if is_new:
            writer.writeheader()
        writer.writerow(row)
