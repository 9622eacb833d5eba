import json
from pathlib import Path

import pytest
from damage_trial import run_trial
from patch_training import Schedule

from opensvh.domain.errors import OutputConflict

SCHEDULE = Schedule(steps=10, batch=4)


def test_a_trial_leaves_figures_logs_and_pictures_and_goes_on_where_it_stopped(
    tmp_path: Path, films_of_noise: Path, real_films_of_noise: Path
) -> None:
    films, real, out = films_of_noise, real_films_of_noise, tmp_path / "out"
    result = run_trial(films, None, real, out, SCHEDULE)
    assert result == json.loads((out / "result.json").read_text())
    for kind, sites in (("narrowing", 15 + 6), ("erosion", 16 + 6)):
        figures = result["kinds"][kind]
        assert figures["real"]["all"]["all"]["sites"] == sites, "without the severe hand"
        assert [limb["severe"] for limb in figures["real"]["limbs"]] == [False, True, False]
        assert figures["unseen"]["exact"]["all"]["rmse"] > 0
        assert {path.name for path in (out / kind).glob("*.png")} == {"unseen.png", "real.png", "real-highest.png"}
        assert (out / kind / "log.csv").read_text().startswith("step,loss")
    assert run_trial(films, None, real, out, SCHEDULE) == result
    with pytest.raises(OutputConflict, match="other settings"):
        run_trial(films, None, real, out, Schedule(steps=11))
