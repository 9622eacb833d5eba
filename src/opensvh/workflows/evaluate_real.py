"""Measure models on hand-marked real films: read each film once, edit damage into copies, write figures and a page.

The figures are `evaluation.real_figures`'; who reads is `evaluate_real_readers`'. What is read is kept film by film, so
that a second run over the same output goes on where the first one stopped.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opensvh.evaluation.real_figures import RealEvaluation
from opensvh.evaluation.real_intervals import Figures
from opensvh.evaluation.real_reads import RealFilm
from opensvh.evaluation.real_sensitivity import EditedRead
from opensvh.evaluation.real_split import Half
from opensvh.io.whole_file import write_whole
from opensvh.reporting.evaluation import Heading
from opensvh.reporting.real_evaluation import real_evaluation_page
from opensvh.reporting.real_evaluation_overlays import worst_films
from opensvh.reporting.real_evaluation_sites import highest_false_sites
from opensvh.reporting.real_evaluation_tables import write_tables
from opensvh.workflows.evaluate import software_with
from opensvh.workflows.evaluate_real_edits import FilmEditor, edit_store, edited, read_edits
from opensvh.workflows.evaluate_real_films import (
    image_store,
    images_in,
    marked_real_films,
    outcome_store,
    read_image,
    read_real_film,
)
from opensvh.workflows.evaluate_real_readers import RealReader
from opensvh.workflows.evaluate_real_store import claim
from opensvh.workflows.score import SOFTWARE

METRICS_FILE, PAGE_FILE = "real_metrics.json", "real_report.html"

Progress = Callable[[str], None]
"""Called with a film's name after it, or all its edited copies, are read."""


@dataclass(frozen=True)
class RealTrial:
    """What is measured: the films of one half or of both, with damage edited into them where there is an editor.

    `not_limbs` is a folder of images without a hand or foot, all of which should be refused.
    """

    folder: Path
    half: Half | None = None
    editor: FilmEditor | None = None
    not_limbs: Path | None = None

    def films(self) -> tuple[RealFilm, ...]:
        """The marked films; raises DatasetInvalid."""
        return marked_real_films(self.folder, self.half)

    def images(self) -> tuple[Path, ...]:
        """The images without a hand or foot; raises DatasetInvalid."""
        return images_in(self.not_limbs) if self.not_limbs else ()

    def steps(self) -> int:
        """How often a run reports progress."""
        films = self.films()
        return len(films) + len(self.images()) + (sum(map(edited, films)) if self.editor else 0)


def evaluate_real(reader: RealReader, trial: RealTrial, out: Path, progress: Progress = lambda film: None) -> Figures:
    """Read every film of the trial and write metrics, tables and page into `out`; returns the figures."""
    evaluation = read_trial(reader, trial, out, progress)
    figures = evaluation.figures()
    heading = Heading(reader.identities, str(trial.folder), software_with(reader.run_by))
    models = [{"name": each.name, "version": each.version, "sha256": each.sha256} for each in reader.identities]
    made = {"software": SOFTWARE, "run_by": list(reader.run_by), "data": heading.data, "models": models}
    metrics = {**made, **figures}
    write_whole(out / METRICS_FILE, json.dumps(metrics, indent=1, allow_nan=False) + "\n")
    write_tables(out, evaluation, figures)
    pictures = {"films": worst_films(evaluation.reads), "sites": highest_false_sites(evaluation.reads)}
    write_whole(out / PAGE_FILE, real_evaluation_page(heading, evaluation, figures, pictures))
    return figures


def read_trial(
    reader: RealReader, trial: RealTrial, out: Path, progress: Progress = lambda film: None
) -> RealEvaluation:
    """All that the trial reads, from `out` where an earlier run kept it."""
    claim(out)
    reads, outcomes = [], outcome_store(out)
    for film in trial.films():
        reads.append(read_real_film(reader, film, outcomes))
        progress(film.truth.film)
    others = {}
    for image in trial.images():
        others[image.name] = read_image(reader, image, image_store(out))
        progress(image.name)
    edits: list[EditedRead] = []
    for read in reads if trial.editor else ():
        if trial.editor and edited(read.film):
            edits += read_edits(reader, trial.editor, read, edit_store(out))
            progress(read.film.truth.film)
    return RealEvaluation(reads, edits, reader.told, others)
