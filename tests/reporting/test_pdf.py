import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.anatomy import film_code
from opensvh.domain.reading import RefusedFilm, StudyReading
from opensvh.reporting.overlay import FilmPicture, picture_of
from opensvh.reporting.pdf import render_pdf
from opensvh.reporting.pdf_text import BOLD, REGULAR, Style, fitted, printable, shortened, width_of, wrapped

NAMES = "Ελένη Παπαδοπούλου-Χατζηγεωργίου · Łukasz Żółć · Наталья Щукина"


def _pictures(study: StudyReading) -> dict[str, FilmPicture]:
    pixels = np.random.default_rng(1).random((400, 300), np.float32)
    return {film_code(film.limb, film.side): picture_of(pixels, film, None) for film in study.films}


def _pages(content: bytes, folder: Path) -> list[str]:
    """The text of each page, as poppler reads it."""
    program = shutil.which("pdftotext")
    if program is None:
        message = "pdftotext is not here: apt-get install poppler-utils"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    path = folder / "report.pdf"
    path.write_bytes(content)
    text = subprocess.run([program, "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    return [" ".join(page.split()) for page in text.split("\f") if page.strip()]


def test_both_pages_say_whose_reading_it_is_and_what_it_is_not_for(study: StudyReading, tmp_path: Path) -> None:
    pages = _pages(render_pdf(study, _pictures(study)), tmp_path)

    assert len(pages) == 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 2" in page
        assert "P <1>" in page
        assert "For research use only. Not a medical device; not for diagnosis or treatment decisions." in page
        assert "Model tiny 3, weights abababababab" in page


def test_the_first_page_has_sums_worst_joints_and_what_is_missing(study: StudyReading, tmp_path: Path) -> None:
    first, second = _pages(render_pdf(study, _pictures(study)), tmp_path)

    assert re.search(r"90 % interval \d+ to \d+", first)
    assert "72 of 86 scores" in first
    assert "First visit" in first
    assert "MTP 1" in first
    assert "Right hand MCP 2 (narrowing and erosion)" in first
    assert "of the right foot: 12 scores are in no sum" in first
    assert "holds no picture; scan it again" in first
    assert "Capitate–navicular–lunate" in second
    assert "IP hallux" in second


def test_a_later_visit_tells_the_change(study: StudyReading, tmp_path: Path) -> None:
    previous = replace(study, date="2024-05-01")

    first, _ = _pages(render_pdf(study, _pictures(study), previous), tmp_path)

    assert "Since the last visit (2024-05-01)" in first
    assert "Less than the smallest detectable change" in first


def test_the_same_reading_gives_the_same_bytes(study: StudyReading) -> None:
    pictures = _pictures(study)

    assert render_pdf(study, pictures) == render_pdf(study, pictures)


def test_names_in_greek_cyrillic_and_accented_latin_are_printed(study: StudyReading, tmp_path: Path) -> None:
    content = render_pdf(replace(study, patient=NAMES[:60]), _pictures(study))

    first, second = _pages(content, tmp_path)
    assert all(word in page for page in (first, second) for word in NAMES[:60].split())
    assert all(printable(NAMES, font) == NAMES for font in (REGULAR, BOLD))


def test_fonts_are_embedded_and_the_file_says_what_it_is(study: StudyReading) -> None:
    content = render_pdf(study, _pictures(study))

    assert content.count(b"/FontFile2") >= 2
    assert b"/Helvetica" not in content
    for fact in (b"research use only", b"OpenSvH 0.1", b"tiny 3"):
        assert fact in content
    assert b"/Lang" in content


def test_more_remarks_than_two_pages_hold_are_counted(study: StudyReading, tmp_path: Path) -> None:
    refused = tuple(RefusedFilm(f"films/{n}.png", "holds no hand or foot; " * 6) for n in range(60))

    pages = _pages(render_pdf(replace(study, refused=refused), _pictures(study)), tmp_path)

    assert len(pages) == 2
    assert re.search(r"and \d+ more: see the page in HTML", pages[1])


def test_a_patient_with_no_readable_film_still_has_a_page(study: StudyReading, tmp_path: Path) -> None:
    first, _ = _pages(render_pdf(replace(study, films=()), {}), tmp_path)

    assert "0 of 86 scores" in first
    assert "No joint was read." in first


def test_lines_are_never_wider_than_asked() -> None:
    style = Style(7)
    words = "a very long path /films/of/nobody/with-a-name-that-has-no-space-in-it-anywhere.png and more words " * 3

    lines = wrapped(words, style, 40)
    assert max(width_of(line, style) for line in lines) <= 40
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    cut = wrapped(words, style, 40, 2)
    assert (len(cut), cut[1][-1]) == (2, "…")
    assert width_of(shortened(words, style, 30), style) <= 30
    assert fitted("x" * 60, Style(20), 100, 6).size < 20


def test_a_letter_that_the_font_lacks_is_seen_to_be_missing() -> None:
    assert printable("山田", REGULAR) == "□□"
