"""What runs read of films: as scoring reads them in one look, small on the disk, and back again."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Point
from opensvh.evaluation.site_distributions import Distributions, highest_grade, mean_of
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.image import read_film
from opensvh.simulation.cohort import film_of, visits_of
from opensvh.training.config import load_preset, with_training
from opensvh.workflows.benchmark import SIZES
from opensvh.workflows.benchmark_films import coarser_detectors
from opensvh.workflows.reproduce_films import PartFilm, open_pictures, part_films
from opensvh.workflows.reproduce_reading import (
    collected,
    read_distributions,
    read_found,
    read_limbs,
    write_distributions,
    write_found,
)


def drawn(film_sets: int, foot_classes: int = 6) -> Distributions:
    rng = np.random.default_rng(3)
    by_column = {}
    for column in RA2_SITE_COLUMNS:
        highest = highest_grade(column)
        classes = foot_classes if highest == 10 else highest + 1
        by_column[column] = rng.dirichlet(np.full(classes, 0.4), film_sets)
    return Distributions(tuple(f"P{number}" for number in range(film_sets)), by_column)


@pytest.mark.parametrize("foot_classes", [6, 11])
def test_distributions_come_back_to_a_thousandth(tmp_path: Path, foot_classes: int) -> None:
    written = drawn(5, foot_classes)
    written.by_column["LH_mcp_E__1"][2] = np.nan
    written.by_column["LH_mcp_E__1"][0] = np.eye(6)[0]
    written.by_column["LH_mcp_E__1"][1] = np.eye(6)[5]
    write_distributions(tmp_path / "read.csv", written)
    read = read_distributions(tmp_path / "read.csv")
    assert read.film_sets == written.film_sets
    assert read.gaps == 1
    for column, rows in written.by_column.items():
        np.testing.assert_allclose(read.by_column[column], rows, atol=6e-3, equal_nan=True)
        np.testing.assert_allclose(np.nansum(read.by_column[column], axis=1), np.where(np.isnan(rows[:, 0]), 0, 1))
    np.testing.assert_allclose(read.expected, written.expected, atol=0.02, equal_nan=True)


def test_joints_come_back_to_a_pixel(tmp_path: Path) -> None:
    found = {"P0-LH": {"MCP2": Point(10.26, 20.0), "PIP3": Point(3.9, 400.4)}, "P0-LF": {}}
    write_found(tmp_path / "joints.csv", found)
    assert read_found(tmp_path / "joints.csv") == {
        "P0-LH": {"MCP2": Point(10, 20), "PIP3": Point(4, 400)}, "P0-LF": {},
    }  # fmt: skip


def test_an_ensembles_distribution_is_the_mean_of_the_members_that_read_the_site() -> None:
    one, other = drawn(3), drawn(3)
    other.by_column["RF_mtp_E__1"][0] = np.nan
    mean = mean_of([one, other])
    np.testing.assert_allclose(mean.by_column["RF_mtp_E__1"][0], one.by_column["RF_mtp_E__1"][0])
    assert mean.gaps == 0


def test_films_are_found_by_their_names_alone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("B-1-RF.png", "A-LH.png", "notes.png"):
        (tmp_path / "images" / name).touch()
    films = part_films(tmp_path)
    assert [(film.patient, film.limb, film.side) for film in films] == [
        ("A", Limb.HAND, Side.LEFT),
        ("B-1", Limb.FOOT, Side.RIGHT),
    ]
    with pytest.raises(DatasetInvalid, match="holds no films"):
        part_films(tmp_path / "images")


@pytest.fixture(scope="module")
def bundle() -> Bundle:

    return load_bundle(find_bundle("reference"))


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[PartFilm, ...]:
    """A hand and a foot of the first development patient, as size `small` has them."""
    folder = tmp_path_factory.mktemp("part")
    (folder / "images").mkdir()
    part = SIZES["small"].parts[1]
    with coarser_detectors(part.coarser):
        for code in ("LH", "LF"):
            film = film_of(part.cohort, 1, visits_of(part.cohort, 1)[0], code)
            cv2.imwrite(str(folder / "images" / f"DEV0001-{code}.png"), film.pixels)
    return part_films(folder)


@pytest.mark.slow
def test_films_are_read_as_scoring_reads_them_in_one_look(
    bundle: Bundle, films: tuple[PartFilm, ...], tmp_path: Path
) -> None:
    config = bundle.config
    preset = with_training(load_preset("reference"), precision="fp32").model_copy(
        update={"model": config.model, "preprocessing": config.preprocessing}
    )
    limbs = list(read_limbs(bundle.network, open_pictures(tmp_path, films, config.preprocessing), preset))
    once = config.model_copy(update={"reading": config.reading.model_copy(update={"second_look": False})})
    predictor = Predictor([replace(bundle, config=once)])
    for limb in limbs:
        identity = FilmIdentity(limb.film.patient, limb.film.limb, limb.film.side, 0, "test")
        reading = predictor.read(read_film(limb.film.path), identity).reading
        assert set(limb.points) == set(reading.points)
        for name, point in reading.points.items():
            assert limb.points[name] == pytest.approx(point, abs=0.3)
        for site in reading.sites:
            if site.expected is not None:
                rows = limb.damage[site.site.name, site.kind]
                grades = np.linspace(0, site.site.maximum(site.kind) or 0, len(rows))
                assert rows @ grades == pytest.approx(site.expected, abs=0.05)
    read, found = collected(limbs)
    assert read.film_sets == tuple(dict.fromkeys(film.patient for film in films))
    assert set(found) == {film.name for film in films}
    assert read.expected.shape == (1, 86)
    assert {kind for limb in limbs for _, kind in limb.damage} == set(Kind)
