"""Two processes over gloo train as one does; how batches are dealt and statistics joined."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file
from torch import Tensor, distributed, nn

from opensvh.domain.errors import ConfigInvalid
from opensvh.training.config import Preset, TrainingConfig, with_training
from opensvh.training.datamodule import Split, TrainingBatches
from opensvh.training.dataset import FilmExamples
from opensvh.training.devices import JoinedStatistics
from opensvh.workflows.train import Folds, train

PROGRAM = "from opensvh.cli.main import main\n\nmain()\n"
CONFIG = """
[model]
encoder = "b0"
drop_connect = 0.2
decoder = [16, 16, 16, 16, 16]
radius_px = 6
outer_radius_px = 7.5

[preprocessing]
width = 96
height = 96

[training]
steps = 3
batch_size = 2
accumulate = 2
learning_rate = 1e-3
average_decay = 0.9
precision = "fp32"
threads = 1
folds = 3
"""


@pytest.mark.slow
def test_two_processes_train_the_model_of_one(film_set: Path, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "config.toml").write_text(CONFIG)
    command = [sys.executable, str(tmp_path / "program.py"), "train", "--config", str(tmp_path / "config.toml")]
    for devices in ("1", "2"):
        out = tmp_path / f"on{devices}"
        run = [*command, "--data", str(film_set), "-o", str(out), "--devices", devices]
        result = subprocess.run(run, capture_output=True, text=True, timeout=1500, check=False)
        assert result.returncode == 0, result.stderr[-3000:]
    one, two = (load_file(tmp_path / f"on{devices}" / "bundle" / "weights.safetensors") for devices in "12")
    assert one.keys() == two.keys()
    for name, weight in one.items():
        torch.testing.assert_close(two[name].float(), weight.float(), rtol=1e-3, atol=1e-5, msg=name)
    logs = [(tmp_path / f"on{devices}" / "log.csv").read_text().splitlines() for devices in "12"]
    # One process logs each batch, the first of two those that it saw.
    assert (len(logs[0]), len(logs[1])) == (1 + 6, 1 + 3)


def test_devices_share_the_batches_of_each_step(examples: FilmExamples, tiny: Preset) -> None:
    config = with_training(tiny, batch_size=1, accumulate=4, devices=2).training
    batches = TrainingBatches(examples, Split(tuple(range(8)), ()), config, total=8)
    numbers = []
    for rank in (0, 1):
        batches.rank = lambda rank=rank: rank
        numbers.append([batch.number for batch in batches])
    assert numbers == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_batches_that_cannot_be_shared_evenly_are_refused() -> None:
    with pytest.raises(ValidationError, match="2 devices cannot share the 3 batches"):
        TrainingConfig(accumulate=3, devices=2)


def test_several_models_on_several_devices_are_refused(tiny: Preset, film_set: Path, tmp_path: Path) -> None:
    preset = with_training(tiny, accumulate=2, devices=2, folds=3)
    with pytest.raises(ConfigInvalid, match="one by one"):
        train(preset, film_set, tmp_path, Folds(every=True))


def gathering(others: list[Tensor]) -> Callable[[list[Tensor], Tensor], None]:
    """Stands for the exchange between devices: this one's first, then the others'."""

    def gather(of_all: list[Tensor], own: Tensor) -> None:
        for place, each in zip(of_all, [own, *others], strict=True):
            place.copy_(each)

    return gather


def test_joined_statistics_are_those_of_one_device_that_saw_all_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    batches = [torch.randn(5, 3, 4, 4) * scale + shift for scale, shift in ((1, 0), (3, 2), (2, -1), (4, 1))]
    one, first, second = (nn.Sequential(nn.BatchNorm2d(3)).train() for _ in range(3))
    for batch in batches:
        one(batch)
    joined = JoinedStatistics(first, batches=2)
    for network, seen in ((first, batches[:2]), (second, batches[2:])):
        for batch in seen:
            network(batch)
    other = torch.cat([second[0].running_mean, second[0].running_var])
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    monkeypatch.setattr(distributed, "all_gather", gathering([other]))
    joined.join()
    torch.testing.assert_close(first[0].running_mean, one[0].running_mean)
    torch.testing.assert_close(first[0].running_var, one[0].running_var)
    assert first[0].num_batches_tracked == one[0].num_batches_tracked == 4
