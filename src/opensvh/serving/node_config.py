"""What a node is told: where it listens, whom it hears, how it scores, where results go, what it keeps.

One TOML file, checked as a whole when it is read; `node_example.toml` beside this file names every key.
"""

import os
import tomllib
from importlib.resources import files
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from opensvh.domain.errors import ConfigInvalid

AeTitle = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?$")]
"""PS3.5, 6.2, VR AE: up to 16 characters of the default repertoire without backslash, no blanks at the ends."""
Port = Annotated[int, Field(ge=1, le=65535)]
ResultKind = Literal["sr", "sc", "pdf", "gsps"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerTls(_Table):
    """The node's own certificate and key (PEM), and whose certificates it accepts; `clients` None asks for none."""

    certificate: Path
    key: Path
    clients: Path | None = None


class ClientTls(_Table):
    """Whose certificates a destination may show (PEM), and the node's own where the destination asks for it."""

    authority: Path
    certificate: Path | None = None
    key: Path | None = None


class Peer(_Table):
    """Who may send: an AE title together with the addresses it may come from (CIDR)."""

    ae_title: AeTitle
    addresses: tuple[IPv4Network | IPv6Network, ...] = Field(min_length=1)

    def matches(self, ae_title: str, address: IPv4Address | IPv6Address) -> bool:
        """Whether a caller with this title at this address is the peer."""
        return ae_title == self.ae_title and any(address in network for network in self.addresses)


class Receiving(_Table):
    """The node as C-STORE SCP.

    `other_objects`: what happens to reports, presentation states and the like: `ignore` answers success and keeps
    nothing, `refuse` answers status 0122H (PS3.7, C.4.2).
    """

    ae_title: AeTitle = "OPENSVH"
    host: str = "0.0.0.0"
    port: Port = 11112
    peers: tuple[Peer, ...] = Field(min_length=1)
    check_called_ae: bool = True
    associations: int = Field(default=10, ge=1)
    other_objects: Literal["ignore", "refuse"] = "ignore"
    tls: ServerTls | None = None


class Scoring(_Table):
    """When and how a study is scored.

    `quiet_s`: seconds without a new film after which a study is complete. A film that killed the worker `film_tries`
    times is quarantined; one that takes longer than `film_timeout_s` counts as having killed it.
    """

    models: tuple[str, ...] = Field(default=("reference",), min_length=1)
    quiet_s: float = Field(default=60.0, ge=0)
    film_tries: int = Field(default=3, ge=1)
    film_timeout_s: float = Field(default=600.0, gt=0)
    threads: int | None = Field(default=None, ge=1)


class Retry(_Table):
    """Waits between attempts: `first_s`, doubled each time up to `longest_s`, each spread by up to half at random.

    A delivery that failed `attempts` times is a dead letter.
    """

    first_s: float = Field(default=10.0, gt=0)
    longest_s: float = Field(default=3600.0, gt=0)
    attempts: int = Field(default=20, ge=1)


class DicomDestination(_Table):
    """A PACS that takes results by C-STORE; with `commitment` they count as sent once it has committed to them.

    `commitment_s`: how long an N-EVENT-REPORT is waited for before the results are sent again.
    """

    kind: Literal["dicom"]
    name: str = Field(min_length=1)
    ae_title: AeTitle
    host: str
    port: Port
    objects: tuple[ResultKind, ...] = ("sr", "sc", "pdf", "gsps")
    commitment: bool = False
    commitment_s: float = Field(default=120.0, gt=0)
    timeout_s: float = Field(default=30.0, gt=0)
    tls: ClientTls | None = None


class WebDestination(_Table):
    """A server that takes results by STOW-RS at `url`.

    `credentials_variable`: the environment variable that holds `user:password` or `Bearer TOKEN`.
    """

    kind: Literal["dicomweb"]
    name: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://")
    objects: tuple[ResultKind, ...] = ("sr", "sc", "pdf", "gsps")
    timeout_s: float = Field(default=60.0, gt=0)
    credentials_variable: str | None = None
    authority: Path | None = None

    @model_validator(mode="after")
    def _no_password_in_url(self) -> Self:
        if urlsplit(self.url).username:
            raise ValueError("url holds a user; put user:password into a variable and name it in credentials_variable")
        return self


Destination = Annotated[DicomDestination | WebDestination, Field(discriminator="kind")]


class Monitoring(_Table):
    """Metrics and health over HTTP, without a password: keep it on the loopback or behind a proxy."""

    host: str = "127.0.0.1"
    port: Port = 8114


class Retention(_Table):
    """How long received films, results and what was read stay; 0 keeps nothing longer than it is needed, None for ever.

    Days count from the last film of a study. A film is only deleted once its study is scored and delivered everywhere,
    a dead letter keeps it. Readings (study.json alone) are what reports of later visits compare with.
    """

    films_days: float | None = Field(default=30.0, ge=0)
    results_days: float | None = Field(default=90.0, ge=0)
    readings_days: float | None = Field(default=1100.0, ge=0)


class NodeConfig(_Table):
    """Everything a node is told. `folder` holds its queue, films and results; relative paths count from the file."""

    folder: Path
    receive: Receiving
    score: Scoring = Scoring()
    retry: Retry = Retry()
    destinations: tuple[Destination, ...] = Field(min_length=1)
    monitor: Monitoring = Monitoring()
    keep: Retention = Retention()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [each.name for each in self.destinations]
        if len(set(names)) < len(names):
            raise ValueError("two destinations have the same name")
        callers = {peer.ae_title for peer in self.receive.peers}
        for each in self.destinations:
            if isinstance(each, DicomDestination) and each.commitment and each.ae_title not in callers:
                raise ValueError(
                    f"destination {each.name} commits to results by calling back, but {each.ae_title} is not among "
                    "receive.peers"
                )
        return self

    def destination(self, name: str) -> Destination | None:
        """The destination of that name; None where the file no longer has it."""
        return next((each for each in self.destinations if each.name == name), None)


def read_node_config(path: Path) -> NodeConfig:
    """Read and check a node's file; raises ConfigInvalid with the first wrong key."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigInvalid(f"{path}: cannot be read ({error.strerror}); `opensvh node --example` shows one") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigInvalid(f"{path}: is no TOML ({error}); `opensvh node --example` shows one") from error
    try:
        config = NodeConfig.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigInvalid(f"{path}: {where}: {first['msg']}; `opensvh node --example` names every key") from error
    return _with_absolute_paths(config, path.absolute().parent)


def example() -> str:
    """The annotated example, which is a file that can be read."""
    return files("opensvh.serving").joinpath("node_example.toml").read_text(encoding="utf-8")


def _with_absolute_paths(config: NodeConfig, start: Path) -> NodeConfig:
    """The same with every path made absolute, and certificates checked to be there."""
    told = config.model_dump()
    told["folder"] = start / config.folder
    tables = [told["receive"]["tls"], *(each.get("tls") for each in told["destinations"]), *told["destinations"]]
    for table in filter(None, tables):
        for key in ("certificate", "key", "clients", "authority"):
            if table.get(key) is not None:
                table[key] = start / table[key]
                if not os.access(table[key], os.R_OK):
                    raise ConfigInvalid(f"{table[key]}: {key} cannot be read; correct the path in the node's file")
    return NodeConfig.model_validate(told)
