"""A bundle comes back as it was written, or is refused by the name of the file that is not as it was."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from opensvh.domain.anatomy import SITE_TABLE_VERSION
from opensvh.domain.errors import BundleInvalid, OutputConflict
from opensvh.domain.reading import ModelIdentity
from opensvh.inference import bundle as bundles
from opensvh.inference.bundle import (
    Bundle,
    BundleConfig,
    BundleContents,
    ReadingConfig,
    find_bundle,
    load_bundle,
    write_bundle,
)
from opensvh.model.config import ModelConfig
from opensvh.model.network import SvHNet, channels_last
from opensvh.preprocessing.config import PreprocessingConfig

NAMES = (
    "weights.safetensors",
    "config.json",
    "bundle.json",
    "metrics.json",
    "training_means.json",
    "MODEL_CARD.md",
    "SHA256SUMS",
)
MODEL = ModelConfig(encoder="b0", decoder=(8, 8, 8), output_stride=4, radius_px=6, outer_radius_px=8)
CONFIG = BundleConfig(
    model=MODEL,
    preprocessing=PreprocessingConfig(width=64, height=96, margin=0.07, aspect="stretch"),
    reading=ReadingConfig(mirrored_pair=True, second_look=False, joint_threshold=0.3),
    training={"steps": 7, "data": "films"},
)


@pytest.fixture(scope="module")
def contents() -> BundleContents:
    """A small random network with figures, means and a card."""
    torch.manual_seed(3)
    return BundleContents(
        name="small",
        version="4.2",
        config=CONFIG,
        weights=channels_last(SvHNet(MODEL)).state_dict(),
        metrics={"validation": {"rmse": 0.5}},
        training_means={"LH_mcp_E__1": 0.25, "RF_mtp_J__5": 1.5},
        card="# small\n\nFor research use only.\n",
    )


@pytest.fixture(scope="module")
def kept(contents: BundleContents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, written once; tests that change it take a copy."""
    return write_bundle(tmp_path_factory.mktemp("kept") / "small", contents)


@pytest.fixture(scope="module")
def loaded(kept: Path) -> Bundle:
    return load_bundle(kept)


@pytest.fixture
def copied(kept: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept, tmp_path / "copy")


def sealed(folder: Path) -> Path:
    """The folder with sums that fit its files as they are now: made so, not damaged."""
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in NAMES[:-1]]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def edited(path: Path, change: Callable[[dict[str, object]], None]) -> Path:
    """The bundle of a JSON file that was changed, sealed anew."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return sealed(path.parent)


def test_a_bundle_comes_back_as_it_was_written(loaded: Bundle, kept: Path, contents: BundleContents) -> None:
    weights = loaded.network.state_dict()
    assert weights.keys() == contents.weights.keys()
    assert all(torch.equal(weights[key], contents.weights[key]) for key in weights)
    assert loaded.config == CONFIG
    assert (loaded.metrics, loaded.training_means) == (contents.metrics, contents.training_means)
    assert (loaded.folder, (kept / "MODEL_CARD.md").read_text()) == (kept, contents.card)


def test_its_identity_is_the_sum_of_its_weights(loaded: Bundle, kept: Path) -> None:
    sum_of_weights = hashlib.sha256((kept / "weights.safetensors").read_bytes()).hexdigest()
    assert loaded.identity == ModelIdentity("small", "4.2", sum_of_weights)


def test_the_digest_changes_with_any_file_and_the_identity_with_the_weights(loaded: Bundle, copied: Path) -> None:
    (copied / "MODEL_CARD.md").write_text("# small, corrected\n")
    changed = load_bundle(sealed(copied))
    assert changed.identity == loaded.identity
    assert changed.digest != loaded.digest


def test_the_network_is_ready_to_predict_and_not_to_learn(loaded: Bundle) -> None:
    assert not any(module.training for module in loaded.network.modules())
    assert not any(parameter.requires_grad for parameter in loaded.network.parameters())


def test_weights_in_half_the_bits_are_read_into_full_ones(contents: BundleContents, tmp_path: Path) -> None:
    half = {key: each.bfloat16() if each.is_floating_point() else each for key, each in contents.weights.items()}
    loaded = load_bundle(write_bundle(tmp_path / "half", replace(contents, weights=half)))
    for key, weight in loaded.network.state_dict().items():
        assert weight.dtype == contents.weights[key].dtype
        assert torch.equal(weight, half[key].to(weight.dtype))


def test_it_holds_the_named_files_and_no_pickle(kept: Path) -> None:
    assert {path.name for path in kept.iterdir()} == set(NAMES)
    # What torch.save writes is a zip archive, what pickle writes opens with protocol 2 to 5.
    heads = {path.name: path.read_bytes()[:2] for path in kept.iterdir()}
    assert not [name for name, head in heads.items() if head == b"PK" or head[:1] == b"\x80"]


@pytest.mark.parametrize("name", NAMES[:-1])
def test_one_changed_byte_is_refused_by_the_name_of_its_file(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(BundleInvalid, match=rf"copy: {name} is not the file its SHA256SUMS names"):
        load_bundle(copied)


@pytest.mark.parametrize("bit", [1, 0x80])
def test_a_changed_byte_in_the_sums_is_refused(copied: Path, bit: int) -> None:
    sums = copied / "SHA256SUMS"
    content = bytearray(sums.read_bytes())
    content[0] ^= bit
    sums.write_bytes(content)
    with pytest.raises(BundleInvalid, match="SHA256SUMS"):
        load_bundle(copied)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(BundleInvalid, match=rf"copy: (has no )?{name}"):
        load_bundle(copied)


def test_a_file_that_is_not_in_the_sums_is_not_trusted(copied: Path) -> None:
    sums = copied / "SHA256SUMS"
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if "metrics" not in line))
    with pytest.raises(BundleInvalid, match=r"metrics\.json is missing"):
        load_bundle(copied)


def test_a_bundle_of_another_site_table_names_both_versions(copied: Path) -> None:
    edited(copied / "bundle.json", lambda header: header.update(site_table_version="0", software="0.0.7"))
    with pytest.raises(BundleInvalid, match=rf"site table '0'.*'{SITE_TABLE_VERSION}'.*0\.0\.7"):
        load_bundle(copied)


def test_an_unknown_key_of_the_configuration_is_named(copied: Path) -> None:
    edited(copied / "config.json", lambda config: config["reading"].update(third_look=True))  # type: ignore[attr-defined]
    with pytest.raises(BundleInvalid, match=r"config\.json: reading\.third_look"):
        load_bundle(copied)


def test_weights_of_another_network_are_refused(copied: Path) -> None:
    edited(copied / "config.json", lambda config: config["model"].update(decoder=[8, 8, 9]))  # type: ignore[attr-defined]
    with pytest.raises(BundleInvalid, match=r"weights\.safetensors: does not fit"):
        load_bundle(copied)


@pytest.mark.parametrize(("text", "fact"), [("{", "is not JSON"), ("[1]", "is not a JSON object")])
def test_figures_that_are_no_json_object_are_refused(copied: Path, text: str, fact: str) -> None:
    (copied / "metrics.json").write_text(text)
    with pytest.raises(BundleInvalid, match=rf"metrics\.json: {fact}"):
        load_bundle(sealed(copied))


@pytest.mark.parametrize("fact", ["name", "version"])
def test_a_header_that_does_not_say_who_the_model_is_is_refused(copied: Path, fact: str) -> None:
    edited(copied / "bundle.json", lambda header: header.pop(fact))
    with pytest.raises(BundleInvalid, match=rf"bundle\.json.*{fact}"):
        load_bundle(copied)


def test_a_bundle_is_replaced_by_a_new_one_of_its_name(contents: BundleContents, copied: Path) -> None:
    assert write_bundle(copied, replace(contents, version="5")) == copied
    assert load_bundle(copied).identity.version == "5"
    assert [path.name for path in copied.parent.iterdir()] == ["copy"]


@pytest.mark.parametrize("files", [{}, {"thesis.txt": "mine"}, {"weights.safetensors": "mine"}])
def test_a_folder_of_something_else_is_left_alone(
    contents: BundleContents, tmp_path: Path, files: dict[str, str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(OutputConflict, match="is not a model bundle"):
        write_bundle(folder, contents)
    assert {path.name: path.read_text() for path in folder.iterdir()} == files
    assert list(tmp_path.iterdir()) == [folder]


def broken_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_failure_while_writing_leaves_nothing(
    contents: BundleContents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safetensors.torch.save_file", broken_disk)
    with pytest.raises(OSError, match="No space"):
        write_bundle(tmp_path / "new", contents)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_after_the_weights_leaves_nothing(contents: BundleContents, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_bundle(tmp_path / "new", replace(contents, metrics={"figure": object()}))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_writing_leaves_the_old_model(
    contents: BundleContents, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safetensors.torch.save_file", broken_disk)
    with pytest.raises(OSError, match="No space"):
        write_bundle(copied, replace(contents, version="5"))
    assert load_bundle(copied).identity.version == "4.2"
    assert list(copied.parent.iterdir()) == [copied]


def test_a_failure_while_replacing_leaves_the_old_model(
    contents: BundleContents, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = os.replace

    def refusing(source: str | Path, target: str | Path) -> None:
        if str(source).endswith(".partial"):
            raise PermissionError(13, "Permission denied")
        move(source, target)

    monkeypatch.setattr(os, "replace", refusing)
    with pytest.raises(PermissionError):
        write_bundle(copied, replace(contents, version="5"))
    assert load_bundle(copied).identity.version == "4.2"
    assert list(copied.parent.iterdir()) == [copied]


def test_means_of_unknown_columns_are_refused_before_anything_is_written(
    contents: BundleContents, tmp_path: Path
) -> None:
    with pytest.raises(BundleInvalid, match="LH_mcp_E__9"):
        write_bundle(tmp_path / "new", replace(contents, training_means={"LH_mcp_E__9": 1.0}))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships two models, and a folder that is none."""
    folder = tmp_path / "package"
    for name in ("beta", "alpha"):
        (folder / name).mkdir(parents=True)
        (folder / name / "SHA256SUMS").write_text("")
    (folder / "draft").mkdir()
    monkeypatch.setattr(bundles, "SHIPPED", folder)
    return folder


def test_a_bundle_is_found_by_folder_or_shipped_name(shipped: Path, copied: Path) -> None:
    assert find_bundle(str(copied)) == copied
    assert find_bundle("alpha") == shipped / "alpha"


def test_a_folder_goes_before_a_shipped_name(shipped: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shipped / "small").mkdir()
    (shipped / "small" / "SHA256SUMS").write_text("")
    monkeypatch.chdir(kept.parent)
    assert find_bundle("small").resolve() == kept.resolve()


@pytest.mark.parametrize("name", ["gamma", "draft", "no/alpha", "../package/alpha"])
def test_an_unknown_name_lists_the_shipped_ones(shipped: Path, name: str) -> None:
    with pytest.raises(BundleInvalid, match=rf"{name}: is neither a folder nor.*\(alpha, beta\)"):
        find_bundle(name)


def test_a_folder_that_is_no_bundle_is_told_from_an_unknown_name(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    with pytest.raises(BundleInvalid, match=r"films: has no SHA256SUMS.*\(alpha, beta\)"):
        find_bundle(str(tmp_path / "films"))


def test_where_none_is_shipped_it_says_so(shipped: Path) -> None:
    shutil.rmtree(shipped)
    with pytest.raises(BundleInvalid, match=r"\(none\)"):
        find_bundle("alpha")
