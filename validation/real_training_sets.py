"""Film sets for training out of real films without scores.

    python validation/real_training_sets.py --real REAL -o OUT

What `opensvh edit-films` edits, and what trains as it is, without scores. OUT/sharp: pool films fine enough for the
texture of joints, their joints found by the shipped model and kept where they lie as in a limb. OUT/coarse: a native
dataset of the coarser ones, whole limbs only. OUT/marked: the tuning half of the marked films. Pictures drawn with the
joints, to be looked at, are in OUT/look.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from pool_limbs import POOL, Part, PoolLimb, View, pool_limbs
from progress_bars import Advance, bars
from real_films import Half, read_split, real_films

from opensvh.cli.options import DEFAULT_MODEL
from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.domain.errors import OpenSvHError
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.domain.placement import Pose
from opensvh.inference.bundle import find_bundle, load_bundle
from opensvh.inference.pose_search import Look, PoseSearch
from opensvh.inference.predictor import Predictor
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.annotations.records import RECORDS_FILE
from opensvh.io.image import read_film
from opensvh.io.radiograph import Radiograph
from opensvh.io.tables import FilmKey, write_joints
from opensvh.preprocessing.joint_box import box_around
from opensvh.workflows.edit_sources import SourceFilm, upright_picture

SHARP_PIXELS = 400_000
"""Pool films are of 0.17 or of 2 to 7 million pixels."""
CONFIDENT = 0.9
FEWEST_POINTS = {Limb.HAND: 9, Limb.FOOT: 5}
ARRANGED_SHARE = 0.005
"""Share of simulated limbs that must lie as far from the mean shape."""
VIEWS = {True: (View.FRONTAL, View.OBLIQUE, View.BENT), False: (View.FRONTAL,)}
"""What may serve, sharp or not: a bent hand still shows single joints as they should be."""


@dataclass(frozen=True)
class FoundLimb:
    """A pool film and the joints found on it, in pixels of the file as stored."""

    label: PoolLimb
    side: Side
    turn: int
    points: dict[str, Point]
    sharp: bool

    @property
    def limb(self) -> Limb:
        assert self.label.limb is not None
        return self.label.limb

    def source(self, pool: Path) -> SourceFilm:
        """The film as `edit_sources` takes it."""
        name = self.label.file
        return SourceFilm(
            name, Path(name).stem, pool / name, self.limb, self.side, self.turn, self.box(pool), self.points
        )

    def box(self, pool: Path) -> Box:
        """The limb on the film as stored, told by its joints."""
        width, height = Size(*read_film(pool / self.label.file).pixels.shape[::-1])
        frame = Frame.of(Size(width, height)).turned(self.turn)
        frame = frame.mirrored() if self.side is Side.RIGHT else frame
        around = box_around(frame.to_model(self.points.values()), self.limb)
        corners = frame.to_film(around.corners())
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        top, bottom = min(y for _, y in corners), max(y for _, y in corners)
        return Box(max(round(left), 0), max(round(top), 0), min(round(right), width), min(round(bottom), height))


def found_limbs(real: Path, model: str, advance: Advance) -> Iterator[FoundLimb]:
    """Every limb of the pool whose joints were found well."""
    predictor, shapes = Predictor([load_bundle(find_bundle(model))]), shipped_shape_models()
    labels = list(filter(_serves, pool_limbs()))
    for number, label in enumerate(labels, start=1):
        advance(number, len(labels))
        film = read_film(real / POOL / label.file)
        height, width = film.pixels.shape
        sharp = height * width > SHARP_PIXELS
        if (
            label.limb is None
            or label.turn_cw_deg is None
            or label.apparent_side is None
            or label.view not in VIEWS[sharp]
        ):
            continue
        search = PoseSearch(predictor, shapes[label.limb], film, label.file, "labels")
        pose = Pose(label.turn_cw_deg, label.apparent_side is Side.RIGHT, label.box(Size(width, height)))
        points = _kept(search, pose, film)
        if len(points) >= FEWEST_POINTS[label.limb]:
            yield FoundLimb(label, label.apparent_side, round(label.turn_cw_deg / 90) % 4, points, sharp)


def _serves(label: PoolLimb) -> bool:
    """Not the same picture twice, nobody whom the measuring half shows, nothing over the limb."""
    split = read_split()
    measured = any(split[group]["half"] == Half.MEASURING for group in label.near)
    return label.same_as is None and not measured and label.limb is not None and label.sure and label.cover is None


def _kept(search: PoseSearch, pose: Pose, film: Radiograph) -> dict[str, Point]:
    """The joints that are found with confidence, in a pose like the labelled one, where a limb has them."""
    try:
        look: Look = search.from_pose(pose, ("side", "turn"), turn_is_told=True)
    except OpenSvHError:
        return {}
    if look.fit is None or look.pose.mirrored is not pose.mirrored or look.fit.share < ARRANGED_SHARE:
        return {}
    reading = look.prediction.reading
    return {
        name: point
        for name, point in reading.points.items()
        if reading.confidences[name] >= CONFIDENT and name not in look.fit.strays
    }


def write_sharp(out: Path, pool: Path, limbs: list[FoundLimb]) -> None:
    """Records beside links to the films."""
    out.mkdir(parents=True, exist_ok=True)
    records = []
    for each in limbs:
        link = out / each.label.file
        if not link.is_symlink():
            link.symlink_to((pool / each.label.file).resolve())
        box = each.box(pool)
        records.append({
            "file": each.label.file, "limb": each.limb, "side": each.side, "rotate_cw": 90 * each.turn,
            "bbox": [box.left, box.top, box.right, box.bottom],
            "points": {name: [round(x, 2), round(y, 2)] for name, (x, y) in each.points.items()},
        })  # fmt: skip
    (out / RECORDS_FILE).write_text(json.dumps(records, indent=1), encoding="utf-8")


def write_set(out: Path, sources: list[SourceFilm]) -> None:
    """A native dataset of upright films and their joints, without scores."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    joints: dict[FilmKey, dict[str, Point]] = {}
    for number, source in enumerate(sources, start=1):
        picture, points = upright_picture(source)
        patient, code = f"REAL{number:03d}", film_code(source.limb, source.side)
        cv2.imwrite(str(out / "images" / f"{patient}-{code}.png"), np.rint(255 * picture).astype(np.uint8))
        joints[patient, code] = points
    write_joints(out / "joints.csv", joints)


def marked_sources(real: Path) -> list[SourceFilm]:
    """The tuning half of the marked films."""
    halves = [each.marked for each in real_films(real) if each.half is Half.TUNING]
    return [
        SourceFilm(
            film.file, film.group, film.path, film.limb, film.side, film.quarter_turns_cw, film.box, film.certain_points
        )
        for film in halves
    ]


def draw(out: Path, sources: list[SourceFilm]) -> None:
    """Each film with its joints, 480 px tall."""
    out.mkdir(parents=True, exist_ok=True)
    for source in sources:
        picture, points = upright_picture(source)
        share = 480 / picture.shape[0]
        canvas = cv2.cvtColor(np.rint(255 * picture).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        canvas = cv2.resize(canvas, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        for x, y in points.values():
            cv2.circle(canvas, (round(x * share), round(y * share)), 4, (0, 200, 255), 1, cv2.LINE_AA)
        cv2.imwrite(str(out / f"{Path(source.name).stem}.png"), canvas)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--out", "-o", type=Path, required=True)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    given = parser.parse_args()
    pool = given.real / POOL
    with bars() as new_bar:
        found = list(found_limbs(given.real, given.model, new_bar("pool films")))
    sharp = [each for each in found if each.sharp]
    coarse = [each.source(pool) for each in found if not each.sharp and each.label.part is Part.WHOLE]
    write_sharp(given.out / "sharp", pool, sharp)
    write_set(given.out / "coarse", coarse)
    write_set(given.out / "marked", marked_sources(given.real))
    draw(given.out / "look" / "sharp", [each.source(pool) for each in sharp])
    draw(given.out / "look" / "coarse", coarse)
    print(f"{len(sharp)} sharp films, {len(coarse)} coarse ones, of {sum(map(_serves, pool_limbs()))} limbs labelled")


if __name__ == "__main__":
    main()
