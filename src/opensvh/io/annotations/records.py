"""The record list `joints.json`: one entry a limb, with its film, how it lies and its joint centres as marked by hand.

Only reads; films without scores are measured with it. Scored film sets are `io.tables`'.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from opensvh.domain.anatomy import POINTS, Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose

RECORDS_FILE = "joints.json"


@dataclass(frozen=True)
class MarkedFilm:
    """A film and what a person marked on it; points and box in pixels of the file as stored.

    `file` is the name in the record, `path` where it lies; `side` is the anatomy's, `marker` what the film itself says;
    `quarter_turns_cw` brings the digits up; `uncertain` names the points the annotator could hardly see; films of one
    `group` are probably of one person.
    """

    file: str
    path: Path
    limb: Limb
    side: Side
    marker: Side | None
    quarter_turns_cw: int
    box: Box
    points: Mapping[str, Point]
    uncertain: frozenset[str]
    view: str
    age: str
    group: str

    @property
    def certain_points(self) -> dict[str, Point]:
        """The points that were plain to see."""
        return {name: point for name, point in self.points.items() if name not in self.uncertain}

    @property
    def pose(self) -> Pose:
        """What brings the limb into the canonical frame."""
        return Pose(90.0 * self.quarter_turns_cw, self.side is Side.RIGHT)

    @property
    def height_px(self) -> int:
        """Height of the limb's box with the digits up."""
        return self.box.width if self.quarter_turns_cw % 2 else self.box.height


def has_records(folder: Path) -> bool:
    """Whether the folder holds a record list."""
    return (folder / RECORDS_FILE).is_file()


def read_records(path: Path) -> tuple[MarkedFilm, ...]:
    """All records of a file, or of `joints.json` in a folder; film names are relative to the file.

    Raises DatasetInvalid, naming the record, where the file is no such list or a record contradicts itself.
    """
    source = path / RECORDS_FILE if path.is_dir() else path
    try:
        entries = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DatasetInvalid(f"{source}: cannot be read as JSON ({error}); expected a list of records") from error
    if not isinstance(entries, list) or not entries:
        raise DatasetInvalid(f"{source}: holds no list of records; expected one record a limb")
    return tuple(_marked_film(source, number, entry) for number, entry in enumerate(entries, start=1))


class _Record(BaseModel):
    """One entry as written; keys that are not ours are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    file: str
    limb: Limb
    side: Side
    marker: Side | None = None
    rotate_cw: int = 0
    bbox: tuple[int, int, int, int]
    points: dict[str, tuple[float, float]]
    uncertain: tuple[str, ...] = ()
    view: str = ""
    age: str = ""
    group: str = ""

    @field_validator("rotate_cw")
    @classmethod
    def _quarter_turns(cls, degrees: int) -> int:
        if degrees % 90:
            raise ValueError(f"{degrees} degrees are no quarter turns")
        return degrees


def _marked_film(source: Path, number: int, entry: Any) -> MarkedFilm:
    where = f"{source}: record {number}"
    try:
        record = _Record.model_validate(entry)
        box = Box(*record.bbox)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DatasetInvalid(f"{where}: {key or 'entry'}: {first['msg']}; correct the record") from error
    except ValueError as error:
        raise DatasetInvalid(f"{where} ({record.file}): {error}; bbox is left, top, right, bottom") from error
    strangers = (set(record.points) | set(record.uncertain)) - set(POINTS[record.limb])
    if strangers:
        raise DatasetInvalid(
            f"{where} ({record.file}): a {record.limb} has no point {', '.join(sorted(strangers))}; "
            f"it has {', '.join(POINTS[record.limb])}"
        )
    return MarkedFilm(
        file=record.file,
        path=source.parent / record.file,
        limb=record.limb,
        side=record.side,
        marker=record.marker,
        quarter_turns_cw=record.rotate_cw // 90 % 4,
        box=box,
        points={name: Point(*point) for name, point in record.points.items()},
        uncertain=frozenset(record.uncertain),
        view=record.view,
        age=record.age,
        group=record.group or record.file,
    )
