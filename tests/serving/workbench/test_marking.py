"""Marking over HTTP: proposals, points saved at once, undo, the doubtful first, other programs, data to train on."""

import io
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.io.tables import read_dataset

from .conftest import Page, Served


@pytest.fixture
def marking(trial: Served) -> Served:
    """Anna marks every film; the model has proposed points."""
    told = {"markers": ["anna"], "folder": "trial"}
    assert trial.page("mia").ok("POST", "/api/marking/assign", json=told) == {"assigned": 16, "asked": 16}
    deadline = time.monotonic() + 300
    while any(each["proposal"] != "done" for each in trial.page("anna").ok("GET", "/api/marking")):
        assert time.monotonic() < deadline, "the model proposed nothing"
        time.sleep(0.05)
    return trial


def step(**told: Any) -> dict[str, Any]:
    return {"change": uuid.uuid4().hex, **told}


def film_named(page: Page, name: str) -> str:
    return str(next(each["film"] for each in page.ok("GET", "/api/marking") if each["name"].endswith(name)))


def mark_all(page: Page, film: str) -> None:
    page.ok("POST", f"/api/marking/films/{film}/accept", json=step())
    page.ok("POST", f"/api/marking/films/{film}/done")


def test_what_the_model_doubts_most_comes_first_and_what_is_done_last(marking: Served) -> None:
    anna = marking.page("anna")
    queue = anna.ok("GET", "/api/marking")
    assert [each["name"][-5] for each in queue[:8]] == ["F"] * 8  # feet: `conftest.canned` is less sure of them
    assert queue[0]["doubt"] == pytest.approx(0.4)
    mark_all(anna, queue[0]["film"])
    after = anna.ok("GET", "/api/marking")
    assert (after[-1]["film"], after[-1]["done"]) == (queue[0]["film"], True)


def test_points_are_saved_undone_and_done_again(marking: Served) -> None:
    anna = marking.page("anna")
    film = film_named(anna, "K1-LH.png")
    address = f"/api/marking/films/{film}"
    anna.ok("PUT", f"{address}/points", json=step(points=[{"point": "MCP2", "x": 5.5, "y": 6.5}]))
    anna.ok("PUT", f"{address}/points", json=step(points=[{"point": "MCP2"}]))
    assert anna.ok("GET", address)["marks"]["MCP2"] == {"x": None, "y": None, "origin": "person"}
    assert anna.ok("POST", f"{address}/undo", json=step())["MCP2"]["x"] == 5.5
    assert anna.ok("POST", f"{address}/undo", json=step()) == {}
    assert anna.status("POST", f"{address}/undo", json=step()) == 409
    assert anna.ok("POST", f"{address}/redo", json=step())["MCP2"]["x"] == 5.5
    assert anna.ok("POST", f"{address}/redo", json=step())["MCP2"]["x"] is None
    assert anna.status("POST", f"{address}/redo", json=step()) == 409


def test_a_step_sent_twice_is_one(marking: Served) -> None:
    anna = marking.page("anna")
    address = f"/api/marking/films/{film_named(anna, 'K1-LH.png')}"
    anna.ok("PUT", f"{address}/points", json=step(points=[{"point": "MCP2", "x": 1, "y": 2}]))
    anna.ok("PUT", f"{address}/points", json=step(points=[{"point": "MCP3", "x": 3, "y": 4}]))
    back = step()
    for _ in range(2):
        assert anna.ok("POST", f"{address}/undo", json=back).keys() == {"MCP2"}


def test_accepting_keeps_what_a_person_marked(marking: Served) -> None:
    anna = marking.page("anna")
    address = f"/api/marking/films/{film_named(anna, 'K1-LH.png')}"
    anna.ok("PUT", f"{address}/points", json=step(points=[{"point": "MCP2", "x": 1, "y": 2}]))
    marks = anna.ok("POST", f"{address}/accept", json=step())
    assert marks.keys() == set(POINTS[Limb.HAND])
    assert (marks["MCP2"]["x"], marks["MCP2"]["origin"], marks["MCP3"]["origin"]) == (1, "person", "model")


@pytest.mark.parametrize(
    "point",
    [
        {"point": "MTP1", "x": 1, "y": 1},
        {"point": "MCP2", "x": 80, "y": 1},
        {"point": "MCP2", "x": 1, "y": -1},
        {"point": "MCP2", "x": 1},
    ],
)
def test_points_that_cannot_be_are_refused(marking: Served, point: dict[str, Any]) -> None:
    anna = marking.page("anna")
    address = f"/api/marking/films/{film_named(anna, 'K1-LH.png')}"
    assert anna.status("PUT", f"{address}/points", json=step(points=[point])) == 422


def test_others_films_are_not_there(marking: Served) -> None:
    film = film_named(marking.page("anna"), "K1-LH.png")
    ben = marking.page("ben")
    assert ben.status("GET", f"/api/marking/films/{film}") == 404
    assert ben.status("POST", f"/api/marking/films/{film}/accept", json=step()) == 404


def test_a_film_is_done_when_every_point_is_settled(marking: Served) -> None:
    anna = marking.page("anna")
    address = f"/api/marking/films/{film_named(anna, 'K1-LF.png')}"
    refused = anna.client.post(f"{address}/done")
    assert (refused.status_code, "MTP1" in refused.json()["problem"]) == (409, True)
    anna.ok("POST", f"{address}/accept", json=step())
    assert anna.ok("POST", f"{address}/done")["done"]
    anna.ok("PUT", f"{address}/points", json=step(points=[{"point": "MTP1", "x": 2, "y": 2}]))
    assert not anna.ok("GET", address)["done"]


def test_marked_films_leave_as_a_sound_native_dataset(marking: Served) -> None:
    anna = marking.page("anna")
    for each in anna.ok("GET", "/api/marking")[:9]:
        mark_all(anna, each["film"])
    mia = marking.page("mia")
    made = mia.ok("POST", "/api/marking/dataset", json={"name": "first"})
    assert (made["films"], made["folder"]) == (9, "exports/first")
    dataset = read_dataset(marking.bench.settings.data / "exports" / "first")
    assert len(dataset.films) == 9
    assert {film.person for film in dataset.films} == {"K1", "K2"}
    assert dataset.films[0].points["MTP1" if dataset.films[0].limb is Limb.FOOT else "MCP2"].y > 0
    assert mia.status("POST", "/api/marking/dataset", json={"name": "first"}) == 409
    assert mia.status("POST", "/api/marking/dataset", json={"name": "../first"}) == 422


@pytest.mark.parametrize("kind", ["coco", "cvat", "label-studio", "labelme", "via", "slicer"])
def test_marks_go_to_another_program_and_come_back(marking: Served, kind: str) -> None:
    anna, mia = marking.page("anna"), marking.page("mia")
    film = film_named(anna, "K1-LH.png")
    mark_all(anna, film)
    archive = zipfile.ZipFile(io.BytesIO(mia.ok("GET", f"/api/marking/export?kind={kind}").content))
    files = [("files", (name, archive.read(name))) for name in archive.namelist()]
    seen = mia.ok("POST", "/api/marking/preview", files=files, data={"kind": kind})
    assert (seen["points"], seen["unknown_films"], seen["outside"]) == (21, [], 0)
    taken = mia.ok("POST", "/api/marking/import", files=files, data={"kind": kind})
    assert taken == {"films": 1, "points": 21, "done": 1}
    marks = mia.ok("GET", f"/api/marking/films/{film}")["marks"]
    expected = anna.ok("GET", f"/api/marking/films/{film}")["marks"]
    assert {name: (each["x"], each["y"]) for name, each in marks.items()} == {
        name: (pytest.approx(each["x"], abs=0.01), pytest.approx(each["y"], abs=0.01))
        for name, each in expected.items()
    }


def test_a_mapping_file_is_used(marking: Served) -> None:
    mia = marking.page("mia")
    text = "filename,region_shape_attributes,region_attributes\n"
    text += 'scan7.png,"{""name"":""point"",""cx"":10,""cy"":20}","{""joint"":""knuckle 2""}"\n'
    files = [("files", ("marks.csv", text.encode()))]
    seen = mia.ok("POST", "/api/marking/preview", files=files, data={"kind": "via"})
    assert (seen["points"], seen["unknown_films"], seen["labels"][0]["point"]) == (0, ["scan7.png"], None)
    mapping = '[labels]\n"knuckle 2" = "MCP2"\n[films]\n"scan7.png" = "K1-LH.png"\n'
    told = {"kind": "via", "mapping": mapping}
    assert mia.ok("POST", "/api/marking/import", files=files, data=told) == {"films": 1, "points": 1, "done": 0}


def test_the_export_holds_nothing_of_this_machine(marking: Served) -> None:
    anna = marking.page("anna")
    mark_all(anna, film_named(anna, "K1-LH.png"))
    answer = marking.page("mia").ok("POST", "/api/marking/dataset", json={"name": "one"})
    assert str(Path(marking.bench.settings.data)) not in str(answer)


def test_a_manager_sees_how_far_markers_are(marking: Served) -> None:
    mark_all(marking.page("anna"), film_named(marking.page("anna"), "K1-LF.png"))
    told = [{"account": "anna", "assigned": 16, "done": 1}]
    assert marking.page("mia").ok("GET", "/api/marking/progress") == told
    assert marking.page("anna").status("GET", "/api/marking/progress") == 403
