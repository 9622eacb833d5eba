"""Compare a simulated set with real films: figures, plots, a page, and pictures of what tells them apart.

What is measured is `evaluation`'s, the classifiers are `realism_classifiers`'s; here is only the order of the work.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from opensvh import __version__
from opensvh.domain.anatomy import Limb
from opensvh.evaluation.realism import compare_measures
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.io.whole_file import write_whole
from opensvh.reporting.realism_evidence import Evidence, evidence_sheet
from opensvh.reporting.realism_page import realism_page
from opensvh.reporting.realism_plots import realism_plots
from opensvh.workflows.compared_films import ComparedFilm, FilmSets, of_limb
from opensvh.workflows.realism_baseline import FIGURES, Figures
from opensvh.workflows.realism_classifiers import Examiner
from opensvh.workflows.realism_pictures import VIEWS, FilmSample, picture_set, sample_films

PAGE, PLOTS, EVIDENCE = "realism.html", "plots", "evidence"


@dataclass(frozen=True)
class RealismSettings:
    """How sets are compared: folds of persons, the seed, the bundle whose features are taken, and whether networks
    are trained anew on pictures made alike (`thorough`, some minutes more)."""

    folds: int = 4
    seed: int = 0
    model: str = "reference"
    thorough: bool = False


class Comparison:
    """A comparison that is about to run: `films` are those that `sets` hold, so that its length can be told."""

    def __init__(
        self,
        sets: FilmSets,
        films: Sequence[ComparedFilm],
        settings: RealismSettings,
        before: Figures | None = None,
    ) -> None:
        self.sets, self.films, self.settings, self.before = sets, films, settings, before
        self.bundle: Bundle = load_bundle(find_bundle(settings.model))

    @property
    def steps(self) -> int:
        """How often `run` calls its progress."""
        limbs = len({film.limb for film in self.films})
        return len(self.films) + limbs * self._examiner(lambda name: None).trainings

    def run(self, out: Path, progress: Callable[[str], None] = lambda step: None) -> Figures:
        """Compare, write everything into `out`, and return the figures."""
        limbs: Figures = {}
        plots: dict[str, dict[str, bytes]] = {}
        for limb in Limb:
            films = of_limb(self.films, limb)
            if films:
                limbs[limb.value], evidence = self._compare(films, progress)
                plots[limb.value] = realism_plots(limbs[limb.value], _limb_before(self.before, limb))
                _write_pictures(out, limb, plots[limb.value], evidence)
        figures = {**self._heading(), "limbs": limbs}
        write_whole(out / FIGURES, json.dumps(figures, indent=1, allow_nan=False) + "\n")
        write_whole(out / PAGE, realism_page(figures, self.before, plots))
        return figures

    def _compare(
        self, films: Sequence[ComparedFilm], progress: Callable[[str], None]
    ) -> tuple[Figures, dict[str, list[Evidence]]]:
        samples = sample_films(films, np.random.default_rng(self.settings.seed), progress)
        real, simulated = ([each.measures for each in samples if each.real is kind] for kind in (True, False))
        examiner = self._examiner(progress)
        examined = {view: examiner.examine(view, picture_set(samples, view)) for view in VIEWS}
        figures = {
            **_counts(samples),
            **compare_measures(real, simulated),
            "classifiers": {view: each for view, (each, _) in examined.items()},
        }
        return figures, {view: shown for view, (_, shown) in examined.items()}

    def _examiner(self, progress: Callable[[str], None]) -> Examiner:
        return Examiner(self.bundle, self.settings.folds, self.settings.seed, progress, self.settings.thorough)

    def _heading(self) -> Figures:
        choice = self.sets.choice
        return {
            "software": f"OpenSvH {__version__}",
            "simulated": self.sets.simulated.name,
            "real": self.sets.real.name,
            "choice": f"{'with' if choice.children else 'without'} children, without films named “{choice.without}”",
            "model": self.bundle.identity.name,
            "folds": self.settings.folds,
            "seed": self.settings.seed,
        }


def _limb_before(before: Figures | None, limb: Limb) -> Figures | None:
    return None if before is None else before["limbs"].get(limb.value)


def _counts(samples: Sequence[FilmSample]) -> Figures:
    kinds = {"real": True, "simulated": False}
    own = {name: [each.measures for each in samples if each.real is kind] for name, kind in kinds.items()}
    return {
        "films": {name: len(each) for name, each in own.items()},
        "persons": {name: len({film.group for film in each}) for name, each in own.items()},
    }


def _write_pictures(out: Path, limb: Limb, plots: dict[str, bytes], evidence: dict[str, list[Evidence]]) -> None:
    for name, png in plots.items():
        write_whole(out / PLOTS / f"{limb}-{name}.png", png)
    for view, shown in evidence.items():
        write_whole(out / EVIDENCE / f"{limb}-{view}.png", evidence_sheet(shown))
