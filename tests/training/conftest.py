"""Three patients' films, drawn small: a grey limb with a bright dot at every joint. No simulator needed."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import FILM_CODES, POINTS, RA2_SITE_COLUMNS, Limb, Side
from opensvh.domain.geometry import Point
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import FilmRecord, read_dataset, write_joints
from opensvh.preprocessing.augment import AugmentationConfig
from opensvh.training.config import Preset, load_preset, with_training
from opensvh.training.dataset import FilmExamples
from opensvh.training.film_cache import open_cache

WIDTH, HEIGHT = 120, 160
PATIENTS = ("A", "B", "C")


def joints_of(limb: Limb, side: Side) -> dict[str, Point]:
    """Joints in rows of five, toes in one row; right limbs the other way round."""
    places = [(24.3 + 17 * (i % 5), 34.6 + 20 * (i // 5) + 2 * (i % 3)) for i in range(len(POINTS[limb]))]
    if limb is Limb.FOOT:
        places = [(22.4 + 15 * i, 40.7 + 3 * i) for i in range(len(POINTS[limb]))]
    turned = [Point(WIDTH - 1 - x if side is Side.RIGHT else x, y) for x, y in places]
    return dict(zip(POINTS[limb], turned, strict=True))


def drawn_film(joints: dict[str, Point]) -> np.ndarray:
    """Dark around a grey limb, a dot of 2 px at each joint."""
    film = np.full((HEIGHT, WIDTH), 30.0)
    film[16:150, 10:110] = 90
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    for joint in joints.values():
        film += 140 * np.exp(-((x - joint.x) ** 2 + (y - joint.y) ** 2) / (2 * 1.6**2))
    return np.clip(film, 0, 255).astype(np.uint8)


def grades_of(patient: int) -> dict[str, float]:
    """Every grade occurs, and no two patients have the same."""
    maxima = {column: site.maximum(kind) or 0 for column, (_, site, kind) in RA2_SITE_COLUMNS.items()}
    return {column: (number + 2 * patient) % (most + 1) for number, (column, most) in enumerate(maxima.items())}


@pytest.fixture(scope="session")
def film_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A native dataset of twelve films with all joints and grades."""
    folder = tmp_path_factory.mktemp("films")
    (folder / "images").mkdir()
    joints = {}
    for patient in PATIENTS:
        for code, (limb, side) in FILM_CODES.items():
            joints[patient, code] = joints_of(limb, side)
            cv2.imwrite(str(folder / "images" / f"{patient}-{code}.png"), drawn_film(joints[patient, code]))
    write_joints(folder / "joints.csv", joints)
    write_ra2(folder / "training.csv", {patient: grades_of(number) for number, patient in enumerate(PATIENTS)})
    return folder


@pytest.fixture(scope="session")
def films(film_set: Path) -> tuple[FilmRecord, ...]:
    return read_dataset(film_set).films


@pytest.fixture(scope="session")
def tiny() -> Preset:
    """The smallest network and picture, films moved and turned but not changed in their grey levels."""
    moved = AugmentationConfig(
        rotation_deg=20, scale=0.2, stretch=0.1, shift=0.05, flip_share=0.5,
        gamma=0, contrast=0, brightness=0, blur_share=0, edge_share=0, noise=0, patch_share=0,
    )  # fmt: skip
    preset = load_preset("tiny").model_copy(update={"augmentation": moved})
    return with_training(preset, batch_size=2, threads=1, precision="fp32")


@pytest.fixture(scope="session")
def examples(films: tuple[FilmRecord, ...], tiny: Preset, tmp_path_factory: pytest.TempPathFactory) -> FilmExamples:
    cache = open_cache(tmp_path_factory.mktemp("cache"), films, tiny)
    return FilmExamples(films, cache, tiny.model, tiny.augmentation)
