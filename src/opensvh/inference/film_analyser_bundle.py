"""The film analyser as a folder: weights, how they are used, their sum and their figures; written whole or not at all.

Shipped with the program. Models that read scores are `bundle`'s; the same networks as graphs, which need no PyTorch,
are `film_analyser_graphs`'.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opensvh import __version__
from opensvh.domain.errors import BundleInvalid, OutputConflict
from opensvh.model.film_analyser_config import FilmAnalyserConfig, LimbLookConfig

if TYPE_CHECKING:
    from torch import Tensor, nn

    from opensvh.model.film_analyser import FilmAnalyserNet
    from opensvh.model.limb_look import LimbLookNet

SHIPPED = Path(__file__).parents[1] / "bundles" / "film_analyser"
WEIGHTS, HEADER = "weights.safetensors", "analyser.json"
Pictures = NDArray[np.float32]


class AnalyserHeader(BaseModel):
    """All that analysis needs to know.

    `threshold`: what scores below is no limb. `weights_sha256` of their file; `training` and `figures` for the record.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: FilmAnalyserConfig
    look: LimbLookConfig
    threshold: float = Field(gt=0, lt=1)
    weights_sha256: str = ""
    software: str = __version__
    training: Mapping[str, object] = Field(default_factory=dict)
    figures: Mapping[str, object] = Field(default_factory=dict)


@dataclass(frozen=True)
class AnalyserBundle:
    """A loaded film analyser, run by PyTorch; both networks in eval mode, on the CPU, channels last.

    `network` finds limbs on whole films, `look` tells what a limb shows.
    """

    header: AnalyserHeader
    network: "FilmAnalyserNet"
    look: "LimbLookNet"

    def maps(self, pictures: Pictures) -> Pictures:
        """Maps of limbs [looks, 12, side / 8, side / 8] of pictures [looks, 1, side, side], as probabilities."""
        import torch

        from opensvh.model.film_analyser import probabilities

        with torch.inference_mode():
            return np.asarray(probabilities(self.network(torch.from_numpy(pictures))).numpy(), np.float32)

    def answers(self, picture: Pictures) -> Pictures:
        """What a cut-out [side, side] shows, read both ways round: flags as probabilities, then the direction [8]."""
        import torch

        from opensvh.model.limb_look import both_ways

        with torch.inference_mode():
            return np.asarray(both_ways(self.look, torch.from_numpy(picture[None, None]))[0].numpy(), np.float32)


def write_analyser(folder: Path, bundle: AnalyserBundle) -> Path:
    """Write the folder, in place of one of its kind; refuses any other. Weights are stored in half precision."""
    from safetensors.torch import save_file

    if folder.exists() and not (folder / HEADER).exists():
        raise OutputConflict(f"{folder}: is there and is no film analyser; name a new folder or remove this one")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        save_file(_stored(bundle), partial / WEIGHTS)
        (partial / WEIGHTS).chmod(0o644)
        whole = bundle.header.model_copy(update={"weights_sha256": _sha256(partial / WEIGHTS)})
        (partial / HEADER).write_text(whole.model_dump_json(indent=2) + "\n", encoding="utf-8")
        partial.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def verified_header(folder: Path = SHIPPED) -> AnalyserHeader:
    """The header of a folder whose weights are those it names; raises BundleInvalid, as `load_analyser`."""
    for name in (WEIGHTS, HEADER):
        if not (folder / name).is_file():
            raise BundleInvalid(f"{folder}: {name} is missing; copy the film analyser again, whole")
    try:
        header = AnalyserHeader.model_validate_json((folder / HEADER).read_bytes())
    except ValidationError as error:
        fact = error.errors()[0]["msg"]
        raise BundleInvalid(f"{folder / HEADER}: {fact}; use the software version it was made with") from error
    if _sha256(folder / WEIGHTS) != header.weights_sha256:
        raise BundleInvalid(f"{folder}: {WEIGHTS} is not the file its {HEADER} names; copy it again, unchanged")
    return header


def load_analyser(folder: Path = SHIPPED) -> AnalyserBundle:
    """Read and verify the folder, for PyTorch; raises BundleInvalid naming what is missing or altered."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from opensvh.model.film_analyser import FilmAnalyserNet
    from opensvh.model.limb_look import LimbLookNet

    header = verified_header(folder)
    bundle = AnalyserBundle(header, FilmAnalyserNet(header.model), LimbLookNet(header.look))
    try:
        weights = load_file(folder / WEIGHTS)
        for part, network in _networks(bundle).items():
            own = {key.removeprefix(f"{part}."): each for key, each in weights.items() if key.startswith(f"{part}.")}
            network.load_state_dict(own)
            torch.nn.Module.to(network, memory_format=torch.channels_last)  # type: ignore[call-overload]
            network.eval().requires_grad_(False)
    except (RuntimeError, SafetensorError) as error:
        fact = str(error).splitlines()[0]
        raise BundleInvalid(f"{folder / WEIGHTS}: does not fit the network ({fact}); train it anew") from error
    return bundle


def _networks(bundle: AnalyserBundle) -> "dict[str, nn.Module]":
    return {"network": bundle.network, "look": bundle.look}


def _stored(bundle: AnalyserBundle) -> "dict[str, Tensor]":
    return {
        f"{part}.{key}": (tensor.half() if tensor.is_floating_point() else tensor).detach().cpu().contiguous()
        for part, network in _networks(bundle).items()
        for key, tensor in network.state_dict().items()
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
