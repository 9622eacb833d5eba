"""`POST /score` with the shipped model in its own process, and what it refuses."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.serving.workbench.settings import Settings

from .conftest import Served, serving


def picture() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 60000, (200, 160)).astype(np.uint16)
    return bytes(cv2.imencode(".png", pixels)[1].tobytes())


def test_too_many_films_and_odd_names_are_refused(served: Served) -> None:
    page = served.page("mia")
    films = [("files", (f"K{number}-LH.png", picture())) for number in range(9)]
    assert page.status("POST", "/score", files=films) == 413
    assert page.status("POST", "/score", files=[("files", ("...", picture()))]) == 422
    assert page.status("POST", "/score", files=films[:1] * 2) == 422
    assert served.page().status("POST", "/score", files=films[:1]) == 401


def test_nothing_that_was_sent_is_kept(served: Served) -> None:
    served.page("mia").status("POST", "/score", files=[("files", ("..", picture()))])
    incoming = served.bench.settings.data / "incoming"
    assert not incoming.exists() or list(incoming.iterdir()) == []


def test_what_a_killed_server_was_sent_is_gone_after_a_start(settings: Settings) -> None:
    left = settings.data / "incoming" / "tmp1"
    left.mkdir(parents=True)
    (left / "K1-LH.png").write_bytes(picture())
    for _served in serving(settings):
        assert not left.exists()


@pytest.mark.slow
def test_a_program_gets_scores_of_a_simulated_hand(settings: Settings, simulated_patients: Path) -> None:
    film = simulated_patients / "images" / "SIM0002-LH.png"
    for served in serving(settings, None):
        page = served.page("mia")
        page.client.timeout = 300
        answer = page.ok("POST", "/score", files=[("files", (film.name, film.read_bytes()))])
        (study,) = answer["studies"]
        assert (study["patient"], len(study["films"]), study["films"][0]["side"]) == (film.stem[:-3], 1, "L")
        assert len(study["films"][0]["points"]) == 21
        assert str(settings.data) not in str(answer)
        (noise,) = page.ok("POST", "/score", files=[("files", ("noise.png", picture()))])["studies"]
        assert (noise["films"], len(noise["refused"])) == ([], 1)
