"""`opensvh check` counts a film set, lists its problems and leaves with 2 where there are any."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from opensvh.cli.main import app
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Point
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two films of two patients, one scored and marked."""
    (tmp_path / "images").mkdir()
    for name in ("P1-LH.png", "P2-RF.png"):
        picture = np.random.default_rng(1).integers(0, 255, (100, 80), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / "images" / name), picture)
    write_ra2(tmp_path / "training.csv", {"P1": {"LH_mcp_E__2": 3}})
    write_joints(tmp_path / "joints.csv", {("P1", "LH"): {"MCP2": Point(4, 5)}})
    return tmp_path


def test_sound_film_set_is_counted(folder: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(folder)])
    assert result.exit_code == 0
    assert "2 films of 2 patients, 1 films scored, 1 with joints marked" in result.output
    assert "ready for training" in result.output


def test_problems_are_listed_row_by_row_before_it_fails(folder: Path) -> None:
    with (folder / "joints.csv").open("a") as file:
        file.writelines(f"P1,LH,MCP9,{row},1\n" for row in range(12))
    result = CliRunner().invoke(app, ["check", str(folder)])
    assert isinstance(result.exception, DatasetInvalid)
    assert "12 problems, listed above" in str(result.exception)
    for row in range(3, 15):
        assert f"joints.csv: row {row}: a hand has no point 'MCP9'" in result.output
