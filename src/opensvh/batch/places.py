"""Where an archive's files lie: a path here, or an address that Arrow's file systems know (s3://, gs://, hdfs://).

Streaming and listing only; which of the files are films is `sources`', what is written where is `parts`'.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow
from pyarrow import fs

from opensvh.domain.errors import ConfigInvalid, FilmUnreadable
from opensvh.io.film_sources import LARGEST_FILE

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
"""The variables by which AWS's own programs are sent to another server of the protocol, such as MinIO."""
CHUNK = 1 << 20


def is_address(place: str) -> bool:
    """Whether it names a file system, and is no plain path."""
    return "://" in place


def plain(place: str) -> str:
    """`file://` addresses and paths as absolute paths; other addresses as they are, without a slash at the end."""
    if place.startswith("file://"):
        return url2pathname(urlsplit(place).path)
    return place.rstrip("/") if is_address(place) else str(Path(place).absolute())


def opened(place: str) -> tuple[Any, str]:
    """The file system of a place and its path there; raises ConfigInvalid for an address of none."""
    if not is_address(place):
        return fs.LocalFileSystem(), place
    scheme, _, rest = place.partition("://")
    host, _, inner = rest.partition("/")
    filesystem, root = _filesystem(scheme, host)
    return filesystem, f"{root.rstrip('/')}/{inner}".rstrip("/")


@contextmanager
def here(place: str) -> Iterator[Path]:
    """The file on this machine for the time of a block: itself, or a copy that was streamed; raises FilmUnreadable."""
    if not is_address(place):
        yield Path(place)
        return
    with TemporaryDirectory(prefix="opensvh-") as folder:
        copy = Path(folder) / place.rpartition("/")[2]
        filesystem, path = opened(place)
        try:
            with filesystem.open_input_stream(path, buffer_size=CHUNK) as stream, copy.open("wb") as file:
                _copy(stream, file, place)
        except FileNotFoundError as error:
            raise FilmUnreadable(f"{place}: is not there; correct the manifest or copy it there") from error
        except OSError as error:
            raise FilmUnreadable(f"{place}: cannot be read ({_first_line(error)}); check access and network") from error
        yield copy


def _copy(stream: Any, file: Any, place: str) -> None:
    copied = 0
    while chunk := stream.read(CHUNK):
        copied += len(chunk)
        if copied > LARGEST_FILE:
            raise FilmUnreadable(f"{place}: has more than {LARGEST_FILE / 1e9:.1f} GB, no film has; export it again")
        file.write(chunk)


def free_bytes(place: str) -> int | None:
    """Room left where a place on this machine lies; None for others."""
    folder = next((each for each in (Path(place), *Path(place).parents) if each.is_dir()), None)
    return None if is_address(place) or folder is None else shutil.disk_usage(folder).free


@lru_cache(maxsize=64)
def _filesystem(scheme: str, host: str) -> tuple[Any, str]:
    endpoint = next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), None)
    try:
        if scheme == "s3" and endpoint:
            return fs.S3FileSystem(endpoint_override=endpoint), host
        return tuple(fs.FileSystem.from_uri(f"{scheme}://{host}"))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        remedy = "give a folder, a manifest, or an address such as s3://bucket/folder"
        raise ConfigInvalid(f"{scheme}://{host}: cannot be opened ({_first_line(error)}); {remedy}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0]
