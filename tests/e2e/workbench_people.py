"""A workbench with its people and a study, set up over the API for tests of single pages."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from running_workbench import RunningWorkbench
from workbench_pages import PASSWORD, page_setting


def new_workbench(data: Path, patients: Path, **settings: Any) -> RunningWorkbench:
    """A workbench that is not started yet, with the films of the first of these patients in its folder."""
    images = data / "films" / "trial" / "images"
    images.mkdir(parents=True)
    for film in (patients / "images").glob("SIM0001-*"):
        shutil.copy(film, images)
    return RunningWorkbench(data, {**page_setting(), **settings})


def people_it(workbench: RunningWorkbench, pairs: Sequence[tuple[str, str]] = (("anna", "ben"),)) -> httpx.Client:
    """Manager `mia`, whose client it gives, adjudicator `clara`, all films, and a study for each pair of readers."""
    manager = _welcomed(workbench.url, workbench.first_token(), "mia")
    _ok(manager.post("/api/films/scan", json={}))
    for name, role in [("clara", "adjudicator"), *((reader, "reader") for pair in pairs for reader in pair)]:
        link = _ok(manager.post("/api/accounts", json={"name": name, "role": role}))["link"]
        _welcomed(workbench.url, link.partition("#")[2]).close()
    for number, pair in enumerate(pairs, start=1):
        _ok(manager.post("/api/studies", json={"name": f"Trial {number}", "readers": pair}))
    return manager


def signed_in(url: str, name: str) -> httpx.Client:
    """A program that is signed in as somebody."""
    client = httpx.Client(base_url=url, timeout=180)
    begun = _ok(client.post("/api/login", json={"name": name, "password": PASSWORD}))
    client.headers["X-CSRF-Token"] = begun["csrf"]
    return client


def entered(url: str, name: str) -> list[tuple[str, str, str, int | None]]:
    """What the server has of somebody's first reading, in the order of the walk: code, site, kind, grade."""
    client = signed_in(url, name)
    first = _ok(client.get("/api/readings"))[0]["id"]
    whole = _ok(client.get(f"/api/readings/{first}"))
    client.close()
    return [
        (step["code"], step["site"], place["kind"], place["grade"])
        for step in whole["steps"]
        for place in step["places"]
        if place["status"] != "unscored"
    ]


def _welcomed(url: str, token: str, name: str | None = None) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=180)
    told = {"token": token, "password": PASSWORD} | ({"name": name} if name else {})
    client.headers["X-CSRF-Token"] = _ok(client.post("/api/welcome", json=told))["csrf"]
    return client


def _ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()
