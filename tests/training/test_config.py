"""A preset comes by name or file; what is wrong with one is said with its file and key."""

from pathlib import Path

import pytest

from opensvh.domain.errors import ConfigInvalid
from opensvh.training.config import PRESETS, TrainingConfig, load_preset, with_training


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", sorted(path.stem for path in PRESETS.glob("*.toml")))
def test_every_preset_loads_by_its_name(name: str) -> None:
    assert load_preset(name) == load_preset(str(PRESETS / f"{name}.toml"))


def test_the_paper_s_preset_is_the_paper_s_model() -> None:
    preset = load_preset("paper")
    assert (preset.preprocessing.width, preset.preprocessing.height) == (864, 928)
    assert (preset.model.encoder, preset.model.radius_px, preset.model.outer_radius_px) == ("b5", 32, 40)
    assert preset.model.label_smoothing == 0.1


def test_a_file_sets_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    preset = load_preset(written(tmp_path, "[training]\nsteps = 7\n[model.loss]\nper_joint = true\n"))
    assert preset.training == TrainingConfig(steps=7)
    assert preset.model.loss.per_joint
    assert preset.model.encoder == "b5"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[training]\nstep = 7\n", "training.step"),
        ("[training]\nbatch_size = 0\n", "training.batch_size"),
        ("[training]\nprecision = 'fp16'\n", "training.precision"),
        ("[trainning]\nsteps = 7\n", "trainning"),
        ("[model]\nencoder = 'b9'\n", "model.encoder"),
        ("[model]\nradius_px = 50\n", "outer_radius_px 40 is below radius_px 50"),
        ("[augmentation]\nflip_share = 2\n", "augmentation.flip_share"),
        ("[preprocessing]\nwidth = 100\nheight = 96\n", "multiples of 32"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_file(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigInvalid) as failure:
        load_preset(written(tmp_path, text))
    assert str(tmp_path / "mine.toml") in str(failure.value)
    assert key in str(failure.value)


def test_every_wrong_key_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"augmentation\.turn: .*; training\.step: "):
        load_preset(written(tmp_path, "[training]\nstep = 7\n[augmentation]\nturn = 7\n"))


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"mine\.toml: is not TOML .*line 2"):
        load_preset(written(tmp_path, "[training]\nsteps = \n"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigInvalid, match=r"huge: .*compact, compact-half, paper, reference, tiny"):
        load_preset("huge")


def test_given_values_replace_the_preset_s_and_none_keeps_them() -> None:
    tiny = load_preset("tiny")
    changed = with_training(tiny, steps=5, seed=None)
    assert changed.training == tiny.training.model_copy(update={"steps": 5})
    assert changed.model == tiny.model
    assert tiny.training.steps == 40


def test_an_impossible_given_value_is_refused_by_its_key() -> None:
    with pytest.raises(ConfigInvalid, match="training: seed: "):
        with_training(load_preset("tiny"), seed=-1)
