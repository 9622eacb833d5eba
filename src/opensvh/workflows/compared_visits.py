"""Which film sets of a comparison are one person's, and in what order: told by a table of visits or by dates."""

from pathlib import Path

from opensvh.evaluation.progression import Visits
from opensvh.io.score_table import ScoreTable, read_visits
from opensvh.io.tables import VISITS


def visits_of_tables(gold: ScoreTable, given: Path | None, data: Path | None) -> Visits | None:
    """From the table given, else the data set's own, else the dates and visits of gold's rows; None where untold."""
    beside = data / VISITS if data is not None and (data / VISITS).is_file() else None
    path = given or beside
    if path is not None:
        return visits_from(path)
    if not gold.visits:
        return None
    order = {when: float(rank) for rank, when in enumerate(_in_order(gold))}
    return Visits(
        {key: person for key, (person, _) in gold.visits.items()},
        {key: order[when] for key, (_, when) in gold.visits.items()},
    )


def visits_from(path: Path) -> Visits:
    """From a film set's `visits.csv`; raises TableInvalid."""
    told = read_visits(path)
    return Visits({key: person for key, (person, _) in told.items()}, {key: when for key, (_, when) in told.items()})


def _in_order(gold: ScoreTable) -> list[str]:
    """By date where every row starts with one, else in the order in which the file names its visits."""
    whens = list(dict.fromkeys(when for _, when in gold.visits.values()))
    return sorted(whens) if all(when[:4].isdigit() for when in whens) else whens
