"""Figures against films whose logits are known: perfect ones err nowhere, even ones by what can be counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from opensvh.domain.anatomy import IGNORED, Kind, Limb
from opensvh.model.heads import Logits
from opensvh.training.config import Preset
from opensvh.training.dataset import FilmExamples
from opensvh.training.validation import MISSED_PERCENT, Validation, mean_grades, share_of_mean

FILMS = tuple(range(12))
SURE = 30.0
"""Logit of a certainty."""


def collected(examples: FilmExamples, preset: Preset, logits: Logits, films: list[int]) -> dict[str, float]:
    validation = Validation(examples, preset.model, mean_grades(examples, FILMS))
    validation.add(logits, films)
    return validation.figures()


def grades_in_classes(examples: FilmExamples, kind: Kind, film: int) -> np.ndarray:
    """The grades in classes of the heads, [22]; 0 where there is none."""
    is_halved = kind is Kind.EROSION and examples.films[film].limb is Limb.FOOT
    return np.nan_to_num(examples.labels.grades[kind][film]) / (2 if is_halved else 1)


def perfect_damage(classes_of: np.ndarray, joint: np.ndarray, classes: int) -> Tensor:
    """Log-probabilities [classes, h, w] of each pixel's joint's grade, a half one shared by its neighbours."""
    place = classes_of[np.maximum(joint, 0)]
    shares = np.clip(1 - np.abs(np.arange(classes)[:, None, None] - place), 0, 1)
    return torch.from_numpy(np.log(shares + 1e-12)).float()


def perfect(examples: FilmExamples, film: int) -> Logits:
    mask = examples.plain(film).joint
    joint = torch.full((22, *mask.shape), 0.0)
    joint.scatter_(0, torch.from_numpy(np.where(mask == IGNORED, 0, mask))[None], SURE)
    narrowing = perfect_damage(grades_in_classes(examples, Kind.NARROWING, film), mask, 5)
    erosion = perfect_damage(grades_in_classes(examples, Kind.EROSION, film), mask, 6)
    return Logits(joint[None], narrowing[None], erosion[None])


def even(films: int) -> Logits:
    return Logits(*(torch.zeros(films, classes, 96, 96) for classes in (22, 5, 6)))


def test_a_perfect_network_errs_nowhere(examples: FilmExamples, tiny: Preset) -> None:
    validation = Validation(examples, tiny.model, mean_grades(examples, FILMS))
    for film in FILMS:
        validation.add(perfect(examples, film), [film])
    figures = validation.figures()
    assert figures["narrowing_rmse"] == pytest.approx(0, abs=1e-4)
    assert figures["erosion_rmse"] == pytest.approx(0, abs=1e-4)
    assert figures["joint_median_percent"] < 0.3
    assert figures["joint_within_3_percent"] == 1


def test_a_network_that_knows_nothing_says_the_middle_of_the_classes(examples: FilmExamples, tiny: Preset) -> None:
    hand, foot = 1, 0
    figures = collected(examples, tiny, even(2), [hand, foot])
    grades = {kind: [examples.labels.grades[kind][film] for film in (hand, foot)] for kind in Kind}
    narrowing = 2.0 - np.concatenate(grades[Kind.NARROWING])
    erosion = np.concatenate([2.5 - grades[Kind.EROSION][0], 5.0 - grades[Kind.EROSION][1]])
    assert figures["narrowing_rmse"] == pytest.approx(np.sqrt(np.nanmean(narrowing**2)), rel=1e-4)
    assert figures["erosion_rmse"] == pytest.approx(np.sqrt(np.nanmean(erosion**2)), rel=1e-4)
    assert figures["joint_median_percent"] == MISSED_PERCENT
    assert figures["joint_within_3_percent"] == 0


def test_an_eleven_class_head_reads_a_foot_s_erosion_as_it_is(examples: FilmExamples, tiny: Preset) -> None:
    native = tiny.model_copy(update={"model": tiny.model.model_copy(update={"erosion_classes": 11})})
    logits = even(1)._replace(erosion=torch.zeros(1, 11, 96, 96))
    figures = collected(examples, native, logits, [0])
    erosion = 5.0 - examples.labels.grades[Kind.EROSION][0]
    assert figures["erosion_rmse"] == pytest.approx(np.sqrt(np.nanmean(erosion**2)), rel=1e-4)


def test_the_baseline_predicts_the_training_films_mean_of_the_limb(examples: FilmExamples, tiny: Preset) -> None:
    training = (1, 3, 5)
    hands = [film for film in training if examples.films[film].limb is Limb.HAND]
    assert hands == [1, 3, 5]
    validation = Validation(examples, tiny.model, mean_grades(examples, training))
    validation.add(even(1), [9])
    grades = examples.labels.grades[Kind.EROSION]
    errors = np.mean([grades[film] for film in hands], axis=0) - grades[9]
    assert validation.figures()["erosion_rmse_of_mean"] == pytest.approx(np.sqrt(np.nanmean(errors**2)), rel=1e-5)


def test_means_are_by_limb_and_without_missing_grades(examples: FilmExamples) -> None:
    means = mean_grades(examples, (0, 2))
    assert {examples.films[film].limb for film in (0, 2)} == {Limb.FOOT}
    hand, foot = means[Kind.EROSION]
    assert not hand.any()
    known = ~np.isnan(examples.labels.grades[Kind.EROSION][0])
    expected = np.mean([examples.labels.grades[Kind.EROSION][film] for film in (0, 2)], axis=0)
    np.testing.assert_allclose(foot[known], expected[known])
    assert not foot[~known].any()


def test_joints_that_are_not_marked_are_not_measured(examples: FilmExamples, tiny: Preset) -> None:
    points = examples.cache.points.copy()
    points[1] = np.nan
    unmarked = FilmExamples(examples.films, replace(examples.cache, points=points), tiny.model, tiny.augmentation)
    assert collected(unmarked, tiny, even(1), [1]) == {}


def test_the_figure_to_choose_by_is_the_mean_share_of_both_kinds() -> None:
    figures = {"narrowing_rmse": 0.5, "narrowing_rmse_of_mean": 1.0, "erosion_rmse": 0.9, "erosion_rmse_of_mean": 1.0}
    assert share_of_mean(figures) == pytest.approx(0.7)
    assert share_of_mean({"joint_median_percent": 4.0}) == 4.0
