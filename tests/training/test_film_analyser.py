"""A run of the film analyser: resumed it ends as if it had not been broken off; another run's folder is left alone."""

from pathlib import Path

import pytest
import torch

from opensvh.domain.errors import OutputConflict
from opensvh.model.film_analyser import FilmAnalyserConfig
from opensvh.targets.limb_maps import CHANNELS
from opensvh.training.film_analyser import AnalyserBatch, AnalyserRun, analyser_losses, rate_share, train_analyser
from opensvh.training.film_analyser_cache import small_films
from opensvh.training.film_analyser_examples import SheetSource
from opensvh.training.film_analyser_films import simulated_films

TINY = AnalyserRun(
    model=FilmAnalyserConfig(side_px=64, widths=(4, 4, 8, 8, 8)), steps=4, batch_size=4, threads=1, checkpoint_minutes=0
)


@pytest.fixture(scope="module")
def source(film_set: Path, tmp_path_factory: pytest.TempPathFactory) -> SheetSource:
    return SheetSource.of(small_films(tmp_path_factory.mktemp("cache"), simulated_films(film_set)))


class Killed(Exception):
    """Stands for a run that the system ends."""


def test_resumed_run_ends_like_an_unbroken_one(source: SheetSource, tmp_path: Path) -> None:
    whole = train_analyser(tmp_path / "whole", source, TINY).state_dict()

    def killed(step: int, figures: object) -> None:
        if step == 3:
            raise Killed

    with pytest.raises(Killed):
        train_analyser(tmp_path / "broken", source, TINY, tell=killed)
    resumed = train_analyser(tmp_path / "broken", source, TINY, resume=True).state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_log_has_a_row_a_step(source: SheetSource, tmp_path: Path) -> None:
    train_analyser(tmp_path / "run", source, TINY)
    rows = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "1", "2", "3", "4"]


def test_folder_of_another_run_is_refused(source: SheetSource, tmp_path: Path) -> None:
    train_analyser(tmp_path, source, TINY)
    with pytest.raises(OutputConflict, match="--resume"):
        train_analyser(tmp_path, source, TINY)
    with pytest.raises(OutputConflict, match="another configuration"):
        train_analyser(tmp_path, source, TINY.model_copy(update={"seed": 1}), resume=True)


def test_run_may_be_taken_up_to_another_end(source: SheetSource, tmp_path: Path) -> None:
    train_analyser(tmp_path, source, TINY)
    train_analyser(tmp_path, source, TINY.model_copy(update={"steps": 6}), resume=True)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 7


def test_rate_rises_and_falls() -> None:
    rates = [rate_share(done / 20) for done in range(21)]
    assert max(rates) == pytest.approx(1)
    assert rates.index(max(rates)) == 3
    assert rates[0] == pytest.approx(rates[-1])
    assert sorted(rates[3:], reverse=True) == rates[3:]


def test_right_maps_cost_less_than_wrong_ones() -> None:
    wanted = torch.zeros(1, CHANNELS, 8, 8)
    wanted[:, 0, 4, 4] = 1
    wanted[:, 7, 4, 4] = 1
    weights = torch.ones_like(wanted)
    batch = AnalyserBatch(torch.zeros(1, 1, 64, 64), wanted, weights)
    right, wrong = (wanted.clone() for _ in range(2))
    right[:, :2] = 12 * wanted[:, :2] - 6
    wrong[:, :2] = -right[:, :2]
    wrong[:, 7, 4, 4] = -1
    good, bad = analyser_losses(right, batch), analyser_losses(wrong, batch)
    assert good.peaks < 0.1 < bad.peaks
    assert good.direction < bad.direction
