"""Score tables as people hand them over to be compared: the challenge's columns, stated totals, visits of a patient.

`ra2` reads what models train on; here a prediction's negative scores become 0 as the challenge's rule says, the stated
total is kept beside the sites, and rows of one patient may be told apart by `date` and `visit`, as `opensvh score`
writes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from opensvh.domain.anatomy import RA2_SITE_COLUMNS
from opensvh.domain.errors import TableInvalid
from opensvh.io.ra2 import FIRST_ROW, PATIENT, listed, read_csv_text
from opensvh.io.tables import VISIT_COLUMNS

TOTAL = "Overall_Tol"
HIGHEST_TOTAL = sum(site.maximum(kind) or 0 for _, site, kind in RA2_SITE_COLUMNS.values())
_WHEN = ("date", "visit")


@dataclass(frozen=True)
class ScoreTable:
    """One row a film set; the index is the patient, with date and visit behind it where the file tells them.

    `sites`: the 86 columns, NaN where empty; `totals`: as stated, NaN where not; `negative`: how many predictions below
    0 were taken as 0; `visits`: film set -> (patient, date and visit), empty where the file tells neither.
    """

    path: Path
    sites: pd.DataFrame
    totals: "pd.Series[float]"
    negative: int
    visits: dict[str, tuple[str, str]]

    def of(self, film_sets: pd.Index) -> "ScoreTable":
        """The same film sets in this order."""
        return ScoreTable(self.path, self.sites.loc[film_sets], self.totals.loc[film_sets], self.negative, self.visits)


def read_score_table(path: str | Path, prediction: bool = False) -> ScoreTable:
    """Read and check a table; raises TableInvalid with the file, what is wrong row by row, and what to do."""
    text = read_csv_text(path)
    missing = [column for column in (PATIENT, *RA2_SITE_COLUMNS) if column not in text.columns]
    if missing:
        raise TableInvalid(f"{path}: lacks {listed(missing)}; take the challenge's 90 columns")
    if text.empty:
        raise TableInvalid(f"{path}: holds no patients; give a row for each below the header")
    keys = _film_sets(text)
    columns = [*RA2_SITE_COLUMNS, *([TOTAL] if TOTAL in text.columns else [])]
    scores = text[columns].where(text[columns] != "").apply(pd.to_numeric, errors="coerce").astype("float64")
    problems = [*_row_problems(text, keys), *_cell_problems(text, scores, prediction)]
    if problems:
        raise TableInvalid(f"{path}: {listed(problems, '; ')}; correct these cells or leave unknown scores empty")
    if scores[list(RA2_SITE_COLUMNS)].isna().all(axis=None):
        raise TableInvalid(f"{path}: holds no site score at all; fill the challenge's site columns")
    scores.index = pd.Index(keys, name=PATIENT)
    sites = scores[list(RA2_SITE_COLUMNS)]
    return ScoreTable(
        path=Path(path),
        sites=sites.clip(lower=0.0),
        totals=scores.reindex(columns=[TOTAL])[TOTAL].clip(lower=0.0),
        negative=int((sites < 0).to_numpy().sum()),
        visits=_visits(text, keys),
    )


def in_both(gold: ScoreTable, predicted: ScoreTable, common: bool) -> pd.Index:
    """The film sets to compare, in gold's order; raises TableInvalid where the patients differ, unless `common`."""
    shared = gold.sites.index.intersection(predicted.sites.index, sort=False)
    if shared.empty:
        raise TableInvalid(f"{predicted.path}: has no patient of {gold.path}; both need the same {PATIENT} values")
    if common:
        return shared
    lacking = gold.sites.index.difference(shared, sort=False)
    beyond = predicted.sites.index.difference(shared, sort=False)
    facts = [f"lacks {listed(map(str, lacking))} of {gold.path}"] if len(lacking) else []
    facts += [f"has {listed(map(str, beyond))}, which {gold.path} lacks"] if len(beyond) else []
    if facts:
        remedy = f"give both the same patients, or compare the {len(shared)} that are in both with --common"
        raise TableInvalid(f"{predicted.path}: {'; '.join(facts)}; {remedy}")
    return shared


def read_visits(path: str | Path) -> dict[str, tuple[str, float]]:
    """Film set -> (person, when) from a film set's `visits.csv`, ordered by its `months`, else by its `visit`."""
    text = read_csv_text(path)
    order = next((column for column in ("months", "visit") if column in text.columns), None)
    missing = [column for column in VISIT_COLUMNS if column not in text.columns]
    if missing or order is None:
        raise TableInvalid(
            f"{path}: lacks {listed(missing or ['months'])}; it needs {', '.join(VISIT_COLUMNS)} and months or visit"
        )
    when = pd.to_numeric(text[order], errors="coerce")
    wrong = [row for row, unknown in enumerate(when.isna(), FIRST_ROW) if unknown]
    if wrong:
        raise TableInvalid(f"{path}: row {listed(map(str, wrong))}: {order} is no number; correct it")
    return dict(zip(text["patient"], zip(text["person"], when.astype(float), strict=True), strict=True))


def _film_sets(text: pd.DataFrame) -> list[str]:
    """What tells the rows apart: the patient, and date and visit where they are told."""
    told = [PATIENT, *(column for column in _WHEN if column in text.columns)]
    return [" ".join(part for part in row if part) for row in text[told].itertuples(index=False, name=None)]


def _visits(text: pd.DataFrame, keys: list[str]) -> dict[str, tuple[str, str]]:
    whens = [key.removeprefix(patient).strip() for key, patient in zip(keys, text[PATIENT], strict=True)]
    if not any(whens):
        return {}
    return {key: (str(patient), when) for key, patient, when in zip(keys, text[PATIENT], whens, strict=True)}


def _row_problems(text: pd.DataFrame, keys: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for row, (patient, key) in enumerate(zip(text[PATIENT], keys, strict=True), FIRST_ROW):
        if not patient:
            yield f"row {row}: no {PATIENT}"
        elif key in seen:
            yield f"row {row}: patient {key} twice"
        seen.add(key)


def _cell_problems(text: pd.DataFrame, scores: pd.DataFrame, prediction: bool) -> Iterator[str]:
    """Cells that are no number or outside their range; a prediction may be below 0."""
    for column in scores:
        highest = _highest(str(column))
        lowest = float("-inf") if prediction else 0.0
        sound = scores[column].between(lowest, highest) & (scores[column] != float("-inf"))
        wrong = (text[column] != "") & ~sound
        for row in [place for place, is_wrong in enumerate(wrong) if is_wrong]:
            yield f"row {row + FIRST_ROW}: {column} is {text[column].iloc[row]!r}, not 0-{highest}"


def _highest(column: str) -> int:
    if column == TOTAL:
        return HIGHEST_TOTAL
    _, site, kind = RA2_SITE_COLUMNS[column]
    return site.maximum(kind) or 0
