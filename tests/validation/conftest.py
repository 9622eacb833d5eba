"""The trials are scripts beside the package: their folder is made importable here, as Python does for a script."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import FILM_CODES, RA2_SITE_COLUMNS, Limb
from opensvh.domain.geometry import Point
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints

sys.path.insert(0, str(Path(__file__).parents[2] / "validation"))

from limb_pose import SHAPES

SIDE_PX = 256


def _film_points(limb: Limb) -> dict[str, Point]:
    return {name: Point(128 + 200 * x, 128 + 200 * y) for name, (x, y) in SHAPES[limb].items()}


def _noise(path: Path, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), rng.integers(0, 256, (SIDE_PX, SIDE_PX), np.uint8))


@pytest.fixture
def films_of_noise(tmp_path: Path) -> Path:
    """Films of noise of nine patients with random grades; the first lacks one exact grade."""
    folder, rng = tmp_path / "films", np.random.default_rng(0)
    patients = [f"P{number}" for number in range(9)]
    points = {}
    for patient in patients:
        for code, (limb, _) in FILM_CODES.items():
            _noise(folder / "images" / f"{patient}-{code}.png", rng)
            points[patient, code] = _film_points(limb)
    grades: dict[str, dict[str, float | None]] = {
        patient: {column: float(rng.integers(0, 5)) for column in RA2_SITE_COLUMNS} for patient in patients
    }
    write_joints(folder / "joints.csv", points)
    write_ra2(folder / "training.csv", grades)
    grades["P0"][next(iter(RA2_SITE_COLUMNS))] = None
    write_ra2(folder / "truth.csv", grades)
    return folder


@pytest.fixture
def real_films_of_noise(tmp_path: Path) -> Path:
    """Marked films of noise: a hand and a foot without arthritis, and a hand with severe arthritis."""
    folder, records = tmp_path / "real", []
    groups = {"IMG0000032": Limb.HAND, "artrite-reumatoide-rx-maos": Limb.HAND, "IMG0000047": Limb.FOOT}
    for group, limb in groups.items():
        _noise(folder / f"{group}.jpg", np.random.default_rng(1))
        points = {name: list(point) for name, point in _film_points(limb).items()}
        records.append(
            {"file": f"{group}.jpg", "limb": limb, "side": "L", "bbox": [0, 0, 200, 200], "points": points}
            | {"group": group, "age": "adult", "view": "PA"}
        )
    (folder / "joints.json").write_text(json.dumps(records))
    return folder
