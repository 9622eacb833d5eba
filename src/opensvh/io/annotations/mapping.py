"""Whose points labels mean: a mapping file, what can be guessed without one, and a preview before anything is taken.

A mapping file is TOML or JSON with two tables: `labels`, from a label to a joint centre's name or "" to leave it out,
and `films`, from a picture's name to the film's where they differ. `mm_per_px` scales places that are in mm.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.geometry import Point
from opensvh.io.annotations.pictures import MarkedPicture, Pictures

ALL_POINTS = tuple(dict.fromkeys(point for limb in Limb for point in POINTS[limb]))
_PLAIN = {re.sub(r"[^A-Z0-9]", "", point): point for point in ALL_POINTS}
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5"}
_LONGER = {"IP": "IP1", "HALLUXIP": "IP1", "THUMBIP": "IP1", "RADIOCARPAL": "RADCAR", "MC1": "MC1_BASE"}


class MappingFile(BaseModel):
    """A mapping file's content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: dict[str, str] = Field(default_factory=dict)
    films: dict[str, str] = Field(default_factory=dict)
    mm_per_px: float = Field(default=1.0, gt=0, allow_inf_nan=False)


@dataclass(frozen=True)
class Preview:
    """What an import would take.

    `labels` label -> (how often, joint or None where nobody says); `unknown_films` are pictures that fit no film;
    `outside` counts points beyond their picture.
    """

    pictures: int
    points: int
    labels: Mapping[str, tuple[int, str | None]]
    unknown_films: tuple[str, ...]
    outside: int


@dataclass(frozen=True)
class JointNames:
    """A mapping in use: what the file says goes before what is guessed."""

    told: MappingFile = field(default_factory=MappingFile)

    def point(self, label: str) -> str | None:
        """The joint centre a label means; "" where it is to be left out, None where nobody knows."""
        return self.told.labels[label] if label in self.told.labels else guessed(label)

    def film(self, file: str) -> str:
        """The film's name for a picture's."""
        return self.told.films.get(file, file)

    def named(self, picture: MarkedPicture) -> MarkedPicture:
        """The picture with joints' names for labels, without those left out or unknown, in pixels."""
        scale = self.told.mm_per_px
        points = {
            name: Point(point.x / scale, point.y / scale)
            for label, point in picture.points.items()
            if (name := self.point(label))
        }
        absent = frozenset(name for label in picture.absent if (name := self.point(label)))
        return MarkedPicture(self.film(picture.file), picture.size, points, absent - set(points))


def read_mapping(text: str, name: str) -> JointNames:
    """A mapping file's content, TOML or JSON; raises ConfigInvalid."""
    try:
        told = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        mapping = MappingFile.model_validate(told)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        fact = str(error).splitlines()[-1 if isinstance(error, ValidationError) else 0].strip()
        raise ConfigInvalid(f"{name}: is no mapping ({fact}); give tables `labels` and `films`") from error
    strangers = sorted({point for point in mapping.labels.values() if point and point not in ALL_POINTS})
    if strangers:
        raise ConfigInvalid(f"{name}: {', '.join(strangers)}: no such joint; there are {', '.join(ALL_POINTS)}")
    return JointNames(mapping)


def guessed(label: str) -> str | None:
    """The joint that a label plainly means, as `mcp 2`, `MCP_II` or `pip-3`; None where it does not."""
    words = [_ROMAN.get(word, word) for word in re.split(r"[^A-Z0-9]+", label.upper()) if word]
    plain = "".join(words)
    return _PLAIN.get(plain) or _LONGER.get(plain)


def preview(pictures: Pictures, names: JointNames, films: Collection[str]) -> Preview:
    """What would be taken of these pictures into these films (bare file names)."""
    counts = Counter(label for each in pictures for label in (*each.points, *each.absent))
    stems = {PurePosixPath(film).stem for film in films} | set(films)
    fitting = [each for each in pictures if _fits(names.film(each.file), stems)]
    return Preview(
        pictures=len(pictures),
        points=sum(len(names.named(each).points) for each in fitting),
        labels={label: (count, names.point(label)) for label, count in sorted(counts.items())},
        unknown_films=tuple(each.file for each in pictures if each not in fitting),
        outside=sum(_outside(each, point) for each in pictures for point in each.points.values()),
    )


def _fits(film: str, stems: set[str]) -> bool:
    return film in stems or PurePosixPath(film).stem in stems


def _outside(picture: MarkedPicture, point: Point) -> bool:
    if picture.size is None:
        return False
    return not (-0.5 <= point.x < picture.size[0] - 0.5 and -0.5 <= point.y < picture.size[1] - 0.5)
