"""The peer of the single-stage model: joints found by one network, each graded from a patch by another, one a kind.

As the challenge's other top entries work (paper, appendix B). Generous to the peer: its joints are those of the fully
trained single-stage model, its patches show the film's own pixels, and its two classifiers together see as many pixels
in training as that model's encoder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from opensvh.domain.anatomy import Kind, Side
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.ensemble import expectation, on_scale
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.image import read_film
from opensvh.io.tables import FilmRecord
from opensvh.model.config import INPUT_MULTIPLE
from opensvh.preprocessing.turn import posed
from opensvh.training.callbacks import Tell
from opensvh.training.config import Preset
from opensvh.training.dataset import film_labels
from opensvh.training.experiment import precision_of
from opensvh.training.film_analyser_run import LAST, Schedule, train_network
from opensvh.training.patches import PatchExamples, cut_patches, open_patches, patch_probabilities

SIDE_OF_WIDTH, LEAST_SIDE_PX = 1 / 6.75, 64
"""Side of the network's picture of a patch, of the single-stage model's width: about what a film's own pixels fill."""


@dataclass(frozen=True)
class PatchTraining:
    """Films, which of them train, and where their patches are kept."""

    films: Sequence[FilmRecord]
    chosen: Sequence[int]
    store: Path


def train_classifiers(
    folder: Path, data: PatchTraining, preset: Preset, tell: Tell = lambda step, figures: None
) -> dict[Kind, torch.nn.Module]:
    """Train, or go on with, a classifier for each kind; finished ones are loaded."""
    side = patch_side_px(preset)
    store = open_patches(data.store, data.films, side)
    labels = film_labels(data.films, preset.model)
    networks = {}
    for kind in Kind:
        examples = PatchExamples.of(store, labels, kind, data.chosen, side, preset.model.encoder)
        task = examples.varied_as(preset.augmentation).task()
        networks[kind] = train_network(folder / kind.value, task, schedule_of(preset, side), resume=True, tell=tell)
    return networks


def patch_side_px(preset: Preset) -> int:
    """A multiple of 32, as the encoder wants it."""
    return max(round(preset.preprocessing.width * SIDE_OF_WIDTH / INPUT_MULTIPLE) * INPUT_MULTIPLE, LEAST_SIDE_PX)


def schedule_of(preset: Preset, side_px: int) -> Schedule:
    """As many steps as the single-stage run, and half its pixels in each: there are two classifiers."""
    config, picture = preset.training, preset.preprocessing
    pixels = config.batch_size * config.accumulate * picture.width * picture.height
    return Schedule(
        steps=config.steps or 1,
        batch_size=max(round(pixels / side_px**2 / len(Kind)), 2),
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        clip_norm=config.clip_norm,
        average_decay=config.average_decay,
        bf16=precision_of(config) != "32-true",
        threads=config.threads,
        seed=config.seed,
        checkpoint_minutes=config.checkpoint_minutes,
    )


def is_trained(folder: Path) -> bool:
    """Whether both classifiers have a checkpoint of their last step."""
    return all((folder / kind.value / LAST).is_file() for kind in Kind)


@dataclass(frozen=True)
class TwoStageReader:
    """Reads a film with a localiser and a classifier for each kind."""

    localiser: Predictor
    classifiers: Mapping[Kind, torch.nn.Module]
    side_px: int

    def __call__(self, film: FilmTruth) -> FilmReading:
        """Raises as `Predictor.read`."""
        radiograph = read_film(film.path)
        identity = FilmIdentity(film.patient, film.limb, film.side, film.quarter_turns_cw, "the data set")
        reading = self.localiser.read(radiograph, identity).reading
        canonical = posed(radiograph.pixels, Pose(90.0 * film.quarter_turns_cw, film.side is Side.RIGHT))
        places = dict(zip(reading.points, canonical.frame.to_model(reading.points.values()), strict=True))
        patches = cut_patches(np.ascontiguousarray(canonical.picture), places, film.limb, self.side_px)
        graded = {kind: patch_probabilities(network, patches, film.limb) for kind, network in self.classifiers.items()}
        return replace(reading, sites=tuple(_regraded(site, graded[site.kind]) for site in reading.sites))


def _regraded(site: SiteReading, graded: Mapping[str, np.ndarray]) -> SiteReading:
    probabilities = graded.get(site.site.point)
    if site.status is not Status.SCORED or probabilities is None:
        return site
    maximum = site.site.maximum(site.kind) or 0
    scaled = on_scale(probabilities, maximum)
    return replace(site, expected=expectation(scaled, maximum), probabilities=tuple(map(float, scaled)))
