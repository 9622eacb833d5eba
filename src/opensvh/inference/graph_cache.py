"""Where graphs lie that are made once for a machine, and made again if they are gone: the user's cache."""

import os
from pathlib import Path

GRAPHS = Path("opensvh", "graphs")


def graph_folder(name: str) -> Path:
    """The folder of that name among the graphs; it need not be there."""
    return cache_home() / GRAPHS / name


def cache_home() -> Path:
    """The user's folder for what can be made again (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
