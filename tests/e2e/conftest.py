"""A real PACS and a real node, each in a process of its own; the node reads with the shipped model."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import pytest

from opensvh.domain.anatomy import FILM_CODES
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.simulation.radiograph import PIXEL_MM

sys.path.insert(0, str(Path(__file__).parents[2] / "validation"))

from orthanc import AE_TITLE, HINT, Orthanc, free_port, is_installed
from running_node import RunningNode, toml, wait_until

FILM = "1.2.840.10008.5.1.4.1.1.1.1"
LOGIN_VARIABLE = "TEST_PACS_LOGIN"
WITHIN_S = 300.0


@dataclass(frozen=True)
class Certificates:
    """An authority and a certificate for this machine that it has signed, with its key (PEM)."""

    authority: Path
    certificate: Path
    key: Path


@dataclass
class Hospital:
    """A PACS and a node that know each other.

    `peer` is the AE title that the node hears; results go by STOW-RS where `web`; all talk is encrypted, and callers
    show certificates, where there are `certificates`; `login` is the REST user of the PACS.
    """

    folder: Path
    peer: str = AE_TITLE
    web: bool = False
    certificates: Certificates | None = None
    login: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.node_port, monitor_port = free_port(), free_port()
        more = {} if self.certificates is None else {
            "DicomTlsEnabled": True,
            "DicomTlsCertificate": str(self.certificates.certificate),
            "DicomTlsPrivateKey": str(self.certificates.key),
            "DicomTlsTrustedCertificates": str(self.certificates.authority),
        }  # fmt: skip
        self.pacs = Orthanc(
            self.folder / "orthanc", self.node_port, more=more, login=self.login, node_tls=bool(self.certificates)
        )
        config = self.folder / "node.toml"
        self.node = RunningNode(config, monitor_port)
        config.write_text(toml(self._told(monitor_port)), encoding="utf-8")

    def results(self) -> list[dict[str, Any]]:
        """Headers of what the node has sent: everything but the films."""
        return [tags for tags in self.pacs.tags() if tags["SOPClassUID"] != FILM]

    def _told(self, monitor_port: int) -> dict[str, Any]:
        peers = [{"ae_title": self.peer, "addresses": ["127.0.0.1"]}]
        receive = {"host": "127.0.0.1", "port": self.node_port, "peers": peers}
        destination = self._web_destination() if self.web else self._dicom_destination()
        if self.certificates is not None:
            ours = {"certificate": str(self.certificates.certificate), "key": str(self.certificates.key)}
            receive["tls"] = ours | {"clients": str(self.certificates.authority)}
            destination["tls"] = ours | {"authority": str(self.certificates.authority)}
        return {
            "folder": "node",
            "receive": receive,
            "score": {"quiet_s": 1.0, "threads": 1},
            "retry": {"first_s": 0.5, "longest_s": 2.0, "attempts": 500},
            "destinations": [destination],
            "monitor": {"port": monitor_port},
        }

    def _dicom_destination(self) -> dict[str, Any]:
        where = {"ae_title": AE_TITLE, "host": "127.0.0.1", "port": self.pacs.dicom_port}
        commitment = {"commitment": self.peer == AE_TITLE, "commitment_s": 30.0}
        return {"kind": "dicom", "name": "pacs", **where, **commitment}

    def _web_destination(self) -> dict[str, Any]:
        login = {"credentials_variable": LOGIN_VARIABLE} if self.login else {}
        return {"kind": "dicomweb", "name": "web", "url": f"{self.pacs.url}/dicom-web", **login}


HospitalMaker = Callable[..., Hospital]


@pytest.fixture
def results_sent() -> Callable[[Hospital], None]:
    """Waits until the node says that results are sent."""
    return lambda site: wait_until(
        lambda: site.node.events("results sent"), WITHIN_S, lambda: site.node.log_file.read_text()[-3000:]
    )


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[HospitalMaker]:
    """Makes hospitals, whose programs end with the test."""
    if not is_installed():
        if os.environ.get("CI"):
            pytest.fail(HINT)
        pytest.skip(HINT)
    made: list[Hospital] = []

    def make(**told: Any) -> Hospital:
        made.append(Hospital(tmp_path / f"hospital{len(made)}", **told))
        return made[-1]

    yield make
    for each in made:
        each.node.kill()
        each.pacs.stop()


@pytest.fixture(scope="session")
def dicom_films(simulated_patients: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four films of a simulated patient, as `SIM0001-LH.dcm` and so on."""
    folder = tmp_path_factory.mktemp("films")
    for code, (limb, side) in FILM_CODES.items():
        pixels = cv2.imread(str(simulated_patients / "images" / f"SIM0001-{code}.png"), cv2.IMREAD_GRAYSCALE)
        write_dicom(folder / f"SIM0001-{code}.dcm", pixels, FilmTags(limb, side, "SIM0001", PIXEL_MM[limb]))
    return folder


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Made with openssl, valid for a day."""
    folder = tmp_path_factory.mktemp("tls")
    key = ("-newkey", "rsa:2048", "-nodes", "-days", "1")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority")
    openssl("req", *key[:3], "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=127.0.0.1")
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1", "-extfile", "san")
    openssl("x509", "-req", "-in", "node.csr", "-out", "node.pem", *signing)
    return Certificates(folder / "ca.pem", folder / "node.pem", folder / "node.key")
