"""A whole node with a stand-in for the model: heard, stored, scored, sent, and what goes wrong on the way."""

import os
import signal
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import ComprehensiveSRStorage

from opensvh.domain.anatomy import Side
from opensvh.domain.errors import OutputConflict
from opensvh.serving.dead_letters import dead_letters

pytestmark = pytest.mark.slow


def test_a_film_comes_in_and_its_results_go_out_once(running, pacs, film, wait_for) -> None:
    archive, node = pacs(), running()
    assert node.send(film(side=Side.LEFT), film(side=Side.RIGHT)) == [0, 0]
    wait_for(lambda: node.log.events("results sent"))
    assert len(archive.stored) == 1
    scored = node.log.events("study scored")
    assert [(line["films"], line["version"]) for line in scored] == [(2, 1)]
    assert node.send(film(side=Side.LEFT)) == [0]  # sent again by a modality in doubt
    wait_for(lambda: len(node.log.events("object received")) == 3)
    assert node.log.events("object received")[-1]["outcome"] == "duplicate"
    text = node.get("/metrics").text
    assert 'opensvh_objects_received_total{outcome="film"} 2.0' in text
    assert 'opensvh_studies{state="scored"} 1.0' in text
    assert 'opensvh_deliveries_total{destination="pacs",outcome="sent"} 1.0' in text


def test_a_later_film_makes_a_new_version_of_all(running, pacs, film, wait_for) -> None:
    archive, node = pacs(), running()
    node.send(film(side=Side.LEFT))
    wait_for(lambda: node.log.events("results sent"))
    node.send(film(side=Side.RIGHT))
    wait_for(lambda: len(node.log.events("results sent")) == 2)
    assert [(line["version"], line["films"]) for line in node.log.events("study scored")] == [(1, 1), (2, 2)]
    assert len(set(archive.stored)) == 2


def test_a_film_that_kills_the_worker_is_put_aside_and_its_neighbour_scored(running, pacs, film, wait_for) -> None:
    archive, node = pacs(), running()
    node.send(film(side=Side.LEFT), film(side=Side.RIGHT, last=66))
    wait_for(lambda: node.log.events("results sent"))
    bad = str(dcmread(film(side=Side.RIGHT, last=66)).SOPInstanceUID)
    assert [line["uid"] for line in node.log.events("film put aside")] == [bad]
    assert [line["film"] for line in node.log.events("worker died")] == [None, bad, bad]
    assert len(archive.stored) == 1
    letters = dead_letters(node.config, retry=False)
    assert [(letter.what, letter.uid) for letter in letters] == [("film", bad)]


def test_an_error_while_scoring_fails_the_study_and_quotes_nothing(running, pacs, film, wait_for) -> None:
    pacs()
    node = running(score={"models": ["stand-in"], "quiet_s": 0.1, "film_tries": 1})
    node.send(film(patient="P7", last=77))
    wait_for(lambda: node.log.events("film put aside"))
    wait_for(lambda: node.log.events("study refused"))
    assert "ValueError at stand_in_scorer.py:" in str(node.log.events("worker died")[-1]["reason"])
    assert "Doe" not in node.log.text


def test_a_film_that_hangs_is_ended(running, pacs, film, wait_for) -> None:
    pacs()
    node = running(score={"models": ["stand-in"], "quiet_s": 0.1, "film_tries": 1, "film_timeout_s": 0.5})
    node.send(film(last=88))
    wait_for(lambda: node.log.events("film put aside"))
    assert "longer than 0.5 s" in str(node.log.events("film put aside")[0]["reason"])


def test_a_study_of_which_nothing_can_be_read_is_told_and_sends_nothing(running, pacs, film, wait_for) -> None:
    archive, node = pacs(), running()
    node.send(film(last=99))
    wait_for(lambda: node.log.events("study refused"))
    assert node.log.events("film refused")[0]["reason"] == "is no hand"
    assert archive.stored == []
    assert node.get("/health").json()["studies"]["scored"] == 1


def test_results_wait_for_a_pacs_that_is_down_and_are_given_up_and_tried_again(running, pacs, film, wait_for) -> None:
    node = running()
    node.send(film())
    wait_for(lambda: node.log.events("results dead"))
    assert len(node.log.events("results failed")) == 2
    assert node.get("/health").json()["dead_letters"] == 1
    archive = pacs()
    (letter,) = dead_letters(node.config, retry=True)
    assert letter.what == "delivery"
    assert "to pacs, given up after 3 attempts: no association with PACS" in letter.problem
    wait_for(lambda: node.log.events("results sent"))
    assert len(archive.stored) == 1
    assert dead_letters(node.config, retry=False) == []


def test_a_pacs_that_refuses_once_gets_the_same_objects_again(running, pacs, film, wait_for) -> None:
    archive, node = pacs(refusing=1), running()
    node.send(film())
    wait_for(lambda: node.log.events("results sent"))
    assert node.log.events("results failed")[0]["reason"] == "sr not taken (status A700H)"
    assert len(archive.stored) == 1


@pytest.mark.parametrize(("commits", "requests"), [("yes", 1), ("no", 2)])
def test_results_count_as_sent_once_the_pacs_commits(running, pacs, film, wait_for, config, commits, requests) -> None:
    archive = pacs(commits=commits)
    told = config.destinations[0].model_dump() | {"commitment": True, "commitment_s": 20}
    node = running(destinations=[told])
    node.send(film())
    wait_for(lambda: node.log.events("results sent"))
    wait_for(lambda: len(archive.answers) == requests)
    assert archive.answers == [0] * requests
    assert len(archive.requests) == len(archive.stored) == requests
    assert len(set(archive.stored)) == 1  # the same object again


def test_results_are_sent_again_where_no_commitment_comes_and_given_up_at_last(
    running, pacs, film, wait_for, config
) -> None:
    archive = pacs(commits="never")
    told = config.destinations[0].model_dump() | {"commitment": True, "commitment_s": 0.2}
    node = running(destinations=[told])
    node.send(film())
    wait_for(lambda: dead_letters(node.config, retry=False))
    assert len(archive.requests) == 3
    assert "commitment did not come" in dead_letters(node.config, retry=False)[0].problem


@pytest.mark.parametrize(("title", "called"), [("STRANGER", "OPENSVH"), ("MODALITY", "OTHER")])
def test_who_is_not_on_the_list_is_not_heard(running, film, title, called) -> None:
    node = running()
    with pytest.raises(ConnectionError, match="rejected"):
        node.send(film(), ae_title=title, called=called)
    assert node.log.events("object received") == []


def test_a_listed_title_from_another_address_is_not_heard(running, film, config) -> None:
    peers = [{"ae_title": "MODALITY", "addresses": ["10.0.0.0/8"]}]
    node = running(receive=config.receive.model_dump() | {"peers": peers})
    with pytest.raises(ConnectionError, match="rejected"):
        node.send(film())
    assert node.log.events("caller rejected")[0]["address"] == "127.0.0.1"


def test_what_is_no_film_and_what_is_ours_is_told_apart(running, film, config, tmp_path: Path) -> None:
    node = running(receive=config.receive.model_dump() | {"other_objects": "refuse"})
    report = dcmread(film())
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = ComprehensiveSRStorage
    report.Manufacturer = "Another"
    report.save_as(tmp_path / "other.dcm")
    report.Manufacturer, report.ManufacturerModelName = "OpenSvH", "reference 1, research use only"
    report.save_as(tmp_path / "ours.dcm")
    nameless = dcmread(film())
    del nameless.StudyInstanceUID
    nameless.save_as(tmp_path / "nameless.dcm")
    names = ("other.dcm", "ours.dcm", "nameless.dcm")
    assert node.send(*(tmp_path / name for name in names)) == [0x0122, 0x0000, 0xC000]
    assert node.get("/health").json()["studies"] == {"waiting": 0, "scoring": 0, "scored": 0, "failed": 0}


def test_a_full_disk_is_answered_and_the_film_is_taken_when_there_is_room(
    running, pacs, film, wait_for, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, node = pacs(), running()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert node.send(film()) == [0xA700]
    assert list((node.config.folder / "films").rglob("*.dcm")) == []
    assert node.send(film()) == [0]
    wait_for(lambda: node.log.events("results sent"))
    assert len(archive.stored) == 1


def test_the_log_and_the_folder_listing_name_no_patient(running, pacs, film, wait_for) -> None:
    pacs()
    node = running()
    node.send(film(patient="MUSTERMANN-4711"))
    wait_for(lambda: node.log.events("results sent"))
    assert "MUSTERMANN" not in node.log.text
    assert "Simulated" not in node.log.text
    listing = [str(path) for path in node.config.folder.rglob("*")]
    assert not any("MUSTERMANN" in path for path in listing)


def test_health_tells_live_from_ready(running) -> None:
    node = running()
    assert [node.get(page).status_code for page in ("/health", "/health/live", "/health/ready", "/other")] == [
        200, 200, 200, 404
    ]  # fmt: skip
    worker = node.node._worker._process
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert [node.get(page).status_code for page in ("/health/live", "/health/ready")] == [200, 503]


def test_a_second_node_on_the_same_folder_is_refused(running, config) -> None:
    running()
    with pytest.raises(OutputConflict, match="another node"):
        running()


def test_films_and_results_are_deleted_once_they_are_old_and_delivered(running, pacs, film, wait_for) -> None:
    node = running(keep={"films_days": 0, "results_days": None})
    node.send(film())
    wait_for(lambda: node.log.events("results dead"))
    node.node._retain()
    assert len(list((node.config.folder / "films").rglob("*.dcm"))) == 1  # a dead letter keeps it
    pacs()
    dead_letters(node.config, retry=True)
    wait_for(lambda: node.log.events("results sent"))
    node.node._retain()
    assert list((node.config.folder / "films").rglob("*.dcm")) == []
    assert len(list((node.config.folder / "results").rglob("*.dcm"))) == 1


def test_a_later_visit_is_given_what_was_read_before_of_this_patient_alone(
    running, pacs, film, wait_for, config
) -> None:
    pacs()
    node = running()
    for number, path in enumerate([film(), film(patient="P2"), film(visit=2)], 1):
        node.send(path)
        wait_for(lambda count=number: len(node.log.events("study scored")) == count)
    results = sorted((config.folder / "results").glob("*/study.json"), key=lambda path: path.stat().st_mtime_ns)
    assert [path.read_text(encoding="utf-8") for path in results] == [
        "compared with 0",
        "compared with 0",
        "compared with 1",
    ]
