"""A real PACS for trials and tests: Debian's Orthanc in the foreground, with its DICOMweb plugin, on free ports.

`sudo apt-get install orthanc orthanc-dicomweb` brings it. Everything lies in a folder of the caller's.
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

PROGRAM = "Orthanc"
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
HINT = "Orthanc is not installed: sudo apt-get install orthanc orthanc-dicomweb"
AE_TITLE, NODE_TITLE = "ORTHANC", "OPENSVH"
_STARTING_S = 240.0


def is_installed() -> bool:
    """Whether the program and its plugin are there."""
    return shutil.which(PROGRAM) is not None and PLUGIN.exists()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Orthanc:
    """A PACS that is started and stopped, and keeps what it has in between. `more`: further keys of its configuration.

    It knows the node as modality `opensvh` at `node_port`, by TLS where `node_tls`; `login` is its REST user.
    """

    folder: Path
    node_port: int
    dicom_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    more: Mapping[str, Any] = field(default_factory=dict)
    node_tls: bool = False
    login: tuple[str, str] | None = None
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Of its REST API."""
        return f"http://127.0.0.1:{self.http_port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "orthanc.json"
        config.write_text(json.dumps(self._config(), indent=2), encoding="utf-8")
        with (self.folder / "orthanc.log").open("ab") as log:
            self._process = subprocess.Popen([PROGRAM, str(config)], stdout=log, stderr=log)
        deadline = time.monotonic() + _STARTING_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Orthanc did not start: {(self.folder / 'orthanc.log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as an operator would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=120)
            self._process = None

    def get(self, path: str) -> Any:
        """JSON of its REST API."""
        answer = requests.get(self.url + path, timeout=120, auth=self.login)
        answer.raise_for_status()
        return answer.json()

    def put_film(self, path: Path) -> str:
        """Upload a DICOM file; Orthanc's own name of the instance."""
        answer = requests.post(f"{self.url}/instances", data=path.read_bytes(), timeout=120, auth=self.login)
        answer.raise_for_status()
        return str(answer.json()["ID"])

    def send(self, *instances: str, modality: str = "opensvh") -> None:
        """Send instances, or studies, by C-STORE; raises requests.HTTPError where that fails."""
        answer = requests.post(
            f"{self.url}/modalities/{modality}/store", json=list(instances), timeout=120, auth=self.login
        )
        answer.raise_for_status()

    def tags(self) -> list[dict[str, Any]]:
        """The header of every instance, with `ID` beside it."""
        found = self.get("/instances?expand")
        return [item["MainDicomTags"] | {"ID": item["ID"], "SOPClassUID": self.sop_class(item["ID"])} for item in found]

    def file(self, instance: str) -> bytes:
        """An instance as a file."""
        answer = requests.get(f"{self.url}/instances/{instance}/file", timeout=120, auth=self.login)
        answer.raise_for_status()
        return answer.content

    def sop_class(self, instance: str) -> str:
        """An instance's SOP Class UID."""
        answer = requests.get(f"{self.url}/instances/{instance}/metadata/SopClassUid", timeout=120, auth=self.login)
        answer.raise_for_status()
        return answer.text

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/system", timeout=2, auth=self.login).ok
        except requests.RequestException:
            return False

    def _config(self) -> dict[str, Any]:
        return {
            "Name": "trial",
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "DicomAet": AE_TITLE,
            "DicomPort": self.dicom_port,
            "HttpPort": self.http_port,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": self.login is not None,
            "RegisteredUsers": dict([self.login] if self.login else []),
            "DicomModalities": {
                "opensvh": {
                    "AET": NODE_TITLE,
                    "Host": "127.0.0.1",
                    "Port": self.node_port,
                    "UseDicomTls": self.node_tls,
                }
            },
            "Plugins": [str(PLUGIN)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
            **self.more,
        }
