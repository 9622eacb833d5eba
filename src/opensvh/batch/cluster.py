"""A Ray cluster, joined or begun for the time of a block, and what a run takes of it."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opensvh.domain.errors import ConfigInvalid

CPUS_A_RUN = 1.0
OBJECT_STORE_BYTES = 80_000_000
"""What Ray keeps in shared memory of a batch: rows only, and it takes no less."""

ANSWER_S = 5.0
"""How long a cluster's port may take to answer: Ray itself asks again for minutes."""

STARTS = 3
"""How often Ray is begun here: on a busy machine it gives up after 30 seconds, which it lets nobody change."""


@contextmanager
def cluster(address: str | None, cpus: int | None = None, wanted_by: str = "--spread") -> Iterator[Any]:
    """Ray, joined at `address`, or begun here where that is None, with so many CPUs to give away (None: all).

    Raises ConfigInvalid where it is not installed or nothing answers there.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing here calls out
    try:
        import ray
    except ImportError as error:
        raise ConfigInvalid(f"{wanted_by}: needs Ray, which is not installed; pip install 'opensvh[ray]'") from error
    here: dict[str, Any] = {"address": address}
    if cpus is not None and address is None:
        here = {"address": "local", "num_cpus": cpus, "object_store_memory": OBJECT_STORE_BYTES}
    _refuse_silent(address)
    _begin(ray, here)
    try:
        yield ray
    finally:
        ray.shutdown()


def _refuse_silent(address: str | None) -> None:
    """Raise ConfigInvalid where nothing listens at `host:port`; other forms of address are left to Ray."""
    host, colon, port = (address or "").rpartition(":")
    if not colon or not port.isdigit() or "/" in host:
        return
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()
    except OSError as error:
        remedy = "`ray status` there tells more"
        raise ConfigInvalid(f"--ray {address}: no cluster answers ({error.strerror or error}); {remedy}") from error


def _begin(ray: Any, here: dict[str, Any]) -> None:
    """Join or begin; raises ConfigInvalid where neither comes about."""
    address = here["address"]
    quiet: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False, "logging_level": logging.ERROR}
    for starts_left in reversed(range(STARTS)):
        try:
            ray.init(**here, **quiet, ignore_reinit_error=True)
            return
        except Exception as error:  # Ray has no class of its own for it
            fact = (str(error).strip() or type(error).__name__).split("\n")[0]
            if address not in (None, "local"):
                remedy = "`ray status` there tells more"
                raise ConfigInvalid(f"--ray {address}: no cluster answers ({fact}); {remedy}") from error
            if not starts_left:
                remedy = "see that memory and disk have room"
                raise ConfigInvalid(f"Ray does not start here ({fact}); {remedy}") from error
            ray.shutdown()


def gpus_a_run(ray: Any) -> float:
    """One where the cluster has any."""
    return 1.0 if ray.cluster_resources().get("GPU", 0) >= 1 else 0.0


def refuse_without_gpus(ray: Any, wanted: float) -> None:
    """Raise ConfigInvalid where a worker would wait for a GPU that the cluster does not have."""
    if wanted > ray.cluster_resources().get("GPU", 0):
        raise ConfigInvalid(f"--gpu {wanted:g}: the cluster has no GPU; leave it out, or join one that has")
