"""Nodes for tests: a configuration on free ports, a stand-in for the model, and films as files."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.serving.database import Database
from opensvh.serving.node_config import NodeConfig
from opensvh.serving.scoring import Holding, Outcome, ScoreJob

RESULT = "result.dcm"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(is_so: Callable[[], object], seconds: float = 20.0) -> None:
    """Until it is so; fails where that takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class StandIn:
    """Reads films by their first sample: 66 ends the process, 77 raises, 88 takes a minute; else one result a study."""

    def __init__(self, models: tuple[str, ...], threads: int | None) -> None:
        self.names = models

    def score(self, job: ScoreJob, holding: Holding) -> Outcome:
        refused = []
        for path, uid in job.films.items():
            holding(uid if job.careful else None)
            first = Path(path).read_bytes()[-1]
            if first == 66:
                os._exit(3)
            if first == 77:
                raise ValueError("Doe^John is in this message")
            if first == 88:
                time.sleep(60)
            if first == 99:
                refused.append((uid, "is no hand"))
        holding(None)
        read = len(job.films) - len(refused)
        if read:
            sources = sorted(job.films)
            tags = FilmTags(Limb.HAND, Side.LEFT, "results of " + " ".join(map(str, sources)), 0.1)
            write_dicom(job.out / "dicom" / RESULT, np.arange(64 * 64, dtype=np.uint8).reshape(64, 64), tags)
        return Outcome(read, read, 44 * read, tuple(refused))


FilmMaker = Callable[..., Path]


@pytest.fixture
def film(tmp_path: Path) -> FilmMaker:
    """Writes a small film of a patient as DICOM; `last` is its last sample."""

    def write(patient: str = "P1", side: Side = Side.LEFT, last: int = 0, visit: int = 1) -> Path:
        pixels = np.arange(64 * 64, dtype=np.uint64).reshape(64, 64).astype(np.uint8)
        pixels[-1, -1] = last
        path = tmp_path / "sent" / f"{patient}-{side.value}-{visit}-{last}.dcm"
        write_dicom(path, pixels, FilmTags(Limb.HAND, side, patient, 0.1, visit=visit), bits=8)
        return path

    return write


@pytest.fixture
def config(tmp_path: Path) -> NodeConfig:
    """A node that hears MODALITY from this machine and sends to PACS, both on free ports."""
    return NodeConfig.model_validate(
        {
            "folder": tmp_path / "node",
            "receive": {
                "host": "127.0.0.1",
                "port": free_port(),
                "peers": [
                    {"ae_title": "MODALITY", "addresses": ["127.0.0.1"]},
                    {"ae_title": "PACS", "addresses": ["127.0.0.0/8"]},
                ],
            },
            "score": {"models": ["stand-in"], "quiet_s": 0.3, "film_tries": 2},
            "retry": {"first_s": 0.1, "longest_s": 0.5, "attempts": 3},
            "destinations": [
                {"kind": "dicom", "name": "pacs", "ae_title": "PACS", "host": "127.0.0.1", "port": free_port(),
                 "objects": ["sr"], "timeout_s": 5}
            ],
            "monitor": {"port": free_port()},
        }
    )  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    opened = Database(tmp_path / "database")
    yield opened
    opened.close()
