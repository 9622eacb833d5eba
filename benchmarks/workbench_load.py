"""How long a reader waits for a saved score while many read at once: `python benchmarks/workbench_load.py`.

Starts `opensvh serve` on an empty folder (or on Debian's PostgreSQL, with writes as durable as it makes them), sets up
studies of drawn films and lets readers save score by score, each over a connection of their own: `steady` as people do,
who think between two scores, and `saturated` without any pause. Prints percentiles of the time from the request to the
answer, processor time of the server for each score, and what the machine was doing besides.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))

from local_postgres import local_postgres, new_database
from running_workbench import RunningWorkbench

PASSWORD = "a long enough password"
CODES = ("LH", "RH", "LF", "RF")
HOST = "127.0.0.1"


@dataclass
class Reader:
    """One reader: a signed-in session and the changes still to be saved, each with the reading's address."""

    cookie: str
    csrf: str
    left: Iterator[tuple[str, dict[str, Any]]]
    waits_s: list[float] = field(default_factory=list)


def main() -> None:
    """Measure each database asked for, print one JSON line a case."""
    asked = _arguments()
    for database in asked.databases:
        with tempfile.TemporaryDirectory(dir=asked.scratch) as scratch, _running(Path(scratch), database) as workbench:
            readers = _readers(workbench, asked)
            for case, think_s in (("steady", asked.think_s), ("saturated", (0.0, 0.0))):
                result = asyncio.run(_measured(workbench, readers, think_s, asked.seconds))
                print(json.dumps({"database": database, "case": case, "readers": len(readers), **result}), flush=True)


@contextmanager
def _running(scratch: Path, database: str) -> Iterator[RunningWorkbench]:
    with local_postgres() if database == "postgresql" else nullcontext("") as server:
        more = {"database": new_database(server)} if server else {}
        settings = {"models": [], "limits": {"requests_a_minute": 1_000_000}, **more}
        workbench = RunningWorkbench(scratch / "workbench", settings)
        workbench.start()
        try:
            yield workbench
        finally:
            workbench.kill()


def _readers(workbench: RunningWorkbench, asked: argparse.Namespace) -> list[Reader]:
    """Studies of two readers each, all over the same drawn films, and every place of every reading to be scored."""
    _draw(workbench.data / "films" / "drawn" / "images", asked.patients)
    manager = httpx.Client(base_url=workbench.url, timeout=60)
    begun = manager.post(
        "/api/welcome", json={"token": workbench.first_token(), "name": "manager", "password": PASSWORD}
    ).json()
    manager.headers["X-CSRF-Token"] = begun["csrf"]
    _ok(manager.post("/api/films/scan", json={}))
    links = {}
    for number in range(asked.readers):
        name = f"reader {number}"
        links[name] = _ok(manager.post("/api/accounts", json={"name": name, "role": "reader"}))["link"]
    names = list(links)
    for first in range(0, len(names), 2):
        _ok(manager.post("/api/studies", json={"name": f"study {first}", "readers": names[first : first + 2]}))
    return [_reader(workbench.url, links[name]) for name in names]


def _reader(url: str, link: str) -> Reader:
    client = httpx.Client(base_url=url, timeout=60)
    begun = _ok(client.post("/api/welcome", json={"token": link.partition("#")[2], "password": PASSWORD}))
    wholes = [_ok(client.get(f"/api/readings/{each['id']}")) for each in _ok(client.get("/api/readings"))]
    return Reader(client.cookies["opensvh_session"], begun["csrf"], _changes(wholes))


def _changes(wholes: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Score after score through every reading, and again from the start with other grades."""
    grade = 0
    while True:
        for whole in wholes:
            for step in whole["steps"]:
                for place in step["places"]:
                    change = {"change": uuid.uuid4().hex, "film": place["film"], "site": step["site"]}
                    change |= {"kind": place["kind"], "status": "scored", "grade": grade}
                    yield f"/api/readings/{whole['reading']['id']}/scores", change
        grade = (grade + 1) % 5


async def _measured(
    workbench: RunningWorkbench, readers: list[Reader], think_s: tuple[float, float], seconds: float
) -> Mapping[str, float]:
    """Let everybody read for a while; times in milliseconds."""
    for reader in readers:
        reader.waits_s.clear()
    before, start = workbench.cpu_s(), time.monotonic()
    end = start + seconds
    await asyncio.gather(*(_read(reader, workbench.port, think_s, end) for reader in readers))
    lasted, used = time.monotonic() - start, workbench.cpu_s() - before
    waits = np.array([wait for reader in readers for wait in reader.waits_s]) * 1000
    centiles = {f"p{part}_ms": round(float(np.percentile(waits, part)), 1) for part in (50, 95, 99)}
    return {
        "scores": len(waits),
        "a_second": round(len(waits) / lasted, 1),
        **centiles,
        "longest_ms": round(float(waits.max()), 1),
        "cpu_ms_a_score": round(1000 * used / len(waits), 2),
        "fsync_ms": round(_fsync_ms(workbench.data), 2),
        "load": round(os.getloadavg()[0], 1),
    }


async def _read(reader: Reader, port: int, think_s: tuple[float, float], end: float) -> None:
    """Save score after score; plain HTTP by hand, since a client library would take more processor than the server."""
    incoming, outgoing = await asyncio.open_connection(HOST, port)
    await asyncio.sleep(random.uniform(0, think_s[1]))
    while time.monotonic() < end:
        address, change = next(reader.left)
        body = json.dumps({"scores": [change]}).encode()
        head = (
            f"PUT {address} HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: opensvh_session={reader.cookie}\r\n"
            f"X-CSRF-Token: {reader.csrf}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        start = time.monotonic()
        outgoing.write(head.encode() + body)
        status, _answer = await _answered(incoming)
        reader.waits_s.append(time.monotonic() - start)
        assert status == 200, _answer
        await asyncio.sleep(random.uniform(*think_s))
    outgoing.close()


async def _answered(incoming: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await incoming.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    return int(head.split(" ", 2)[1]), await incoming.readexactly(length)


def _ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def _draw(folder: Path, patients: int) -> None:
    folder.mkdir(parents=True)
    for number in range(patients):
        for code in CODES:
            pixels = np.random.default_rng((number, *code.encode())).integers(0, 60000, (60, 40)).astype(np.uint16)
            cv2.imwrite(str(folder / f"P{number:03}-{code}.png"), pixels)


def _fsync_ms(folder: Path) -> float:
    """The median of what one page takes to the disk: no durable write can be quicker."""
    times = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(15):
            start = time.monotonic()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.monotonic() - start)
    return 1000 * float(np.median(times))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--patients", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each case")
    parser.add_argument("--think-s", type=float, nargs=2, default=(1.0, 2.0), help="pause between two scores")
    parser.add_argument("--scratch", type=Path, default=None, help="a folder on the disk to be measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
