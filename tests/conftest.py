"""What all tests share: simulated patients, made once a run, and marked real films with readings that nobody made.

Files that take minutes come first, so that the processes of a run end together (`--dist loadfile`, which deals files
in this order where it is told `--no-loadscope-reorder`).
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.evaluation.real_reads import FilmOutcome, RealFilm, RealRead
from opensvh.evaluation.real_split import Half
from opensvh.evaluation.truth import FilmTruth

BOX = Box(100, 100, 300, 500)


@dataclass(frozen=True)
class Made:
    """What to make: a film with the digits up, its limb 400 px high, every joint found `off_px` to the right of where
    it is marked but the `lost` ones, every site read at `grade`."""

    name: str = "film"
    limb: Limb = Limb.FOOT
    half: Half = Half.MEASURING
    view: str = "DP"
    age: str = "adult"
    severe: bool = False
    off_px: float = 0.0
    lost: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    grade: float = 0.0
    grades: Mapping[tuple[str, Kind], float] = field(default_factory=dict)
    placement: LimbPlacement | None = None
    refused: str = ""
    person: str = ""


RealReads = Callable[[Made], RealRead]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole stories first, then files with slow tests, then all others; within these as they were found."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.parent.name != "e2e", item.path not in slow))


@pytest.fixture(scope="session")
def simulated_patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A native dataset of two simulated patients, SIM0001 and SIM0002 (seed 11), for all processes of a run.

    Whoever asks first makes it in one process, which takes up to a minute; the others wait. Nobody writes there.
    """
    from filelock import FileLock

    from opensvh.workflows.simulate import SimulationSettings, simulate

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the run's, in which each process has its own
    with FileLock(folder / "simulated-patients.lock"):
        simulate(folder / "simulated-patients", SimulationSettings(patients=2, seed=11))
    return folder / "simulated-patients"


def marked_points(limb: Limb) -> dict[str, Point]:
    """Places of all joints of a limb."""
    return {name: Point(120.0 + 8 * index, 130.0 + 15 * index) for index, name in enumerate(POINTS[limb])}


def made_read(made: Made) -> RealRead:
    """The film and its outcome."""
    truth = FilmTruth(
        film=made.name,
        patient=made.name,
        path=Path(made.name),
        limb=made.limb,
        side=Side.LEFT,
        points=marked_points(made.limb),
        uncertain=frozenset(made.uncertain),
        height_px=400.0,
        view=made.view,
        age=made.age,
    )
    film = RealFilm(truth, made.person or made.name, BOX, made.half, made.severe)
    if made.refused:
        return RealRead(film, FilmOutcome((), made.refused))
    return RealRead(film, FilmOutcome((_reading(made),)))


def _reading(made: Made) -> FilmReading:
    limb = made.limb if made.placement is None else made.placement.limb
    points = {name: Point(x + made.off_px, y) for name, (x, y) in marked_points(limb).items() if name not in made.lost}
    sites = tuple(
        SiteReading(site, kind, Status.SCORED, made.grades.get((site.name, kind), made.grade))
        for kind in Kind
        for site in sites_of(limb, kind)
    )
    return FilmReading(made.name, made.name, limb, Side.LEFT, sites, BOX, points, placement=made.placement)


@pytest.fixture
def made() -> type[Made]:
    """How to say what film is wanted."""
    return Made


@pytest.fixture
def real_read() -> RealReads:
    """Makes such a film."""
    return made_read
