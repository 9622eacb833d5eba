"""Cut-outs for the close look: nearly upright, both sides alike, with answers only where they are known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point
from opensvh.model.film_analyser_config import ANSWERS, FLAGS, LimbLookConfig
from opensvh.model.limb_look import LimbLookNet, both_ways
from opensvh.targets.limb_maps import SeenLimb
from opensvh.training.film_analyser_cache import small_films
from opensvh.training.film_analyser_examples import SheetSource
from opensvh.training.film_analyser_films import simulated_films
from opensvh.training.limb_look import LookRun, LookTask, answers_of, look_losses
from opensvh.training.not_limbs import DRAWN, SPOILT, Image

Spoil = Callable[[Image, np.random.Generator], Image]
Draw = Callable[[int, np.random.Generator], Image]


@pytest.fixture(scope="module")
def task(film_set: Path, tmp_path_factory: pytest.TempPathFactory) -> LookTask:
    source = SheetSource.of(small_films(tmp_path_factory.mktemp("cache"), simulated_films(film_set)))
    return LookTask(source, LookRun())


def test_cut_outs_are_whole_mostly_upright_and_of_both_sides(task: LookTask) -> None:
    examples = [task.example(0, number) for number in range(60)]
    limbs = [each for each in examples if each.answers[FLAGS.index("limb")]]
    assert all(each.image.shape == (1, 128, 128) and np.isfinite(each.image).all() for each in examples)
    assert 0.6 < len(limbs) / len(examples) < 0.95
    assert np.mean([each.answers[-1] < -0.7 for each in limbs]) > 0.7
    assert 0.25 < np.mean([each.answers[0] for each in limbs]) < 0.75


def test_example_is_a_function_of_seed_and_number(task: LookTask) -> None:
    assert np.array_equal(task.example(1, 7).image, task.example(1, 7).image)
    assert not np.array_equal(task.example(1, 7).image, task.example(2, 7).image)


def test_unknown_answers_weigh_nothing() -> None:
    answers, weights = answers_of(SeenLimb(Limb.FOOT, Point(0, 0), 90.0, 10, 5, {"left": 1.0}))
    by_name = dict(zip(FLAGS, zip(answers, weights, strict=False), strict=False))
    assert by_name["left"] == by_name["foot"] == by_name["limb"] == (1, 1)
    assert by_name["growing"] == (0, 0)
    assert answers[len(FLAGS) :] == pytest.approx([1, 0], abs=1e-6)


def test_wrong_side_costs_more() -> None:
    answers, weights = answers_of(SeenLimb(Limb.HAND, Point(0, 0), 0.0, 10, 5, {"left": 1.0}))
    wanted = torch.from_numpy(answers)[None], torch.from_numpy(weights)[None]
    right, wrong = torch.zeros(1, ANSWERS), torch.zeros(1, ANSWERS)
    right[0, 0], wrong[0, 0] = 3, -3
    assert look_losses(right, wanted)["left"] < look_losses(wrong, wanted)["left"]


def test_mirror_image_gets_the_mirrored_answer() -> None:
    torch.manual_seed(0)
    network = LimbLookNet(LimbLookConfig(side_px=64, widths=(4, 4, 8, 8, 8))).eval()
    picture = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        straight, mirrored = both_ways(network, picture), both_ways(network, picture.flip(-1))
    assert float(mirrored[0, 0]) == pytest.approx(1 - float(straight[0, 0]), abs=1e-5)
    assert float(mirrored[0, len(FLAGS)]) == pytest.approx(-float(straight[0, len(FLAGS)]), abs=1e-5)
    assert torch.allclose(mirrored[0, 1 : len(FLAGS)], straight[0, 1 : len(FLAGS)], atol=1e-5)


@pytest.mark.parametrize("spoilt", SPOILT)
def test_spoilt_film_keeps_its_greys_and_loses_its_form(spoilt: Spoil) -> None:
    picture = np.zeros((128, 128), np.float32)
    picture[20:100, 50:80] = np.linspace(0.2, 0.9, 80, dtype=np.float32)[:, None]
    other = spoilt(picture, np.random.default_rng(0))
    assert other.shape == picture.shape
    assert 0.2 < other.sum() / picture.sum() < 3
    assert np.abs(other - picture).mean() > 0.02


@pytest.mark.parametrize("drawn", DRAWN)
def test_no_two_drawings_are_alike(drawn: Draw) -> None:
    first, second = (drawn(96, np.random.default_rng(seed)) for seed in (0, 1))
    assert first.shape == (96, 96)
    assert first.min() >= 0
    assert first.max() <= 1
    assert np.abs(first - second).mean() > 0.02
