"""The tables of a folder of edited films, all but the last as `workflows.simulation_tables` has them.

| table | rows | holds |
| --- | --- | --- |
| `training.csv` | film | grades that a reader gave, in the challenge's 90 columns; empty where a joint is not seen |
| `truth.csv` | film | the same, exact |
| `joints.csv` | point | joint centres in pixels, as they moved |
| `visits.csv` | film | the person: all copies of one person's films |
| `edits.csv` | edited site | source file, seed and copy, and what was done: the slide and the defects in mm and px |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from opensvh.domain.anatomy import film_code, site_named
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints
from opensvh.io.whole_file import write_whole
from opensvh.simulation.edited_films.edit import EditedFilm, SiteEdit
from opensvh.simulation.patients.patient import Grades
from opensvh.workflows.edit_sources import SourceFilm


@dataclass(frozen=True)
class EditRecord:
    """One edited film: the film set it is written as, its source, what is true of it and what was read on it.

    `film` comes without its pixels, which are on the disk.
    """

    patient: str
    source: SourceFilm
    film: EditedFilm
    reading: Grades
    seed: int
    copy: int

    @property
    def code(self) -> str:
        return film_code(self.source.limb, self.source.side)


def write_tables(folder: Path, records: Sequence[EditRecord]) -> None:
    """Write every table, its rows in the order of the records."""
    write_ra2(folder / "training.csv", {record.patient: _by_column(record, record.reading) for record in records})
    write_ra2(folder / "truth.csv", {record.patient: _by_column(record, record.film.grades) for record in records})
    write_joints(folder / "joints.csv", {(record.patient, record.code): record.film.points for record in records})
    _write(folder / "visits.csv", [{"patient": each.patient, "person": each.source.person} for each in records])
    _write(folder / "edits.csv", [_edit(record, edit) for record in records for edit in record.film.edits], _COLUMNS)


_COLUMNS = (
    *("patient", "film", "source", "seed", "copy", "site", "kind", "damage", "grade"),
    *("pixel_mm", "gap_mm", "slide_mm", "slide_px", "tilt", "aside_mm", "fused", "radii_mm"),
)


def _by_column(record: EditRecord, grades: Grades) -> Mapping[str, float | None]:
    columns = {
        site_named(record.source.limb, name).ra2_column(record.source.side, kind): float(grade)
        for (name, kind), grade in grades.items()
    }
    return {column: grade for column, grade in columns.items() if column is not None}


def _edit(record: EditRecord, edit: SiteEdit) -> dict[str, str | float | None]:
    """One row of `edits.csv`."""
    row: dict[str, str | float | None] = {
        "patient": record.patient,
        "film": record.code,
        "source": record.source.name,
        "seed": record.seed,
        "copy": record.copy,
        "site": edit.site,
        "kind": edit.kind.value,
        "damage": edit.damage,
        "grade": edit.grade,
        "pixel_mm": record.film.pixel_mm,
        "gap_mm": edit.gap_mm,
        "radii_mm": ";".join(f"{radius:.2f}" for radius in edit.radii_mm),
    }
    if edit.slide is not None:
        row |= {"slide_mm": edit.slide.along_mm, "slide_px": edit.slide.along_mm / record.film.pixel_mm}
        row |= {"tilt": edit.slide.tilt, "aside_mm": edit.slide.aside_mm, "fused": int(edit.slide.fused)}
    return row


def _write(path: Path, rows: Sequence[Mapping[str, str | float | None]], columns: Sequence[str] | None = None) -> None:
    table = pd.DataFrame([dict(row) for row in rows], columns=list(columns) if columns else None)
    write_whole(path, table.to_csv(index=False, lineterminator="\n", float_format="%.5g"))
