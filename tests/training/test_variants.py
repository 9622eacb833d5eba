"""Variants of the network in training: blind to places, or with a number in place of classes; both ship as usual."""

from pathlib import Path

import pytest
import torch

from opensvh.model.encoder import FIRST_CONVOLUTION
from opensvh.model.network import SvHNet
from opensvh.model.regression import RegressionHeads
from opensvh.training.config import Preset, with_training
from opensvh.training.datamodule import Split
from opensvh.training.dataset import FilmExamples
from opensvh.training.experiment import TrainingFilms, run_training
from opensvh.training.module import network_in_training, plain_weights


def changed(preset: Preset, **model: object) -> Preset:
    return preset.model_copy(update={"model": preset.model.model_copy(update=model)})


def test_a_run_without_coordinates_never_looks_at_them(examples: FilmExamples, tiny: Preset, tmp_path: Path) -> None:
    preset = with_training(changed(tiny, coordinates=False), steps=2, learning_rate=1e-2, average_decay=0.5)
    weights = run_training(tmp_path, TrainingFilms(examples, Split(tuple(range(8)), ())), preset).weights
    first = weights[f"encoder.{FIRST_CONVOLUTION}"]
    assert first[:, 0].abs().max() > 0
    assert first[:, 1:].abs().max() == 0
    begun = network_in_training(preset).state_dict()[f"encoder.{FIRST_CONVOLUTION}"]
    assert not torch.equal(first[:, 0], begun[:, 0])


def test_a_run_of_regression_ships_an_ordinary_network(examples: FilmExamples, tiny: Preset, tmp_path: Path) -> None:
    preset = with_training(changed(tiny, damage="regression", label_smoothing=0.0), steps=2)
    model = run_training(tmp_path, TrainingFilms(examples, Split(tuple(range(8)), (8, 9))), preset)
    network = SvHNet(preset.model)
    network.load_state_dict(dict(model.weights))
    assert 0 < model.metrics["erosion_rmse"] < 10


def test_weights_of_regression_heads_give_the_same_logits_as_ordinary_ones(tiny: Preset) -> None:
    preset = changed(tiny, damage="regression")
    network = network_in_training(preset).eval()
    assert isinstance(network.heads, RegressionHeads)
    plain = SvHNet(preset.model).eval()
    plain.load_state_dict(plain_weights(network))
    image = torch.rand(1, 1, 96, 96)
    with torch.no_grad():
        for one, other in zip(network(image), plain(image), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("model", [{}, {"damage": "regression"}, {"coordinates": False}])
def test_the_seed_makes_every_variant(tiny: Preset, model: dict[str, object]) -> None:
    preset = changed(tiny, **model)
    once, again = (network_in_training(preset).state_dict() for _ in range(2))
    assert all(torch.equal(weight, again[name]) for name, weight in once.items())
