"""One training run in one folder: prepared, run or taken up again, and what came of it.

RUN/config.json (resolved), log.csv, validation.csv, pictures/, tensorboard/, checkpoints/, metrics.json. Folds and the
bundle are `workflows.train`'s.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor

from opensvh.domain.errors import DatasetInvalid, OutputConflict, TrainingFailed
from opensvh.io.whole_file import write_whole
from opensvh.model.network import SvHNet
from opensvh.training.callbacks import LAST, EarlyStop, LastCheckpoint, Pictures, RunLog, Tell, stopped_at
from opensvh.training.config import Preset, TrainingConfig
from opensvh.training.datamodule import PlainBatches, Split, TrainingBatches, evenly
from opensvh.training.dataset import FilmExamples
from opensvh.training.devices import is_leader, strategy_of
from opensvh.training.failures import named_failures
from opensvh.training.module import TrainingModule, keep_of_start, plain_weights
from opensvh.training.tracking import tracking_loggers
from opensvh.training.validation import Validation, mean_grades

CONFIG, METRICS, CHECKPOINTS = "config.json", "metrics.json", "checkpoints"
BF16_FLAGS = ("amx_bf16", "avx512_bf16")
"""What /proc/cpuinfo calls instructions for bf16: with the second alone a step takes nine tenths of fp32's time."""


@dataclass(frozen=True)
class TrainingFilms:
    """The films of a run and which of them validate."""

    examples: FilmExamples
    split: Split


@dataclass(frozen=True)
class TrainedModel:
    """What a finished run gives: weights (a state_dict) and figures on the films that were held out."""

    weights: Mapping[str, Tensor]
    metrics: Mapping[str, float]
    steps: int


def run_training(
    run: Path,
    data: TrainingFilms,
    preset: Preset,
    resume: bool = False,
    tell: Tell = lambda step, figures: None,
    start: Mapping[str, Tensor] | None = None,
) -> TrainedModel:
    """Train in `run`; with `resume` go on from its last checkpoint, to the same result as without the break.

    `start`: weights (a state_dict) to begin with instead of random or ImageNet's. Raises OutputConflict where the
    folder holds another run, ConfigInvalid where `start` is of another network, TrainingFailed where the loss is no
    longer finite or the disk is full; the last good state is kept.
    """
    config = preset.training
    _require_joints(data)
    torch.set_num_threads(config.threads or torch.get_num_threads())
    cv2.setNumThreads(1)
    steps = planned_steps(config, len(data.split.training))
    module = TrainingModule(preset, steps, data.examples, lambda: _validation(data, preset), start)
    with named_failures(run, run / CHECKPOINTS / LAST):
        checkpoint = _claim(run, preset, resume)
        done = _steps_done(checkpoint) if checkpoint is not None else 0
        if done < (stopped_at(run) or steps):
            done = _fit(_Fit(run, data, preset, steps, done), module, checkpoint, tell)
        else:
            module.load_state_dict(torch.load(str(checkpoint), weights_only=True)["state_dict"])
        if done < (stopped_at(run) or steps):
            raise TrainingFailed(f"{run}: stopped after {done} of {steps} steps; go on with --resume")
        return _finished(run, module, data, done, start)


@dataclass(frozen=True)
class _Fit:
    """A stretch of a run: from step `done` to its end, at `steps` or where it was stopped early."""

    run: Path
    data: TrainingFilms
    preset: Preset
    steps: int
    done: int


def _fit(fit: _Fit, module: TrainingModule, checkpoint: Path | None, tell: Tell) -> int:
    """Train to the end; returns the steps done."""
    data, config = fit.data, fit.preset.training
    until = stopped_at(fit.run) or fit.steps
    first, end = fit.done * config.accumulate, until * config.accumulate
    batches = TrainingBatches(data.examples, data.split, config, end, first)
    watched = evenly(data.split.validation, config.validation_films)
    trainer = _trainer(fit, until, watched, tell)
    batches.rank = lambda: trainer.global_rank
    validating = PlainBatches(data.examples, watched, config.batch_size) if watched else None
    trainer.fit(module, batches, validating, ckpt_path=checkpoint, weights_only=True)
    return int(trainer.global_step)


def planned_steps(config: TrainingConfig, films: int) -> int:
    """Steps of the run."""
    return config.steps or max(1, round(config.epochs * films / (config.batch_size * config.accumulate)))


def validate(network: SvHNet, data: TrainingFilms, preset: Preset) -> dict[str, float]:
    """Figures of a network on all films held out; empty where none are."""
    validation = _validation(data, preset)
    network.eval()
    with torch.inference_mode():
        for batch in PlainBatches(data.examples, data.split.validation, preset.training.batch_size):
            validation.add(network(batch.image), batch.films)
    return validation.figures()


def _require_joints(data: TrainingFilms) -> None:
    if not data.split.training:
        raise DatasetInvalid("no film with marked joints is left to train on; add joints.csv, or fewer folds")


def _claim(run: Path, preset: Preset, resume: bool) -> Path | None:
    """The checkpoint to go on from, None at the start; the folder is ours afterwards."""
    config, last = run / CONFIG, run / CHECKPOINTS / LAST
    if is_leader():
        if config.exists() and not resume:
            raise OutputConflict(f"{run}: holds a training run; go on with --resume, or name another folder")
        if config.exists() and _lasting(Preset.model_validate_json(config.read_text())) != _lasting(preset):
            raise OutputConflict(f"{run}: was begun with another configuration ({config}); name another folder")
        (run / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
        write_whole(config, preset.model_dump_json(indent=2) + "\n")
    return last if resume and last.exists() else None


def _lasting(preset: Preset) -> Preset:
    return preset.model_copy(update={"training": preset.training.lasting})


def _steps_done(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, map_location="cpu", weights_only=True)["global_step"])


def _trainer(fit: _Fit, until: int, watched: Sequence[int], tell: Tell) -> Trainer:
    run, config = fit.run, fit.preset.training
    # What writes beside the checkpoints is the first device's affair; checkpoints are stored by all together.
    written = [RunLog(run, tell), Pictures(run / "pictures", watched)] if is_leader() else []
    best = ModelCheckpoint(run / CHECKPOINTS, "best", monitor="validation/share_of_mean", enable_version_counter=False)
    return Trainer(
        default_root_dir=run,
        accelerator="auto",
        devices=config.devices,
        strategy=strategy_of(config.devices),
        precision=precision_of(config),
        max_steps=until,
        accumulate_grad_batches=config.batches_a_step,
        gradient_clip_val=config.clip_norm,
        val_check_interval=max(1, fit.steps * config.batches_a_step // config.validations),
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        limit_val_batches=1.0 if watched else 0,
        logger=[TensorBoardLogger(run, name="tensorboard", version=""), *tracking_loggers(run)],
        log_every_n_steps=10,
        callbacks=[
            *written,
            *([best] if watched else []),
            *([EarlyStop(run, config.patience)] if watched and config.patience else []),
            LastCheckpoint(run / CHECKPOINTS, config.checkpoint_minutes),
        ],
        use_distributed_sampler=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def precision_of(config: TrainingConfig) -> Any:
    """Lightning's name of the precision."""
    if config.precision == "auto":
        fast = torch.cuda.is_available() or _has_bf16()
        return "bf16-mixed" if fast else "32-true"
    return "bf16-mixed" if config.precision == "bf16" else "32-true"


def _has_bf16() -> bool:
    path = Path("/proc/cpuinfo")
    return path.exists() and any(flag in path.read_text(encoding="utf-8") for flag in BF16_FLAGS)


def _validation(data: TrainingFilms, preset: Preset) -> Validation:
    return Validation(data.examples, preset.model, mean_grades(data.examples, data.split.training))


def _finished(
    run: Path, module: TrainingModule, data: TrainingFilms, steps: int, start: Mapping[str, Tensor] | None
) -> TrainedModel:
    network = module.shipped.cpu()
    if start is not None:
        keep_of_start(network, start, module.preset.training.start_share)
    weights = plain_weights(network)
    broken = [name for name, weight in weights.items() if not bool(torch.isfinite(weight.float()).all())]
    if broken:
        raise TrainingFailed(f"{run}: {broken[0]} is not finite after {steps} steps; lower the learning rate")
    metrics = validate(network, data, module.preset) if data.split.validation and is_leader() else {}
    if is_leader():
        write_whole(run / METRICS, json.dumps(metrics, indent=2) + "\n")
    return TrainedModel(weights, metrics, steps)
