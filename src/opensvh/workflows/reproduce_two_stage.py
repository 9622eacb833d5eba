"""The peer of the single-stage model: joints found by one network, each graded from a patch by another, one a kind.

As the challenge's other top entries work (paper, appendix B). Generous to the peer: its joints are those of the fully
trained single-stage model, its patches show the film's own pixels, and its two classifiers together see as many pixels
in training as that model's encoder.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from opensvh.domain.anatomy import Kind
from opensvh.domain.geometry import Point
from opensvh.io.tables import FilmRecord
from opensvh.model.config import INPUT_MULTIPLE
from opensvh.training.callbacks import Tell
from opensvh.training.config import Preset
from opensvh.training.dataset import film_labels
from opensvh.training.experiment import precision_of
from opensvh.training.film_analyser_run import Schedule, train_network
from opensvh.training.patches import PatchExamples, PatchStore, cut_patches, patch_probabilities
from opensvh.workflows.reproduce_films import PartFilm, posed_film
from opensvh.workflows.reproduce_reading import ReadLimb, site_damage

SIDE_OF_WIDTH, LEAST_SIDE_PX = 1 / 6.75, 64
"""Side of the network's picture of a patch, of the single-stage model's width: about what a film's own pixels fill."""


@dataclass(frozen=True)
class PatchTraining:
    """Films, which of them train, and the patches of all."""

    films: Sequence[FilmRecord]
    chosen: Sequence[int]
    store: PatchStore


def train_classifiers(
    folder: Path, data: PatchTraining, preset: Preset, tell: Tell = lambda step, figures: None
) -> dict[Kind, torch.nn.Module]:
    """Train, or go on with, a classifier for each kind; finished ones are loaded."""
    side = patch_side_px(preset)
    labels = film_labels(data.films, preset.model)
    networks = {}
    for kind in Kind:
        examples = PatchExamples.of(data.store, labels, kind, data.chosen, side, preset.model.encoder)
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


def weights_digest(networks: Mapping[Kind, torch.nn.Module]) -> str:
    """SHA-256 of the classifiers' weights."""
    digest = hashlib.sha256()
    for kind, network in networks.items():
        for name, weight in network.state_dict().items():
            digest.update(f"{kind.value}/{name}".encode() + weight.cpu().numpy().tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Peer:
    """Reads films with a classifier for each kind, at joints that another model found."""

    classifiers: Mapping[Kind, torch.nn.Module]
    side_px: int

    @classmethod
    def of(cls, classifiers: Mapping[Kind, torch.nn.Module], preset: Preset) -> "Peer":
        """With patches of the size that a run of the preset trains on."""
        return cls(classifiers, patch_side_px(preset))

    def read(self, films: Sequence[PartFilm], found: Mapping[str, Mapping[str, Point]]) -> Iterator[ReadLimb]:
        """Each film; `found` are its joints in its pixels, by its name."""
        for film in films:
            yield self._read(film, found.get(film.name, {}))

    def _read(self, film: PartFilm, points: Mapping[str, Point]) -> ReadLimb:
        canonical = posed_film(film)
        places = dict(zip(points, canonical.frame.to_model(points.values()), strict=True))
        patches = cut_patches(np.ascontiguousarray(canonical.picture), places, film.limb, self.side_px)
        by_kind = {kind: patch_probabilities(network, patches, film.limb) for kind, network in self.classifiers.items()}
        graded = {name: {kind: by_kind[kind][name] for kind in by_kind} for name in patches}
        return ReadLimb(film, site_damage(film.limb, graded), points)
