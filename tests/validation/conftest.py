"""The trials are scripts beside the package: their folder is made importable here, as Python does for a script."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "validation"))
