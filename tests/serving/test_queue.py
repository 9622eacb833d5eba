"""Films come in once, studies wait for quiet, and a film that kills is told from one that was only near."""

from pathlib import Path

import pytest

from opensvh.serving.database import Database
from opensvh.serving.queue import ReceivedFilm, StudyQueue, Trouble

QUIET_S = 10.0
STUDY = "1.2.3"


def film(name: str = "a", content: str = "x", study: str = STUDY) -> ReceivedFilm:
    return ReceivedFilm(f"{study}.{name}", study, f"films/{name}-{content}.dcm", content)


@pytest.fixture
def queue(database: Database) -> StudyQueue:
    return StudyQueue(database, film_tries=2)


def test_a_study_is_due_after_quiet_and_each_film_puts_that_off(queue: StudyQueue) -> None:
    queue.add(film("a"), 0.0, QUIET_S)
    queue.add(film("b"), 8.0, QUIET_S)
    assert queue.claim(17.9) is None
    job = queue.claim(18.0)
    assert job is not None
    assert [each.uid for each in job.films] == ["1.2.3.a", "1.2.3.b"]
    assert queue.claim(1000.0) is None  # in hand already


def test_the_same_film_again_changes_nothing(queue: StudyQueue) -> None:
    assert queue.add(film(), 0.0, QUIET_S)
    assert not queue.add(film(), 9.0, QUIET_S)
    assert queue.claim(10.0) is not None


def test_the_same_uid_with_other_pixels_is_scored_anew(queue: StudyQueue) -> None:
    queue.add(film(content="x"), 0.0, QUIET_S)
    first = queue.claim(10.0)
    assert first is not None
    assert queue.finish(first, "results/1", ["pacs"], 11.0)
    assert queue.add(film(content="y"), 20.0, QUIET_S)
    second = queue.claim(30.0)
    assert second is not None
    assert second.version == 2
    assert [each.sha256 for each in second.films] == ["y"]


def test_a_film_that_comes_while_its_study_is_scored_makes_a_second_version(queue: StudyQueue) -> None:
    queue.add(film("a"), 0.0, QUIET_S)
    first = queue.claim(10.0)
    assert first is not None
    queue.add(film("b"), 11.0, QUIET_S)
    assert queue.claim(25.0) is None
    assert not queue.finish(first, "results/1", ["pacs"], 26.0)
    second = queue.claim(26.0)
    assert second is not None
    assert (second.version, len(second.films)) == (2, 2)
    assert queue.finish(second, "results/2", ["pacs"], 27.0)
    assert queue.depth() == {"waiting": 0, "scoring": 0, "scored": 1, "failed": 0}


def test_a_film_that_kills_twice_is_put_aside_and_the_others_are_scored(queue: StudyQueue) -> None:
    queue.add(film("good"), 0.0, QUIET_S)
    queue.add(film("bad"), 0.0, QUIET_S)
    job = queue.claim(10.0)
    assert job is not None
    assert not job.careful
    assert queue.died(job, None, 10.0, "the worker died") is None  # at no film in particular: look more closely
    job = queue.claim(10.0)
    assert job is not None
    assert job.careful
    assert queue.died(job, "1.2.3.bad", 10.0, "the worker died") is None
    job = queue.claim(10.0)
    assert job is not None
    assert job.careful
    assert queue.died(job, "1.2.3.bad", 10.0, "the worker died") == Trouble(
        "film", "1.2.3.bad", "put aside: 2 times the worker died"
    )
    job = queue.claim(10.0)
    assert job is not None
    assert [each.uid for each in job.films] == ["1.2.3.good"]
    assert job.quarantined == ("1.2.3.bad",)
    assert [trouble.uid for trouble in queue.troubles()] == ["1.2.3.bad"]


def test_a_success_clears_a_film_of_suspicion(queue: StudyQueue) -> None:
    queue.add(film("a"), 0.0, QUIET_S)
    for start in (10.0, 100.0, 200.0):
        job = queue.claim(start)
        assert job is not None
        assert queue.died(job, "1.2.3.a", start, "the worker died") is None
        job = queue.claim(start)
        assert job is not None
        queue.finish(job, "results", [], start)
        queue.add(film("a", content=str(start)), start, 0.0)


def test_a_study_that_kills_at_no_film_fails_and_may_be_tried_again(queue: StudyQueue) -> None:
    queue.add(film(), 0.0, QUIET_S)
    troubles = []
    for _ in range(3):
        job = queue.claim(10.0)
        assert job is not None
        troubles.append(queue.died(job, None, 10.0, "ValueError"))
    assert troubles == [None, None, Trouble("study", STUDY, "ValueError")]
    assert queue.claim(1000.0) is None
    assert queue.retry(20.0) == 1
    assert queue.claim(20.0) is not None


def test_a_killed_node_takes_its_study_up_again_and_suspects_the_film_in_hand(tmp_path: Path) -> None:
    before = Database(tmp_path)
    queue = StudyQueue(before, film_tries=2)
    queue.add(film(), 0.0, QUIET_S)
    assert queue.claim(10.0) is not None
    queue.reading(STUDY, "1.2.3.a")
    before.close()
    after = Database(tmp_path)
    queue = StudyQueue(after, film_tries=2)
    assert queue.recover(11.0) == []
    job = queue.claim(11.0)
    assert job is not None
    assert job.careful
    after.close()


def test_a_study_put_back_at_a_stop_is_under_no_suspicion(queue: StudyQueue) -> None:
    queue.add(film(), 0.0, QUIET_S)
    job = queue.claim(10.0)
    assert job is not None
    queue.release(job)
    job = queue.claim(10.0)
    assert job is not None
    assert not job.careful
