"""Every figure of a model on hand-marked real films as plain values that JSON can hold, for both halves side by side.

Puts together `real_placement`, `real_points`, `real_damage`, `real_sensitivity` and `real_wanted`; pages and plots are
`reporting`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opensvh.evaluation.real_damage import false_damage_figures, film_totals, severe_figures
from opensvh.evaluation.real_intervals import Figures
from opensvh.evaluation.real_placement import not_limb_figures, placement_figures, refusals
from opensvh.evaluation.real_points import point_figures
from opensvh.evaluation.real_reads import FilmOutcome, RealRead, of_half
from opensvh.evaluation.real_sensitivity import EditedRead, sensitivity_figures
from opensvh.evaluation.real_split import Half
from opensvh.evaluation.real_wanted import wanted_figures

BOTH = "both"


@dataclass(frozen=True)
class RealEvaluation:
    """The marked films as read, and what was read of damage edited into them.

    `told` where the reader was given limb, side and turn: nothing is then said of how well it finds them out.
    `not_limbs` are outcomes of images without a hand or foot, by name.
    """

    reads: Sequence[RealRead]
    edits: Sequence[EditedRead]
    told: bool
    not_limbs: Mapping[str, FilmOutcome] = field(default_factory=dict)

    def figures(self) -> Figures:
        """`halves` (those that have films, and both together), `wanted`, `refused`, `totals`."""
        halves = {name: self._half(half) for name, half in self._present()}
        return {
            "told": self.told,
            "films": len(self.reads),
            "persons": len({read.film.person for read in self.reads}),
            "halves": halves,
            "wanted": wanted_figures(halves),
            "refused": refusals(self.reads),
            "totals": film_totals(self.reads),
        }

    def _present(self) -> list[tuple[str, Half | None]]:
        present = [half for half in Half if of_half(self.reads, half)]
        named: list[tuple[str, Half | None]] = [(half.value, half) for half in present]
        return [*named, (BOTH, None)] if len(present) > 1 else named

    def _half(self, half: Half | None) -> Figures:
        reads = of_half(self.reads, half)
        edits = [edit for edit in self.edits if half is None or edit.half is half]
        figures: Figures = {
            "films": len(reads),
            "persons": len({read.film.person for read in reads}),
            "points": point_figures(reads, certain=True),
            "points_with_uncertain": point_figures(reads, certain=False),
            "false_damage": false_damage_figures(reads),
            "severe": severe_figures(reads),
        }
        if not self.told:
            figures["placement"] = placement_figures(reads)
        if self.not_limbs:
            figures["not_limbs"] = not_limb_figures(self.not_limbs)
        if edits:
            figures["sensitivity"] = sensitivity_figures(edits)
        return figures
