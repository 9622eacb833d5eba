"""A Ray cluster, joined or begun for the time of a block, and what a run takes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opensvh.domain.errors import ConfigInvalid

CPUS_A_RUN = 1.0


@contextmanager
def cluster(address: str | None) -> Iterator[Any]:
    """Ray, joined at `address`, or begun here where that is None; raises ConfigInvalid where it is not installed."""
    try:
        import ray
    except ImportError as error:
        raise ConfigInvalid("--spread: needs Ray, which is not installed; pip install 'opensvh[ray]'") from error
    ray.init(address=address, ignore_reinit_error=True, include_dashboard=False, log_to_driver=False)
    try:
        yield ray
    finally:
        ray.shutdown()


def gpus_a_run(ray: Any) -> float:
    """One where the cluster has any."""
    return 1.0 if ray.cluster_resources().get("GPU", 0) >= 1 else 0.0
