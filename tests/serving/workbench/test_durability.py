"""A server that is killed in the middle: what it answered for is there, and the trail is whole."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from opensvh.serving.workbench.settings import Settings

from .conftest import PASSWORD, Page, Served, draw_films, every_place, peopled

pytestmark = pytest.mark.slow


@contextmanager
def process(settings: Settings, config: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """`opensvh serve` as people start it: the process, its address, the first manager's token ("" later)."""
    command = [sys.executable, "-c", "from opensvh.cli.main import main; main()", "serve", "--port", "0"]
    command += ["--data", str(settings.data), "--config", str(config)]
    is_new = not (settings.data / "workbench.sqlite").exists()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        assert server.stdout is not None
        url = re.search(r"http://\S+", server.stdout.readline())
        token = server.stdout.readline().strip().rpartition("#")[2] if is_new else ""
        assert url is not None
        _wait_for(url[0])
        yield server, url[0], token
    finally:
        server.kill()
        server.wait()


def test_no_saved_score_is_lost_when_the_server_is_killed(settings: Settings, tmp_path: Path) -> None:
    config = tmp_path / "workbench.toml"
    config.write_text("models = []\n")
    draw_films(settings.films / "trial", ("K1", "K2"))
    with process(settings, config) as (server, url, token):
        served = Served(None, url, settings.films)  # type: ignore[arg-type]
        manager = served.pages["mia"] = Page(url)
        chosen = {"token": token, "name": "mia", "password": PASSWORD}
        manager.begun(manager.client.post("/api/welcome", json=chosen))
        peopled(served)
        study = {"name": "T", "readers": ["anna", "ben"], "order": "random", "seed": 1}
        manager.ok("POST", "/api/studies", json=study)
        saved = _read_until_killed(served, server)
    assert len(saved) > 40
    with process(settings, config) as (_server, url, _token):
        stored = _stored(url, ("anna", "ben"))
        assert saved.items() <= stored.items()
        mia = Page(url)
        mia.sign_in("mia")
        verdict = mia.ok("GET", "/api/audit/verdict")
    assert verdict["problems"] == []


def _read_until_killed(served: Served, server: subprocess.Popen[str]) -> dict[tuple[str, ...], int]:
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
    server.send_signal(signal.SIGKILL)
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


def _wait_for(url: str) -> None:
    transport = httpx.HTTPTransport(retries=20)
    with httpx.Client(transport=transport, timeout=60) as client:
        assert client.get(f"{url}/health").status_code == 200
