"""What the films of the pool show, by eye: `pool_limbs.csv`, a row for each hand or foot, one row `none` for a film
without any.

Labels alone; the films lie where `--real` says, in its `pool`, and stay there. One annotator read them from contact
sheets, 150 to 290 pixels a film. The 283 thumbs and halluces of frontal and oblique limbs were read a second time,
shuffled and mirrored at random: 269 could be told again, 3 of those otherwise, all 3 settled in favour of the first
reading; of the 14 others 1 was mended. All 856 limbs were drawn back on sheets with the digits up: no quarter turn was
wrong where it could be told. Ages, casts and bracelets were read once.

None of the pictures is a marked film's, but a limb `near` a group that measures may be of the same person: what is
measured on that half must not be trained on it.

| column | |
| --- | --- |
| `file` | name in the pool |
| `same_as` | the first film of the pool that is the same picture; empty for that first one and all others |
| `near` | groups of marked films of such a limb whose numbers are at most 2 away, often the same person's |
| `limb` | `hand`, `foot`, `none` |
| `view` | `frontal` (PA, DP, AP), `oblique`, `lateral`, `bent`: clenched, "OK" sign, foreshortened, heel alone |
| `digits` | where they point on the film as stored, to the nearest quarter: `up`, `down`, `left`, `right`; or empty |
| `thumb` | where thumb or hallux lies once the digits point up: `left`, `right`; empty if not to be told |
| `x0`, `y0`, `x1`, `y1` | rough box in fractions of the film as stored, on films of several limbs; empty: all of it |
| `part` | `whole` (every scored site on the film), `wrist` (carpus, digits cut), `forefoot`, `cut` (anything less) |
| `age` | `adult`, `growing` (open growth plates seen); empty if not to be told |
| `over` | `cast`, `metal` (bracelet, ring, plate, wire) on or near the limb; empty: neither was seen |
| `sure` | 1, or 0 where another eye may say otherwise: limbs held, hidden or hardly on the film |
| `readable` | 1 where whole, frontal, sharp, unhidden and at least about 700 px long: fit for its joints' texture |
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Box, Size
from opensvh.domain.placement import Skeleton

LABELS = Path(__file__).parent / "pool_limbs.csv"
POOL = "pool"
"""Folder of the pool's films within the real films."""
NO_LIMB = "none"

TURN_CW_DEG = {"up": 0.0, "left": 90.0, "down": 180.0, "right": 270.0}
"""What brings digits up that point this way on the film as stored, degrees clockwise."""

APPARENT_SIDES = {"right": Side.LEFT, "left": Side.RIGHT}
"""The side that a limb looks like, read as PA or DP, by where its thumb or hallux lies with the digits up."""


class View(StrEnum):
    """How the limb lies in the beam."""

    FRONTAL = "frontal"
    OBLIQUE = "oblique"
    LATERAL = "lateral"
    BENT = "bent"


class Part(StrEnum):
    """How much of the limb is on the film."""

    WHOLE = "whole"
    WRIST = "wrist"
    FOREFOOT = "forefoot"
    CUT = "cut"


class Cover(StrEnum):
    """What lies on or near the limb."""

    CAST = "cast"
    METAL = "metal"


@dataclass(frozen=True)
class PoolLimb:
    """One limb on one film of the pool, or a film without any (`limb` None; the rest then says nothing).

    `fractions` are x0, y0, x1, y1 of the film as stored. None stands for "not to be told" throughout.
    """

    file: str
    same_as: str | None
    near: tuple[str, ...]
    limb: Limb | None
    view: View | None
    turn_cw_deg: float | None
    apparent_side: Side | None
    fractions: tuple[float, float, float, float] | None
    part: Part | None
    skeleton: Skeleton | None
    cover: Cover | None
    sure: bool
    readable: bool

    def box(self, film: Size) -> Box:
        """The rough box of the limb in pixels of the film as stored; all of the film where none was drawn."""
        x0, y0, x1, y1 = self.fractions or (0.0, 0.0, 1.0, 1.0)
        width, height = film
        return Box(round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height))


def pool_limbs(path: Path = LABELS) -> tuple[PoolLimb, ...]:
    """Every row of the labels; raises DatasetInvalid at the first that says what no column allows."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_limb(row, f"{path}, line {number}") for number, row in enumerate(csv.DictReader(file), start=2))


def films_without_limb(limbs: tuple[PoolLimb, ...]) -> tuple[str, ...]:
    """Names of the films on which no hand or foot was seen."""
    return tuple(row.file for row in limbs if row.limb is None)


def _limb(row: dict[str, str], where: str) -> PoolLimb:
    try:
        return PoolLimb(
            file=row["file"],
            same_as=row["same_as"] or None,
            near=tuple(row["near"].split()),
            limb=None if row["limb"] == NO_LIMB else Limb(row["limb"]),
            view=View(row["view"]) if row["view"] else None,
            turn_cw_deg=TURN_CW_DEG[row["digits"]] if row["digits"] else None,
            apparent_side=APPARENT_SIDES[row["thumb"]] if row["thumb"] else None,
            fractions=_fractions(row),
            part=Part(row["part"]) if row["part"] else None,
            skeleton=Skeleton(row["age"]) if row["age"] else None,
            cover=Cover(row["over"]) if row["over"] else None,
            sure=row["sure"] == "1",
            readable=row["readable"] == "1",
        )
    except (KeyError, ValueError) as error:
        raise DatasetInvalid(f"{where}: {error}; see the columns in {Path(__file__).name}") from error


def _fractions(row: dict[str, str]) -> tuple[float, float, float, float] | None:
    if not row["x0"]:
        return None
    x0, y0, x1, y1 = (float(row[name]) for name in ("x0", "y0", "x1", "y1"))
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ValueError(f"box {x0}, {y0}, {x1}, {y1} is empty or reaches past the film")
    return x0, y0, x1, y1
