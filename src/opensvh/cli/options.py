"""Options that several commands share, and the allocator's setting that all network work wants."""

import os
import sys
from typing import Annotated

import typer

DEFAULT_MODEL = "reference"
TUNED = "OPENSVH_TUNED_MALLOC"
MALLOC = "glibc.malloc.mmap_threshold=8589934592:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456"
"""Large blocks stay mapped instead of going back to the system after each layer: halves the time of a network."""

Models = Annotated[
    list[str] | None,
    typer.Option("--model", help=f"Bundle folder or shipped name (default {DEFAULT_MODEL}); several: an ensemble."),
]


def tune_malloc() -> None:
    """Start anew, once, with the memory allocator set for networks: it reads its settings only at the start."""
    if sys.platform != "linux" or "GLIBC_TUNABLES" in os.environ or TUNED in os.environ:
        return
    os.environ.update({"GLIBC_TUNABLES": MALLOC, TUNED: "1"})
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
