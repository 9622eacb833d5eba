"""A run's table grows by rows and is cut back to the checkpoint it is taken up from."""

from pathlib import Path

from opensvh.training.run_tables import append_row, drop_after


def test_rows_after_the_checkpoint_are_forgotten_and_written_anew(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    drop_after(log, 1)
    assert not log.exists()
    for step in (10, 20, 30):
        append_row(log, ("step", "loss", "figure"), {"step": step, "loss": 0.5})
    drop_after(log, 20)
    append_row(log, ("step", "loss", "figure"), {"step": 30, "loss": 0.25, "figure": 1})
    assert log.read_text().split() == ["step,loss,figure", "10,0.5,", "20,0.5,", "30,0.25,1"]
