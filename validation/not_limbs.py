"""Forty images that are no hand or foot, for measuring what the product refuses: `python validation/not_limbs.py`.

Twenty films of the pool (chests, shoulders, hips, knees), five pictures that come with installed libraries (a portrait,
temples, a flower, slices of CT and MR), fifteen drawn ones. The same seed gives the same bytes.

`not_limbs.csv` deals every film of the pool without a hand or foot to a half: `training` may teach a model what to
refuse, `measuring` must not. Films of neighbouring numbers, often of one person, and the same picture under two names
stay in one half; each half has as many of each kind. `shown` marks the twenty.
"""

import argparse
import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from matplotlib import cbook
from not_limbs_drawn import DRAWN, Picture
from pool_limbs import POOL
from pydicom import dcmread
from pydicom.data import get_testdata_file
from sklearn.datasets import load_sample_image

from opensvh.domain.errors import DatasetInvalid

LIST = Path(__file__).parent / "not_limbs.csv"
MEASURING, TRAINING = "measuring", "training"
SLICE_SCALE = 5
"""A slice of 128 x 128 pixels is enlarged, so that its size alone does not tell it from a film."""


@dataclass(frozen=True)
class NoLimb:
    """A film of the pool without a hand or foot: what it shows, its half, whether it is one of the twenty."""

    file: str
    shows: str
    half: str
    shown: bool


def films_of_no_limb(path: Path = LIST) -> tuple[NoLimb, ...]:
    """The list, in the order of the file names."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            NoLimb(row["file"], row["shows"], row["half"], row["shown"] == "1") for row in csv.DictReader(file)
        )


def gather(real: Path, out: Path, seed: int = 0) -> tuple[Path, ...]:
    """Write the forty into `out`, named by what they show; `real` is the folder of real films."""
    out.mkdir(parents=True, exist_ok=True)
    copied = tuple(_copied(real / POOL, out))
    return copied + tuple(_written(out / f"{name}.png", picture) for name, picture in _pictures(seed))


def _copied(pool: Path, out: Path) -> Iterator[Path]:
    for film in films_of_no_limb():
        if not film.shown:
            continue
        source, target = pool / film.file, out / f"{film.shows}-{film.file}"
        if not source.is_file():
            raise DatasetInvalid(f"{source}: is missing; --real wants the folder of real films, with its {POOL}")
        shutil.copyfile(source, target)
        yield target


def _pictures(seed: int) -> Iterator[tuple[str, Picture]]:
    yield "portrait", np.asarray(cv2.imread(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))), np.uint8)
    for name, source in {"temples": "china.jpg", "flower": "flower.jpg"}.items():
        yield name, np.ascontiguousarray(load_sample_image(source)[..., ::-1])
    for name in ("CT", "MR"):
        yield f"{name.lower()}-slice", _slice(f"{name}_small.dcm")
    for draw, child in zip(DRAWN.items(), np.random.SeedSequence(seed).spawn(len(DRAWN)), strict=True):
        yield draw[0], draw[1](np.random.default_rng(child))


def _slice(name: str) -> Picture:
    """A slice of pydicom's own test files, its levels spread over 0-255."""
    levels = dcmread(str(get_testdata_file(name, download=False))).pixel_array.astype(np.float32)
    spread = (levels - levels.min()) / np.ptp(levels) * 255
    size = (levels.shape[1] * SLICE_SCALE, levels.shape[0] * SLICE_SCALE)
    return np.asarray(np.clip(cv2.resize(spread, size, interpolation=cv2.INTER_CUBIC), 0, 255), np.uint8)


def _written(path: Path, picture: Picture) -> Path:
    if not cv2.imwrite(str(path), picture):
        raise OSError(f"{path}: cannot be written; check the folder's permissions")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Gather 40 images that are no hand or foot.")
    parser.add_argument("--real", type=Path, required=True, help="folder of the real films, with its pool")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder to write them to")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    arguments = parser.parse_args()
    print(f"{len(gather(arguments.real, arguments.out, arguments.seed))} images in {arguments.out}")


if __name__ == "__main__":
    main()
