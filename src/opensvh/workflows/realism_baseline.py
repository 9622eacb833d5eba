"""The figures of an earlier comparison of real and simulated films, read back to be shown beside new ones."""

import json
from pathlib import Path
from typing import Any

from opensvh.domain.errors import DatasetInvalid

Figures = dict[str, Any]
FIGURES = "realism.json"


def read_figures(path: Path) -> Figures:
    """The figures that an earlier comparison wrote; raises DatasetInvalid where the file is none of those."""
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DatasetInvalid(f"{path}: cannot be read as JSON ({error}); give the {FIGURES} of a comparison") from error
    if not isinstance(figures, dict) or not all(
        "classifiers" in each for each in figures.get("limbs", {"": {}}).values()
    ):
        raise DatasetInvalid(f"{path}: holds no comparison of films; give the {FIGURES} that one wrote")
    return dict(figures)
