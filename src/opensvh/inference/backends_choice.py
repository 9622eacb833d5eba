"""Which backend runs a model here: the one named, or the fastest that the machine has; and the model, ready to run.

A trained bundle has weights only. For another backend than PyTorch it is exported once, into the user's cache, and
found there ever after: in fp32, whose scores are PyTorch's. A finer choice is made ready by `opensvh export` without a
folder: a graph in bf16 that was checked against PyTorch on films, and is taken where the check found the scores equal.
"""

from pathlib import Path

from opensvh.domain.backends import Backend, Choice, Precision
from opensvh.domain.errors import BundleInvalid, ConfigInvalid
from opensvh.inference.backends import is_installed
from opensvh.inference.backends_openvino import reckons_in_bf16
from opensvh.inference.bundle import EXPORT, FILES, Bundle, load_bundle
from opensvh.inference.bundle_folder import SUMS, sha256, verified_sums
from opensvh.inference.export_bundle import ExportHeader, Model, load_export, read_header
from opensvh.inference.graph_cache import graph_folder

FASTEST_FIRST = (Backend.OPENVINO, Backend.ONNX, Backend.TORCH)
"""As `benchmarks/backends.py` measures them on CPUs."""
EQUAL = 0.05
"""How far a site's expectation may lie from PyTorch's, in grades, in a graph that is taken unasked."""


def load_models(folder: Path, choice: Choice | None = None, at_once: int = 1) -> list[Model]:
    """The models of a bundle, trained or exported, on the backend chosen; with no choice a trained one runs in PyTorch
    and an exported one as it was exported. `at_once`: films that will be looked at at the same time.

    Raises BundleInvalid or ConfigInvalid where the bundle cannot be run so.
    """
    if (folder / EXPORT).is_file():
        return list(load_export(folder, _for_export(folder, choice), at_once))
    verified_sums(folder, FILES)
    if choice is Choice.AUTO:
        return _fastest(folder, at_once)
    backend = Backend.TORCH if choice is None else choice.backend
    return [load_bundle(folder)] if backend in (None, Backend.TORCH) else _exported(folder, backend, at_once)


def ready_folder(folder: Path, backend: Backend, precision: Precision) -> Path:
    """Where the graph of the trained bundle in `folder` lies once it is made ready for this machine."""
    return graph_folder(f"{sha256(folder / SUMS)[:24]}-{backend}-{precision}")


def could_be_faster(folder: Path, choice: Choice | None) -> bool:
    """Whether this machine would gain by a graph in bf16 that nobody has made ready yet (`opensvh export` does)."""
    if choice is not Choice.AUTO or (folder / EXPORT).is_file() or not is_installed(Backend.OPENVINO):
        return False
    return reckons_in_bf16() and not (ready_folder(folder, Backend.OPENVINO, Precision.BF16) / SUMS).is_file()


def is_equal(header: ExportHeader) -> bool:
    """Whether an export's check found the scores to be PyTorch's."""
    found = header.equality
    return found is not None and found.sites > 0 and found.lost == 0 and found.largest <= EQUAL


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


def _fastest(folder: Path, at_once: int) -> list[Model]:
    """On the first backend that is installed and can be made ready; PyTorch always is."""
    for backend in FASTEST_FIRST:
        if backend is Backend.TORCH or not is_installed(backend):
            continue
        try:
            return _checked(folder, backend, at_once) or _exported(folder, backend, at_once)
        except ConfigInvalid:  # what exports for it is missing
            continue
        except OSError:  # a cache that cannot be written: slower, not worse
            break
    return [load_bundle(folder)]


def _checked(folder: Path, backend: Backend, at_once: int) -> list[Model]:
    """The graph in bf16, where one was made ready whose scores are equal, and the machine gains by it."""
    ready = ready_folder(folder, backend, Precision.BF16)
    if backend is not Backend.OPENVINO or not (ready / SUMS).is_file() or not reckons_in_bf16():
        return []
    try:
        return list(load_export(ready, at_once=at_once)) if is_equal(read_header(ready)) else []
    except BundleInvalid:  # of an older version, or damaged
        return []


def _exported(folder: Path, backend: Backend, at_once: int) -> list[Model]:
    """The bundle's graph from the cache, made now where it is not there or not whole."""
    ready = ready_folder(folder, backend, Precision.FP32)
    if (ready / SUMS).is_file():
        try:
            return list(load_export(ready, at_once=at_once))
        except BundleInvalid:  # of an older version, or damaged: made anew below
            pass
    _make_ready(load_bundle(folder), ready, backend)
    return list(load_export(ready, at_once=at_once))


def _make_ready(bundle: Bundle, ready: Path, backend: Backend) -> None:
    # Late: what makes graphs needs PyTorch, which running them does not.
    from opensvh.inference.export import Target, export_bundles

    target = Target(backend, Precision.FP32)
    target.check()
    export_bundles(ready, [bundle], target)
