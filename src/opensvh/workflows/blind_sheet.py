"""A blind sheet: crops around joints, half from real films, in random order, with the key in a file of its own.

People mark each crop as real or simulated; `score_answers` tells how well. The page is `reporting.blind_page`'s.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from opensvh.domain.anatomy import Limb
from opensvh.domain.errors import DatasetInvalid, OutputConflict, TableInvalid
from opensvh.evaluation.blind_reading import ANSWERS, BlindResult, blind_result
from opensvh.evaluation.sampling import Pixels, patch, unit_px
from opensvh.io.whole_file import write_whole
from opensvh.reporting.blind_page import Crop, blind_page, contact_sheet
from opensvh.workflows.compared_films import (
    ComparedFilm,
    RealChoice,
    of_limb,
    real_films,
    simulated_films,
    upright,
)

SHEET, PAGE, KEY = "sheet.png", "sheet.html", "key.csv"
KEY_COLUMNS = ("number", "truth", "limb", "point", "film")
CROP_PX, CROP_UNITS = 224, 0.75
"""A crop's side in pixels and in units of the limb: about 47 mm, a joint with half of both its bones."""


@dataclass(frozen=True)
class SheetSettings:
    """How many crops, the seed of their choice and order, and which real films they may come from."""

    crops: int
    seed: int
    choice: RealChoice


@dataclass(frozen=True)
class _Place:
    """A joint on a film that is to be shown."""

    film: ComparedFilm
    point: str


def make_sheet(simulated: Path, real: Path, out: Path, settings: SheetSettings) -> None:
    """Write sheet, page and key into `out`; raises OutputConflict where another sheet lies there."""
    if (out / KEY).exists():
        raise OutputConflict(f"{out}: holds a sheet with its key; choose another folder, or remove it")
    rng = np.random.default_rng(settings.seed)
    sets = real_films(real, settings.choice), simulated_films(simulated)
    places = _places(*sets, settings.crops, rng)
    order = rng.permutation(len(places))
    crops = [Crop(number, _cut(places[each])) for number, each in enumerate(order, start=1)]
    rows = [(str(number), *_key_row(places[each])) for number, each in enumerate(order, start=1)]
    write_whole(out / SHEET, contact_sheet(crops))
    write_whole(out / PAGE, blind_page(crops))
    write_whole(out / KEY, "".join(",".join(row) + "\n" for row in (KEY_COLUMNS, *rows)))


def score_answers(sheet: Path, answers: Path) -> BlindResult:
    """Compare answers (CSV: number, answer) with the key of a sheet's folder; raises TableInvalid, DatasetInvalid."""
    if not (sheet / KEY).is_file():
        raise DatasetInvalid(f"{sheet}: has no {KEY}; give as --out the folder of the sheet that was answered")
    truth = _column(sheet / KEY, "truth")
    given = _column(answers, "answer")
    strangers = sorted(set(given) - set(truth), key=int)
    if strangers:
        raise TableInvalid(f"{answers}: the sheet has no crop {strangers[0]}; give the answers to this sheet")
    return blind_result({number: (truth[number], answer) for number, answer in given.items()}, len(truth))


def _places(
    real: Sequence[ComparedFilm], simulated: Sequence[ComparedFilm], count: int, rng: np.random.Generator
) -> list[_Place]:
    """Half real and half simulated; every real joint has the same joint of a simulated film beside it."""
    limbs = [limb for limb in Limb if of_limb(real, limb) and of_limb(simulated, limb)]
    if not limbs:
        raise DatasetInvalid("the sets share no limb; simulate hands or feet, as the real films show")
    places = []
    for number in range(count // 2):
        limb = limbs[number % len(limbs)]
        own = _one(of_limb(real, limb), rng)
        point = str(rng.choice(sorted(own.points)))
        showing = [film for film in of_limb(simulated, limb) if point in film.points]
        if not showing:
            raise DatasetInvalid(f"no simulated {limb} has {point}; simulate the set anew, with all joints")
        places += [_Place(own, point), _Place(_one(showing, rng), point)]
    return places


def _one(films: Sequence[ComparedFilm], rng: np.random.Generator) -> ComparedFilm:
    return films[int(rng.integers(len(films)))]


def _cut(place: _Place) -> Pixels:
    film = upright(place.film, with_silhouette=False)
    unit = unit_px(film.limb, film.points) or 1.0
    cut = patch(film.pixels, film.points[place.point], CROP_UNITS * unit, CROP_PX)
    # The file's format must not tell: real films have been JPEGs.
    coded = cv2.imencode(".jpg", (cut * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.float32) / np.float32(255)


def _key_row(place: _Place) -> tuple[str, ...]:
    truth = "real" if place.film.real else "simulated"
    return truth, place.film.limb.value, place.point, place.film.name


def _column(path: Path, column: str) -> dict[str, str]:
    """Crop number -> `real` or `simulated`, from one column of a CSV; empty cells left out. Raises TableInvalid."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            rows = list(table)
            columns = [name.strip() for name in table.fieldnames or ()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(f"{path}: cannot be read as CSV ({error}); give a table with number and {column}") from error
    missing = [name for name in ("number", column) if name not in columns]
    if missing:
        raise TableInvalid(f"{path}: lacks the column {missing[0]}; it needs number and {column}")
    found: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        number, value = (str(row.get(name) or "").strip() for name in ("number", column))
        if not value:
            continue
        if not number.isdigit() or value.lower() not in ANSWERS or number in found:
            raise TableInvalid(
                f"{path}: row {line}: number {number!r}, {column} {value!r}; "
                f"give each crop once, and {' or '.join(ANSWERS)}"
            )
        found[number] = value.lower()
    return found
