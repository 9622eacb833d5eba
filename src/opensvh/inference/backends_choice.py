"""Which backend runs a model here: the one named, or the fastest that the machine has; and the model, ready to run.

A trained bundle has weights only. For another backend than PyTorch it is exported once, into the user's cache, and
found there ever after: in fp32, whose scores are PyTorch's. In bf16 of 839 sites the worst lay 0.066 of a grade off
(docs/export.md), so that bf16 and int8 are the user's decision, made with `opensvh export`.
"""

import os
from pathlib import Path

from opensvh.domain.backends import Backend, Choice, Precision
from opensvh.domain.errors import BundleInvalid, ConfigInvalid
from opensvh.inference.backends import is_installed
from opensvh.inference.bundle import EXPORT, Bundle, load_bundle
from opensvh.inference.bundle_folder import SUMS
from opensvh.inference.export import Target, export_bundles
from opensvh.inference.export_bundle import Model, load_export, read_header

FASTEST_FIRST = (Backend.OPENVINO, Backend.ONNX, Backend.TORCH)
"""As `benchmarks/backends.py` measures them on CPUs."""
CACHE = Path("opensvh", "graphs")


def load_models(folder: Path, choice: Choice | None = None) -> list[Model]:
    """The models of a bundle, trained or exported, on the backend chosen; with no choice a trained one runs in PyTorch
    and an exported one as it was exported.

    Raises BundleInvalid or ConfigInvalid where the bundle cannot be run so.
    """
    if (folder / EXPORT).is_file():
        return list(load_export(folder, _for_export(folder, choice)))
    bundle = load_bundle(folder)
    if choice is Choice.AUTO:
        return _fastest(bundle)
    backend = Backend.TORCH if choice is None else choice.backend
    return [bundle] if backend in (None, Backend.TORCH) else _exported(bundle, backend)


def cache_home() -> Path:
    """The user's folder for what can be made again (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _for_export(folder: Path, choice: Choice | None) -> Backend | None:
    """OpenVINO runs every exported bundle, and faster than others."""
    if choice is Choice.AUTO and is_installed(Backend.OPENVINO):
        return Backend.OPENVINO
    if choice in (None, Choice.AUTO):
        own = read_header(folder).backend
        if not is_installed(own):
            raise ConfigInvalid(f"{folder}: needs {own}, which is not installed; pip install 'opensvh[fast]'")
        return own
    return choice.backend


def _fastest(bundle: Bundle) -> list[Model]:
    """On the first backend that is installed and can be made ready; PyTorch always is."""
    for backend in FASTEST_FIRST:
        if backend is Backend.TORCH or not is_installed(backend):
            continue
        try:
            return _exported(bundle, backend)
        except ConfigInvalid:  # what exports for it is missing
            continue
        except OSError:  # a cache that cannot be written: slower, not worse
            break
    return [bundle]


def _exported(bundle: Bundle, backend: Backend) -> list[Model]:
    """The bundle's graph from the cache, made now where it is not there or not whole."""
    target = Target(backend, Precision.FP32)
    target.check()
    folder = cache_home() / CACHE / f"{bundle.digest[:24]}-{target.backend}-{target.precision}"
    if (folder / SUMS).is_file():
        try:
            return list(load_export(folder))
        except BundleInvalid:  # of an older version, or damaged: made anew below
            pass
    export_bundles(folder, [bundle], target)
    return list(load_export(folder))
