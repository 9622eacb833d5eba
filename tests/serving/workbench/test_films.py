"""Films over HTTP: their own 16-bit levels, smaller and cut out; nothing outside the library."""

import cv2
import numpy as np
import pytest

from opensvh.io.image import read_film
from opensvh.serving.workbench.film_library import WHITE

from .conftest import SIZE, Served


@pytest.fixture
def film(trial: Served) -> str:
    rows = trial.page("mia").ok("GET", "/api/films?patient=K1")
    assert [row["visit"] for row in rows] == ["1"] * 4 + ["2"] * 4
    return str(next(row["id"] for row in rows if row["file"].endswith("K1-LH.png")))


def test_pixels_are_the_films_own_sixteen_bits(trial: Served, film: str) -> None:
    answer = trial.page("mia").ok("GET", f"/api/films/{film}/pixels")
    levels = np.frombuffer(answer.content, "<u2").reshape(SIZE[1], SIZE[0])
    expected = read_film(trial.films / "trial/images/K1-LH.png").pixels
    assert np.abs(levels / WHITE - expected).max() <= 0.5 / WHITE + 1e-6
    assert (answer.headers["x-film-width"], answer.headers["x-film-height"]) == ("80", "120")
    assert len(np.unique(levels)) > 256


def test_a_film_that_a_browser_has_is_not_sent_again(trial: Served, film: str) -> None:
    page = trial.page("mia")
    tag = page.ok("GET", f"/api/films/{film}/pixels").headers["etag"]
    again = page.client.get(f"/api/films/{film}/pixels", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_smaller_film_is_its_means(trial: Served, film: str) -> None:
    page = trial.page("mia")
    whole = np.frombuffer(page.ok("GET", f"/api/films/{film}/pixels").content, "<u2").reshape(120, 80)
    small = np.frombuffer(page.ok("GET", f"/api/films/{film}/pixels?shrink=4").content, "<u2").reshape(30, 20)
    means = whole.reshape(30, 4, 20, 4).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 1


def test_a_crop_is_centred_on_its_point_and_turned(trial: Served, film: str) -> None:
    page = trial.page("mia")
    whole = np.frombuffer(page.ok("GET", f"/api/films/{film}/pixels").content, "<u2").reshape(120, 80)

    def cut(turn: int) -> np.ndarray:
        asked = f"x=40&y=50&side_px=9&size=9&turn_cw_deg={turn}"
        return np.frombuffer(page.ok("GET", f"/api/films/{film}/crop?{asked}").content, "<u2").reshape(9, 9)

    middle = whole[46:55, 36:45].astype(int)
    assert np.abs(cut(0).astype(int) - middle).max() <= 1
    assert np.abs(cut(90).astype(int) - np.rot90(middle, -1))[1:-1, 1:-1].max() <= 1


def test_a_film_whose_file_has_changed_is_refused(trial: Served, film: str) -> None:
    path = trial.films / "trial/images/K1-LH.png"
    cv2.imwrite(str(path), np.zeros((120, 80), np.uint16) + np.arange(80, dtype=np.uint16))
    answer = trial.page("mia").client.get(f"/api/films/{film}/pixels")
    assert (answer.status_code, "changed" in answer.json()["problem"]) == (409, True)


@pytest.mark.parametrize("folder", ["../..", "/etc", "trial/../../..", "a\x00b"])
def test_nothing_outside_the_library_is_looked_at(trial: Served, folder: str) -> None:
    assert trial.page("mia").status("POST", "/api/films/scan", json={"folder": folder}) == 422


def test_a_second_scan_finds_nothing_new(trial: Served) -> None:
    assert trial.page("mia").ok("POST", "/api/films/scan", json={"folder": ""})["added"] == []


def test_films_are_uploaded_and_corrected(trial: Served) -> None:
    picture = (trial.films / "trial/images/K1-LH.png").read_bytes()
    mia = trial.page("mia")
    taken = mia.ok("POST", "/api/films/upload", files=[("files", ("../../left hand.png", picture))])
    film = taken["added"][0]
    assert (film["file"], film["limb"]) == ("uploads/left hand.png", None)
    corrected = mia.ok("PATCH", f"/api/films/{film['id']}", json={"limb": "hand", "side": "L", "patient": "K7"})
    assert (corrected["patient"], corrected["side"]) == ("K7", "L")
    assert mia.status("POST", "/api/films/upload", files=[("files", ("left hand.png", picture))]) == 409
