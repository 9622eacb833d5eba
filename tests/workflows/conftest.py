"""Two tiny sets of drawn hands, as files: marked films and a native dataset."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.io.tables import write_joints

ROWS, COLUMNS = 420, 300
SetMaker = Callable[[Path, int], Path]


@pytest.fixture
def marked_films() -> SetMaker:
    """Writes a folder with `joints.json` and so many left hands of as many persons; the last is a child's."""
    return _marked_films


@pytest.fixture
def simulated_set() -> SetMaker:
    """Writes a native dataset with joints: both hands of so many patients, noisier than the marked films."""
    return _simulated_set


def _drawn_hand(seed: int, noise: float) -> tuple[np.ndarray, dict[str, Point]]:
    """Five rays with bright edges over grey tissue, uint8, and a point for each joint of a hand."""
    rng = np.random.default_rng(seed)
    pixels = np.full((ROWS, COLUMNS), 25.0)
    pixels[40:400, 40:260] = 75
    points = {name: Point(60.0 + 8 * number, 300.0) for number, name in enumerate(POINTS[Limb.HAND])}
    for digit in range(1, 6):
        x = 40 + 40 * digit
        pixels[60:380, x - 9 : x + 10] = 180
        pixels[60:380, x - 6 : x + 7] = 130
        heights = {"IP": 110, "MCP": 180} if digit == 1 else {"PIP": 110, "MCP": 180, "CMC": 300}
        for joint, y in heights.items():
            if f"{joint}{digit}" in points:
                points[f"{joint}{digit}"] = Point(float(x), float(y))
    return np.clip(pixels + noise * rng.normal(size=pixels.shape), 0, 255).astype(np.uint8), points


def _marked_films(folder: Path, count: int, noise: float = 2.0) -> Path:
    """`joints.json` with as many left hands, digits down in the file; the last is a child's."""
    folder.mkdir(parents=True)
    records = []
    for number in range(count):
        pixels, points = _drawn_hand(number, noise)
        cv2.imwrite(str(folder / f"film{number}.png"), pixels[::-1, ::-1])
        records.append(
            {
                "file": f"film{number}.png", "limb": "hand", "side": "L", "rotate_cw": 180, "view": "PA",
                "bbox": [40, 20, 260, 380], "group": f"person{number}",
                "age": "child" if number == count - 1 else "adult",
                "points": {name: [COLUMNS - 1 - x, ROWS - 1 - y] for name, (x, y) in points.items()},
            }
        )  # fmt: skip
    (folder / "joints.json").write_text(json.dumps(records))
    return folder


def _simulated_set(folder: Path, patients: int, noise: float = 8.0) -> Path:
    """A native dataset with both hands of each patient, right ones looking like right ones."""
    (folder / "images").mkdir(parents=True)
    joints = {}
    for number in range(patients):
        for code in ("LH", "RH"):
            pixels, points = _drawn_hand(100 + number, noise)
            if code == "RH":
                pixels = pixels[:, ::-1]
                points = {name: Point(COLUMNS - 1 - x, y) for name, (x, y) in points.items()}
            cv2.imwrite(str(folder / "images" / f"P{number}-{code}.png"), pixels)
            joints[f"P{number}", code] = points
    write_joints(folder / "joints.csv", joints)
    return folder
