import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from opensvh.domain.anatomy import film_code
from opensvh.domain.reading import StudyReading
from opensvh.reporting.html import render_report
from opensvh.reporting.overlay import FilmPicture, picture_of


class _Elements(HTMLParser):
    """Every element's name and attributes, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._hidden = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data

    def keys(self, css_class: str) -> list[str]:
        return [str(each["data-key"]) for each in self.of(css_class)]

    def of(self, css_class: str) -> list[dict[str, str | None]]:
        return [
            each for _, each in self.elements if css_class in (each.get("class") or "").split() and "data-key" in each
        ]


def _pictures(study: StudyReading) -> dict[str, FilmPicture]:
    pixels = np.zeros((400, 300), np.float32)
    return {film_code(film.limb, film.side): picture_of(pixels, film, None) for film in study.films}


@pytest.fixture
def page(study: StudyReading) -> str:
    return render_report(study, _pictures(study))


def _text(page: str) -> str:
    return " ".join(_Elements(page).text.split())


def test_the_page_needs_no_other_file(page: str) -> None:
    addresses = [
        address
        for _, attributes in _Elements(page).elements
        for name in ("src", "href")
        if (address := attributes.get(name))
    ]

    assert len(addresses) == 3 + 6
    assert all(address.startswith("data:image/") for address in addresses)
    assert "url(" not in page
    assert "http" not in page


def test_every_joint_found_has_a_ring_and_every_score_a_cell(page: str) -> None:
    elements = _Elements(page)

    assert len(elements.keys("ring")) == 21 + 20 + 6
    assert len(elements.keys("cell")) == 31 + 31 + 12
    assert set(elements.keys("ring")) <= set(elements.keys("cell"))


def test_the_figure_marks_every_score_of_all_four_limbs_and_sets_the_unscored_apart(page: str) -> None:
    elements = _Elements(page)
    unscored = [each["data-key"] for each in elements.of("mark-none")]

    assert len(elements.keys("mark")) == 86
    assert unscored.count("RH:MCP2") == 2
    assert sum(str(key).startswith("RF:") for key in unscored) == 12
    assert len(unscored) == 14


def test_close_ups_know_every_cell(page: str) -> None:
    found = re.search(r"const DETAILS = (\{.*\});", page)
    assert found
    details = json.loads(found[1])

    assert set(_Elements(page).keys("cell")) == set(details)
    assert details["RH:MCP2"]["readings"][0]["score"] is None
    assert details["LH:RADCAR"]["readings"][1]["site"] == "Navicular (scaphoid)"


def test_totals_stand_first_with_their_intervals(page: str) -> None:
    text = _text(page)

    total = re.search(r"Total score ([\d.]+) / 448 90 % interval (\d+) to (\d+) 72 of 86 scores", text)
    assert total
    assert float(total[2]) < float(total[1]) < float(total[3])
    assert text.index("Total score") < text.index("Hands and feet") < text.index("Worst joints")
    assert text.index("Worst joints") < text.index("Not assessed") < text.index("Model's map")
    assert "on real films no coverage has been measured" in text


def test_it_says_what_was_not_scored_and_who_read(page: str) -> None:
    text = _text(page)

    assert "72 of 86 scores; those read could reach" in text
    assert "Right hand MCP 2 (narrowing and erosion)the joint was not found" in text
    assert "No film read of the right foot: 12 scores are in no sum" in text
    assert "films/torn.pngholds no picture; scan it again" in text
    assert "Model tiny 3, weights abababababab" in text
    assert "For research use only. Not a medical device; not for diagnosis or treatment decisions." in text


def test_a_first_visit_says_so_and_a_second_one_what_changed(study: StudyReading, page: str) -> None:
    again = _text(render_report(study, _pictures(study), previous=study))

    assert "First visit: no earlier reading was given." in _text(page)
    assert "Since the last visit 0.0 Less than the smallest detectable change" in again
    assert "First visit" not in again


def test_a_patients_name_cannot_become_markup(page: str) -> None:
    assert "<h1>P &lt;1&gt;</h1>" in page
    assert "P <1>" not in page


def test_a_patient_with_no_readable_film_still_has_a_page(study: StudyReading) -> None:
    text = _text(render_report(replace(study, films=()), {}))

    assert "0 of 86 scores" in text
    assert "No joint was read." in text
    assert "films/torn.png" in text


@pytest.mark.parametrize("name", ["report.html", "report_glance.html", "report_films.html"])
def test_templates_hold_no_words_of_their_own(name: str) -> None:
    template = files("opensvh.reporting").joinpath("templates", name).read_text(encoding="utf-8")
    template = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.DOTALL)
    template = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", template, flags=re.DOTALL)
    elements = _Elements(template)

    assert re.findall(r"[^\W\d_]{2,}", elements.text) == []
    spoken = [each.get(name) for _, each in elements.elements for name in ("title", "aria-label", "alt")]
    assert [words for words in spoken if words and re.search(r"\w", words)] == []
