"""Films fetched from a DICOMweb server, and what every talk with one needs: QIDO-RS and WADO-RS (PS3.18, 10.4, 10.6).

Results go the other way in `stow`. Passwords come from environment variables and are sent over the connection alone.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import UID
from requests.auth import AuthBase

from opensvh.domain.errors import ConfigInvalid, FilmUnreadable
from opensvh.io.whole_file import write_whole
from opensvh.serving.film_check import FILM_CLASSES, Kind, check

TIMEOUT_S = 60.0
PAGE = 500
_AS_STORED = (("application/dicom", "*"),)
"""Any transfer syntax: a server that recodes may lose grey levels."""


def fetch_study(
    url: str,
    study_uid: str,
    folder: Path,
    credentials_variable: str | None = None,
    authority: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> list[Path]:
    """The study's films from the server at `url` into `folder`, one at a time; those there already are not fetched.

    `credentials_variable` names the environment variable that holds `user:password` or `Bearer TOKEN`, `authority` a
    file (PEM) of whose certificates are trusted. Reports, and results of this product, are left where they are. Raises
    FilmUnreadable where the server does not answer, has no such study, or no film in it.
    """
    if not UID(study_uid).is_valid:
        raise FilmUnreadable(f"{study_uid}: is no Study Instance UID; copy it from the archive")
    client = web_client(url, session_for(credentials_variable, authority), timeout_s)
    where = f"{_shown(url)}: study {study_uid}"
    try:
        found = list(_films(client, study_uid))
        fetched = [path for series, film in found if (path := _fetch(client, study_uid, series, film, folder))]
    except requests.RequestException as error:
        raise FilmUnreadable(f"{where}: cannot be fetched ({web_problem(error)}); check address and login") from error
    except (ValueError, KeyError) as error:  # an answer that is no DICOM
        raise FilmUnreadable(
            f"{where}: the answer is no DICOMweb ({type(error).__name__}); check the address"
        ) from error
    if not fetched:
        fact = "has no film (CR, DX or secondary capture)" if found else "is not there, or holds no CR, DX or capture"
        raise FilmUnreadable(f"{where}: {fact}; check the UID")
    return fetched


@dataclass(frozen=True)
class _Bearer(AuthBase):
    """A token as a login, which nothing from the environment replaces."""

    held: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self.held
        return request


def session_for(credentials_variable: str | None, authority: Path | None) -> requests.Session:
    """A session that logs in with what the variable holds; raises ConfigInvalid where it is not set."""
    session = requests.Session()
    if authority is not None:
        session.verify = str(authority)
    if credentials_variable is None:
        return session
    held = os.environ.get(credentials_variable, "")
    user, parted, password = held.partition(":")
    if held.startswith("Bearer "):
        session.auth = _Bearer(held)
    elif parted:
        session.auth = (user, password)
    else:
        raise ConfigInvalid(
            f"the environment variable {credentials_variable} does not hold a login; set it to user:password or "
            "Bearer TOKEN"
        )
    return session


def web_client(url: str, session: requests.Session, timeout_s: float) -> Any:
    """A DICOMweb client that does not retry by itself."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.username:
        raise ConfigInvalid(f"{_shown(url)}: is no address; give https://HOST/dicom-web, a login through a variable")
    client = DICOMwebClient(url.rstrip("/"), session=session, timeout=timeout_s)
    client.set_http_retry_params(retry=False)
    return client


def web_problem(error: requests.RequestException) -> str:
    """What went wrong, without addresses and contents."""
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()


def _shown(url: str) -> str:
    """The address without a login that somebody put into it."""
    return re.sub(r"//[^/@]*@", "//", url)


def _films(client: Any, study_uid: str) -> Iterator[tuple[str, str]]:
    """Series and SOP Instance UIDs of the study's objects that may be films, a page at a time."""
    offset = 0
    while True:
        page = client.search_for_instances(study_uid, limit=PAGE, offset=offset, fields=["SOPClassUID"])
        for item in page:
            header = Dataset.from_json(item)
            if header.SOPClassUID in FILM_CLASSES:
                yield str(header.SeriesInstanceUID), str(header.SOPInstanceUID)
        if len(page) < PAGE:
            return
        offset += len(page)


def _fetch(client: Any, study_uid: str, series: str, film: str, folder: Path) -> Path | None:
    """The film's file; None where it turns out to be a result of this product."""
    path = folder / f"{UID(film)}.dcm"
    if not path.exists():
        dataset = client.retrieve_instance(study_uid, series, film, media_types=_AS_STORED)
        content = BytesIO()
        dcmwrite(content, dataset, enforce_file_format=True)
        if check(content.getvalue()).kind is not Kind.FILM:
            return None
        write_whole(path, content.getvalue())
    return path
