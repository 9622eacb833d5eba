"""Train on a film set and leave a bundle: films read and stored, folds dealt, runs made, models written.

A run itself is `training.experiment`'s. Each run's folder holds its log and checkpoints and, once finished, `bundle/`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from torch import Tensor

from opensvh import __version__
from opensvh.domain.anatomy import RA2_SITE_COLUMNS, film_code
from opensvh.domain.errors import ConfigInvalid, DatasetInvalid
from opensvh.inference.bundle import BundleConfig, BundleContents, ReadingConfig, find_bundle, load_bundle, write_bundle
from opensvh.io.tables import FilmRecord, NativeDataset, read_dataset
from opensvh.training.callbacks import LAST, Tell
from opensvh.training.config import Preset
from opensvh.training.datamodule import Mixed, split_films
from opensvh.training.dataset import FilmExamples
from opensvh.training.devices import is_leader
from opensvh.training.experiment import CHECKPOINTS, TrainedModel, TrainingFilms, run_training
from opensvh.training.failures import named_failures
from opensvh.training.film_cache import open_cache

BUNDLE, CACHE = "bundle", "cache"


@dataclass(frozen=True)
class Folds:
    """Which models are trained: one that holds out `fold` (counted from 1), one a fold, or one on all films.

    `only`: of one a fold this alone, where others train the rest.
    """

    fold: int | None = 1
    every: bool = False
    only: int | None = None

    def runs(self, out: Path, folds: int) -> list[tuple[int | None, Path]]:
        """The fold held out by each run, and its folder."""
        if self.every:
            return [(fold, out / f"fold{fold}") for fold in range(1, folds + 1) if self.only in (None, fold)]
        if self.fold is not None and not 1 <= self.fold <= folds:
            raise ConfigInvalid(f"fold {self.fold}: there are {folds} folds; give 1 to {folds}")
        return [(self.fold, out)]


@dataclass(frozen=True)
class Watch:
    """Who is told of progress: films stored (of how many), and steps done with figures (see `training.callbacks`)."""

    film: Callable[[int, int], None] = lambda done, of: None
    step: Tell = lambda step, figures: None


def train(
    preset: Preset, data: Path, out: Path, folds: Folds, resume: bool = False, watch: Watch | None = None
) -> list[Path]:
    """Train the models asked for and return their bundles.

    Raises DatasetInvalid where the film set is not sound, BundleInvalid where the bundle to start from is not.
    """
    watch = watch or Watch()
    runs = folds.runs(out, preset.training.folds)
    if preset.training.devices > 1 and len(runs) > 1:
        raise ConfigInvalid(f"{len(runs)} models on {preset.training.devices} devices each; train them one by one")
    dataset, films = _marked_films(data)
    further = {Path(folder): _marked_films(Path(folder))[1] for folder in preset.training.mix}
    patients = len({film.patient for film in films})
    for fold, _ in runs:
        if fold is not None and fold > patients:
            raise DatasetInvalid(
                f"{data}: fold {fold} of {patients} patients is empty; give fewer folds, or --all-data"
            )
    start = load_bundle(find_bundle(preset.training.start)).network.state_dict() if preset.training.start else None
    every = [*films, *chain.from_iterable(further.values())]
    cache = open_cache(out / CACHE, every, preset, lambda done: watch.film(done, len(every)))
    examples = FilmExamples(every, cache, preset.model, preset.augmentation)
    mixed = _mixed(len(films), further, preset)
    bundles = []
    for fold, run in runs:
        split = replace(split_films(films, preset.training.folds, fold, preset.training.seed), mixed=mixed)
        trained = run_training(run, TrainingFilms(examples, split), preset, resume, watch.step, start)
        if not is_leader():  # another device's process, which has done its part
            continue
        contents = bundle_contents(trained, preset, out.name, dataset, _patients(films, split.training))
        with named_failures(run, run / CHECKPOINTS / LAST):
            bundles.append(write_bundle(run / BUNDLE, contents))
    return bundles


def store_crops(preset: Preset, data: Path, out: Path) -> None:
    """Store the films' crops where the runs of `out` look for them, so that several can begin at once."""
    sets = [data, *map(Path, preset.training.mix)]
    open_cache(out / CACHE, [film for folder in sets for film in _marked_films(folder)[1]], preset)


def _marked_films(folder: Path) -> tuple[NativeDataset, list[FilmRecord]]:
    dataset = read_dataset(folder)
    films = [film for film in dataset.films if film.points]
    if not films:
        raise DatasetInvalid(f"{folder}: no film has marked joints; add joints.csv (columns patient, film, site, x, y)")
    return dataset, films


def _mixed(first: int, further: Mapping[Path, Sequence[FilmRecord]], preset: Preset) -> tuple[Mixed, ...]:
    """Where the films of each further set stand after the first `first`, and its share of the examples."""
    mixed = []
    for films, share in zip(further.values(), preset.training.mix.values(), strict=True):
        mixed.append(Mixed(tuple(range(first, first + len(films))), share))
        first += len(films)
    return tuple(mixed)


def bundle_contents(
    trained: TrainedModel, preset: Preset, name: str, dataset: NativeDataset, patients: Sequence[str]
) -> BundleContents:
    """The bundle of a finished run over those patients of the film set."""
    # The weights are in the bundle: whoever loads it must not look for ImageNet's.
    model = preset.model.model_copy(update={"pretrained": "none"})
    films = [film for film in dataset.films if film.patient in set(patients)]
    # The record goes with the weights: names of film sets, not where they lay.
    schedule = {**preset.training.model_dump(mode="json"), "mix": _named(preset.training.mix)}
    record = {**preset.model_dump(mode="json"), "training": schedule}
    record |= {"data": dataset.folder.name, "patients": len(patients)}
    return BundleContents(
        name=name,
        version=__version__,
        config=BundleConfig(
            model=model,
            preprocessing=preset.preprocessing,
            reading=ReadingConfig(mirrored_pair=preset.augmentation.flip_share > 0),
            training=record,
        ),
        weights=_stored(trained.weights),
        metrics={"validation": dict(trained.metrics)},
        training_means=training_means(films),
        card=_card(name, trained, preset, dataset, len(patients)),
    )


def _stored(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices in half precision, normalisation and its statistics as they are: half the size, scores equal to 0.01."""
    return {name: weight.half() if weight.ndim > 1 else weight for name, weight in weights.items()}


def training_means(films: Sequence[FilmRecord]) -> dict[str, float]:
    """Mean of each RA2 site column over the films; columns without any score are left out."""
    grades: dict[str, list[float]] = defaultdict(list)
    by_site = {(film_code(site.limb, side), site.name, kind): c for c, (side, site, kind) in RA2_SITE_COLUMNS.items()}
    for film in films:
        for (name, kind), score in film.scores.items():
            grades[by_site[film_code(film.limb, film.side), name, kind]].append(score)
    return {column: sum(grades[column]) / len(grades[column]) for column in RA2_SITE_COLUMNS if grades[column]}


def _patients(films: Sequence[FilmRecord], chosen: Sequence[int]) -> list[str]:
    return sorted({films[index].patient for index in chosen})


def _named(mix: Mapping[str, float]) -> dict[str, float]:
    return {Path(folder).name: share for folder, share in mix.items()}


def _beside(preset: Preset) -> str:
    parts = [f"{100 * share:g} % from `{name}`" for name, share in _named(preset.training.mix).items()]
    return f", of these {', '.join(parts)}" if parts else ""


def _card(name: str, trained: TrainedModel, preset: Preset, dataset: NativeDataset, patients: int) -> str:
    figures = "".join(f"| {figure} | {value:.3f} |\n" for figure, value in trained.metrics.items())
    size = f"{preset.preprocessing.width} x {preset.preprocessing.height}"
    return (
        f"# {name}\n\n"
        "Reads Sharp/van der Heijde scores from X-rays of hands and feet. For research use only: not a medical device, "
        "not for diagnosis or treatment decisions.\n\n"
        f"- Model: EfficientNet-{preset.model.encoder.upper()} U-Net, picture {size}, OpenSvH {__version__}.\n"
        f"- Trained on {patients} patients of the film set `{dataset.folder.name}`, {trained.steps} steps of "
        f"{preset.training.batch_size * preset.training.accumulate} films{_beside(preset)}.\n\n"
        + (f"Figures on patients held out:\n\n| figure | value |\n| --- | --- |\n{figures}" if figures else "")
    )
