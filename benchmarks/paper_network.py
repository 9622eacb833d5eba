"""The paper's network, with drawn weights, run by each backend in turn on the same picture.

What is compared: the plain forward of PyTorch as it is installed (eager, no channels last, three maps of logits) with
graphs that pool as well. The two-stage recipe is the same encoder on a patch a joint.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from opensvh.domain.anatomy import Kind, Limb, sites_of
from opensvh.domain.backends import Backend, Precision
from opensvh.inference.bundle import Bundle, BundleConfig, BundleContents, load_bundle, write_bundle
from opensvh.inference.export import Target, export_bundles
from opensvh.inference.export_bundle import load_export
from opensvh.model.encoder import build_encoder
from opensvh.model.network import SvHNet
from opensvh.training.config import load_preset

TARGETS = (
    Target(Backend.OPENVINO, Precision.BF16),
    Target(Backend.OPENVINO, Precision.FP32),
    Target(Backend.ONNX, Precision.FP32),
)
PATCH_PX = 128
"""Side of a two-stage recipe's patch: 12 % of a limb at the paper's size."""
WARMING = ((480, 448), 2)
"""Picture and number of passes that set the normalisations of drawn weights to their activations."""


@dataclass(frozen=True)
class Timing:
    """Medians over interleaved repeats, seconds a film, by what ran; `flops` of the network's forward."""

    seconds: dict[str, float]
    flops: float


def measured(folder: Path, repeats: int) -> Timing:
    """Export into `folder` what is not there yet, and time all in turn."""
    bundle = _bundle(folder / "paper")
    picture = np.random.default_rng(0).random(
        (bundle.config.preprocessing.height, bundle.config.preprocessing.width), dtype=np.float32
    )
    runs: dict[str, Callable[[], object]] = {"eager": _eager(bundle, picture)}
    for target in TARGETS:
        engine = _exported(folder, bundle, target)
        runs[engine.name] = lambda engine=engine: engine.look(picture)  # type: ignore[misc]
    runs["two-stage eager, a patient's film"] = _two_stage()
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return Timing({name: median(each[1:]) for name, each in taken.items()}, _flops(bundle.network, picture))


def _bundle(folder: Path) -> Bundle:
    """The preset `paper` with drawn weights, normalised so that no number is denormal or endless."""
    if not folder.exists():
        preset = load_preset("paper")
        model = preset.model.model_copy(update={"pretrained": "none"})
        torch.manual_seed(0)
        network = SvHNet(model).train()
        size, passes = WARMING
        with torch.no_grad():
            for _ in range(passes):
                network(torch.rand(2, 1, *size))
        config = BundleConfig(model=model, preprocessing=preset.preprocessing)
        write_bundle(folder, BundleContents("paper-drawn", "0", config, network.state_dict()))
    return load_bundle(folder)


def _exported(folder: Path, bundle: Bundle, target: Target):  # type: ignore[no-untyped-def]
    out = folder / f"paper-{target.backend}-{target.precision}"
    if not out.exists():
        export_bundles(out, [bundle], target)
    [model] = load_export(out)
    return model.engine


def _eager(bundle: Bundle, picture: np.ndarray) -> Callable[[], object]:
    network = SvHNet(bundle.config.model).eval()
    network.load_state_dict(bundle.network.state_dict())
    given = torch.from_numpy(picture)[None, None]

    def run() -> object:
        with torch.inference_mode():
            return network(given)

    return run


def _two_stage() -> Callable[[], object]:
    """One film's share of a patient's patches, a patch a scored site: 86 patches over four films."""
    sites = sum(len(list(sites_of(limb, kind))) * 2 for limb in Limb for kind in Kind)
    encoder = build_encoder("b5", "none").eval()
    patches = torch.rand(round(sites / 4), 3, PATCH_PX, PATCH_PX)

    def run() -> object:
        with torch.inference_mode():
            return encoder(patches)

    return run


def _flops(network: SvHNet, picture: np.ndarray) -> float:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.from_numpy(picture)[None, None])
    return float(counter.get_total_flops())
