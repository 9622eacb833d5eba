"""The tables of a simulated cohort, from the record of each film set (a patient at one visit).

| table | rows | holds |
| --- | --- | --- |
| `training.csv` | film set | grades of reader 1, the challenge's 90 columns; an empty cell where a site has a status |
| `reader2.csv` | film set | the same of reader 2 |
| `truth.csv` | film set | the same, exact |
| `joints.csv` | point | joint centres in pixels |
| `gaps.csv` | site | true joint space in mm |
| `status.csv` | site | why a site has no score: operated, amputated, not visible |
| `patients.csv` | film set | sex, age, build and latent severity |
| `visits.csv` | film set | the person, the number of the visit and the months since the first |
| `change.csv` | film set of a later visit | exact grades gained since the visit before, 90 columns |
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from opensvh.domain.geometry import Point
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints
from opensvh.io.whole_file import write_whole

SETTINGS = "simulation.json"
SCORES = {"training.csv": "reader1", "reader2.csv": "reader2", "truth.csv": "truth"}
"""Table -> what of the record it holds."""
TABLES = (*SCORES, "joints.csv", "gaps.csv", "status.csv", "patients.csv", "visits.csv", "change.csv", SETTINGS)

Record = dict[str, Any]
"""What is kept of a film set until the tables are written; see `simulate.film_set_record`."""


def write_tables(folder: Path, records: Mapping[str, Record]) -> None:
    """Write every table of the cohort; `records` by film set, in the order of the rows."""
    for name, scores in SCORES.items():
        write_ra2(folder / name, {patient: record[scores] for patient, record in records.items()})
    write_ra2(folder / "change.csv", _changes(records))
    films = {(patient, code): film for patient, record in records.items() for code, film in record["films"].items()}
    write_joints(
        folder / "joints.csv",
        {key: {name: Point(x, y) for name, (x, y) in film["points"].items()} for key, film in films.items()},
    )
    gaps = [(*key, *gap) for key, film in films.items() for gap in film["gaps_mm"].items()]
    _write(folder / "gaps.csv", ("patient", "film", "site", "gap_mm"), gaps)
    status = [(*key, *each) for key, film in films.items() for each in film["status"].items()]
    _write(folder / "status.csv", ("patient", "film", "site", "status"), status)
    visits = [(patient, record["person"], record["visit"], record["months"]) for patient, record in records.items()]
    _write(folder / "visits.csv", ("patient", "person", "visit", "months"), visits)
    traits = [{"patient": patient, **record["traits"]} for patient, record in records.items()]
    _write(folder / "patients.csv", tuple(traits[0]), [tuple(row.values()) for row in traits])


def _changes(records: Mapping[str, Record]) -> dict[str, dict[str, int | None]]:
    """Grades gained since the visit before; None where either visit has no score."""
    by_visit = {(record["person"], record["visit"]): record["truth"] for record in records.values()}
    changes = {}
    for patient, record in records.items():
        before = by_visit.get((record["person"], record["visit"] - 1))
        if before is not None:
            changes[patient] = {
                column: None if now is None or before[column] is None else now - before[column]
                for column, now in record["truth"].items()
            }
    return changes


def _write(path: Path, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    table = pd.DataFrame(rows, columns=list(columns))
    write_whole(path, table.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
