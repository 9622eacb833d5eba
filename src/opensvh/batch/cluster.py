"""A Ray cluster, joined or begun for the time of a block, and what a run takes of it."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opensvh.domain.errors import ConfigInvalid

CPUS_A_RUN = 1.0
OBJECT_STORE_BYTES = 80_000_000
"""What Ray keeps in shared memory of a batch: rows only, and it takes no less."""


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
    try:
        ray.init(
            **here, ignore_reinit_error=True, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        fact = str(error).strip().split("\n")[0]
        raise ConfigInvalid(f"--ray {address}: no cluster answers ({fact}); `ray status` there tells more") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def gpus_a_run(ray: Any) -> float:
    """One where the cluster has any."""
    return 1.0 if ray.cluster_resources().get("GPU", 0) >= 1 else 0.0


def refuse_without_gpus(ray: Any, wanted: float) -> None:
    """Raise ConfigInvalid where a worker would wait for a GPU that the cluster does not have."""
    if wanted > ray.cluster_resources().get("GPU", 0):
        raise ConfigInvalid(f"--gpu {wanted:g}: the cluster has no GPU; leave it out, or join one that has")
