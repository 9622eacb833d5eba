import json
from pathlib import Path

import typer
from point_figures import read_points
from transfer_trial import CONFIG, main
from typer.testing import CliRunner

from opensvh.training.config import load_preset

APP = typer.Typer()
APP.command()(main)


def test_the_trial_trains_five_hundred_steps_from_random_weights() -> None:
    preset = load_preset(str(CONFIG))
    assert (preset.training.steps, preset.model.pretrained, preset.training.start) == (500, "none", "")


def test_a_trial_trains_reads_the_measuring_half_and_is_compared(
    tmp_path: Path, films_of_noise: Path, real_films_of_noise: Path
) -> None:
    out = tmp_path / "out"
    command = ["--films", films_of_noise, "--real", real_films_of_noise, "-o", out, "--config", "tiny", "--steps", "2"]
    command += ["--seeds", "2"]
    ran = CliRunner().invoke(APP, [str(word) for word in command])
    assert ran.exit_code == 0, ran.output
    assert "fingers" in ran.output
    points = read_points(out / "points.csv")
    assert {point.film for point in points} == {"IMG0000032.jpg", "artrite-reumatoide-rx-maos.jpg", "IMG0000047.jpg"}
    assert len(points) == 2 * (21 + 21 + 6), "a film that could not be read counts with every point"
    parts = json.loads((out / "result.json").read_text())["parts"]
    assert parts["fingers"]["points"] == 2 * 20
    compared = CliRunner().invoke(APP, ["--compare", str(out), str(out)])
    assert compared.exit_code == 0, compared.output
    assert "ratio" in compared.output


def test_nothing_to_do_is_said() -> None:
    assert CliRunner().invoke(APP, []).exit_code == 2
