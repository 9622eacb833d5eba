"""Runs reported to an MLflow server, where the environment names one; without it nothing is imported or sent."""

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from opensvh.domain.errors import ConfigInvalid
from opensvh.io.whole_file import write_whole
from opensvh.training.devices import is_leader

URI, EXPERIMENT, DEFAULT_EXPERIMENT = "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "opensvh"
"""MLflow's own variables."""
RUN_FILE = "mlflow.json"


def tracking_loggers(run: Path) -> list[Any]:
    """Lightning's MLflow logger where `MLFLOW_TRACKING_URI` is set, else none; a resumed run goes on in its MLflow run.

    Raises ConfigInvalid where the variable is set and MLflow is not installed.
    """
    uri = os.environ.get(URI)
    if not uri or not is_leader():
        return []
    if find_spec("mlflow") is None:
        raise ConfigInvalid(f"{URI} is set, but mlflow is not installed; pip install mlflow-skinny, or unset it")
    from lightning.pytorch.loggers import MLFlowLogger

    path = run / RUN_FILE
    known = json.loads(path.read_text(encoding="utf-8"))["run_id"] if path.is_file() else None
    logger = MLFlowLogger(
        experiment_name=os.environ.get(EXPERIMENT, DEFAULT_EXPERIMENT),
        run_name=run.name,
        tracking_uri=uri,
        run_id=known,
    )
    write_whole(path, json.dumps({"run_id": logger.run_id}) + "\n")
    return [logger]
