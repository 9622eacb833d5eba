"""`report.html`: a patient's reading as one page that needs no other file and calls nothing.

First what is read in half a minute (`glance`), then the films to look into (`film_views`) and the score sheet
(`score_sheet`). How it looks and moves is in `templates/`, what it says in `words`.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from opensvh.domain.anatomy import Kind
from opensvh.domain.reading import StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting import words
from opensvh.reporting.film_views import data_address, film_views, joint_details
from opensvh.reporting.glance import glance_at, sum_text
from opensvh.reporting.limb_drawing import MARK_WIDTH, ZERO_SHARE
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.palette import GRADE_INK, GRADES, NORMAL, UNSCORED, hexadecimal
from opensvh.reporting.score_sheet import limb_tables


def write_report(
    path: Path, study: StudyReading, pictures: Mapping[str, FilmPicture], previous: StudyReading | None = None
) -> None:
    """Write the page; `pictures` by film code (`LH`), of every film of the study; `previous` is the last visit's."""
    write_whole(path, render_report(study, pictures, previous))


def render_report(
    study: StudyReading, pictures: Mapping[str, FilmPicture], previous: StudyReading | None = None
) -> str:
    """The page as text; `previous` is the same patient's last reading, None at a first visit."""
    return (
        _environment()
        .get_template("report.html")
        .render(
            study=study,
            glance=glance_at(study, pictures, previous),
            films=film_views(study, pictures),
            tables=limb_tables(study),
            colours=[hexadecimal(colour) for colour in (NORMAL, *GRADES)],
            unscored=hexadecimal(UNSCORED),
            grade_ink=hexadecimal(GRADE_INK),
            details=_script_json(joint_details(study)),
            said=_script_json({"confidence": words.CONFIDENCE, "none": words.NO_SCORE}),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=words, Kind=Kind, sum_text=sum_text, data_address=data_address)
    environment.globals.update(mark_radius=MARK_WIDTH / 2, zero_radius=ZERO_SHARE * MARK_WIDTH / 2)
    return environment


def _script_json(content: object) -> Markup:
    """JSON that may stand inside a script element: no character there can end it."""
    text = json.dumps(content, ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
