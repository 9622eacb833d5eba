"""A run of the film analyser: resumed it ends as if it had not been broken off; another run's folder is left alone."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from opensvh.domain.errors import OutputConflict
from opensvh.model.film_analyser_config import LimbLookConfig
from opensvh.training.film_analyser_cache import small_films
from opensvh.training.film_analyser_examples import SheetSource
from opensvh.training.film_analyser_films import simulated_films
from opensvh.training.film_analyser_run import rate_share, train_network
from opensvh.training.limb_look import LookRun, LookTask

TINY = LookRun(
    model=LimbLookConfig(side_px=64, widths=(4, 4, 8, 8, 8)), steps=4, batch_size=4, threads=1, checkpoint_minutes=0
)


def trained(run: Path, source: SheetSource, config: LookRun, **options: Any) -> nn.Module:
    return train_network(run, LookTask(source, config).task(), config, **options)


@pytest.fixture(scope="module")
def source(film_set: Path, tmp_path_factory: pytest.TempPathFactory) -> SheetSource:
    return SheetSource.of(small_films(tmp_path_factory.mktemp("cache"), simulated_films(film_set)))


class Killed(Exception):
    """Stands for a run that the system ends."""


def test_resumed_run_ends_like_an_unbroken_one(source: SheetSource, tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole", source, TINY).state_dict()

    def killed(step: int, figures: object) -> None:
        if step == 3:
            raise Killed

    with pytest.raises(Killed):
        trained(tmp_path / "broken", source, TINY, tell=killed)
    resumed = trained(tmp_path / "broken", source, TINY, resume=True).state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    logs = [(tmp_path / run / "log.csv").read_text().splitlines() for run in ("whole", "broken")]
    assert [row.split(",")[:2] for row in logs[0]] == [row.split(",")[:2] for row in logs[1]]


def test_log_has_a_row_a_step(source: SheetSource, tmp_path: Path) -> None:
    trained(tmp_path / "run", source, TINY)
    rows = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "1", "2", "3", "4"]


def test_folder_of_another_run_is_refused(source: SheetSource, tmp_path: Path) -> None:
    trained(tmp_path, source, TINY)
    with pytest.raises(OutputConflict, match="--resume"):
        trained(tmp_path, source, TINY)
    with pytest.raises(OutputConflict, match="another configuration"):
        trained(tmp_path, source, TINY.model_copy(update={"seed": 1}), resume=True)


def test_run_may_be_taken_up_to_another_end(source: SheetSource, tmp_path: Path) -> None:
    trained(tmp_path, source, TINY)
    trained(tmp_path, source, TINY.model_copy(update={"steps": 6}), resume=True)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 7


def test_rate_rises_and_falls() -> None:
    rates = [rate_share(done / 20) for done in range(21)]
    assert max(rates) == pytest.approx(1)
    assert rates.index(max(rates)) == 3
    assert rates[0] == pytest.approx(rates[-1])
    assert sorted(rates[3:], reverse=True) == rates[3:]
