"""A model as a folder: weights, every parameter of its use, figures, training means, sums and a card.

Written and read here; nothing is ever unpickled. PyTorch is imported only where weights are touched: what an exported
bundle shares with a trained one needs none. How films are read with it is `predictor`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opensvh import __version__
from opensvh.domain.anatomy import RA2_COLUMNS, SITE_TABLE_VERSION
from opensvh.domain.errors import BundleInvalid
from opensvh.domain.reading import ModelIdentity
from opensvh.inference.bundle_folder import SUMS, read_json, sha256, verified_sums, write_json, write_sealed
from opensvh.model.config import ModelConfig
from opensvh.preprocessing.config import PreprocessingConfig

if TYPE_CHECKING:
    from torch import Tensor

    from opensvh.model.network import SvHNet

SHIPPED = Path(__file__).parents[1] / "bundles"

WEIGHTS, CONFIG, HEADER, METRICS, MEANS, CARD = (
    "weights.safetensors",
    "config.json",
    "bundle.json",
    "metrics.json",
    "training_means.json",
    "MODEL_CARD.md",
)
EXPORT = "export.json"
"""What only an exported bundle has (`export_bundle`)."""
FILES = (WEIGHTS, CONFIG, HEADER, METRICS, MEANS, CARD)


class ReadingConfig(BaseModel):
    """How the maps of this model become readings.

    `mirrored_pair`: also read the film left-right exchanged and average; only for a model trained with flips.
    `second_look`: cut the film anew around the joints found and read it once more. `joint_threshold`: a joint whose
    highest probability of its class stays below is not assessable. `confident_joints`: share of a limb's joints that
    must be found before a second look is taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mirrored_pair: bool = False
    second_look: bool = True
    joint_threshold: float = Field(default=0.5, gt=0, lt=1)
    confident_joints: float = Field(default=0.7, ge=0, le=1)


class BundleConfig(BaseModel):
    """All that prediction needs to know, resolved: no default of a later version can change an old model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelConfig
    preprocessing: PreprocessingConfig
    reading: ReadingConfig = ReadingConfig()
    training: Mapping[str, object] = Field(default_factory=dict)
    """The experiment it comes from, for the record; nothing in prediction reads it."""


@dataclass(frozen=True)
class BundleContents:
    """What goes into a bundle.

    `weights` is the network's state_dict (float32 or a narrower float); `metrics` any JSON; `training_means` the mean
    of each RA2 column over the training patients (empty where it has none: then `score --complete` is refused); `card`
    the model card in Markdown.
    """

    name: str
    version: str
    config: BundleConfig
    weights: "Mapping[str, Tensor]"
    metrics: Mapping[str, object] = field(default_factory=dict)
    training_means: Mapping[str, float] = field(default_factory=dict)
    card: str = ""


@dataclass(frozen=True)
class BundleFacts:
    """What a bundle says of its model, beside the network; fields as in `BundleContents`."""

    name: str
    version: str
    config: BundleConfig
    metrics: Mapping[str, object]
    training_means: Mapping[str, float]
    card: str


@dataclass(frozen=True)
class Bundle:
    """A loaded model: the network in eval mode, on the CPU, channels last.

    `digest` is the SHA-256 of the list of sums: any changed file changes it.
    """

    folder: Path
    identity: ModelIdentity
    digest: str
    config: BundleConfig
    network: "SvHNet"
    metrics: Mapping[str, object]
    training_means: Mapping[str, float]


def write_bundle(folder: Path, contents: BundleContents) -> Path:
    """Write a bundle whole or not at all, in place of one of that name; refuses any other folder. Returns `folder`."""
    unknown = sorted(set(contents.training_means) - set(RA2_COLUMNS[1:]))
    if unknown:
        raise BundleInvalid(f"{folder}: training means of unknown columns {', '.join(unknown)}; name RA2 columns")
    return write_sealed(folder, lambda partial: _write_files(partial, contents))


def load_bundle(folder: Path) -> Bundle:
    """Read and verify a bundle; raises BundleInvalid naming what is missing, altered or of another version."""
    if (folder / EXPORT).is_file():
        raise BundleInvalid(f"{folder}: is an exported bundle, without weights; give the one it was exported from")
    sums = verified_sums(folder, FILES)
    facts = read_facts(folder)
    return Bundle(
        folder=folder,
        identity=ModelIdentity(facts.name, facts.version, sums[WEIGHTS]),
        digest=sha256(folder / SUMS),
        config=facts.config,
        network=_network(facts.config, folder / WEIGHTS),
        metrics=facts.metrics,
        training_means=facts.training_means,
    )


def read_facts(folder: Path) -> BundleFacts:
    """What a verified folder of a model says of it, but for the network; raises BundleInvalid as `load_bundle`."""
    header = read_json(folder / HEADER)
    if header.get("site_table_version") != SITE_TABLE_VERSION:
        raise BundleInvalid(
            f"{folder}: made for site table {header.get('site_table_version')!r}, this version has "
            f"{SITE_TABLE_VERSION!r}; train it anew or use the software version {header.get('software', 'of its time')}"
        )
    return BundleFacts(
        name=_said(header, "name", folder),
        version=_said(header, "version", folder),
        config=_config(folder / CONFIG),
        metrics=read_json(folder / METRICS),
        training_means={str(column): float(str(mean)) for column, mean in read_json(folder / MEANS).items()},
        card=(folder / CARD).read_text(encoding="utf-8"),
    )


def find_bundle(name: str) -> Path:
    """The folder of a bundle given by path, or by the name of a shipped one; raises BundleInvalid if neither."""
    given = Path(name)
    if (given / SUMS).exists():
        return given
    if given.name == name and (SHIPPED / name / SUMS).exists():
        return SHIPPED / name
    shipped = ", ".join(sorted(path.parent.name for path in SHIPPED.glob(f"*/{SUMS}"))) or "none"
    fact = f"has no {SUMS}" if given.is_dir() else "is neither a folder nor the name of a shipped bundle"
    raise BundleInvalid(f"{name}: {fact}; give the folder that `opensvh train` wrote or a shipped one ({shipped})")


def _write_files(folder: Path, contents: BundleContents) -> None:
    from safetensors.torch import save_file

    weights = {key: tensor.detach().cpu().contiguous() for key, tensor in contents.weights.items()}
    save_file(weights, folder / WEIGHTS)
    write_facts(
        folder,
        BundleFacts(
            contents.name, contents.version, contents.config, contents.metrics, contents.training_means, contents.card
        ),
    )


def write_facts(folder: Path, facts: BundleFacts) -> None:
    """Write all files of a model's folder but its network: the inverse of `read_facts`."""
    header = {
        "name": facts.name,
        "version": facts.version,
        "site_table_version": SITE_TABLE_VERSION,
        "software": __version__,
    }
    (folder / CONFIG).write_text(facts.config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for name, content in ((HEADER, header), (METRICS, facts.metrics), (MEANS, facts.training_means)):
        write_json(folder / name, content)
    (folder / CARD).write_text(facts.card or f"# {facts.name} {facts.version}\n", encoding="utf-8")


def _said(header: Mapping[str, object], what: str, folder: Path) -> str:
    if what not in header:
        raise BundleInvalid(f"{folder / HEADER}: does not say the model's {what}; copy the bundle again, unchanged")
    return str(header[what])


def _config(path: Path) -> BundleConfig:
    try:
        return BundleConfig.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleInvalid(f"{path}: {where}: {first['msg']}; use the software version it was made with") from error


def _network(config: BundleConfig, path: Path) -> "SvHNet":
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from opensvh.model.network import SvHNet, channels_last

    network = SvHNet(config.model)
    try:
        network.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        fact = str(error).splitlines()[0]
        raise BundleInvalid(f"{path}: does not fit the network of its {CONFIG} ({fact}); train it anew") from error
    return channels_last(network).eval().requires_grad_(False)
