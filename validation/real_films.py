"""Which real films tune and which measure: `real_films_split.csv`, a half for each group of films of one person.

What was set by looking at films may be set on the tuning half; a figure that is reported comes from the measuring half.
"""

import csv
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from opensvh.domain.errors import DatasetInvalid
from opensvh.io.annotations.records import RECORDS_FILE, MarkedFilm, read_records

SPLIT = Path(__file__).parent / "real_films_split.csv"


class Half(StrEnum):
    """What a group of films is for."""

    MEASURING = "measuring"
    TUNING = "tuning"


@dataclass(frozen=True)
class RealFilm:
    """A hand-marked film, the half it belongs to, and whether its limb has severe arthritis (no others have any)."""

    marked: MarkedFilm
    half: Half
    severe: bool


def read_split(path: Path = SPLIT) -> dict[str, dict[str, str]]:
    """The rows of the split by group."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["group"]: row for row in csv.DictReader(file)}


def real_films(folder: Path) -> tuple[RealFilm, ...]:
    """The marked films of a folder with `joints.json`; raises DatasetInvalid where one belongs to no half."""
    split = read_split()
    films = read_records(folder)
    strangers = sorted({film.group for film in films} - set(split))
    if strangers:
        raise DatasetInvalid(f"{folder}: groups {', '.join(strangers)} are in no half; add them to {SPLIT}")
    return tuple(
        RealFilm(film, Half(split[film.group]["half"]), split[film.group]["disease"] == "severe") for film in films
    )


def write_half(folder: Path, half: Half, out: Path) -> None:
    """A folder of one half's records, whose films are links to `folder`, as `opensvh evaluate --data` takes it."""
    kept = {film.marked.file for film in real_films(folder) if film.half is half}
    records = [record for record in json.loads((folder / RECORDS_FILE).read_text("utf-8")) if record["file"] in kept]
    out.mkdir(parents=True, exist_ok=True)
    for record in records:
        link = out / record["file"]
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to((folder / record["file"]).resolve())
    (out / RECORDS_FILE).write_text(json.dumps(records), encoding="utf-8")
