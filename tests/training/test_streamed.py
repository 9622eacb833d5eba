"""Batches from the simulator: cut as stored films are, the same whatever makes them, and resumable at any batch."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation import cohort
from opensvh.simulation.cohort import Cohort
from opensvh.simulation.radiograph import SimulatedFilm
from opensvh.simulation.stream import in_order, shuffled, stream_films
from opensvh.training.config import Preset
from opensvh.training.streamed import StreamedBatches, streamed_example


def quick_film(
    limb: Limb, side: Side, grades: Mapping[tuple[str, Kind], int], seed: np.random.SeedSequence, *more: object
) -> SimulatedFilm:
    """Noise with points on it."""
    pixels = np.random.default_rng(seed).integers(0, 255, (160, 120), dtype=np.uint8)
    points = {name: Point(20.0 + 17 * (i % 5), 30.0 + 20 * (i // 5)) for i, name in enumerate(POINTS[limb])}
    return SimulatedFilm(pixels, points, {}, 0.2)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort, "simulate_film", lambda *given, **named: quick_film(*given))


@pytest.mark.usefixtures("quick")
def test_batches_are_the_same_with_workers_and_from_any_batch_on(tiny: Preset) -> None:
    alone = list(StreamedBatches(Cohort(seed=2), tiny, total=4))
    with ThreadPoolExecutor(2) as pool:
        resumed = list(StreamedBatches(Cohort(seed=2), tiny, total=4, first=2, pool=pool))
    assert [batch.number for batch in alone] == [0, 1, 2, 3]
    assert [batch.number for batch in resumed] == [2, 3]
    for whole, later in zip(alone[2:], resumed, strict=True):
        assert torch.equal(whole.image, later.image)
        assert torch.equal(whole.targets.joint, later.targets.joint)
    assert not torch.equal(alone[0].image, alone[1].image)


@pytest.mark.usefixtures("quick")
def test_an_example_has_the_grades_of_reader_1_where_there_are_any(tiny: Preset) -> None:
    flow = stream_films(Cohort(seed=2), in_order(Cohort(seed=2), range(1, 9)))
    film = next(film for film in flow if film.limb is Limb.HAND and any(film.readings[0].values()))
    example = streamed_example(film, tiny, np.random.default_rng(0))
    assert (example.joint > 0).any()
    assert example.narrowing.sum() == pytest.approx(15)
    assert example.erosion.sum() == pytest.approx(16)


def test_the_first_batch_holds_many_patients() -> None:
    assert len({place.number for place in islice(shuffled(Cohort()), 8)}) > 4
