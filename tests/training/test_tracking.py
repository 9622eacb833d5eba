"""Reports to MLflow only where the environment asks for it."""

from pathlib import Path

import pytest

from opensvh.domain.errors import ConfigInvalid
from opensvh.training import tracking
from opensvh.training.tracking import RUN_FILE, URI, tracking_loggers


def test_without_the_variable_nothing_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(URI, raising=False)
    assert tracking_loggers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_missing_mlflow_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URI, str(tmp_path / "tracked"))
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    with pytest.raises(ConfigInvalid, match="pip install mlflow-skinny"):
        tracking_loggers(tmp_path)


def test_a_resumed_run_reports_to_its_own_mlflow_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow", reason="mlflow is optional: pip install mlflow-skinny")
    monkeypatch.setenv(URI, (tmp_path / "tracked").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # a server in production, a folder here
    run = tmp_path / "run"
    run.mkdir()
    [first] = tracking_loggers(run)
    first.log_metrics({"loss": 1.0}, step=1)
    [again] = tracking_loggers(run)
    assert again.run_id == first.run_id
    assert (run / RUN_FILE).is_file()
