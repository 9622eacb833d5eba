"""Which films train and which validate, and the batches of a run: the same for the same seed, from any step on.

One film's way to an example is `dataset`'s.
"""

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from opensvh.io.tables import FilmRecord
from opensvh.model.losses import Targets
from opensvh.training.config import TrainingConfig
from opensvh.training.dataset import MIX_KEY, Example, FilmExamples, example_generator, film_order

PREFETCHED = 3
"""Batches made ahead of the network."""


class Batch(NamedTuple):
    """Films as tensors: `image` [batch, 1, height, width], their targets, their indices, and the batch's number."""

    image: Tensor
    targets: Targets
    films: list[int]
    number: int = 0


class Mixed(NamedTuple):
    """Films of a further film set and the share of examples that they give."""

    films: tuple[int, ...]
    share: float


@dataclass(frozen=True)
class Split:
    """Indices of the films that train and of those that validate; `mixed` train beside them."""

    training: tuple[int, ...]
    validation: tuple[int, ...]
    mixed: tuple[Mixed, ...] = ()


def split_films(films: Sequence[FilmRecord], folds: int, fold: int | None, seed: int) -> Split:
    """Fold `fold` (1 to `folds`) validates, all others train; None trains on all.

    Persons are dealt to folds in the order of a hash of seed and name, so that the films of all of a person's visits
    stay together and the folds are even. A patient without joints on any film is dealt all the same.
    """
    if fold is None:
        return Split(tuple(range(len(films))), ())
    persons = sorted({film.person for film in films}, key=lambda person: _dealt(person, seed))
    held_out = set(persons[fold - 1 :: folds])
    validation = tuple(index for index, film in enumerate(films) if film.person in held_out)
    return Split(tuple(index for index in range(len(films)) if films[index].person not in held_out), validation)


def _dealt(person: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}/{person}".encode()).hexdigest()


def collate(examples: Sequence[Example], number: int = 0) -> Batch:
    """Examples stacked."""
    image = torch.from_numpy(np.stack([example.image for example in examples]))
    targets = Targets(
        torch.from_numpy(np.stack([example.joint for example in examples])),
        torch.from_numpy(np.stack([example.narrowing for example in examples])),
        torch.from_numpy(np.stack([example.erosion for example in examples])),
    )
    films = [example.film for example in examples]
    return Batch(image.contiguous(memory_format=torch.channels_last), targets, films, number)


class TrainingBatches:
    """The batches of a run from `first` to `total` - 1, made ahead in a thread beside the network.

    One thread suffices: OpenCV and numpy let go of the interpreter, and a film costs a small part of its step.
    """

    rank: Callable[[], int] = staticmethod(lambda: 0)
    """Which of the devices asks; told when batches are asked for, since devices are found late."""

    def __init__(
        self, examples: FilmExamples, split: Split, config: TrainingConfig, total: int, first: int = 0
    ) -> None:
        self.first = first
        self._examples, self._config, self._total = examples, config, total
        self._order = mixed_order(split, config.seed, total * config.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        return ahead(self._batches(), PREFETCHED)

    def batch(self, number: int) -> Batch:
        """Batch `number` of the run."""
        size, seed = self._config.batch_size, self._config.seed
        examples = [
            self._examples.varied(int(self._order[example]), example_generator(seed, example))
            for example in range(number * size, (number + 1) * size)
        ]
        return collate(examples, number)

    def _batches(self) -> Iterator[Batch]:
        rank = self.rank()
        for number in range(self.first, self._total):
            if self._whose(number) == rank:
                yield self.batch(number)

    def _whose(self, number: int) -> int:
        """The device that takes the batch: of each step the first takes the first ones."""
        return number % self._config.accumulate // self._config.batches_a_step


def mixed_order(split: Split, seed: int, count: int) -> NDArray[np.int64]:
    """Films of a run's first `count` examples: each film set in its own shuffled order, at its share."""
    sets = [split.training, *(mixed.films for mixed in split.mixed)]
    further = [mixed.share for mixed in split.mixed]
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(MIX_KEY,)))
    drawn = np.searchsorted(np.cumsum([1 - sum(further), *further])[:-1], rng.random(count), side="right")
    order = np.empty(count, np.int64)
    for number, films in enumerate(sets):
        places = np.flatnonzero(drawn == number)
        if len(places):
            order[places] = np.asarray(films)[film_order(len(films), seed, 0, len(places))]
    return order


class PlainBatches:
    """Films as scoring would see them, in order, for validation."""

    def __init__(self, examples: FilmExamples, films: Sequence[int], batch_size: int) -> None:
        self._examples, self._films, self._size = examples, films, batch_size

    def __len__(self) -> int:
        return -(-len(self._films) // self._size)

    def __iter__(self) -> Iterator[Batch]:
        return ahead(self._batches(), PREFETCHED)

    def _batches(self) -> Iterator[Batch]:
        for start in range(0, len(self._films), self._size):
            yield collate([self._examples.plain(film) for film in self._films[start : start + self._size]])


def ahead(batches: Iterator[Batch], most: int) -> Iterator[Batch]:
    """The same batches, up to `most` of them made before they are asked for; what goes wrong is raised here."""
    made: queue.Queue[Batch | BaseException | None] = queue.Queue(maxsize=most)
    stop = threading.Event()

    def put(item: Batch | BaseException | None) -> None:
        while not stop.is_set():
            try:
                made.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for batch in batches:
                put(batch)
                if stop.is_set():
                    return
            put(None)
        except BaseException as failure:
            put(failure)

    threading.Thread(target=work, daemon=True, name="films ahead").start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()


def evenly(films: Sequence[int], most: int) -> tuple[int, ...]:
    """At most `most` of the films, evenly spread."""
    if len(films) <= most:
        return tuple(films)
    return tuple(films[round(place)] for place in np.linspace(0, len(films) - 1, most))
