"""What a workbench is told: where it listens, where its data lie, how long sessions live, how much it accepts.

One optional TOML file, checked as a whole when it is read; `opensvh serve` adds the folder and the port.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from opensvh.domain.errors import ConfigInvalid

DATABASE, FILMS, CACHE, EXPORTS, INCOMING = "workbench.sqlite", "films", "cache", "exports", "incoming"
MEGABYTE = 1 << 20
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Positive = Annotated[int, Field(ge=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Table):
    """How much is accepted.

    `requests_a_minute` of one account; `logins` failures of one name or address within `login_window_s` before the
    next try has to wait; `score_waiting` calls of `POST /score` at a time.
    """

    body_mb: Positive = 8
    upload_mb: Positive = 256
    requests_a_minute: Positive = 3000
    logins: Positive = 5
    login_window_s: float = Field(default=300.0, gt=0)
    score_films: Positive = 8
    score_waiting: Positive = 4


class Oidc(_Table):
    """An identity provider (OpenID Connect) to sign in with.

    `name` is how people know it; `client_secret_variable` the environment variable with the client's secret, none for
    a public client; `claim` names the person as the manager does who adds the account.
    """

    name: Annotated[str, Field(min_length=1, max_length=64)]
    issuer: str
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_variable: str | None = None
    claim: Annotated[str, Field(min_length=1)] = "preferred_username"
    scope: str = "openid profile email"

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError("give an https:// address")
        return issuer


class Settings(_Table):
    """Everything a workbench is told.

    `data` holds `films/`, the SQLite file and what is made; `database` names another database, such as
    `postgresql+psycopg://user:password@host/name`; `hosts` are the names under which browsers may call it; `https`
    says that a proxy in front speaks TLS, so that cookies are marked Secure; `address` is how that proxy is reached;
    `page` is a folder with another build of the web page; without any `models` nothing is proposed or scored.
    """

    data: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8600, ge=0, le=65535)
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    address: str | None = None
    page: Path | None = None
    session_hours: float = Field(default=12.0, gt=0)
    idle_hours: float = Field(default=2.0, gt=0)
    invitation_hours: float = Field(default=72.0, gt=0)
    models: tuple[str, ...] = ("reference",)
    limits: Limits = Limits()
    oidc: Oidc | None = None

    @property
    def database_url(self) -> str:
        """Where the database is, as SQLAlchemy names it."""
        return self.database or f"sqlite:///{self.data / DATABASE}"

    @property
    def reached_at(self) -> str:
        """How browsers reach it."""
        return self.address or f"http://{self.host}:{self.port}"

    @property
    def films(self) -> Path:
        """The folder of films; nothing outside it is ever served."""
        return self.data / FILMS


def read_settings(data: Path, file: Path | None, port: int | None) -> Settings:
    """The file's settings for a data folder; raises ConfigInvalid with the first wrong key."""
    told: dict[str, Any] = {} if file is None else _parsed(file)
    told["data"] = data.absolute()
    if port is not None:
        told["port"] = port
    try:
        return Settings.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigInvalid(f"{file or data}: {where}: {first['msg']}; docs/workbench.md names every key") from error


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigInvalid(f"{file}: cannot be read ({error.strerror}); correct --config") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigInvalid(f"{file}: is no TOML ({error}); correct it") from error
