import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from opensvh.domain.anatomy import film_code
from opensvh.domain.reading import StudyReading
from opensvh.reporting.html import render_report
from opensvh.reporting.overlay import picture_of


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
        return [str(each["data-key"]) for _, each in self.elements if css_class in (each.get("class") or "").split()]


@pytest.fixture
def page(study: StudyReading) -> str:
    pixels = np.zeros((400, 300), np.float32)
    return render_report(
        study, {film_code(film.limb, film.side): picture_of(pixels, film, None) for film in study.films}
    )


def _text(page: str) -> str:
    return " ".join(_Elements(page).text.split())


def test_the_page_needs_no_other_file(page: str) -> None:
    addresses = [
        address
        for _, attributes in _Elements(page).elements
        for name in ("src", "href")
        if (address := attributes.get(name))
    ]

    assert len(addresses) == 3
    assert all(address.startswith("data:image/") for address in addresses)
    assert "url(" not in page
    assert "http" not in page


def test_every_joint_found_has_a_ring_and_every_score_a_cell(page: str) -> None:
    elements = _Elements(page)

    assert len(elements.keys("ring")) == 21 + 20 + 6
    assert len(elements.keys("cell")) == 31 + 31 + 12
    assert set(elements.keys("ring")) <= set(elements.keys("cell"))


def test_close_ups_know_every_cell(page: str) -> None:
    found = re.search(r"const DETAILS = (\{.*\});", page)
    assert found
    details = json.loads(found[1])

    assert set(_Elements(page).keys("cell")) == set(details)
    assert details["RH:MCP2"]["readings"][0]["score"] is None
    assert details["LH:RADCAR"]["readings"][1]["site"] == "Navicular (scaphoid)"


def test_it_says_what_was_not_scored_and_who_read(page: str) -> None:
    text = _text(page)

    assert "72 of 86 scores" in text
    assert "Right hand MCP 2 (narrowing and erosion)the joint was not found" in text
    assert "No film read of the right foot: 12 scores are in no sum" in text
    assert "films/torn.png: holds no picture" in text
    assert "Model tiny 3, weights abababababab" in text
    assert "For research use only. Not a medical device; not for diagnosis or treatment decisions." in text


def test_a_patients_name_cannot_become_markup(page: str) -> None:
    assert "<h1>P &lt;1&gt;</h1>" in page
    assert "P <1>" not in page


def test_a_patient_with_no_readable_film_still_has_a_page(study: StudyReading) -> None:
    text = _text(render_report(replace(study, films=()), {}))

    assert "0 of 86 scores" in text
    assert "films/torn.png" in text
