"""Train the film analyser: films gathered, some held out, the network trained, its threshold set, the folder written.

The run itself is `training.film_analyser`'s, what it learns from `training.film_analyser_films`'.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from opensvh.inference.film_analyser_bundle import AnalyserBundle, AnalyserHeader, write_analyser
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.model.film_analyser import FilmAnalyserNet
from opensvh.model.limb_look import LimbLookNet
from opensvh.targets.limb_maps import SeenLimb
from opensvh.training.film_analyser import AnalyserRun, analyser_task
from opensvh.training.film_analyser_cache import SmallFilm, small_films
from opensvh.training.film_analyser_examples import SheetSource
from opensvh.training.film_analyser_films import LimbFilm, labelled_films, simulated_films
from opensvh.training.film_analyser_run import Tell, train_network
from opensvh.training.limb_look import LookRun, LookTask

BUNDLE, CACHE, OVERVIEW, LOOK = "film_analyser", "cache", "overview", "look"
HELD_OUT = 0.12
"""Share of persons (of real films: of files) that set the threshold and measure, and train nothing."""
MOST_MEASURED = 160
"""Films of a kind that are measured."""
USUAL_THRESHOLD = 0.3
"""Where there are no films without limbs to set it by."""


@dataclass(frozen=True)
class AnalyserFilms:
    """What to learn from: a native dataset, and real films in the folder `real` by the table `labels`.

    The films that `kept_out` (a text file, a name a line) lists train nothing: what measures a model is left alone.
    """

    data: Path
    real: Path | None = None
    labels: Path | None = None
    kept_out: Path | None = None

    def gathered(self) -> tuple[LimbFilm, ...]:
        """All films; raises DatasetInvalid where a table is not sound."""
        films = simulated_films(self.data)
        if self.real and self.labels:
            films += labelled_films(self.real, self.labels)
        kept_out = set(self.kept_out.read_text(encoding="utf-8").split()) if self.kept_out else set()
        return tuple(film for film in films if film.path.name not in kept_out)


@dataclass(frozen=True)
class Watch:
    """Who is told of progress: films stored, and steps done with figures."""

    film: Callable[[int], None] = lambda done: None
    step: Tell = lambda step, figures: None


@dataclass(frozen=True)
class Runs:
    """The two networks' runs: one finds limbs on the whole film, the other looks at each closely."""

    overview: AnalyserRun
    look: LookRun


def train(films: AnalyserFilms, out: Path, runs: Runs, resume: bool = False, watch: Watch | None = None) -> Path:
    """Train both networks in `out` and return the folder of the film analyser."""
    watch = watch or Watch()
    small = small_films(out / CACHE, films.gathered(), watch.film)
    training = [film for film in small if not is_held_out(film)]
    held_out = [film for film in small if is_held_out(film)]
    source = SheetSource.of(training)
    overview = train_network(out / OVERVIEW, analyser_task(source, runs.overview), runs.overview, resume, watch.step)
    look = train_network(out / LOOK, LookTask(source, runs.look).task(), runs.look, resume, watch.step)
    assert isinstance(overview, FilmAnalyserNet)
    assert isinstance(look, LimbLookNet)
    record = {name: run.model_dump(mode="json") for name, run in vars(runs).items()} | {"films": _counted(training)}
    header = AnalyserHeader(model=runs.overview.model, look=runs.look.model, threshold=USUAL_THRESHOLD, training=record)
    bundle = AnalyserBundle(header, overview, look)
    threshold = set_threshold(FilmAnalyser(bundle), held_out)
    header = header.model_copy(update={"threshold": threshold})
    figures = held_out_figures(FilmAnalyser(AnalyserBundle(header, overview, look)), held_out)
    header = header.model_copy(update={"figures": figures})
    return write_analyser(out / BUNDLE, AnalyserBundle(header, overview, look))


def is_held_out(film: SmallFilm) -> bool:
    """Whether the film measures: by a hash of who is seen, the same in every run."""
    digest = hashlib.sha256(film.person.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELD_OUT


def set_threshold(analyser: FilmAnalyser, films: Iterable[SmallFilm]) -> float:
    """The score that best tells real films with a limb that can be read from those without one.

    Of equally good ones the middle; missing a limb and taking a knee for one count alike.
    """
    films = [film for film in films if film.is_real]
    with_limb = np.array([_score(analyser, film) for film in films if any(_is_readable(limb) for limb in film.limbs)])
    without = np.array([_score(analyser, film) for film in films if not film.limbs])
    if not len(with_limb) or not len(without):
        return USUAL_THRESHOLD
    candidates = np.linspace(0.05, 0.95, 361)
    right = [(with_limb >= each).mean() + (without < each).mean() for each in candidates]
    best = candidates[np.isclose(right, max(right))]
    return float(np.median(best))


def held_out_figures(analyser: FilmAnalyser, films: Sequence[SmallFilm]) -> dict[str, dict[str, float]]:
    """Of simulated and of real films: how often limb, side, turn and the yes-or-no decisions are right."""
    kinds = {
        "simulated": [film for film in films if film.limbs and not film.is_real],
        "real": [film for film in films if film.limbs and film.is_real],
    }
    return {name: _figures(analyser, each[:MOST_MEASURED]) for name, each in kinds.items() if each}


def _figures(analyser: FilmAnalyser, films: Sequence[SmallFilm]) -> dict[str, float]:
    right: dict[str, list[bool]] = {name: [] for name in ("found", "limb", "side", "turn", "projection", "skeleton")}
    for film in films:
        if len(film.limbs) != 1:
            continue
        (true,) = film.limbs
        found = analyser.analyse(film.pixels.astype(np.float32) / np.float32(255))
        right["found"].append(bool(found))
        if not found:
            continue
        best, flags = found[0], true.flags
        right["limb"].append(best.limb is true.limb)
        right["turn"].append(abs(math.remainder(best.turn_cw_deg + true.angle_deg, 360)) <= 25)
        if true.side is not None:
            right["side"].append(best.apparent_side is true.side)
        if "oblique" in flags:
            right["projection"].append((best.projection == "oblique") == (flags["oblique"] >= 0.5))
        if "growing" in flags:
            right["skeleton"].append((best.skeleton == "growing") == (flags["growing"] >= 0.5))
    return {name: float(np.mean(each)) for name, each in right.items() if each} | {"films": float(len(films))}


def _score(analyser: FilmAnalyser, film: SmallFilm) -> float:
    return analyser.best_score(film.pixels.astype(np.float32) / np.float32(255))


def _is_readable(limb: SeenLimb) -> bool:
    return limb.flags.get("readable", 1.0) >= 0.5


def _counted(films: Sequence[SmallFilm]) -> dict[str, int]:
    source = SheetSource.of(films)
    return {name: len(each) for name, each in vars(source).items()}
