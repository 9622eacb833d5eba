"""A real server over HTTP for the workbench's tests: films that are drawn, people who sign in, both databases."""

import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
import uvicorn
from argon2 import PasswordHasher

from opensvh.domain.anatomy import FILM_CODES, POINTS, Kind, sites_of
from opensvh.domain.reading import Status
from opensvh.serving.workbench.accounts import first_invitation
from opensvh.serving.workbench.api.app import make_app
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.model_process import FilmAnswer, FilmJob
from opensvh.serving.workbench.model_view import ModelPoint, ModelScore, ModelView, doubt_of
from opensvh.serving.workbench.server import open_workbench
from opensvh.serving.workbench.settings import Limits, Settings

sys.path.insert(0, str(Path(__file__).parents[3] / "validation"))

from local_postgres import HINT, is_installed, local_postgres, new_database

PASSWORD = "correct horse battery"
SIZE = (80, 120)
"""Width and height of the drawn films."""


class Page:
    """A browser: a client with its session's cookie that sends the token against forged requests."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=120)

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.begun(self.client.post("/api/login", json={"name": name, "password": password}))

    def begun(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == 200:
            self.client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return answer

    def ok(self, method: str, path: str, **told: Any) -> Any:
        """The answer's content where it is a success; a test that expects one has no more to say."""
        answer = self.client.request(method, path, **told)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        is_json = answer.headers.get("content-type") == "application/json" and answer.content
        return answer.json() if is_json else answer

    def status(self, method: str, path: str, **told: Any) -> int:
        return self.client.request(method, path, **told).status_code


@dataclass
class Served:
    """A running server, and how to reach it as somebody."""

    bench: Workbench
    url: str
    films: Path
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, name: str = "") -> Page:
        """The page of a person who is signed in, or of a stranger."""
        if not name:
            return Page(self.url)
        return self.pages[name]

    def add(self, name: str, role: str) -> Page:
        """A new person, welcomed by the link that the manager got."""
        invited = self.pages["mia"].ok("POST", "/api/accounts", json={"name": name, "role": role})
        page = Page(self.url)
        token = invited["link"].partition("#")[2]
        page.begun(page.client.post("/api/welcome", json={"token": token, "password": PASSWORD}))
        self.pages[name] = page
        return page


class CannedModel(Executor):
    """Answers for the model at once: every joint on a line, narrowing 1 everywhere, feet less sure than hands."""

    def submit(self, call: Callable[..., Any], /, *given: Any, **_named: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(canned(given[0]) if isinstance(given[0], FilmJob) else call(*given))
        return future


def canned(job: FilmJob) -> FilmAnswer:
    code = Path(job.path).stem.rpartition("-")[2]
    limb, side = FILM_CODES[code]
    confidence = 0.9 if code.endswith("H") else 0.6
    points = {
        name: ModelPoint(x=10.0 + place, y=20.0 + 2 * place, confidence=confidence, crop_px=24.0)
        for place, name in enumerate(POINTS[limb])
    }
    scores = tuple(
        ModelScore(
            site=site.name, kind=Kind.NARROWING, status=Status.SCORED, expected=1.0, grade=1, confidence=0.9, reason=""
        )
        for site in sites_of(limb, Kind.NARROWING)
    )
    view = ModelView(
        limb=limb, side=side, turn_cw_deg=0.0, mirrored=code[0] == "R", points=points, scores=scores, warnings=()
    )
    return FilmAnswer("canned 1", view.model_dump_json(), doubt_of(view), "")


def draw_films(folder: Path, patients: tuple[str, ...], visits: int = 2) -> None:
    """A native dataset of two visits a patient: grey noise, which nobody but a test would call a film."""
    (folder / "images").mkdir(parents=True)
    rows = ["patient,person,visit,months"]
    for patient in patients:
        for visit in range(1, visits + 1):
            name = patient if visit == 1 else f"{patient}V{visit}"
            rows.append(f"{name},{patient},{visit},{12 * (visit - 1)}")
            for code in FILM_CODES:
                rng = np.random.default_rng((*name.encode(), *code.encode()))
                pixels = rng.integers(0, 60000, (SIZE[1], SIZE[0])).astype(np.uint16)
                cv2.imwrite(str(folder / "images" / f"{name}-{code}.png"), pixels)
    (folder / "visits.csv").write_text("\n".join(rows) + "\n")


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with little work: the parameters are the library's to choose, and tests set many passwords."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("opensvh.serving.workbench.accounts._hasher", lambda: quick)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", limits=Limits(logins=3, login_window_s=60))


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    yield from serving(settings)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Served]:
    """A server over SQLite, and one over PostgreSQL."""
    if request.param == "postgresql":
        settings = settings.model_copy(update={"database": request.getfixturevalue("fresh_database")})
    yield from serving(settings)


def serving(settings: Settings, executor: Callable[[], Executor] | None = CannedModel) -> Iterator[Served]:
    """A workbench with two patients of two visits, a manager `mia`, readers `anna` and `ben`, adjudicator `clara`."""
    draw_films(settings.films / "trial", ("K1", "K2"))
    bench = open_workbench(settings, executor)
    with bench.store.writing() as session:
        token = first_invitation(session, 1.0)
    port = settings.port if settings.address else 0
    server = uvicorn.Server(uvicorn.Config(make_app(bench), port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    served = Served(bench, url, settings.films)
    manager = served.pages["mia"] = Page(url)
    manager.begun(manager.client.post("/api/welcome", json={"token": token, "name": "mia", "password": PASSWORD}))
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture
def trial(served: Served) -> Served:
    """The server with its people in and its films in the library."""
    return peopled(served)


def peopled(served: Served) -> Served:
    for name, role in (("anna", "reader"), ("ben", "reader"), ("clara", "adjudicator")):
        served.add(name, role)
    taken = served.page("mia").ok("POST", "/api/films/scan", json={"folder": "trial"})
    assert len(taken["added"]) == 16
    return served


@pytest.fixture
def fresh_database(postgres: str) -> str:
    """The address of a new database."""
    return new_database(postgres)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Debian's PostgreSQL, without durable writes: what is tested is our SQL."""
    if not is_installed():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HINT)
    with local_postgres(durable=False) as server:
        yield server


def every_place(reading: dict[str, Any]) -> list[dict[str, Any]]:
    """What a whole reading wants, as changes that give grade 0."""
    return [
        {
            "change": uuid.uuid4().hex,
            "film": place["film"],
            "site": step["site"],
            "kind": place["kind"],
            "status": "scored",
            "grade": 0,
        }
        for step in reading["steps"]
        for place in step["places"]
    ]
