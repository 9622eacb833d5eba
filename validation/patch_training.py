"""Training a `PatchNet` for one kind of damage, resumable, the same patches in the same order for the same seed.

What is graded is `damage_data`'s.
"""

import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from damage_data import GradedJoints, Joints
from numpy.typing import NDArray
from patch_network import PatchNet
from patches import SHOWN_PX, STORED_PX
from torch import Tensor, nn

from opensvh.domain.geometry import Box, Frame, Size
from opensvh.preprocessing.augment import AugmentationConfig, augment, random_map
from opensvh.training.config import TrainingConfig
from opensvh.training.dataset import example_generator, film_order
from opensvh.training.experiment import precision_of

CHECKPOINT, LOG = "last.pt", "log.csv"
LOG_COLUMNS = ("step", "loss", "learning_rate", "seconds")
LOGGED_EVERY = 10
READ_AT_ONCE = 128
GEOMETRY = AugmentationConfig(rotation_deg=12, scale=0.12, stretch=0.08, shift=0.05)
"""Shift is a share of what is stored: 6 px, 1.5 mm of a hand, more than marking and finding err."""
GREYS = AugmentationConfig(
    rotation_deg=0, scale=0, stretch=0, shift=0, gamma=0.5, contrast=0.25, blur_share=0.4, blur_px=1.4,
    edge_share=0.3, edge_gain=1.2, noise=0.04, patch_share=0,
)  # fmt: skip
"""Films of real devices differ in sharpness, noise and display curve by more than one simulator's do."""


@dataclass(frozen=True)
class Schedule:
    """AdamW and OneCycle, the same for both simulators."""

    steps: int = 1600
    batch: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    warmup_share: float = 0.2
    clip_norm: float = 5.0
    seed: int = 0
    checkpoint_seconds: float = 60.0


@dataclass
class Run:
    """A network in training, and how far it came."""

    network: PatchNet
    optimizer: torch.optim.Optimizer
    rate: torch.optim.lr_scheduler.LRScheduler
    step: int = 0

    @classmethod
    def new(cls, classes: int, schedule: Schedule) -> "Run":
        """With random weights of the schedule's seed."""
        with torch.random.fork_rng():
            torch.manual_seed(schedule.seed)
            network = PatchNet(classes)
        nn.Module.to(network, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimizer = torch.optim.AdamW(
            network.parameters(), schedule.learning_rate, weight_decay=schedule.weight_decay, fused=True
        )
        rate = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, schedule.learning_rate, schedule.steps, pct_start=schedule.warmup_share
        )
        return cls(network, optimizer, rate)

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on."""
        return {
            "step": self.step,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rate": self.rate.state_dict(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state`."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rate.load_state_dict(state["rate"])
        self.step = state["step"]


def trained(folder: Path, graded: GradedJoints, schedule: Schedule, on_step: Callable[[int, float], None]) -> PatchNet:
    """The network after the schedule's steps, from `folder`'s checkpoint on where there is one.

    `on_step` is told the steps done and the loss.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    run = Run.new(graded.labels.shape[1], schedule)
    checkpoint = folder / CHECKPOINT
    if checkpoint.is_file():
        run.load(torch.load(checkpoint, weights_only=True))
    stored = logged = time.monotonic()
    for patches, places, labels in _batches(graded, schedule, run.step):
        loss = _step(run, schedule, patches, places, labels)
        on_step(run.step, loss)
        now = time.monotonic()
        if run.step % LOGGED_EVERY == 0:
            _log(folder / LOG, run, loss, now - logged)
            logged = now
        if now - stored > schedule.checkpoint_seconds or run.step == schedule.steps:
            _store(run, checkpoint)
            stored = now
    return run.network.eval()


def _batches(graded: GradedJoints, schedule: Schedule, first: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Patches, joints and labels of each step from `first` on."""
    joints = graded.joints
    for step in range(first, schedule.steps):
        start = step * schedule.batch
        rows = film_order(len(joints), schedule.seed, start, schedule.batch)
        patches = [
            varied(joints.patch(row), example_generator(schedule.seed, start + offset))
            for offset, row in enumerate(rows)
        ]
        yield _as_input(patches), torch.from_numpy(joints.places[rows]), torch.from_numpy(graded.labels[rows])


def varied(patch: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """A stored patch turned, resized and shifted in one warp, cut to what is shown, and varied in its greys."""
    frame = Frame.of(Size(STORED_PX, STORED_PX)).mapped(random_map(Size(STORED_PX, STORED_PX), rng, GEOMETRY))
    shown = frame.cropped(_middle())
    warped = cv2.warpAffine(patch, np.asarray(shown.matrix), tuple(shown.size), borderMode=cv2.BORDER_REPLICATE)
    greys, _ = augment(np.asarray(warped, np.float32) / np.float32(255), {}, rng, GREYS)
    return greys


def plain(patch: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What is shown of a stored patch."""
    box = _middle()
    return patch[box.top : box.bottom, box.left : box.right].astype(np.float32) / np.float32(255)


def expectations(network: PatchNet, joints: Joints) -> NDArray[np.float64]:
    """The expected grade of each joint, on its own scale, of patches as they are."""
    read = []
    grades = torch.arange(network.classes, dtype=torch.float64)
    for start in range(0, len(joints), READ_AT_ONCE):
        rows = range(start, min(start + READ_AT_ONCE, len(joints)))
        with torch.inference_mode(), _autocast():
            logits = network(
                _as_input([plain(joints.patch(row)) for row in rows]), torch.from_numpy(joints.places[rows])
            )
        read.append((logits.double().softmax(dim=1) @ grades).numpy())
    return np.concatenate(read) * joints.scale


def _middle() -> Box:
    edge = (STORED_PX - SHOWN_PX) // 2
    return Box(edge, edge, edge + SHOWN_PX, edge + SHOWN_PX)


def _as_input(patches: Sequence[NDArray[np.float32]]) -> Tensor:
    return torch.from_numpy(np.stack(patches))[:, None].contiguous(memory_format=torch.channels_last)


def _step(run: Run, schedule: Schedule, patches: Tensor, places: Tensor, labels: Tensor) -> float:
    run.network.train()
    with torch.random.fork_rng(), _autocast():
        torch.manual_seed(schedule.seed + run.step)  # dropout draws the same in a run taken up again
        logits = run.network(patches, places)
    loss = -(labels * logits.log_softmax(dim=1)).sum(dim=1).mean()
    run.optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), schedule.clip_norm)
    run.optimizer.step()
    run.rate.step()
    run.step += 1
    return float(loss.detach())


def _autocast() -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16, enabled=precision_of(TrainingConfig()) == "bf16-mixed")


def _store(run: Run, checkpoint: Path) -> None:
    """Beside the old one first, so that a kill in between leaves a whole file."""
    part = checkpoint.with_suffix(".part")
    torch.save(run.state(), part)
    part.replace(checkpoint)


def _log(log: Path, run: Run, loss: float, seconds: float) -> None:
    is_new = not log.exists()
    with log.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(LOG_COLUMNS)
        writer.writerow((run.step, f"{loss:.4f}", f"{run.rate.get_last_lr()[0]:.3g}", f"{seconds:.2f}"))
