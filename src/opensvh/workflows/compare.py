"""Compare predictions with a gold standard: score tables, or models that read a data set first; JSON and a page.

Which figures there are is `evaluation.score_statistics`'; here tables are found, checked before any film is read, read,
and brought into one order.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from opensvh import __version__
from opensvh.domain.errors import DatasetInvalid, OutputConflict, TableInvalid
from opensvh.evaluation.bootstrap import DRAWS, LEVEL, SEED, Resamples
from opensvh.evaluation.pairing import Pairing, ScoreSet
from opensvh.evaluation.progression import Visits
from opensvh.evaluation.score_statistics import difference_figures, statistics
from opensvh.io.score_table import ScoreTable, in_both, read_score_table
from opensvh.io.tables import SCORES
from opensvh.io.whole_file import write_whole
from opensvh.reporting.compare import comparison_page
from opensvh.reporting.notice import NOTICE
from opensvh.workflows.compared_models import Progress, is_model, read_by_model
from opensvh.workflows.compared_visits import visits_of_tables

JSON_FILE, PAGE_FILE, READINGS = "comparison.json", "comparison.html", "readings"
Figures = dict[str, Any]


@dataclass(frozen=True)
class CompareRequest:
    """What to hold against what: CSV files, or names and folders of models where `data` says which films to read.

    `gold` None takes the data set's own scores; `threshold` is a change in points; `common` leaves out patients that
    are not in every table.
    """

    gold: str | None
    predictions: tuple[str, ...]
    data: Path | None = None
    visits: Path | None = None
    common: bool = False
    threshold: float | None = None
    draws: int = DRAWS
    seed: int = SEED


def compare(request: CompareRequest, out: Path, progress: Progress | None = None) -> Figures:
    """Write `comparison.json` and `comparison.html` into `out`; returns the figures.

    Raises TableInvalid, DatasetInvalid or BundleInvalid before anything is written; models' readings are kept in
    `out/readings`, so that a run that was stopped goes on.
    """
    _check_free(out)
    gold = read_score_table(_gold_path(request))
    names = _names(request.predictions)
    tables = {name: read_score_table(_table_path(text, request.data), prediction=True)
              for name, text in names.items() if not is_model(text)}  # fmt: skip
    film_sets = _film_sets(gold, list(tables.values()), request.common)
    visits = visits_of_tables(gold, request.visits, request.data)
    models = {name: text for name, text in names.items() if is_model(text)}
    read = read_by_model(models, request.data, out / READINGS, progress) if models else {}
    pairings = _pairings(gold.of(film_sets), {name: tables.get(name) or read[name] for name in names}, visits, request)
    figures = _figures(gold, pairings, request) | {"notes": _notes(gold, tables)}
    write_whole(out / JSON_FILE, json.dumps(figures, indent=1, allow_nan=False) + "\n")
    write_whole(out / PAGE_FILE, comparison_page(figures, pairings))
    return figures


def _check_free(out: Path) -> None:
    known = (JSON_FILE, PAGE_FILE, READINGS)
    if out.exists() and (not out.is_dir() or any(path.name not in known for path in out.iterdir())):
        raise OutputConflict(f"{out}: is there and holds something else than a comparison; name a new folder")


def _gold_path(request: CompareRequest) -> Path:
    if request.gold is not None:
        if is_model(request.gold):
            raise TableInvalid(f"{request.gold}: is no score table; gold is a CSV file with the challenge's columns")
        return _table_path(request.gold, request.data)
    if request.data is None:
        raise DatasetInvalid("nothing to compare with: give a gold table first, or --against, or --data")
    return request.data / SCORES


def _table_path(text: str, data: Path | None) -> Path:
    """The file itself, or that of the data set by its name."""
    path = Path(text)
    return data / path if data is not None and not path.exists() and (data / path).exists() else path


def _names(predictions: Sequence[str]) -> dict[str, str]:
    """Short names of what was given: a file's or folder's own name, the whole path where two would be one."""
    short = [Path(text).stem if not is_model(text) else Path(text).name or text for text in predictions]
    names = [name if short.count(name) == 1 else text for name, text in zip(short, predictions, strict=True)]
    if len(set(names)) < len(names):
        raise TableInvalid(f"{names[0]}: is given twice; name each prediction once")
    return dict(zip(names, predictions, strict=True))


def _film_sets(gold: ScoreTable, tables: Sequence[ScoreTable], common: bool) -> pd.Index:
    film_sets = gold.sites.index
    for table in tables:
        film_sets = film_sets.intersection(in_both(gold, table, common), sort=False)
    if film_sets.empty:
        raise TableInvalid(f"{gold.path}: no patient of it is in every table; give tables of the same patients")
    return film_sets


def _pairings(
    gold: ScoreTable, predictions: dict[str, ScoreTable | ScoreSet], visits: Visits | None, request: CompareRequest
) -> dict[str, Pairing]:
    film_sets = gold.sites.index
    persons = [visits.person.get(str(name), str(name)) if visits else str(name) for name in film_sets]
    resamples = Resamples(persons, request.draws, request.seed)
    standard = ScoreSet(gold.path.stem, gold.sites, gold.totals)
    return {
        name: Pairing(standard, _score_set(name, each, film_sets), resamples, visits)
        for name, each in predictions.items()
    }


def _score_set(name: str, prediction: ScoreTable | ScoreSet, film_sets: pd.Index) -> ScoreSet:
    if isinstance(prediction, ScoreTable):
        table = prediction.of(film_sets)
        return ScoreSet(name, table.sites, table.totals)
    rows = prediction.table.index.get_indexer(film_sets)
    if (rows < 0).any():
        lacking = film_sets[rows < 0][0]
        raise DatasetInvalid(f"{name}: the data set has no film of patient {lacking}, whom gold scores; add its films")
    return replace(
        prediction,
        table=prediction.table.loc[film_sets],
        probabilities={column: shares[rows] for column, shares in prediction.probabilities.items()},
    )


def _figures(gold: ScoreTable, pairings: dict[str, Pairing], request: CompareRequest) -> Figures:
    return {
        "software": f"OpenSvH {__version__}",
        "notice": NOTICE,
        "gold": str(gold.path),
        "predictions": list(pairings),
        "draws": request.draws,
        "seed": request.seed,
        "level": LEVEL,
        "results": {name: statistics(pairing, request.threshold) for name, pairing in pairings.items()},
        "differences": [
            {"first": one, "second": other, "measures": difference_figures(pairings[one], pairings[other])}
            for one, other in combinations(pairings, 2)
        ],
    }


def _notes(gold: ScoreTable, tables: dict[str, ScoreTable]) -> list[str]:
    """What a reader of the figures should know about the tables, in sentences."""
    notes = []
    for name, table in {gold.path.stem: gold, **tables}.items():
        if table.negative:
            notes.append(f"{name}: {table.negative} predictions below 0 were taken as 0, by the challenge's rule.")
        apart = int(((table.totals - table.sites.sum(axis=1)).abs() > _ROUNDING).sum())
        if apart:
            notes.append(f"{name}: {apart} stated totals are not the sums of their sites; SC1 takes what is stated.")
    return notes


_ROUNDING = 0.05
"""Points by which a total of rounded site scores may differ from their sum."""
