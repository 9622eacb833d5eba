"""A run leaves its log, pictures and checkpoints in a folder that is its own, goes on where it stopped, and stops
when it can lead nowhere."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
import torch

from opensvh.domain.errors import ConfigInvalid, DatasetInvalid, OutputConflict, TrainingFailed
from opensvh.training.callbacks import LAST, LOG, LOG_COLUMNS, VALIDATION_LOG
from opensvh.training.config import Preset, TrainingConfig, with_training
from opensvh.training.datamodule import Split
from opensvh.training.dataset import Example, FilmExamples
from opensvh.training.experiment import (
    CHECKPOINTS,
    CONFIG,
    METRICS,
    TrainedModel,
    TrainingFilms,
    planned_steps,
    precision_of,
    run_training,
)
from opensvh.training.module import TrainingModule, keep_of_start, seeded_network

STEPS = 4
SPLIT = Split(training=tuple(range(8)), validation=(8, 9, 10, 11))
NO_CHECKPOINT_BUT_THE_LAST = 1000.0
AFTER_EVERY_STEP = 1e-9


class FinishedRun(NamedTuple):
    folder: Path
    data: TrainingFilms
    preset: Preset
    model: TrainedModel
    told: list[tuple[int, Mapping[str, float]]]


@pytest.fixture(scope="module")
def finished(examples: FilmExamples, tiny: Preset, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Four steps, validated after two and four."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    preset = with_training(
        tiny, steps=STEPS, validations=2, average_decay=0.9, checkpoint_minutes=NO_CHECKPOINT_BUT_THE_LAST
    )
    data = TrainingFilms(examples, SPLIT)
    told: list[tuple[int, Mapping[str, float]]] = []
    model = run_training(folder, data, preset, tell=lambda step, figures: told.append((step, dict(figures))))
    return FinishedRun(folder, data, preset, model, told)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_step_has_a_row_of_losses(finished: FinishedRun) -> None:
    log = rows(finished.folder / LOG)
    assert tuple(log[0]) == LOG_COLUMNS
    assert [int(row["step"]) for row in log] == [1, 2, 3, 4]
    for row in log:
        parts = sum(float(row[f"loss/{name}"]) for name in ("joint", "narrowing", "erosion"))
        assert float(row["loss"]) == pytest.approx(parts, rel=1e-5)
        assert float(row["seconds"]) > 0


def test_the_learning_rate_falls_to_nearly_nothing(finished: FinishedRun) -> None:
    rates = [float(row["learning_rate"]) for row in rows(finished.folder / LOG)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1e-5 < rates[0] < finished.preset.training.learning_rate


def test_the_run_is_validated_on_the_way_and_at_its_end(finished: FinishedRun) -> None:
    validations = rows(finished.folder / VALIDATION_LOG)
    assert [int(row["step"]) for row in validations] == [2, 4]
    assert json.loads((finished.folder / METRICS).read_text()) == finished.model.metrics
    # All films held out were watched, so the last row is the final figure.
    for name, value in finished.model.metrics.items():
        assert float(validations[-1][name]) == pytest.approx(value, rel=1e-3)


def test_who_watches_is_told_of_steps_and_validations(finished: FinishedRun) -> None:
    losses = [step for step, figures in finished.told if "loss" in figures]
    validations = [step for step, figures in finished.told if "erosion_rmse" in figures]
    assert (losses, validations) == ([1, 2, 3, 4], [2, 4])


def test_pictures_show_the_films_that_validate(finished: FinishedRun) -> None:
    names = sorted(path.name for path in (finished.folder / "pictures").iterdir())
    assert names == ["step000002.png", "step000004.png"]
    picture = cv2.imread(str(finished.folder / "pictures" / names[-1]))
    assert picture is not None
    # Joints, narrowing and erosion, one below the other; four films side by side.
    assert picture.shape == (3 * 96, 4 * 96, 3)


def test_the_configuration_is_kept_resolved(finished: FinishedRun) -> None:
    assert Preset.model_validate_json((finished.folder / CONFIG).read_text()) == finished.preset


def test_training_changes_weights_and_their_average_is_kept(finished: FinishedRun) -> None:
    begun = seeded_network(finished.preset).state_dict()
    state = torch.load(finished.folder / CHECKPOINTS / LAST, weights_only=True)["state_dict"]
    name = "heads.classify.weight"
    kept = finished.model.weights[name]
    assert not torch.equal(kept, begun[name])
    assert not torch.equal(kept, state[f"network.{name}"])
    assert torch.equal(kept, state[f"average.module.{name}"])


def test_a_finished_run_taken_up_again_gives_the_same_model(finished: FinishedRun) -> None:
    before = (finished.folder / LOG).read_bytes()
    again = run_training(finished.folder, finished.data, finished.preset, resume=True)
    assert again.metrics == pytest.approx(finished.model.metrics)
    assert all(torch.equal(weight, finished.model.weights[name]) for name, weight in again.weights.items())
    assert (finished.folder / LOG).read_bytes() == before


def test_a_second_run_does_not_overwrite_the_first(finished: FinishedRun) -> None:
    before = (finished.folder / LOG).read_bytes()
    with pytest.raises(OutputConflict, match="--resume"):
        run_training(finished.folder, finished.data, finished.preset)
    assert (finished.folder / LOG).read_bytes() == before


def test_a_run_is_not_taken_up_with_another_configuration(finished: FinishedRun) -> None:
    before = (finished.folder / CONFIG).read_bytes()
    with pytest.raises(OutputConflict, match="another configuration"):
        run_training(finished.folder, finished.data, with_training(finished.preset, learning_rate=1e-3), resume=True)
    assert (finished.folder / CONFIG).read_bytes() == before


class Stopped(Exception):
    """Stands for whatever ends a run halfway."""


@pytest.mark.slow
def test_a_stopped_run_goes_on_to_the_same_model(finished: FinishedRun, tmp_path: Path) -> None:
    preset = with_training(finished.preset, checkpoint_minutes=AFTER_EVERY_STEP)

    def stop_in_the_third_step(step: int, figures: Mapping[str, float]) -> None:
        if step == 3:
            raise Stopped

    with pytest.raises(Stopped):
        run_training(tmp_path, finished.data, preset, tell=stop_in_the_third_step)
    # The third step has a row in the log but no checkpoint: it is done, and written, again.
    assert [row["step"] for row in rows(tmp_path / LOG)] == ["1", "2", "3"]
    model = run_training(tmp_path, finished.data, preset, resume=True)
    for taken_up, whole in zip(rows(tmp_path / LOG), rows(finished.folder / LOG), strict=True):
        for name in ("step", "loss", "loss/joint", "loss/narrowing", "loss/erosion", "learning_rate"):
            assert float(taken_up[name]) == pytest.approx(float(whole[name]), rel=1e-5)
    assert [row["step"] for row in rows(tmp_path / VALIDATION_LOG)] == ["2", "4"]
    for name, weight in model.weights.items():
        torch.testing.assert_close(weight, finished.model.weights[name], rtol=1e-4, atol=1e-6)


def test_accumulated_batches_make_one_step(examples: FilmExamples, tiny: Preset, tmp_path: Path) -> None:
    preset = with_training(tiny, steps=2, accumulate=3)
    told: list[int] = []
    data = TrainingFilms(examples, Split(SPLIT.training, ()))
    model = run_training(tmp_path, data, preset, tell=lambda step, figures: told.append(step))
    assert model.steps == 2
    assert max(told) == 2
    checkpoint = torch.load(tmp_path / CHECKPOINTS / LAST, weights_only=True)
    assert checkpoint["global_step"] == 2
    assert model.metrics == {}


class SpoiltExamples(FilmExamples):
    """Films of which the `first` and all later ones have become NaN on their way to the network."""

    def __init__(self, examples: FilmExamples, preset: Preset, first: int) -> None:
        super().__init__(examples.films, examples.cache, preset.model, preset.augmentation)
        self._given, self._first = 0, first

    def varied(self, film: int, rng: np.random.Generator) -> Example:
        example = super().varied(film, rng)
        self._given += 1
        return example if self._given <= self._first else example._replace(image=example.image * np.float32("nan"))


def test_a_loss_that_is_no_number_ends_the_run_and_leaves_the_last_good_checkpoint(
    examples: FilmExamples, tiny: Preset, tmp_path: Path
) -> None:
    preset = with_training(tiny, steps=8, checkpoint_minutes=AFTER_EVERY_STEP)
    spoilt = SpoiltExamples(examples, preset, first=3 * preset.training.batch_size)
    with pytest.raises(TrainingFailed) as failure:
        run_training(tmp_path, TrainingFilms(spoilt, Split(SPLIT.training, ())), preset)
    assert "learning rate" in str(failure.value)
    checkpoint = torch.load(tmp_path / CHECKPOINTS / LAST, weights_only=True)
    assert all(torch.isfinite(weight.float()).all() for weight in checkpoint["state_dict"].values())
    assert checkpoint["global_step"] == 3
    assert len(rows(tmp_path / LOG)) <= 4
    assert str(tmp_path / CHECKPOINTS / LAST) in str(failure.value)


def test_a_learning_rate_far_too_high_is_a_named_failure(examples: FilmExamples, tiny: Preset, tmp_path: Path) -> None:
    preset = with_training(tiny, steps=8, learning_rate=1e30)
    with pytest.raises(TrainingFailed, match="learning rate"):
        run_training(tmp_path, TrainingFilms(examples, Split(SPLIT.training, ())), preset)


def test_weights_that_are_not_there_leave_the_folder_free(examples: FilmExamples, tiny: Preset, tmp_path: Path) -> None:
    model = tiny.model.model_copy(update={"pretrained": str(tmp_path / "none.safetensors")})
    preset = with_training(tiny.model_copy(update={"model": model}), steps=1)
    data = TrainingFilms(examples, Split(SPLIT.training, ()))
    with pytest.raises(ConfigInvalid, match=r"none\.safetensors"):
        run_training(tmp_path / "run", data, preset)
    # Whoever mends the configuration can use the same folder.
    assert run_training(tmp_path / "run", data, with_training(tiny, steps=1)).steps == 1


def test_a_split_that_leaves_no_film_to_train_on_is_refused(
    examples: FilmExamples, tiny: Preset, tmp_path: Path
) -> None:
    with pytest.raises(DatasetInvalid, match="no film"):
        run_training(tmp_path / "run", TrainingFilms(examples, Split((), SPLIT.training)), tiny)
    assert not (tmp_path / "run").exists()


def test_length_is_steps_or_epochs_over_the_films() -> None:
    config = TrainingConfig(epochs=3, batch_size=4, accumulate=2)
    assert planned_steps(config, films=80) == 30
    assert planned_steps(config, films=1) == 1
    assert planned_steps(config.model_copy(update={"steps": 7}), films=80) == 7


def test_precision_is_as_configured() -> None:
    assert precision_of(TrainingConfig(precision="fp32")) == "32-true"
    assert precision_of(TrainingConfig(precision="bf16")) == "bf16-mixed"
    assert precision_of(TrainingConfig()) in ("32-true", "bf16-mixed")


def test_a_run_in_bf16_clips_its_gradients(finished: FinishedRun, tmp_path: Path) -> None:
    """Lightning refuses a fused optimiser's clipping under bf16, so runs died on every CPU that has bf16."""
    tight = with_training(finished.preset, precision="bf16", clip_norm=1e-9, learning_rate=1e-3, weight_decay=0.0)
    run_training(tmp_path / "run", finished.data, tight)
    assert {row["step"] for row in rows(tmp_path / "run" / LOG)} == {"1", "2", "3", "4"}


def test_the_seed_makes_the_network(tiny: Preset) -> None:
    torch.manual_seed(1)
    once, again = seeded_network(tiny), seeded_network(tiny)
    other = seeded_network(with_training(tiny, seed=5))
    name = "encoder._conv_stem.weight"
    assert torch.equal(once.state_dict()[name], again.state_dict()[name])
    assert not torch.equal(once.state_dict()[name], other.state_dict()[name])
    drawn = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(drawn, torch.rand(1))


def test_looking_at_films_while_training_changes_nothing(finished: FinishedRun) -> None:
    module = TrainingModule(
        without_average(finished.preset), STEPS, finished.data.examples, lambda: pytest.fail("no validation")
    )
    module.train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    module.predict(torch.rand(2, 1, 96, 96))
    assert all(layer.training for layer in module.network.modules())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def without_average(preset: Preset) -> Preset:
    return preset.model_copy(update={"training": preset.training.model_copy(update={"average_decay": 0.0})})


def test_one_cycle_rises_over_the_warmup_and_ends_low(finished: FinishedRun) -> None:
    module = TrainingModule(
        without_average(finished.preset), 100, finished.data.examples, lambda: pytest.fail("no validation")
    )
    chosen = module.configure_optimizers()
    optimizer, schedule = chosen["optimizer"], chosen["lr_scheduler"]["scheduler"]
    assert chosen["lr_scheduler"]["interval"] == "step"
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    highest = finished.preset.training.learning_rate
    assert max(rates) == pytest.approx(highest)
    assert rates.index(max(rates)) == 14
    assert rates[0] == pytest.approx(highest / 25)
    assert rates[-1] < highest / 1e4


@pytest.mark.parametrize(("steps", "share"), [(1, 0.15), (2, 0.15), (4, 0.25)])
def test_a_run_of_few_steps_has_a_schedule(finished: FinishedRun, steps: int, share: float) -> None:
    preset = with_training(finished.preset, warmup_share=share)
    module = TrainingModule(preset, steps, finished.data.examples, lambda: pytest.fail("no validation"))
    assert module.configure_optimizers()["optimizer"].param_groups[0]["lr"] <= preset.training.learning_rate


def test_a_share_of_the_weights_begun_with_stays(tiny: Preset) -> None:
    begun, learnt, network = (seeded_network(with_training(tiny, seed=seed)) for seed in (1, 2, 2))
    keep_of_start(network, begun.state_dict(), 0.25)
    for name, weight in network.state_dict().items():
        before, after = begun.state_dict()[name], learnt.state_dict()[name]
        torch.testing.assert_close(weight, 0.25 * before + 0.75 * after if weight.is_floating_point() else after)


def test_biases_and_normalisation_are_not_drawn_to_zero(finished: FinishedRun) -> None:
    module = TrainingModule(finished.preset, STEPS, finished.data.examples, lambda: pytest.fail("no validation"))
    [drawn, free] = module.configure_optimizers()["optimizer"].param_groups
    assert (drawn["weight_decay"], free["weight_decay"]) == (1e-4, 0)
    assert {weight.ndim for weight in drawn["params"]} == {4}
    assert {weight.ndim for weight in free["params"]} == {1}
    assert len(drawn["params"]) + len(free["params"]) == len(list(module.network.parameters()))
