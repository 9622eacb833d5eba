"""What `opensvh score` tells at its end: a line a study, what was refused, and where everything lies."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from opensvh.domain.anatomy import Kind
from opensvh.domain.reading import StudyReading
from opensvh.reporting.summary import study_total
from opensvh.workflows.results import ALWAYS, PATIENT_FORMATS, RUN_FORMATS
from opensvh.workflows.score import Scored

_MOST_STUDIES_SHOWN = 30
_KINDS = (Kind.NARROWING, Kind.EROSION, None)


def tell(scored: Scored, out: Path, formats: tuple[str, ...]) -> None:
    """Print the table, the refusals, and the places of the `formats` written."""
    console = Console()
    table = Table("Patient", "Narrowing", "Erosion", "Total", "Scores", "Films", "Refused", title="Expected scores")
    for study in scored.studies[:_MOST_STUDIES_SHOWN]:
        table.add_row(*_row(study))
    if scored.studies:
        console.print(table)
    if len(scored.studies) > _MOST_STUDIES_SHOWN:
        console.print(f"… and {len(scored.studies) - _MOST_STUDIES_SHOWN} more")
    for film in (*scored.refused, *(film for study in scored.studies for film in study.refused)):
        console.print(Text.assemble(("refused ", "yellow"), film.reason), soft_wrap=True)
    if scored.continued:
        console.print(f"{scored.continued} of {len(scored.studies)} patients were done already")
    if scored.engines:
        console.print(f"Networks run by {', '.join(scored.engines)}", highlight=False)
    for name in scored.could_be_faster:
        console.print(
            f"`opensvh export {name} --precision bf16` makes it faster here, if it finds the scores equal",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    for line in _places(scored, out, formats):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(
        "For research use only: not a medical device, not for diagnosis or treatment decisions.", soft_wrap=True
    )


def _row(study: StudyReading) -> list[str]:
    sums = [study_total(study, kind).total for kind in _KINDS]
    values = [f"{each.value:.1f}" if each.assessed else "–" for each in sums]
    counts = [f"{sums[-1].assessed}/{sums[-1].sites}", str(len(study.films)), str(len(study.refused) or "")]
    return [" ".join(part for part in (study.patient, study.date, study.visit) if part), *values, *counts]


def _places(scored: Scored, out: Path, formats: tuple[str, ...]) -> list[str]:
    """Two lines: what lies in a patient's folder, and what in the run's."""
    visits = "/<date>" if any(study.date for study in scored.studies) else ""
    wanted = [name for name in PATIENT_FORMATS if name in (*ALWAYS, *formats)]
    reports = ", ".join(PATIENT_FORMATS[name].place for name in wanted)
    tables = ["scores.csv", "sites.csv", *(made.place for name, made in RUN_FORMATS.items() if name in formats)]
    return [f"Reports: {out}/<patient>{visits}/{reports}   Tables: {out}/{', '.join(tables)}"]
