"""Films that show a part of a limb: whole ones cut at known places, and what the program makes of them.

    python validation/cut_limbs.py FOLDER -o OUT     (a native dataset, or marked films with joints.json)

Nothing is told to the program but the pixels. Every film is cut at each edge, the depths taken in turn. A joint is
*visible* where it lies on what is left of the film by more than `CLEAR` of the limb's length, *gone* where it lies
beyond the edge; what lies between counts for neither.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import OpenSvHError
from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.reading import FilmReading, Status
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.bundle import find_bundle, load_bundle
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.inference.film_reader import FilmReader
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import KnownFilm
from opensvh.io.image import read_film
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.turn import box_on_film, turned, turned_frame
from opensvh.workflows.known_films import known_films

EDGES = ("distal", "proximal", "first", "last")
"""Where a limb is cut: finger tips or toes, wrist or heel, the border of thumb or big toe, the other border."""
DEPTHS = (0.1, 0.2, 0.35, 0.5)
"""What is cut off, of the limb's box."""
CLEAR = 0.03
FEWEST = 4
"""A film that shows fewer joints need not be scored."""
NEAR = 0.03
"""A joint found within this of the truth, in limb lengths, is found rightly."""

Read = Callable[[Radiograph], tuple[Sequence[FilmReading], str]]


@dataclass(frozen=True)
class CutFilm:
    """What is left of a film: `points` in its pixels, those beyond its edge too; `limb_px` the whole limb's length."""

    name: str
    edge: str
    depth: float
    truth: FilmTruth
    pixels: NDArray[np.float32]
    points: Mapping[str, Point]
    limb_px: float

    def inside(self, name: str) -> float:
        """How far a point lies from the nearest edge, in limb lengths; negative beyond it."""
        (x, y), (rows, columns) = self.points[name], self.pixels.shape
        return float(min(x, columns - 1 - x, y, rows - 1 - y)) / self.limb_px

    @property
    def visible(self) -> list[str]:
        return [name for name in self.points if self.inside(name) > CLEAR]

    @property
    def gone(self) -> list[str]:
        return [name for name in self.points if self.inside(name) < 0]


@dataclass(frozen=True)
class Outcome:
    """What became of a cut film. Joints by name: `visible` and `gone` by the truth; `scored` and `not_visible` by the
    program; `errors` of those found, in limb lengths. `placed`: limb, apparent side and turn are right."""

    film: str
    limb: str
    edge: str
    depth: float
    visible: list[str]
    gone: list[str]
    refused: str
    placed: bool
    scored: list[str]
    not_visible: list[str]
    errors: dict[str, float]
    warnings: list[str]


def cut_films(truth: FilmTruth, pixels: NDArray[np.float32], turn: int) -> Iterator[CutFilm]:
    """The film cut at every edge, each to another depth; `turn` tells which edge gets which."""
    for number, edge in enumerate(EDGES):
        yield cut_off(truth, pixels, edge, DEPTHS[(number + turn) % len(DEPTHS)])


def cut_off(truth: FilmTruth, pixels: NDArray[np.float32], edge: str, depth: float) -> CutFilm:
    """The film without a part of the limb at one edge; all of it where the depth is 0."""
    mirrored, turns = truth.side is Side.RIGHT, truth.quarter_turns_cw
    frame = turned_frame(Size(pixels.shape[1], pixels.shape[0]), mirrored, turns)
    height, width = turned(pixels, mirrored, turns).shape
    limb = box_around(frame.to_model(truth.points.values()), truth.limb)
    top, bottom = max(limb.top, 0), min(limb.bottom, height)
    left, right = max(limb.left, 0), min(limb.right, width)
    down, across = round(depth * (bottom - top)), round(depth * (right - left))
    kept = {
        "distal": Box(0, top + down if depth else 0, width, height),
        "proximal": Box(0, 0, width, bottom - down if depth else height),
        "first": Box(0, 0, right - across if depth else width, height),
        "last": Box(left + across if depth else 0, 0, width, height),
    }[edge]
    box = box_on_film(kept, frame)
    points = {name: Point(x - box.left, y - box.top) for name, (x, y) in truth.points.items()}
    rest = np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right])
    return CutFilm(f"{truth.film} {edge} {depth:.0%}", edge, depth, truth, rest, points, float(limb.height))


def outcome(film: CutFilm, readings: Sequence[FilmReading], refused: str) -> Outcome:
    """How the program's readings compare with the truth; of several the one with most joints in their place."""
    errors = [_errors(film, each) for each in readings if each.limb is film.truth.limb]
    errors = errors or [{}]
    best = int(np.argmax([sum(error < NEAR for error in each.values()) for each in errors]))
    fitting = [each for each in readings if each.limb is film.truth.limb] or list(readings)
    reading = fitting[best] if fitting else None
    return Outcome(
        film=film.name,
        limb=film.truth.limb,
        edge=film.edge,
        depth=film.depth,
        visible=film.visible,
        gone=film.gone,
        refused=refused if reading is None else "",
        placed=reading is not None and _placed(film.truth, reading),
        scored=_points_with(reading, Status.SCORED),
        not_visible=_points_with(reading, Status.NOT_VISIBLE),
        errors=errors[best],
        warnings=[] if reading is None else list(reading.warnings),
    )


def _errors(film: CutFilm, reading: FilmReading) -> dict[str, float]:
    return {
        name: round(float(np.hypot(*np.subtract(at, film.points[name]))) / film.limb_px, 5)
        for name, at in reading.points.items()
        if name in film.points
    }


def _placed(truth: FilmTruth, reading: FilmReading) -> bool:
    off = (reading.pose.turn_cw_deg - 90 * truth.quarter_turns_cw + 180) % 360 - 180
    return reading.limb is truth.limb and reading.pose.mirrored is (truth.side is Side.RIGHT) and abs(off) <= 25


def _points_with(reading: FilmReading | None, status: Status) -> list[str]:
    return [] if reading is None else sorted({each.site.point for each in reading.sites if each.status is status})


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Shares over the films that show at least `FEWEST` joints, and the joints' errors where they are visible."""
    films = [each for each in outcomes if len(each.visible) >= FEWEST]
    read = [each for each in films if not each.refused]
    visible = [(each, name) for each in films for name in each.visible]
    gone = [(each, name) for each in read for name in each.gone]
    errors = [error for each in read for name, error in each.errors.items() if name in each.visible]
    scored = [(each, name) for each in read for name in each.visible if name in each.scored]
    return {
        "films": len(films),
        "films scored": _share(not each.refused for each in films),
        "films placed rightly, of those scored": _share(each.placed for each in read),
        "visible sites scored": _share(name in each.scored for each, name in visible),
        "the same, of films scored": _share(name in each.scored for each in read for name in each.visible),
        "gone sites called not visible": _share(name in each.not_visible for each, name in gone),
        "gone sites scored": _share(name in each.scored for each, name in gone),
        "scored visible sites whose joint is near": _share(each.errors.get(name, 1) < NEAR for each, name in scored),
        "joint error, median %": round(100 * float(np.median(errors)), 3) if errors else float("nan"),
        "joint error within 3 %": _share(error < NEAR for error in errors),
    }


def _share(truths: Iterator[bool]) -> float:
    """Of those true; not a number where there are none."""
    found = list(truths)
    return round(float(np.mean(found)), 3) if found else float("nan")


def program(bundle: Path, bf16: bool) -> Read:
    """The program, told nothing, behind a bundle; as it ships without `bf16`, which is quicker on some processors."""
    reader = FilmReader(Predictor([load_bundle(bundle)], autocast=bf16), FilmAnalyser())

    def read(film: Radiograph) -> tuple[Sequence[FilmReading], str]:
        try:
            outcome = reader.read(film, KnownFilm("cut"))
        except OpenSvHError as failure:
            return (), str(failure)
        return [each.reading for each in outcome.read], "; ".join(each.reason for each in outcome.refused)

    return read


def measured(films: Sequence[FilmTruth], read: Read, out: Path) -> list[Outcome]:
    """The outcome of every cut of every film, each written as soon as it is there; those written are not made anew."""
    kept = {row["film"]: Outcome(**row) for row in map(json.loads, _lines(out))}
    with out.open("a", encoding="utf-8") as file:
        for number, truth in enumerate(films):
            for cut in cut_films(truth, read_film(truth.path).pixels, number):
                if cut.name not in kept:
                    kept[cut.name] = outcome(cut, *read(Radiograph(cut.pixels, cut.name)))
                    file.write(json.dumps(asdict(kept[cut.name])) + "\n")
                    file.flush()
    return list(kept.values())


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def main() -> None:
    parser = argparse.ArgumentParser(description="What the program makes of films that show a part of a limb.")
    parser.add_argument("folder", type=Path, help="a native dataset, or marked films with joints.json")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for outcomes.jsonl, taken up again")
    parser.add_argument("--model", default="reference", help="a bundle's name or folder")
    parser.add_argument("--bf16", action="store_true", help="networks in bfloat16")
    parser.add_argument("--films", type=int, default=0, help="of each limb so many, evenly spread; 0: all")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    films = [film for limb in Limb for film in _some(known_films(arguments.folder), limb, arguments.films)]
    outcomes = measured(films, program(find_bundle(arguments.model), arguments.bf16), arguments.out / "outcomes.jsonl")
    for limb in Limb:
        print(f"{limb}: {json.dumps(figures([each for each in outcomes if each.limb == limb]), indent=1)}")
    for edge in EDGES:
        of_edge = figures([each for each in outcomes if each.edge == edge])
        print(f"{edge}: films scored {of_edge['films scored']}, visible sites scored {of_edge['visible sites scored']}")


def _some(films: Sequence[FilmTruth], limb: Limb, count: int) -> Sequence[FilmTruth]:
    own = [film for film in films if film.limb is limb]
    return own if not 0 < count < len(own) else [own[round(at)] for at in np.linspace(0, len(own) - 1, count)]


if __name__ == "__main__":
    main()
