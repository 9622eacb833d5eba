"""`opensvh compare` prints the challenge's scores to four decimals, and a mistake is one line and exit code 2."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from opensvh.cli.compared_lines import lines
from opensvh.cli.main import app
from opensvh.domain.anatomy import RA2_SITE_COLUMNS
from opensvh.io.ra2 import write_ra2


def write(path: Path, *grades: float) -> str:
    write_ra2(path, {f"P{row}": dict.fromkeys(RA2_SITE_COLUMNS, grade) for row, grade in enumerate(grades)})
    return str(path)


def test_scores_of_two_tables_by_hand(tmp_path: Path) -> None:
    """Totals 86 and 0, read as 0 and 0: SC1 = 32 log2(87) / 33, SC2 = SC3 = 32 / 33."""
    gold, pred = write(tmp_path / "gold.csv", 1, 0), write(tmp_path / "pred.csv", 0, 0)
    result = CliRunner().invoke(app, ["compare", gold, pred, "-o", str(tmp_path / "out"), "--draws", "20"])
    assert result.exit_code == 0, result.output
    assert "SC1 6.2477 (95 %" in result.output
    assert "SC2 0.9697 (95 %" in result.output
    assert "SC3 0.9697 (95 %" in result.output
    assert (tmp_path / "out" / "comparison.html").is_file()


def test_gold_may_be_named_apart(tmp_path: Path) -> None:
    gold, *others = (write(tmp_path / f"{name}.csv", 1, 2, 0) for name in ("gold", "a", "b"))
    options = ["--against", gold, "-o", str(tmp_path / "out"), "--draws", "20"]
    result = CliRunner().invoke(app, ["compare", *others, *options])
    assert result.exit_code == 0, result.output
    assert "a less b" in result.output
    assert "tied, Bayes factor 1.0" in result.output


def test_one_table_alone_is_nothing_to_compare(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["compare", write(tmp_path / "gold.csv", 1), "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "at least one prediction" in result.output


@pytest.mark.slow
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.csv", 1, 2)
    pred = Path(write(tmp_path / "pred.csv", 1, 2))
    pred.write_text(pred.read_text().replace("P1,", "P7,"))
    command = [sys.executable, "-c", "from opensvh.cli.main import main; main()", "compare", gold, str(pred)]
    result = subprocess.run([*command, "-o", str(tmp_path / "out")], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert f"opensvh: {pred}: lacks P1 of {gold}" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_figure_without_interval_or_value_is_told_as_it_is() -> None:
    measures = {"sc1_all": {"value": 0.5, "low": None, "high": None}, "sc2_all": None, "sc3_all": None}
    figures = {
        "gold": "g.csv",
        "results": {"p": {"film_sets": 1, "measures": measures}},
        "differences": [],
        "notes": ["n."],
    }
    assert lines(figures) == ["p against g.csv, 1 film sets", "  SC1 0.5000", "  SC2 –", "  SC3 –", "n."]
