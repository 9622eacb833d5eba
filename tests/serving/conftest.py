"""Nodes for tests: a configuration on free ports, a stand-in for the model, and films as files."""

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any, TextIO, cast

import numpy as np
import pytest
import requests
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.serving.database import Database
from opensvh.serving.journal import Journal
from opensvh.serving.node import Node
from opensvh.serving.node_config import NodeConfig

sys.path.insert(0, str(Path(__file__).parent))

from stand_in_scorer import StandIn


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def waited_for(is_so: Callable[[], object], seconds: float = 120.0) -> None:
    """Until it is so; fails where that takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


FilmMaker = Callable[..., Path]
WaitFor = Callable[..., None]


@pytest.fixture
def wait_for() -> WaitFor:
    """Waits until something is so."""
    return waited_for


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


class Journalled:
    """A stream that keeps the log."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        self.lines += [json.loads(line) for line in text.splitlines() if line]
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def events(self, event: str) -> list[dict[str, object]]:
        return [line for line in self.lines if line["event"] == event]


class Pacs:
    """A PACS of pynetdicom: keeps what it is sent; `refusing` C-STOREs fail first; `commits` says how it answers.

    `commits`: "yes", "no" (each first request fails), "never".
    """

    def __init__(self, port: int, node_port: int, refusing: int = 0, commits: str = "yes") -> None:
        self.port, self.node_port, self.refusing, self.commits = port, node_port, refusing, commits
        self.stored: list[str] = []
        self.requests: list[str] = []
        self.answers: list[int] = []
        self._entity = AE("PACS")
        self._entity.supported_contexts = AllStoragePresentationContexts
        self._entity.add_supported_context(StorageCommitmentPushModel)
        handlers = [(evt.EVT_C_STORE, self._store), (evt.EVT_N_ACTION, self._action)]
        self._server = self._entity.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)

    def stop(self) -> None:
        self._server.shutdown()

    def _store(self, event: evt.Event) -> int:
        if self.refusing:
            self.refusing -= 1
            return 0xA700
        self.stored.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    def _action(self, event: evt.Event) -> tuple[int, None]:
        request = event.action_information
        self.requests.append(str(request.TransactionUID))
        if self.commits != "never":
            Timer(0.1, self._report, [request]).start()
        return 0x0000, None

    def _report(self, request: Dataset) -> None:
        report = Dataset()
        report.TransactionUID = request.TransactionUID
        fails = self.commits == "no" and len(self.requests) == 1
        for item in request.ReferencedSOPSequence:
            item.FailureReason = 0x0112
        kept, lost = ([], list(request.ReferencedSOPSequence)) if fails else (list(request.ReferencedSOPSequence), [])
        report.ReferencedSOPSequence = Sequence(kept)
        if lost:
            report.FailedSOPSequence = Sequence(lost)
        entity = AE("PACS")
        entity.add_requested_context(StorageCommitmentPushModel)
        roles = [build_role(StorageCommitmentPushModel, scp_role=True)]
        association = entity.associate("127.0.0.1", self.node_port, ae_title="OPENSVH", ext_neg=roles)
        answer, _ = association.send_n_event_report(
            report, 2 if lost else 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
        )
        self.answers.append(int(answer.Status))
        association.release()


def sent(port: int, *paths: Path, ae_title: str = "MODALITY", called: str = "OPENSVH", **more: Any) -> list[int | None]:
    """Send files by C-STORE; the status of each, None where no answer came. Raises ConnectionError if not heard."""
    datasets = [dcmread(path) for path in paths]
    entity = AE(ae_title)
    for pair in dict.fromkeys((each.SOPClassUID, each.file_meta.TransferSyntaxUID) for each in datasets):
        entity.add_requested_context(*pair)
    association = entity.associate("127.0.0.1", port, ae_title=called, **more)
    if not association.is_established:
        raise ConnectionError("rejected" if association.is_rejected else "not established")
    statuses = [association.send_c_store(each).get("Status") for each in datasets]
    association.release()
    return statuses


@pytest.fixture(name="send")
def sends() -> Callable[..., list[int | None]]:
    """Sends files by C-STORE."""
    return sent


@dataclass
class RunningNode:
    """A node of this process with its log."""

    node: Node
    config: NodeConfig
    log: Journalled

    def send(self, *paths: Path, **more: Any) -> list[int | None]:
        return sent(self.config.receive.port, *paths, **more)

    def get(self, page: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.config.monitor.port}{page}", timeout=60)


@pytest.fixture
def running(config: NodeConfig) -> Iterator[Callable[..., RunningNode]]:
    """Starts nodes, of the configuration with changes, and stops them at the end."""
    started: list[Node] = []

    def start(**changes: Any) -> RunningNode:
        told = NodeConfig.model_validate(config.model_dump() | changes)
        log = Journalled()
        node = Node(told, Journal(cast(TextIO, log)), np.random.default_rng(0), StandIn)
        started.append(node)
        node.start()
        return RunningNode(node, told, log)

    yield start
    for node in started:
        node.stop()


@pytest.fixture
def pacs(config: NodeConfig) -> Iterator[Callable[..., Pacs]]:
    """Starts the PACS that the configuration names."""
    started: list[Pacs] = []

    def start(**behaviour: Any) -> Pacs:
        started.append(Pacs(config.destinations[0].port, config.receive.port, **behaviour))
        return started[-1]

    yield start
    for each in started:
        each.stop()
