"""The challenge's score table (`training.csv`, `scores.csv`): 90 columns, one row a patient.

Columns and ranges are the site table's; which films belong to the rows is `io.tables`'.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from opensvh.domain.anatomy import RA2_COLUMNS, RA2_SITE_COLUMNS, Kind
from opensvh.domain.errors import TableInvalid
from opensvh.io.whole_file import write_whole

PATIENT = RA2_COLUMNS[0]
_TOTALS: dict[str, tuple[Kind, ...]] = {
    "Overall_Tol": (Kind.EROSION, Kind.NARROWING),
    "Overall_erosion": (Kind.EROSION,),
    "Overall_narrowing": (Kind.NARROWING,),
}
_MOST_SHOWN = 10
FIRST_ROW = 2
"""Rows are counted as a spreadsheet does: the header is row 1."""


def write_ra2(path: str | Path, rows: Mapping[str, Mapping[str, float | None]]) -> None:
    """Write patient -> site column -> score; absent, None and NaN become empty cells. The file appears whole.

    Totals are the sums of what is present, empty where nothing is. Raises TableInvalid for an unknown column or a score
    outside its range.
    """
    lines = [_line(path, patient, scores) for patient, scores in rows.items()]
    table = pd.DataFrame(lines, columns=list(RA2_COLUMNS))
    write_whole(Path(path), table.to_csv(index=False, float_format="%.10g", lineterminator="\n"))


def read_ra2(path: str | Path) -> pd.DataFrame:
    """Site scores: index Patient_ID (text), the 86 site columns as float64, NaN where empty; raises TableInvalid.

    Totals in the file are not read: they are sums.
    """
    text = read_csv_text(path)
    missing = [column for column in (PATIENT, *RA2_SITE_COLUMNS) if column not in text.columns]
    if missing:
        raise TableInvalid(f"{path}: lacks {listed(missing)}; take the challenge's 90 columns")
    problems = _problems(text)
    if problems:
        raise TableInvalid(f"{path}: {listed(problems, '; ')}; correct these cells or leave them empty")
    scores = text[list(RA2_SITE_COLUMNS)].replace("", None).astype("float64")
    return scores.set_index(pd.Index(text[PATIENT], name=PATIENT))


def read_csv_text(path: str | Path) -> pd.DataFrame:
    """A CSV file with every cell as stripped text, "" where empty; raises TableInvalid where it is none."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except OSError as error:
        raise TableInvalid(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (ValueError, pd.errors.ParserError) as error:
        fact = str(error).splitlines()[0]
        raise TableInvalid(f"{path}: is no CSV table in UTF-8 ({fact}); save it as one") from error
    table.columns = pd.Index([str(column).strip() for column in table.columns])
    return pd.DataFrame({name: table[name].fillna("").str.strip() for name in table.columns})


def listed(items: Iterable[str], separator: str = ", ") -> str:
    """The first items and how many more there are."""
    every = list(items)
    more = f"{separator}and {len(every) - _MOST_SHOWN} more" if len(every) > _MOST_SHOWN else ""
    return separator.join(every[:_MOST_SHOWN]) + more


def _line(path: str | Path, patient: str, scores: Mapping[str, float | None]) -> list[str | float | None]:
    unknown = [column for column in scores if column not in RA2_SITE_COLUMNS]
    if unknown:
        raise TableInvalid(f"{path}: patient {patient} has unknown columns {listed(unknown)}; use RA2 site columns")
    present = {column: float(score) for column, score in scores.items() if score is not None and score == score}
    for column, score in present.items():
        if problem := _range_problem(column, score):
            raise TableInvalid(f"{path}: patient {patient}: {problem}; correct it before writing")
    return [patient, *_totals(present), *(present.get(column) for column in RA2_SITE_COLUMNS)]


def _totals(present: Mapping[str, float]) -> list[float | None]:
    sums: list[float | None] = []
    for kinds in _TOTALS.values():
        scores = [score for column, score in present.items() if RA2_SITE_COLUMNS[column][2] in kinds]
        sums.append(sum(scores) if scores else None)
    return sums


def _problems(text: pd.DataFrame) -> list[str]:
    problems = [f"row {row}: no {PATIENT}" for row, name in enumerate(text[PATIENT], FIRST_ROW) if not name]
    twice = text[PATIENT].duplicated() & (text[PATIENT] != "")
    problems += [f"row {row}: patient {text[PATIENT].iloc[row - FIRST_ROW]} twice" for row in _rows(twice)]
    for column in RA2_SITE_COLUMNS:
        filled = text[column] != ""
        numbers = pd.to_numeric(text[column].where(filled), errors="coerce")
        maximum = _maximum(column)
        wrong = filled & ~numbers.between(0, maximum)
        for row in _rows(wrong):
            problems.append(f"row {row}: {column} is {text[column].iloc[row - FIRST_ROW]!r}, not 0-{maximum}")
    return sorted(problems, key=_row_of)


def _rows(wrong: "pd.Series[bool]") -> list[int]:
    return [row for row, is_wrong in enumerate(wrong, FIRST_ROW) if is_wrong]


def _row_of(problem: str) -> int:
    return int(problem.removeprefix("row ").partition(":")[0])


def _range_problem(column: str, score: float) -> str | None:
    maximum = _maximum(column)
    return None if 0 <= score <= maximum else f"{column} is {score:g}, not 0-{maximum}"


def _maximum(column: str) -> int:
    _, site, kind = RA2_SITE_COLUMNS[column]
    return site.maximum(kind) or 0
