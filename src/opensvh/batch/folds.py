"""The models of a cross-validation as tasks of a Ray cluster; each goes on where a kill left it.

All machines see the films and the folder of the runs under the same path.
"""

from pathlib import Path

from opensvh.batch.cluster import CPUS_A_RUN, cluster, gpus_a_run
from opensvh.training.config import Preset, with_training
from opensvh.workflows.train import Folds, store_crops, train


def spread_folds(preset: Preset, data: Path, out: Path, address: str | None = None) -> list[Path]:
    """Train a model a fold on the cluster at `address`, or on one begun here; returns their bundles, in order.

    Raises ConfigInvalid where Ray is not installed, and what the first fold that failed raised.
    """
    with cluster(address) as ray:
        store_crops(preset, data, out)
        task = ray.remote(train_fold).options(num_cpus=CPUS_A_RUN, num_gpus=gpus_a_run(ray), max_retries=3)
        folds = range(1, preset.training.folds + 1)
        bundles: list[Path] = ray.get([task.remote(preset, data.resolve(), out.resolve(), fold) for fold in folds])
    return bundles


def train_fold(preset: Preset, data: Path, out: Path, fold: int) -> Path:
    """One fold in a worker."""
    threads = with_training(preset, threads=int(CPUS_A_RUN))
    return train(threads, data, out, Folds(every=True, only=fold), resume=True)[0]
