"""Patients are dealt to folds whole and evenly; batch n is batch n from wherever a run begins."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import FILM_CODES
from opensvh.io.tables import FilmRecord
from opensvh.training.config import Preset
from opensvh.training.datamodule import (
    Batch,
    Mixed,
    PlainBatches,
    Split,
    TrainingBatches,
    ahead,
    collate,
    evenly,
    mixed_order,
    split_films,
)
from opensvh.training.dataset import FilmExamples

FOLDS = 4
FILMS = [
    FilmRecord(f"P{number:02d}", limb, side, Path("film.png"))
    for number in range(22)
    for limb, side in FILM_CODES.values()
]


def held_out(fold: int | None, seed: int = 0) -> list[str]:
    split = split_films(FILMS, FOLDS, fold, seed)
    return sorted({FILMS[index].patient for index in split.validation})


def test_one_patients_films_stay_in_one_fold() -> None:
    for fold in range(1, FOLDS + 1):
        split = split_films(FILMS, FOLDS, fold, seed=0)
        trained, validated = ({FILMS[index].patient for index in part} for part in (split.training, split.validation))
        assert trained
        assert validated
        assert not trained & validated
        assert sorted(split.training + split.validation) == list(range(len(FILMS)))


def test_a_persons_later_visit_stays_in_the_fold_of_the_first() -> None:
    visits = [FilmRecord(f"{film.patient}V2", film.limb, film.side, film.path, visit_of=film.patient) for film in FILMS]
    for fold in range(1, FOLDS + 1):
        split = split_films([*FILMS, *visits], FOLDS, fold, seed=0)
        validating = {([*FILMS, *visits])[index].person for index in split.validation}
        training = {([*FILMS, *visits])[index].person for index in split.training}
        assert not validating & training


def test_every_patient_is_held_out_by_one_fold() -> None:
    dealt = [patient for fold in range(1, FOLDS + 1) for patient in held_out(fold)]
    assert sorted(dealt) == sorted({film.patient for film in FILMS})


def test_folds_differ_by_one_patient_at_most() -> None:
    sizes = [len(held_out(fold)) for fold in range(1, FOLDS + 1)]
    assert sorted(sizes) == [5, 5, 6, 6]


def test_the_seed_decides_the_deal() -> None:
    assert held_out(1, seed=3) == held_out(1, seed=3)
    assert held_out(1, seed=3) != held_out(1, seed=4)


def test_without_a_fold_all_train() -> None:
    split = split_films(FILMS, FOLDS, None, seed=0)
    assert split.training == tuple(range(len(FILMS)))
    assert split.validation == ()


def test_a_run_taken_up_again_gets_the_batches_it_would_have_had(examples: FilmExamples, tiny: Preset) -> None:
    split = Split(tuple(range(5)), (), (Mixed((5, 6), 0.3),))
    whole = list(TrainingBatches(examples, split, tiny.training, total=6))
    rest = list(TrainingBatches(examples, split, tiny.training, total=6, first=4))
    assert [batch.number for batch in whole] == [0, 1, 2, 3, 4, 5]
    assert [batch.number for batch in rest] == [4, 5]
    for once, again in zip(whole[4:], rest, strict=True):
        assert once.films == again.films
        assert torch.equal(once.image, again.image)
        assert torch.equal(once.targets.joint, again.targets.joint)


def test_each_film_set_gives_its_share_and_every_film_its_turn() -> None:
    split = Split(tuple(range(10)), (), (Mixed((10, 11, 12), 0.2), Mixed((13,), 0.1)))
    order = mixed_order(split, seed=4, count=4000)
    counts = np.bincount(order, minlength=14)
    assert counts[:10].sum() / 4000 == pytest.approx(0.7, abs=0.03)
    assert counts[10:13].sum() / 4000 == pytest.approx(0.2, abs=0.03)
    assert counts[13] / 4000 == pytest.approx(0.1, abs=0.03)
    assert np.ptp(counts[:10]) <= 1
    assert np.array_equal(mixed_order(split, seed=4, count=100), order[:100])


def test_the_same_film_is_varied_anew_each_time(examples: FilmExamples, tiny: Preset) -> None:
    [first, second] = TrainingBatches(examples, Split((3, 3), ()), tiny.training, total=2)
    assert {*first.films, *second.films} == {3}
    pictures = [*first.image, *second.image]
    assert not any(torch.equal(a, b) for i, a in enumerate(pictures) for b in pictures[:i])


def test_validation_films_come_in_order_and_the_last_batch_is_short(examples: FilmExamples) -> None:
    batches = PlainBatches(examples, (5, 2, 8), batch_size=2)
    assert [batch.films for batch in batches] == [[5, 2], [8]]
    assert len(batches) == 2


def numbered(count: int) -> Iterator[Batch]:
    for number in range(count):
        yield Batch(torch.zeros(1), None, [], number)  # type: ignore[arg-type]


def test_batches_made_ahead_are_the_same_in_the_same_order() -> None:
    assert [batch.number for batch in ahead(numbered(9), most=2)] == list(range(9))


def test_what_goes_wrong_ahead_is_raised_after_the_batches_before_it() -> None:
    def broken() -> Iterator[Batch]:
        yield from numbered(2)
        raise OSError("the disk is gone")

    seen = []
    with pytest.raises(OSError, match="the disk is gone"):
        seen.extend(batch.number for batch in ahead(broken(), most=1))
    assert seen == [0, 1]


def test_no_more_batches_are_made_than_asked_for() -> None:
    made = []

    def noted() -> Iterator[Batch]:
        for batch in numbered(50):
            made.append(batch.number)
            yield batch

    batches = ahead(noted(), most=2)
    next(batches)
    deadline = time.monotonic() + 60
    while len(made) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    # One is taken, two wait, one is in the hand of the thread.
    assert made == [0, 1, 2, 3]
    batches.close()  # type: ignore[attr-defined]


def test_the_thread_ends_when_nobody_wants_more() -> None:
    others = set(threading.enumerate())
    batches = ahead(numbered(1000), most=2)
    next(batches)
    [thread] = set(threading.enumerate()) - others
    batches.close()  # type: ignore[attr-defined]
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_a_batch_holds_its_examples_in_order(examples: FilmExamples) -> None:
    singles = [examples.plain(film) for film in (4, 1)]
    batch = collate(singles, number=7)
    assert (batch.films, batch.number) == ([4, 1], 7)
    assert batch.image.shape == (2, 1, 96, 96)
    for row, single in enumerate(singles):
        np.testing.assert_array_equal(batch.image[row], single.image)
        np.testing.assert_array_equal(batch.targets.joint[row], single.joint)
        np.testing.assert_array_equal(batch.targets.narrowing[row], single.narrowing)
        np.testing.assert_array_equal(batch.targets.erosion[row], single.erosion)


def test_a_few_of_many_films_are_spread_from_first_to_last() -> None:
    assert evenly(range(10, 31), 3) == (10, 20, 30)
    assert evenly([4, 5], 3) == (4, 5)
