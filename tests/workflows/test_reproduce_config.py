"""Experiments as their files say them: every shipped one is sound, and its runs are what it promises."""

from pathlib import Path

import pytest

from opensvh.domain.errors import ConfigInvalid
from opensvh.training.config import with_training
from opensvh.workflows.reproduce_config import (
    Run,
    load_experiment,
    planned_runs,
    replicates,
    size_preset,
)

NAMES = (
    "figure-1", "smoothing", "radius", "classification-vs-regression", "single-vs-two-stage", "coordconv",
    "foot-halving", "ensemble", "data-size", "ahead",
)  # fmt: skip
MINUTES_A_RUN, HOURS = 22, 15


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_says_what_it_tests_and_how(name: str) -> None:
    experiment = load_experiment(name)
    assert experiment.name == name
    assert experiment.command.startswith(f"opensvh reproduce {name}")
    assert experiment.claim
    assert experiment.expected
    if experiment.kind == "training":
        assert len(experiment.seeds) >= 3


@pytest.mark.parametrize("size", ["small", "paper", "tiny"])
@pytest.mark.parametrize("name", NAMES[1:])
def test_every_arm_resolves_at_every_size(name: str, size: str) -> None:
    base = size_preset(size)  # type: ignore[arg-type]
    experiment = load_experiment(name)
    for arm in experiment.arms:
        assert replicates(experiment, arm, base), arm.name


def test_radii_are_the_papers_scaled_with_the_picture() -> None:
    base = size_preset("small")
    experiment = load_experiment("radius")
    for arm in experiment.arms:
        model = replicates(experiment, arm, base)[0][0].preset.model
        assert model.radius_px == pytest.approx(arm.radius * 256 / 928, abs=1e-3)
        assert model.outer_radius_px == pytest.approx(40 * 256 / 928, abs=1e-3)


def test_experiments_share_the_runs_that_are_the_same() -> None:
    base = size_preset("small")
    names = ("smoothing", "radius", "classification-vs-regression", "single-vs-two-stage", "coordconv", "foot-halving")
    runs = {name: {run.folder_name("d") for run in planned_runs(load_experiment(name), base)} for name in names}
    shared = set.intersection(*runs.values())
    assert len(shared) == 3  # the paper's setting, three seeds
    assert [len(each) for each in runs.values()] == [18, 15, 6, 6, 6, 6]


def test_the_papers_own_questions_fit_into_fifteen_hours_of_two_cores() -> None:
    base = size_preset("small")
    names = ("smoothing", "radius", "classification-vs-regression", "single-vs-two-stage")
    runs = {run.folder_name("d") for name in names for run in planned_runs(load_experiment(name), base)}
    assert len(runs) == 36
    assert len(runs) * MINUTES_A_RUN <= HOURS * 60 * 2


def test_the_first_seed_of_every_arm_comes_before_the_second_of_any() -> None:
    runs = planned_runs(load_experiment("radius"), size_preset("small"))
    assert [run.preset.training.seed for run in runs] == [1] * 5 + [2] * 5 + [3] * 5


def test_smoothings_first_wave_has_all_its_seeds_before_the_second_begins() -> None:
    experiment, base = load_experiment("smoothing"), size_preset("small")
    first, every = planned_runs(experiment, base, 1), planned_runs(experiment, base)
    assert [run.preset.model.label_smoothing for run in first] == [0.0, 0.1, 0.3] * 3
    assert every[:9] == first
    assert {run.preset.model.label_smoothing for run in every[9:]} == {0.05, 0.2, 0.5}


def test_a_run_is_the_same_run_wherever_it_goes_on_and_whatever_later_versions_add() -> None:
    run = planned_runs(load_experiment("smoothing"), size_preset("small"))[0]
    moved = Run(with_training(run.preset, threads=1, checkpoint_minutes=9.0))
    assert moved.folder_name("d") == run.folder_name("d")
    assert "clip_norm" not in run.settings["preset"]["training"]  # as it is by default: a new field would be, too
    assert Run(with_training(run.preset, clip_norm=1.0)).folder_name("d") != run.folder_name("d")


def test_a_two_stage_run_comes_after_the_one_that_finds_its_joints() -> None:
    runs = planned_runs(load_experiment("single-vs-two-stage"), size_preset("small"))
    for place, run in enumerate(runs):
        if run.design == "two-stage":
            assert run.localiser in runs[:place]


def test_an_ensembles_members_are_seeds_in_groups_or_folds() -> None:
    experiment, base = load_experiment("ensemble"), size_preset("small")
    groups = {arm.name: replicates(experiment, arm, base) for arm in experiment.arms}
    assert {name: [len(each) for each in group] for name, group in groups.items()} == {
        "1 on all": [1] * 8, "2 on all": [2] * 4, "4 on all": [4, 4], "8 on all": [8], "8 folds": [8],
    }  # fmt: skip
    assert [run.fold for run in groups["8 folds"][0]] == [(fold, 8) for fold in range(1, 9)]


def test_another_benchmark_or_seed_is_another_run() -> None:
    run = planned_runs(load_experiment("smoothing"), size_preset("small"))[0]
    assert run.folder_name("one") != run.folder_name("other")
    assert Run(run.preset, patients=46).folder_name("one") != run.folder_name("one")


def test_an_unknown_name_is_told_which_there_are() -> None:
    with pytest.raises(ConfigInvalid, match="coordconv, data-size"):
        load_experiment("smothing")


def test_a_comparison_with_an_arm_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    told = "".join(f'{key} = "x"\n' for key in ("name", "title", "purpose", "claim", "command", "expected"))
    path.write_text(told + 'than = "c"\n[[arms]]\nname = "a"\n[[arms]]\nname = "b"\n')
    with pytest.raises(ConfigInvalid, match="among their names"):
        load_experiment(str(path))
