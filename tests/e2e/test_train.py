"""Training as a whole: films it has seen are read back, and a run that was killed ends where it would have ended."""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from opensvh.domain.anatomy import Kind
from opensvh.io.tables import FilmRecord, read_dataset
from opensvh.model.network import SvHNet
from opensvh.preprocessing.augment import AugmentationConfig
from opensvh.training.config import Preset, load_preset, with_training
from opensvh.training.datamodule import Split
from opensvh.training.dataset import FilmExamples
from opensvh.training.experiment import TrainingFilms, run_training, validate
from opensvh.training.film_cache import open_cache

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]
CONFIG = """
[model]
encoder = "b0"
decoder = [48, 32, 24, 16, 16]
radius_px = 6
outer_radius_px = 7.5

[preprocessing]
width = 96
height = 96

[training]
batch_size = 2
learning_rate = 3e-3
average_decay = 0.9
precision = "fp32"
validations = 2
folds = 2
checkpoint_minutes = 1e-9
"""
STEPS, KILLED_AFTER = 12, 5


def memorizing(preset: Preset) -> Preset:
    """Films as they are, every joint counting the same."""
    still = AugmentationConfig(
        rotation_deg=0, scale=0, stretch=0, shift=0,
        gamma=0, contrast=0, brightness=0, blur_share=0, edge_share=0, noise=0, patch_share=0,
    )  # fmt: skip
    loss = preset.model.loss.model_copy(update={"per_joint": True, "joint": 4.0})
    return preset.model_copy(update={"augmentation": still, "model": preset.model.model_copy(update={"loss": loss})})


def pooled_rmse(figures: dict[str, float], films: tuple[FilmRecord, ...]) -> float:
    """Of both kinds together, each weighted with its number of grades."""
    counts = {kind: sum(kind is its_kind for film in films for _, its_kind in film.scores) for kind in Kind}
    squares = sum(counts[kind] * figures[f"{kind}_rmse"] ** 2 for kind in Kind)
    return float((squares / sum(counts.values())) ** 0.5)


def test_eight_films_are_learnt_by_heart(simulated_patients: Path, tmp_path: Path) -> None:
    films = read_dataset(simulated_patients).films
    preset = memorizing(with_training(load_preset("tiny"), steps=300, batch_size=8, precision="fp32"))
    examples = FilmExamples(films, open_cache(tmp_path / "cache", films, preset), preset.model, preset.augmentation)
    every = tuple(range(len(films)))
    trained = run_training(tmp_path / "run", TrainingFilms(examples, Split(every, ())), preset)
    network = SvHNet(preset.model)
    network.load_state_dict(trained.weights)
    figures = validate(network, TrainingFilms(examples, Split(every, every)), preset)
    assert figures["narrowing_rmse"] < 0.3
    assert figures["erosion_rmse"] < 0.3
    assert pooled_rmse(figures, films) < 0.3
    assert figures["joint_within_3_percent"] > 0.95


class Training:
    """`opensvh train` in a process of its own."""

    def __init__(self, config: Path, data: Path, out: Path) -> None:
        self.out = out
        self._options = ["train", "--config", str(config), "--data", str(data), "-o", str(out)]
        self._options += ["--steps", str(STEPS), "--threads", "1"]

    def start(self, *more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*PROGRAM, *self._options, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(self, *more: str) -> None:
        process = self.start(*more)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors

    def rows(self) -> list[dict[str, str]]:
        path = self.out / "log.csv"
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return list(csv.DictReader(file))

    def kill_after(self, rows: int) -> None:
        process = self.start()
        deadline = time.monotonic() + 300
        while len(self.rows()) < rows and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        process.communicate()

    def weights(self) -> dict[str, torch.Tensor]:
        return load_file(self.out / "bundle" / "weights.safetensors")


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX systems do")
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(simulated_patients: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    whole, killed = (Training(config, simulated_patients, tmp_path / name) for name in ("whole", "killed"))
    whole.finish()
    killed.kill_after(KILLED_AFTER)
    assert KILLED_AFTER <= len(killed.rows()) < STEPS
    assert not (killed.out / "bundle").exists()
    killed.finish("--resume")
    assert [int(row["step"]) for row in killed.rows()] == list(range(1, STEPS + 1))
    for once, again in zip(whole.rows(), killed.rows(), strict=True):
        for name in ("loss", "loss/joint", "loss/narrowing", "loss/erosion", "learning_rate"):
            assert float(again[name]) == pytest.approx(float(once[name]), abs=1e-5)
    weights = killed.weights()
    for name, weight in whole.weights().items():
        torch.testing.assert_close(weights[name], weight, rtol=1e-5, atol=1e-6)
