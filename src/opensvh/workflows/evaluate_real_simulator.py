"""The simulator's own damage put into real films, for `evaluate_real_edits`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind
from opensvh.evaluation.truth import FilmTruth
from opensvh.simulation.edited_films import edit as editing
from opensvh.workflows.evaluate_real_edits import EditedCopy, PlannedDamage


def _sources_digest() -> str:
    sources = sorted(Path(editing.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


@dataclass(frozen=True)
class SimulatorEditor:
    """Edits films as `simulation.edited_films` does; sites whose space or bone end it cannot see stay as they are.

    `digest` is of the editor's sources as the program starts: what they draw has no version of its own.
    """

    digest: str = field(default_factory=_sources_digest)

    def edit(
        self, pixels: NDArray[np.float32], film: FilmTruth, damages: Sequence[PlannedDamage], rng: np.random.Generator
    ) -> EditedCopy:
        """A copy with the damages in it; without any, one with edits that change no grade."""
        wanted: dict[tuple[str, Kind], float] = {(each.site.name, each.kind): each.grade for each in damages}
        copy = editing.edited(pixels, film.points, film.limb, film.side, wanted, rng, guarded=not wanted)
        given = {(each.site, each.kind): float(each.damage) for each in copy.edits}
        return EditedCopy(copy.pixels, copy.points, {key: given[key] for key in wanted if key in given})
