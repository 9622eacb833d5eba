"""The paper's figure 1, on films of the benchmark's training patients: box, centres and masks as training has them.

The films are simulated when they are drawn, so that no benchmark need lie on the disk.
"""

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh import __version__
from opensvh.domain.anatomy import FILM_CODES, Side, joint_class
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.geometry import Frame, Point, Size
from opensvh.io.whole_file import write_whole
from opensvh.preprocessing.scale import canonical_film
from opensvh.preprocessing.turn import PosedFilm, box_on_film, turned, turned_frame
from opensvh.reporting.mask_picture import TaughtFilm, mask_picture
from opensvh.simulation.cohort import film_of, visits_of
from opensvh.targets.masks import joint_mask
from opensvh.training.config import Preset, load_preset
from opensvh.workflows.benchmark import SIZES, TRAINING
from opensvh.workflows.reproduce_config import Experiment

PAPER = "paper"


def draw_figure(experiment: Experiment, out: Path) -> None:
    """Write figure.png, table.md, results.json and log.txt into `out`."""
    preset = load_preset(PAPER)
    films = [taught_film(name, preset) for name in experiment.films]
    write_whole(out / "figure.png", mask_picture(films))
    facts = [_facts(film) for film in films]
    told = experiment.model_dump(include={"name", "title", "purpose", "claim", "command", "expected"})
    results = {**told, "software": f"OpenSvH {__version__}", "films": facts}
    write_whole(out / "results.json", json.dumps(results, indent=1) + "\n")
    write_whole(out / "table.md", _page(experiment, facts))
    write_whole(out / "log.txt", f"{experiment.name}: {experiment.command}; films {', '.join(experiment.films)}\n")


def taught_film(name: str, preset: Preset) -> TaughtFilm:
    """A film of a training patient, such as `TRN0008-LH`, with its truth in its own pixels; raises ConfigInvalid."""
    part = next(part for part in SIZES["paper"].parts if part.name == TRAINING)
    patient, _, code = name.partition("-")
    if code not in FILM_CODES or not patient.startswith(part.prefix) or not patient[len(part.prefix) :].isdigit():
        raise ConfigInvalid(f"{name}: is no film of a training patient; name one such as {part.prefix}0001-LH")
    number, (limb, side) = int(patient[len(part.prefix) :]), FILM_CODES[code]
    film = film_of(part.cohort, number, visits_of(part.cohort, number)[0], code)
    stored = np.asarray(film.pixels.astype(np.float32) / np.float32(255), np.float32)
    frame = turned_frame(Size(stored.shape[1], stored.shape[0]), side is Side.RIGHT, 0)
    canonical = canonical_film(PosedFilm(turned(stored, side is Side.RIGHT, 0), frame), limb, preset.preprocessing)
    centres = {joint_class(limb, name): point for name, point in film.points.items()}
    places = canonical.frame.to_model(centres.values())
    mask = joint_mask(
        dict(zip(centres, places, strict=True)),
        canonical.frame.size,
        preset.model.radius_px,
        preset.model.outer_radius_px,
    )
    on_film = _on_film(mask, canonical.frame, stored.shape)
    return TaughtFilm(name, stored, box_on_film(canonical.box, canonical.turn), film.points, on_film)


def _on_film(mask: NDArray[np.int16], frame: Frame, shape: tuple[int, ...]) -> NDArray[np.int16]:
    """The mask of the model's picture in pixels of the film; 0 beyond the picture."""
    warped = cv2.warpAffine(
        mask,
        np.asarray(frame.matrix),
        (shape[1], shape[0]),
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(warped, np.int16)


def _facts(film: TaughtFilm) -> dict[str, object]:
    box = film.box
    rows, columns = film.pixels.shape
    return {
        "film": film.name,
        "size_px": [columns, rows],
        "box_px": [box.left, box.top, box.right, box.bottom],
        "joints": len(film.centres),
        "joints_in_box": sum(box.contains(Point(*centre)) for centre in film.centres.values()),
        "masked_share": round(float((film.mask > 0).mean()), 4),
    }


def _page(experiment: Experiment, facts: list[dict[str, object]]) -> str:
    columns = ("film", "size_px", "box_px", "joints", "joints_in_box", "masked_share")
    rows = [f"| {' | '.join(str(row[column]) for column in columns)} |" for row in facts]
    return (
        f"# {experiment.title}\n\n{experiment.purpose} Simulated films of OpenSvH-Sim v1, size `paper`.\n\n"
        f"**Claim.** {experiment.claim}\n\n**Expected.** {experiment.expected}\n\n![figure](figure.png)\n\n"
        f"| {' | '.join(columns)} |\n| {' | '.join(['---'] * len(columns))} |\n" + "\n".join(rows) + "\n\n"
        f"Repeat with\n\n    {experiment.command}\n"
    )
