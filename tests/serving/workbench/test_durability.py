"""A server that is killed in the middle: what it answered for is there, and the trail is whole."""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import PASSWORD, Page, Served, draw_films, every_place, peopled

from running_workbench import RunningWorkbench  # isort: skip  (found by conftest's path)

pytestmark = pytest.mark.slow


def test_no_saved_score_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    workbench = RunningWorkbench(tmp_path / "data", {"models": []})
    films = workbench.data / "films"
    draw_films(films / "trial", ("K1", "K2"))
    workbench.start()
    try:
        served = Served(None, workbench.url, films)  # type: ignore[arg-type]
        manager = served.pages["mia"] = Page(workbench.url)
        chosen = {"token": workbench.first_token(), "name": "mia", "password": PASSWORD}
        manager.begun(manager.client.post("/api/welcome", json=chosen))
        peopled(served)
        study = {"name": "T", "readers": ["anna", "ben"], "order": "random", "seed": 1}
        manager.ok("POST", "/api/studies", json=study)
        saved = _read_until_killed(served, workbench)
        assert len(saved) > 40
        workbench.start()
        stored = _stored(workbench.url, ("anna", "ben"))
        assert saved.items() <= stored.items()
        mia = Page(workbench.url)
        mia.sign_in("mia")
        assert mia.ok("GET", "/api/audit/verdict")["problems"] == []
    finally:
        workbench.kill()


def _read_until_killed(served: Served, workbench: RunningWorkbench) -> dict[tuple[str, ...], int]:
    """What was answered for, of two readers who save score by score until the server is gone."""
    saved: dict[tuple[str, ...], int] = {}
    enough = threading.Event()

    def read(name: str) -> None:
        page = served.page(name)
        for listed in page.ok("GET", "/api/readings"):
            whole = page.ok("GET", f"/api/readings/{listed['id']}")
            for number, change in enumerate(every_place(whole)):
                try:
                    told = {"scores": [{**change, "grade": number % 5}]}
                    page.ok("PUT", f"/api/readings/{listed['id']}/scores", json=told)
                except httpx.TransportError:
                    return
                saved[listed["id"], change["film"], change["site"], change["kind"]] = number % 5
                if len(saved) > 40:
                    enough.set()

    threads = [threading.Thread(target=read, args=(name,)) for name in ("anna", "ben")]
    for thread in threads:
        thread.start()
    assert enough.wait(timeout=120)
    workbench.kill()
    for thread in threads:
        thread.join()
    return saved


def _stored(url: str, names: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    stored = {}
    for name in names:
        page = Page(url)
        page.sign_in(name)
        for listed in page.ok("GET", "/api/readings"):
            whole: dict[str, Any] = page.ok("GET", f"/api/readings/{listed['id']}")
            for step in whole["steps"]:
                for place in step["places"]:
                    stored[listed["id"], place["film"], step["site"], place["kind"]] = place["grade"]
    return stored
