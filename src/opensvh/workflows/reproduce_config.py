"""An experiment as its TOML file says it: which claim, which arms, which seeds; and every run that it takes.

Files lie in `configs/`, what all runs of a size share in `configs/sizes/`. Runs are `reproduce_runs`'.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import opensvh
from opensvh.domain.errors import ConfigInvalid
from opensvh.evaluation.arms import ARM_MEASURES
from opensvh.training.config import Preset, with_training
from opensvh.workflows.benchmark import SizeName

CONFIGS = "configs"
Config = TypeVar("Config", bound=BaseModel)
PAPER_HEIGHT, PAPER_RADIUS, PAPER_OUTER_RADIUS = 928, 32.0, 40.0
"""The paper's radii are pixels of a picture of this height (sections 3 and 4)."""


class ReadoutConfig(BaseModel):
    """How scores are made of the distributions that a run read (`reproduce_readout`); the paper's way by default.

    `unsmoothed`: what label smoothing put beside the grade is taken back. `sites`: the expected grade, that of its
    logarithm, or one fitted to the site's own distribution, or to those of all the patient's sites. `total`: the sum of
    the expected grades, or fitted for SC1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unsmoothed: bool = False
    sites: Literal["expected", "log", "fitted", "context"] = "expected"
    total: Literal["sum", "fitted"] = "sum"

    @property
    def is_fitted(self) -> bool:
        """Whether it learns from patients."""
        return self.total == "fitted" or self.sites in ("fitted", "context")


class ArmConfig(BaseModel):
    """One way to train. `x` is its place on the experiment's axis, `preset` what differs from the size's.

    `radius` is r in the paper's pixels, scaled with the picture; `patients` the first so many of the training part;
    `design` one network, or the two-stage peer; `members` so many runs read as an ensemble; `folds`: each member holds
    out one of so many folds. `readout`: how scores are made of what the runs read. `wave`: arms of a later one are
    begun once those before have all their runs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    x: float | None = None
    preset: Mapping[str, Any] = Field(default_factory=dict)
    radius: float = Field(default=PAPER_RADIUS, gt=0, le=PAPER_OUTER_RADIUS)
    patients: int | None = Field(default=None, ge=1)
    design: Literal["single", "two-stage"] = "single"
    members: int = Field(default=1, ge=1)
    folds: int | None = Field(default=None, ge=2)
    readout: ReadoutConfig = ReadoutConfig()
    wave: int = Field(default=1, ge=1)


class Experiment(BaseModel):
    """What `opensvh reproduce` does for a name.

    `claim`: what the paper says, `expected`: what was expected before it was run, `better` and `than`: the arms whose
    order the claim is about, `better` empty for the best of all on the development patients; `decides`: by which
    measures. `films` of a figure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    purpose: str
    claim: str
    command: str
    expected: str
    kind: Literal["training", "figure"] = "training"
    seeds: tuple[int, ...] = (1, 2, 3)
    axis: str = ""
    better: str = ""
    than: str = ""
    decides: tuple[str, ...] = ("rmse",)
    arms: tuple[ArmConfig, ...] = ()
    films: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _arms_are_there(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError("two arms have one name")
        if self.kind == "training" and (len(names) < 2 or self.than not in names or self.better not in (*names, "")):
            raise ValueError("a comparison needs two arms, and `better` and `than` among their names")
        if unknown := set(self.decides) - set(ARM_MEASURES):
            raise ValueError(f"decides: {', '.join(sorted(unknown))} is none of {', '.join(ARM_MEASURES)}")
        return self

    def arm(self, name: str) -> ArmConfig:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)


@dataclass(frozen=True)
class Run:
    """One training: all that decides what comes out of it. `seed` is the preset's."""

    preset: Preset
    design: Literal["single", "two-stage"] = "single"
    patients: int | None = None
    fold: tuple[int, int] | None = None
    """Held out: this fold (from 1) of so many."""

    @property
    def localiser(self) -> "Run":
        """The one-stage run that tells a two-stage one where joints lie."""
        return Run(self.preset, "single", self.patients, self.fold)

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the run's outcome, as JSON has it: what differs from the defaults, so that a setting that a
        later version adds leaves older runs what they were; not on what machine it runs."""
        preset = self.preset.model_copy(update={"training": self.preset.training.lasting})
        fold = list(self.fold) if self.fold else None
        told = {"design": self.design, "patients": self.patients, "fold": fold}
        return {"preset": preset.model_dump(mode="json", exclude_defaults=True), **told}

    def folder_name(self, benchmark_digest: str) -> str:
        """Readable, and different wherever anything differs; experiments share runs that are the same."""
        facts = {**self.settings, "benchmark": benchmark_digest}
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:10]
        return f"{self.design}-seed{self.preset.training.seed}-{digest}"


Replicates = tuple[tuple[Run, ...], ...]
"""An arm's repetitions, each one run or the members of an ensemble."""


def load_experiment(name: str) -> Experiment:
    """The experiment of a TOML file, or of a name such as `smoothing`; raises ConfigInvalid."""
    path = Path(name) if name.endswith(".toml") else _configs() / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in _configs().glob("*.toml")))
        raise ConfigInvalid(f"{name}: is no experiment; give a TOML file or one of {known}")
    return _validated(Experiment, _read(path), path)


def size_preset(size: SizeName) -> Preset:
    """What all runs of a size share; raises ConfigInvalid."""
    path = _configs() / "sizes" / f"{size}.toml"
    return _validated(Preset, _read(path), path)


def replicates(experiment: Experiment, arm: ArmConfig, base: Preset) -> Replicates:
    """The runs of an arm: one a seed; of an ensemble, the seeds in groups of as many as it has members."""
    runs = [_run(arm, base, seed) for seed in experiment.seeds]
    if arm.folds:
        runs = [
            Run(run.preset, run.design, run.patients, (fold, arm.folds))
            for run in runs[:1]
            for fold in range(1, arm.folds + 1)
        ]
    return tuple(
        tuple(runs[first : first + arm.members]) for first in range(0, len(runs) - arm.members + 1, arm.members)
    )


def planned_runs(experiment: Experiment, base: Preset, first_waves: int | None = None) -> tuple[Run, ...]:
    """Every run once, wave after wave: the first of each arm, then the second of each, so that what is there is
    comparable early. A two-stage run comes after the one that finds its joints. `first_waves`: of so many alone.
    """
    waves = sorted({arm.wave for arm in experiment.arms if first_waves is None or arm.wave <= first_waves})
    ordered = chain.from_iterable(
        _alternating([_runs_of(experiment, arm, base) for arm in experiment.arms if arm.wave == wave]) for wave in waves
    )
    with_localisers = chain.from_iterable((run.localiser, run) for run in ordered)
    return tuple({run.folder_name(""): run for run in with_localisers}.values())


def _runs_of(experiment: Experiment, arm: ArmConfig, base: Preset) -> list[Run]:
    return list(chain.from_iterable(replicates(experiment, arm, base)))


def _alternating(columns: Sequence[list[Run]]) -> list[Run]:
    """The first of each, the second of each, and so on."""
    return [column[row] for row in range(max(map(len, columns))) for column in columns if row < len(column)]


def _run(arm: ArmConfig, base: Preset, seed: int) -> Run:
    height = base.preprocessing.height
    radii = [round(each * height / PAPER_HEIGHT, 3) for each in (arm.radius, PAPER_OUTER_RADIUS)]
    changed = _merged(base.model_dump(mode="json"), arm.preset)
    changed["model"] |= {"radius_px": radii[0], "outer_radius_px": radii[1]}
    preset = _validated(Preset, changed, Path(arm.name))
    return Run(with_training(preset, seed=seed), arm.design, arm.patients)


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        merged[key] = _merged(base.get(key, {}), value) if isinstance(value, Mapping) else value
    return merged


def _configs() -> Path:
    """`configs/` here, else that of the checkout this software runs from."""
    here = Path(CONFIGS)
    return here if here.is_dir() else Path(opensvh.__file__).parents[2] / CONFIGS


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigInvalid(
            f"{path}: cannot be read ({error.strerror}); run it in a clone, which has configs/"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"{path}: is not TOML ({error}); correct it") from error


def _validated(kind: type[Config], values: Mapping[str, Any], path: Path) -> Config:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        facts = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ConfigInvalid(f"{path}: {facts}; correct it") from error
