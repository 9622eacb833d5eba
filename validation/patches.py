"""Patches of joints: cut from films at one scale, joint axis upright, as on a left limb, and stored in one array.

Simulated films and hand-marked ones go the same way. How a patch is varied for a step is `patch_training`'s.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from limb_pose import joint_angle, limb_pose
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.io.image import read_film

PIXELS, INDEX = "patches.npy", "patches.json"
SHOWN_PX = 96
"""What the network sees of a patch."""
STORED_PX = 128
"""What is stored, so that a patch can be turned, shrunk and shifted without an edge."""
SHOWN_LENGTHS = 0.115
"""Side of what is shown, in lengths of the limb: 22 mm of a hand of 190 mm. As in the first trial (transfer.md): 96 px
of a film that is 928 px high and shows the whole limb."""


@dataclass(frozen=True)
class MarkedLimb:
    """A limb on a film with its joint centres (pixels of the file as stored); `name` is unique in its set."""

    name: str
    path: Path
    limb: Limb
    side: Side
    points: Mapping[str, Point]


@dataclass(frozen=True)
class PatchOf:
    """What a patch shows: the joint `point` of a limb of the set, by its name."""

    film: str
    limb: Limb
    point: str


@dataclass(frozen=True)
class Patches:
    """`pixels` uint8 [patches, STORED_PX, STORED_PX] with what each shows."""

    pixels: NDArray[np.uint8]
    index: tuple[PatchOf, ...]


def open_patches(folder: Path, limbs: Sequence[MarkedLimb], on_film: Callable[[int, int], None]) -> Patches:
    """The patches of all joints of all limbs, cut first where they are not stored.

    `on_film` is told how many films are done, and of how many.
    """
    if not (folder / INDEX).is_file():
        _store(folder, limbs, on_film)
    on_film(len(limbs), len(limbs))
    index = json.loads((folder / INDEX).read_text("utf-8"))
    shown = tuple(PatchOf(row["film"], Limb(row["limb"]), row["point"]) for row in index)
    return Patches(np.load(folder / PIXELS, mmap_mode="r"), shown)


def _store(folder: Path, limbs: Sequence[MarkedLimb], on_film: Callable[[int, int], None]) -> None:
    """The index comes last, so that what has one is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    most = sum(len(limb.points) for limb in limbs)
    pixels = np.lib.format.open_memmap(folder / PIXELS, "w+", np.uint8, (max(most, 1), STORED_PX, STORED_PX))
    index: list[dict[str, Any]] = []
    for done, limb in enumerate(limbs):
        on_film(done, len(limbs))
        for point, patch in cut_patches(limb):
            pixels[len(index)] = patch
            index.append(asdict(PatchOf(limb.name, limb.limb, point)))
    pixels.flush()
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")


def cut_patches(limb: MarkedLimb) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Joint name and patch of each marked joint; none where too few are marked to tell the limb's length."""
    film = read_film(limb.path).pixels
    points = dict(limb.points)
    if limb.side is Side.RIGHT:
        film = np.ascontiguousarray(film[:, ::-1])
        points = {name: Point(film.shape[1] - 1 - x, y) for name, (x, y) in points.items()}
    pose = limb_pose(limb.limb, points)
    if pose is None:
        return
    film_px = pose.length_px * SHOWN_LENGTHS / SHOWN_PX
    for name, centre in points.items():
        yield name, _cut(film, centre, joint_angle(limb.limb, name, points, pose), film_px)


def _cut(film: NDArray[np.float32], centre: Point, angle: float, film_px: float) -> NDArray[np.uint8]:
    """The patch about a centre, upright, `film_px` of the film to a pixel; beyond the film its edge goes on."""
    # A warp takes single pixels: where the patch is coarser than the film it is cut finer first and then averaged.
    finer = max(1, math.ceil(film_px - 0.2))
    side, step = STORED_PX * finer, film_px / finer
    middle = (side - 1) / 2
    across, down = step * math.cos(angle), step * math.sin(angle)
    to_film = np.array(
        [
            [across, -down, centre.x - across * middle + down * middle],
            [down, across, centre.y - down * middle - across * middle],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(film, to_film, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    patch = cv2.resize(warped, (STORED_PX, STORED_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(patch, 0, 1) * 255 + 0.5).astype(np.uint8)
