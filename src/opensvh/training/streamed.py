"""Training batches straight from the simulator: no film is ever stored.

Example n of a run is the n-th film of the cohort's shuffled flow, varied as example n of any run is; so a run that was
killed goes on with the films it would have had, whatever the number of workers. Every film is seen once.

    with worker_pool(4) as pool:
        trainer.fit(module, StreamedBatches(Cohort(seed=1), preset, total=steps, pool=pool), validating)
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from opensvh.io.tables import FilmRecord
from opensvh.simulation.cohort import Cohort
from opensvh.simulation.stream import StreamedFilm, shuffled, stream_films
from opensvh.training.config import Preset
from opensvh.training.datamodule import PREFETCHED, Batch, ahead, collate
from opensvh.training.dataset import Example, FilmExamples, example_generator
from opensvh.training.film_cache import CropLayout, FilmCache, film_crop


@dataclass(frozen=True)
class StreamedBatches:
    """The batches of a run from `first` to `total` - 1, as `datamodule.TrainingBatches` gives them from stored films.

    Scores are those of reader 1, as in a folder's `training.csv`. Films are made in `pool`, or in a thread beside the
    network where there is none.
    """

    cohort: Cohort
    preset: Preset
    total: int
    first: int = 0
    pool: Executor | None = None

    def __iter__(self) -> Iterator[Batch]:
        return ahead(self._batches(), PREFETCHED)

    def _batches(self) -> Iterator[Batch]:
        size, seed = self.preset.training.batch_size, self.preset.training.seed
        start, end = self.first * size, self.total * size
        films = stream_films(self.cohort, islice(shuffled(self.cohort, start), end - start), self.pool)
        for number in range(self.first, self.total):
            examples = [
                streamed_example(film, self.preset, example_generator(seed, number * size + offset))
                for offset, film in enumerate(islice(films, size))
            ]
            yield collate(examples, number)


def streamed_example(streamed: StreamedFilm, preset: Preset, rng: np.random.Generator) -> Example:
    """A film of the flow, cropped and varied as a stored one would be; its index is 0, since there is no list."""
    scores = {key: float(grade) for key, grade in streamed.readings[0].items()}
    name = Path(streamed.patient)
    film = FilmRecord(streamed.patient, streamed.limb, streamed.side, name, streamed.film.points, scores)
    layout = CropLayout.of(preset)
    pixels, points = film_crop(
        streamed.film.pixels.astype(np.float32) / np.float32(255), film, layout, preset.preprocessing
    )
    cache = FilmCache(pixels[None], points[None], layout.picture)
    return FilmExamples([film], cache, preset.model, preset.augmentation).varied(0, rng)
