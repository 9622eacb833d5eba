"""Films of undamaged limbs -> a folder in the native layout with edited films, their grades and what was done to each.

Who is how damaged follows the simulator's cohort, what is written down its reader; how damage gets onto a film is
`simulation.edited_films`'. Reading the sources is `edit_sources`', the tables are `edit_tables`'.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import NormalDist

import cv2
import numpy as np

from opensvh.domain.anatomy import Limb, film_code
from opensvh.domain.errors import OutputConflict
from opensvh.domain.geometry import Point
from opensvh.io.whole_file import write_whole
from opensvh.simulation.edited_films.edit import EditedFilm, edited
from opensvh.simulation.edited_films.places import Picture
from opensvh.simulation.patients.patient import Grades, PatientTraits, PatientTruth
from opensvh.simulation.patients.reader import draw_reader, read_grades
from opensvh.simulation.patients.severity import CLEARLY_NONE, COHORTS, Damage, draw_damage, grade_of
from opensvh.workflows.edit_sources import SourceFilm, source_films, upright_picture
from opensvh.workflows.edit_tables import EditRecord, write_tables
from opensvh.workflows.worker_pool import worker_pool

GAMMA_SD, GAIN_SD, LIFT_SD = 0.12, 0.06, 0.02
"""How the tone of a copy differs from its source's: SD of the logarithms of an exponent and a factor, and of what is
added to a level of 1; our choice."""
UNTOUCHED_SHARE = 0.3
"""Share of the undamaged copies that get no edit at all; the others get those that change no grade."""
FEW_SITES = 3
"""Most damaged sites of a copy with few of them; our choice."""
_READER, _DAMAGE, _READING, _EDITS, _TONE, _FEW = range(6)


@dataclass(frozen=True)
class EditSettings:
    """What decides the films: copies of each source, the seed, and the share of copies without any damage.

    `only_damaged`: no other site gets a score, so that these films never teach what an undamaged joint looks like.
    `few`: share of the damaged copies with one to `FEW_SITES` damaged sites, so that a joint is judged for itself and
    not by its limb. `limb` leaves the other limbs' films out.
    """

    copies: int = 10
    seed: int = 0
    undamaged: float = 0.33
    only_damaged: bool = False
    few: float = 0.0
    limb: Limb | None = None


def edit_films(
    films: Path, out: Path, settings: EditSettings, jobs: int = 1, on_film: Callable[[int], None] = lambda done: None
) -> int:
    """Write the edited films of a folder of films with joint centres, and return how many there are.

    The same settings give the same bytes whatever `jobs` is. Raises OutputConflict where `out` holds anything, and
    DatasetInvalid where `films` is neither a native dataset nor has `joints.json`.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputConflict(f"{out}: already holds something; choose another folder")
    sources = source_films(films, settings.limb)
    (out / "images").mkdir(parents=True, exist_ok=True)
    records: list[EditRecord] = []
    for made in _edited(out, sources, settings, jobs):
        records += made
        on_film(len(records))
    write_tables(out, sorted(records, key=lambda record: record.patient))
    return len(records)


def _edited(out: Path, sources: Sequence[SourceFilm], settings: EditSettings, jobs: int) -> Iterator[list[EditRecord]]:
    """Each source's records when its copies are written."""
    if jobs <= 1:
        for number, source in enumerate(sources, start=1):
            yield _copies(out, number, source, settings)
        return
    with worker_pool(min(jobs, len(sources))) as pool:
        futures = [pool.submit(_copies, out, number, each, settings) for number, each in enumerate(sources, start=1)]
        for future in as_completed(futures):
            yield future.result()


def _copies(out: Path, number: int, source: SourceFilm, settings: EditSettings) -> list[EditRecord]:
    """Write all copies of source film `number`, counted from 1."""
    pixels, points = upright_picture(source)
    return [_copy(out, (number, copy), source, (pixels, points), settings) for copy in range(1, settings.copies + 1)]


def _copy(
    out: Path,
    name: tuple[int, int],
    source: SourceFilm,
    upright: tuple[Picture, Mapping[str, Point]],
    settings: EditSettings,
) -> EditRecord:
    damage = _draw_damage(source, settings.undamaged, _rng(settings, *name, _DAMAGE))
    damage = _kept_few(damage, settings.few, _rng(settings, *name, _FEW))
    rng = _rng(settings, *name, _EDITS)
    guarded = bool(rng.random() >= UNTOUCHED_SHARE or damage)
    film = edited(*upright, source.limb, source.side, damage, rng, guarded)
    patient = f"EDIT{name[0]:03d}C{name[1]:03d}"
    path = out / "images" / f"{patient}-{film_code(source.limb, source.side)}.png"
    _write_png(path, toned(film.pixels, _rng(settings, *name, _TONE)))
    film = replace(
        film, pixels=np.zeros((0, 0), dtype=np.float32)
    )  # on the disk; a record that carried it would add up
    reading = _reading(patient, source, film, settings, name)
    if settings.only_damaged:
        film = replace(film, damage={site: damage for site, damage in film.damage.items() if film.grades[site]})
        reading = {site: grade for site, grade in reading.items() if site in film.damage}
    return EditRecord(patient, source, film, reading, settings.seed, name[1])


def _draw_damage(source: SourceFilm, undamaged: float, rng: np.random.Generator) -> Damage:
    """The damage of one limb of a patient of the training cohort; of none where the copy stays undamaged."""
    healthy, rank = rng.random(2)
    if source.growing or healthy < undamaged:
        return {}
    below = COHORTS["training"].undamaged
    severity = NormalDist().inv_cdf(float(np.clip(below + (1 - below) * rank, 1e-6, 1 - 1e-6)))
    return draw_damage(severity, "training", rng)[source.limb, source.side]


def _kept_few(damage: Damage, share: float, rng: np.random.Generator) -> Damage:
    """In a share of the copies all but one to `FEW_SITES` of the damaged sites stay undamaged."""
    damaged = [site for site, amount in damage.items() if grade_of(amount, 1)]
    if not damaged or rng.random() >= share:
        return damage
    count = min(int(rng.integers(1, FEW_SITES + 1)), len(damaged))
    kept = {damaged[place] for place in rng.choice(len(damaged), count, replace=False)}
    return {site: amount if site in kept else CLEARLY_NONE for site, amount in damage.items()}


def _reading(
    patient: str, source: SourceFilm, film: EditedFilm, settings: EditSettings, name: tuple[int, int]
) -> Grades:
    """What reader 1 writes down for what the film shows."""
    key = (source.limb, source.side)
    traits = PatientTraits("female", 50.0, 1.0, 1.0, 1.0, 0.0)  # read by nobody: a reader sees the damage alone
    truth = PatientTruth(patient, traits, {key: film.damage})
    return read_grades(truth, draw_reader(_rng(settings, 0, _READER)), _rng(settings, *name, _READING))[key]


def toned(pixels: Picture, rng: np.random.Generator) -> Picture:
    """The film developed a little otherwise: exponent, contrast and brightness; [0, 1] to [0, 1]."""
    gamma, gain = np.exp(rng.normal(0, (GAMMA_SD, GAIN_SD)))
    levels = gain * pixels.astype(np.float64) ** gamma + rng.normal(0, LIFT_SD)
    levels += rng.uniform(-0.5, 0.5, levels.shape) / 255  # eight bits stretched leave gaps, which edits would fill
    return np.asarray(np.clip(levels, 0, 1), dtype=np.float32)


def _write_png(path: Path, pixels: Picture) -> None:
    """In eight bits."""
    done, content = cv2.imencode(".png", np.rint(255 * pixels).astype(np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise OSError(f"{path}: could not be encoded")
    write_whole(path, content.tobytes())


def _rng(settings: EditSettings, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=key))
