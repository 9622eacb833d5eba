"""`opensvh demo` as a newcomer runs it: the shipped bundle on a simulated patient it never saw."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The output folder and what was printed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    result = subprocess.run(
        [*PROGRAM, "demo", "-o", str(out)], capture_output=True, text=True, timeout=360, check=False
    )
    assert result.returncode == 0, result.stderr
    return out, result.stdout


def row(path: Path) -> dict[str, str]:
    with path.open(newline="") as file:
        [only] = csv.DictReader(file)
    return only


def scores(path: Path, kind: Kind) -> np.ndarray:
    """The patient's sites of one kind, NaN where there is no score."""
    cells = row(path)
    columns = [column for column, (_, _, its_kind) in RA2_SITE_COLUMNS.items() if its_kind is kind]
    return np.array([float(cells[column] or "nan") for column in columns])


def test_the_report_lies_where_the_last_line_says(demo: tuple[Path, str]) -> None:
    out, printed = demo
    report = out / "results" / "SIM0001" / "report.html"
    assert printed.rstrip().endswith(str(report))
    assert "research use only" in report.read_text(encoding="utf-8").lower()


def test_truth_and_reading_are_shown_for_every_site(demo: tuple[Path, str]) -> None:
    _, printed = demo
    for words in ("hand NAVICULAR", "foot MTP5", "hand narrowing", "foot erosion", "total"):
        assert words in printed


@pytest.mark.parametrize("kind", Kind)
def test_the_reading_follows_the_truth(demo: tuple[Path, str], kind: Kind) -> None:
    out, _ = demo
    truth, read = scores(out / "films" / "truth.csv", kind), scores(out / "results" / "scores.csv", kind)
    known = ~np.isnan(read) & ~np.isnan(truth)
    assert known.mean() > 0.9
    assert np.corrcoef(truth[known], read[known])[0, 1] > 0.5
