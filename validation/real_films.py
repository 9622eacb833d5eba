"""The hand-marked films with the half each belongs to, for the trials; the halves are `evaluation.real_split`'s."""

import json
from dataclasses import dataclass
from pathlib import Path

from opensvh.domain.errors import DatasetInvalid
from opensvh.evaluation.real_split import SPLIT, Half, read_split
from opensvh.io.annotations.records import RECORDS_FILE, MarkedFilm, read_records

__all__ = ["SPLIT", "Half", "RealFilm", "read_split", "real_films", "write_half"]


@dataclass(frozen=True)
class RealFilm:
    """A hand-marked film, the half it belongs to, and whether its limb has severe arthritis (no others have any)."""

    marked: MarkedFilm
    half: Half
    severe: bool


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
