"""Models as predictions in a comparison: they read a data set's films, and what they read becomes a score table."""

from collections.abc import Callable, Mapping
from pathlib import Path

from opensvh.domain.errors import DatasetInvalid
from opensvh.evaluation.pairing import ScoreSet
from opensvh.evaluation.read_tables import probability_tables
from opensvh.evaluation.truth import FilmTruth
from opensvh.workflows.benchmark_ledger import note_use

Progress = Callable[[int], Callable[[str], None]]
"""Called with the number of films to read; answers what to call after each."""


def is_model(text: str) -> bool:
    """Whether what was given names a model rather than a table: everything but a CSV file does."""
    return not text.lower().endswith(".csv") and not Path(text).is_file()


def read_by_model(
    models: Mapping[str, str], data: Path | None, store: Path, progress: Progress | None
) -> dict[str, ScoreSet]:
    """Each model's scores of the data set's films; gaps are filled with its training means, as in a submission."""
    from opensvh.inference.bundle import find_bundle
    from opensvh.inference.bundle_folder import SUMS, sha256
    from opensvh.workflows.known_films import known_films

    if data is None:
        first = next(iter(models.values()))
        raise DatasetInvalid(f"{first}: is no CSV file; as a model it needs --data with the films it is to read")
    films = known_films(data)
    for name, bundle in models.items():
        note_use(data, name, sha256(find_bundle(bundle) / SUMS), store.parent)
    advance = progress(len(films) * len(models)) if progress else lambda film: None
    return {name: _read(name, bundle, films, store, advance) for name, bundle in models.items()}


def _read(
    name: str, bundle: str, films: tuple[FilmTruth, ...], store: Path, advance: Callable[[str], None]
) -> ScoreSet:
    from opensvh.evaluation.figures import Evaluation
    from opensvh.workflows.evaluate import beside_truth, evaluated_model, read_films
    from opensvh.workflows.visits import folder_name

    model = evaluated_model([bundle])
    studies = read_films(model, films, store / folder_name(name), advance)
    evaluation = Evaluation(tuple(beside_truth(films, studies)), model.means)
    table = evaluation.submitted
    return ScoreSet(name, table, probabilities=probability_tables(evaluation.reads, table.index))
