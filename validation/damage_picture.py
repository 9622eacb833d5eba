"""Patches with what was read on them, to be looked at. Those of real films stay in the trial's folder."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from damage_data import GradedJoints, Grades, Joints
from numpy.typing import NDArray
from patch_training import plain

COLUMNS, ROWS = 10, 6
LABEL_PX = 26
ENLARGED = 1.5
Picture = NDArray[np.uint8]


def write_pictures(out: Path, unseen: GradedJoints, read_unseen: Grades, real: Joints, read_real: Grades) -> None:
    """`unseen.png` (exact grade and reading), `real.png` (some of all) and `real-highest.png` (readings descending)."""
    grades = [f"{exact:g} {read:.1f}" for exact, read in zip(unseen.exact, read_unseen, strict=True)]
    cv2.imwrite(str(out / "unseen.png"), _sheet(unseen.joints, grades, _evenly(len(grades))))
    readings = [f"{read:.1f}" for read in read_real]
    cv2.imwrite(str(out / "real.png"), _sheet(real, readings, _evenly(len(readings))))
    highest = np.argsort(-read_real)[: COLUMNS * ROWS].tolist()
    cv2.imwrite(str(out / "real-highest.png"), _sheet(real, readings, highest))


def _evenly(count: int) -> list[int]:
    return [round(place) for place in np.linspace(0, count - 1, min(count, COLUMNS * ROWS))]


def _sheet(joints: Joints, labels: Sequence[str], rows: Sequence[int]) -> Picture:
    tiles = [_tile(joints, labels[row], row) for row in rows]
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % COLUMNS)
    return np.vstack([np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)])


def _tile(joints: Joints, label: str, row: int) -> Picture:
    patch = plain(joints.patch(row))
    low, high = np.percentile(patch, (1, 99))
    shown = np.clip((patch - low) / max(high - low, 1e-3), 0, 1) * 255
    enlarged = cv2.resize(shown.astype(np.uint8), None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_LINEAR)
    tile = cv2.copyMakeBorder(enlarged, LABEL_PX, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    name, film = joints.sites[row].name, Path(joints.limbs[row]).stem[-7:]
    for line, text in enumerate((f"{name[:9]}: {label}", film)):
        cv2.putText(tile, text, (3, 11 + 12 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 255, 1, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)
