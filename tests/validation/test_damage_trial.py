import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from damage_trial import run_trial
from limb_pose import SHAPES
from patch_training import Schedule

from opensvh.domain.anatomy import FILM_CODES, RA2_SITE_COLUMNS, Limb
from opensvh.domain.errors import OutputConflict
from opensvh.domain.geometry import Point
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints

SCHEDULE = Schedule(steps=10, batch=4)
SIDE_PX = 256


def film_points(limb: Limb) -> dict[str, Point]:
    return {name: Point(128 + 200 * x, 128 + 200 * y) for name, (x, y) in SHAPES[limb].items()}


def noise(path: Path, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), rng.integers(0, 256, (SIDE_PX, SIDE_PX), np.uint8))


def film_set(folder: Path) -> Path:
    """Films of noise of nine patients with random grades; the first lacks one exact grade."""
    rng = np.random.default_rng(0)
    patients = [f"P{number}" for number in range(9)]
    points = {}
    for patient in patients:
        for code, (limb, _) in FILM_CODES.items():
            noise(folder / "images" / f"{patient}-{code}.png", rng)
            points[patient, code] = film_points(limb)
    grades: dict[str, dict[str, float | None]] = {
        patient: {column: float(rng.integers(0, 5)) for column in RA2_SITE_COLUMNS} for patient in patients
    }
    write_joints(folder / "joints.csv", points)
    write_ra2(folder / "training.csv", grades)
    grades["P0"][next(iter(RA2_SITE_COLUMNS))] = None
    write_ra2(folder / "truth.csv", grades)
    return folder


def real_folder(folder: Path) -> Path:
    """Marked films of noise: a hand and a foot without arthritis, and a hand with severe arthritis."""
    records = []
    groups = {"IMG0000032": Limb.HAND, "artrite-reumatoide-rx-maos": Limb.HAND, "IMG0000047": Limb.FOOT}
    for group, limb in groups.items():
        noise(folder / f"{group}.jpg", np.random.default_rng(1))
        points = {name: list(point) for name, point in film_points(limb).items()}
        records.append(
            {"file": f"{group}.jpg", "limb": limb, "side": "L", "bbox": [0, 0, 200, 200], "points": points}
            | {"group": group, "age": "adult", "view": "PA"}
        )
    (folder / "joints.json").write_text(json.dumps(records))
    return folder


def test_a_trial_leaves_figures_logs_and_pictures_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    films, real, out = film_set(tmp_path / "films"), real_folder(tmp_path), tmp_path / "out"
    result = run_trial(films, None, real, out, SCHEDULE)
    assert result == json.loads((out / "result.json").read_text())
    for kind, sites in (("narrowing", 15 + 6), ("erosion", 16 + 6)):
        figures = result["kinds"][kind]
        assert figures["real"]["all"]["all"]["sites"] == sites, "without the severe hand"
        assert [limb["severe"] for limb in figures["real"]["limbs"]] == [False, True, False]
        assert figures["unseen"]["exact"]["all"]["rmse"] > 0
        assert {path.name for path in (out / kind).glob("*.png")} == {"unseen.png", "real.png", "real-highest.png"}
        assert (out / kind / "log.csv").read_text().startswith("step,loss")
    assert run_trial(films, None, real, out, SCHEDULE) == result
    with pytest.raises(OutputConflict, match="other settings"):
        run_trial(films, None, real, out, Schedule(steps=11))
