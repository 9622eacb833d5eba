"""An exported bundle: a folder a model with its graph and every parameter of its use, one header for all, and sums.

Several models are an ensemble: read together, they score as one. How a graph is made is `export_graph`'s and
`export_quantised`'s, which of them a machine runs is `backends_choice`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from opensvh import __version__
from opensvh.domain.anatomy import SITE_TABLE_VERSION
from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import BundleInvalid
from opensvh.domain.reading import ModelIdentity
from opensvh.inference.backends import GRAPH_MAP_STRIDE, Engine, map_stride
from opensvh.inference.backends_onnx import OnnxEngine
from opensvh.inference.backends_openvino import OpenVinoEngine
from opensvh.inference.bundle import EXPORT, Bundle, BundleConfig, BundleFacts, read_facts, write_facts
from opensvh.inference.bundle_folder import SUMS, sha256, verified_sums

COMMAND = "opensvh export"


class Calibration(BaseModel):
    """The simulated films that int8's ranges were taken from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    films: int
    seed: int


class Equality(BaseModel):
    """How far the exported bundle's expectations lie from PyTorch's: over `sites` of `films` simulated ones, in grades.

    `lost`: sites that one of both scores and the other does not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    films: int
    sites: int
    largest: float
    share_99: float
    lost: int


class Member(BaseModel):
    """One model: its folder and graph within the bundle, and the SHA-256 of the weights it was made from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str
    graph: str
    weights: str


class ExportHeader(BaseModel):
    """What holds for the whole bundle; `libraries`: versions of what made it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    backend: Backend
    precision: Precision
    members: tuple[Member, ...]
    libraries: Mapping[str, str]
    calibration: Calibration | None = None
    equality: Equality | None = None
    software: str = __version__
    site_table_version: str = SITE_TABLE_VERSION


@dataclass(frozen=True)
class ExportedModel:
    """A model of an exported bundle, ready to run; as `bundle.Bundle`, but for the engine in the network's place.

    `identity` is that of the model it was made from, `digest` changes with any file of the exported bundle.
    """

    folder: Path
    identity: ModelIdentity
    digest: str
    config: BundleConfig
    engine: Engine
    metrics: Mapping[str, object]
    training_means: Mapping[str, float]


Model = Bundle | ExportedModel


def write_members(folder: Path, bundles: Sequence[Bundle], graphs: Sequence[Path]) -> tuple[Member, ...]:
    """Write what is said of each model beside its graph, which lies in a folder of its own within `folder`."""
    for bundle, graph in zip(bundles, graphs, strict=True):
        facts = read_facts(bundle.folder)
        card = f"{facts.card}\nExported: this copy has no weights, only a graph made from them.\n"
        write_facts(
            graph.parent,
            BundleFacts(facts.name, facts.version, bundle.config, facts.metrics, facts.training_means, card),
        )
    return tuple(
        Member(folder=graph.parent.relative_to(folder).as_posix(), graph=graph.name, weights=bundle.identity.sha256)
        for bundle, graph in zip(bundles, graphs, strict=True)
    )


def read_header(folder: Path) -> ExportHeader:
    """The header of an exported bundle; raises BundleInvalid."""
    path = folder / EXPORT
    try:
        header = ExportHeader.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleInvalid(f"{path}: {where}: {first['msg']}; export the bundle anew with this version") from error
    if header.site_table_version != SITE_TABLE_VERSION:
        raise BundleInvalid(
            f"{folder}: made for site table {header.site_table_version!r}, this version has {SITE_TABLE_VERSION!r}; "
            "export it anew"
        )
    return header


def load_export(folder: Path, backend: Backend | None = None, at_once: int = 1) -> list[ExportedModel]:
    """The models of an exported bundle, run by their own backend or by another that reads its graphs; `at_once`: films
    that are looked at at the same time, each by its share of the threads.

    Raises BundleInvalid naming what is missing or altered, ConfigInvalid where the backend's library is.
    """
    sums = verified_sums(folder, [EXPORT], COMMAND)
    header = read_header(folder)
    engine = _engine(folder, header, backend or header.backend)
    models = []
    for member in header.members:
        for name in (member.graph, "config.json", "bundle.json"):
            if f"{member.folder}/{name}" not in sums:
                raise BundleInvalid(f"{folder}: {member.folder}/{name} is missing; copy the bundle again, whole")
        facts = read_facts(folder / member.folder)
        models.append(
            ExportedModel(
                folder=folder,
                identity=ModelIdentity(facts.name, facts.version, member.weights),
                digest=sha256(folder / SUMS),
                config=facts.config,
                engine=engine(
                    folder / member.folder / member.graph,
                    header.precision,
                    map_stride(facts.config, GRAPH_MAP_STRIDE),
                    at_once,
                ),
                metrics=facts.metrics,
                training_means=facts.training_means,
            )
        )
    return models


def _engine(folder: Path, header: ExportHeader, backend: Backend) -> type[OpenVinoEngine] | type[OnnxEngine]:
    """OpenVINO reads ONNX graphs too; PyTorch reads neither."""
    if backend is Backend.OPENVINO:
        return OpenVinoEngine
    if backend is header.backend:
        return OnnxEngine
    raise BundleInvalid(
        f"{folder}: was exported for {header.backend}, which {backend} cannot run; give the bundle it was exported "
        f"from, or leave --backend out"
    )
