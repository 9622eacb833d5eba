"""The comparison of two sets of films, from files to page. Its networks are trained for a few steps only."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from opensvh.domain.errors import DatasetInvalid
from opensvh.workflows import realism_classifiers
from opensvh.workflows.compared_films import FilmSets, RealChoice
from opensvh.workflows.realism_baseline import read_figures
from opensvh.workflows.realism_films import Comparison, RealismSettings

SetMaker = Callable[[Path, int], Path]


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    short = {view: replace(config, steps=4) for view, config in realism_classifiers.CONFIGS.items()}
    monkeypatch.setattr(realism_classifiers, "CONFIGS", short)


@pytest.fixture
def sets(tmp_path: Path, marked_films: SetMaker, simulated_set: SetMaker) -> FilmSets:
    real, simulated = marked_films(tmp_path / "real", 4), simulated_set(tmp_path / "simulated", 3)
    return FilmSets(simulated, real, RealChoice())


@pytest.mark.slow
def test_a_comparison_writes_figures_plots_and_a_page_and_takes_them_as_baseline(
    tmp_path: Path, sets: FilmSets
) -> None:
    steps: list[str] = []
    first = Comparison(sets, sets.read(2), RealismSettings(folds=2))
    figures = first.run(tmp_path / "one", steps.append)
    assert len(steps) == first.steps
    assert list(figures["limbs"]) == ["hand"]
    hand = figures["limbs"]["hand"]
    assert hand["films"] == {"real": 3, "simulated": 6}
    assert hand["persons"] == {"real": 3, "simulated": 3}
    assert hand["classifiers"]["film"]["network"]["pictures"] == {"real": 3, "simulated": 6}
    assert hand["scalars"]["grain of the background, of 255"]["effect"] > 2
    assert read_figures(tmp_path / "one" / "realism.json") == json.loads(json.dumps(figures))

    Comparison(sets, sets.read(2), RealismSettings(folds=2), figures).run(tmp_path / "two")
    page = (tmp_path / "two" / "realism.html").read_text()
    assert "before" in page
    assert page.count("data:image/png;base64,") == len(list((tmp_path / "two" / "plots").iterdir()))
    assert "evidence/hand" not in page
    again = read_figures(tmp_path / "two" / "realism.json")
    assert again == read_figures(tmp_path / "one" / "realism.json")


def test_more_folds_than_persons_are_refused_with_the_folder(sets: FilmSets) -> None:
    with pytest.raises(DatasetInvalid, match=r"simulated.*3 persons with a hand, fewer than the 4|real.*3 persons"):
        sets.read(folds=4)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"limbs": {"hand": {}}}'])
def test_a_baseline_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(content)
    with pytest.raises(DatasetInvalid, match=r"old\.json"):
        read_figures(path)
