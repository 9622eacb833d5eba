"""A reading that is interrupted, in whichever way, loses nothing that was entered, and enters nothing twice."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

sys.path.insert(0, str(Path(__file__).parents[2] / "validation"))
sys.path.insert(0, str(Path(__file__).parent))

from running_workbench import RunningWorkbench
from workbench_pages import PASSWORD, Someone, arrives, chromium, everything_is_saved, opens_next, signs_in
from workbench_people import entered, new_workbench, people_it, signed_in

pytestmark = pytest.mark.slow

PAIRS = [("anna", "ben"), ("carl", "dora"), ("emma", "finn")]
GRADES = "0120310201"
"""Possible at every site with which a reading begins."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def workbench(simulated_patients: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorkbench]:
    """A workbench without a model: views do not jump to the joints, everything else is as ever."""
    data = tmp_path_factory.mktemp("workbench") / "data"
    running = new_workbench(data, simulated_patients, models=[])
    running.start()
    try:
        people_it(running, PAIRS).close()
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def waiting() -> list[str]:
    """Readers who have not read yet."""
    return [reader for pair in PAIRS for reader in pair]


@pytest.fixture
def reader(workbench: RunningWorkbench, browser: Browser, waiting: list[str]) -> Iterator[Someone]:
    """Somebody at their first reading."""
    someone = arrives(browser, waiting.pop(), workbench.url)
    signs_in(someone)
    opens_next(someone)
    yield someone
    someone.context.close()


def enters(reader: Someone, grades: str) -> None:
    """One key a grade, as quickly as it goes."""
    before = int(reader.state("progress", "entered") or 0)
    for grade in grades:
        reader.page.keyboard.press(grade)
    progress = reader.page.get_by_test_id("progress")
    expect(progress).to_have_attribute("data-entered", str(before + len(grades)))


def the_server_has(workbench: RunningWorkbench, reader: Someone, grades: str) -> None:
    """Exactly these, in the order of the walk, each entered once."""
    assert [grade for *_, grade in entered(workbench.url, reader.name)] == [int(grade) for grade in grades]
    manager = signed_in(workbench.url, "mia")
    trail = manager.get("/api/audit", params={"most": 1000}).json()
    verdict = manager.get("/api/audit/verdict").json()
    manager.close()
    assert sum((each["actor"], each["action"]) == (reader.name, "score saved") for each in trail) == len(grades)
    assert verdict["problems"] == []


def test_a_reload_in_the_middle(workbench: RunningWorkbench, reader: Someone) -> None:
    enters(reader, GRADES[:6])
    reader.page.reload()
    expect(reader.page.get_by_test_id("progress")).to_have_attribute("data-entered", "6")
    enters(reader, GRADES[6:])
    everything_is_saved(reader)
    the_server_has(workbench, reader, GRADES)


def test_a_connection_that_drops_and_comes_back(workbench: RunningWorkbench, reader: Someone) -> None:
    enters(reader, GRADES[:3])
    everything_is_saved(reader)
    reader.context.set_offline(True)
    enters(reader, GRADES[3:])
    expect(reader.page.get_by_test_id("save-status")).to_have_attribute("data-phase", "waiting")
    expect(reader.page.get_by_test_id("save-status")).to_have_attribute("data-unsaved", "7")
    the_server_has(workbench, reader, GRADES[:3])
    reader.context.set_offline(False)
    everything_is_saved(reader)
    the_server_has(workbench, reader, GRADES)


def test_a_window_closed_without_a_connection(workbench: RunningWorkbench, reader: Someone) -> None:
    reader.context.set_offline(True)
    enters(reader, GRADES)
    address = reader.page.url
    reader.page.close()
    reader.context.set_offline(False)
    reader.page = reader.context.new_page()
    reader.page.goto(address)
    expect(reader.page.get_by_test_id("progress")).to_have_attribute("data-entered", str(len(GRADES)))
    everything_is_saved(reader)
    the_server_has(workbench, reader, GRADES)


def test_a_server_that_is_killed_and_started_again(workbench: RunningWorkbench, reader: Someone) -> None:
    enters(reader, GRADES[:5])
    workbench.kill()
    enters(reader, GRADES[5:])
    expect(reader.page.get_by_test_id("save-status")).to_have_attribute("data-phase", "waiting")
    workbench.start()
    everything_is_saved(reader)
    the_server_has(workbench, reader, GRADES)


def test_answers_that_are_lost_on_the_way(workbench: RunningWorkbench, reader: Someone) -> None:
    """The server has saved, and nobody hears of it: what is sent again changes nothing."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        if len(lost) < 3:
            lost.append(str(route.fetch().status))
            route.abort("connectionreset")
        else:
            route.continue_()

    reader.page.route("**/scores", lose)
    enters(reader, GRADES)
    everything_is_saved(reader)
    assert lost == ["200", "200", "200"]
    the_server_has(workbench, reader, GRADES)


def test_a_session_that_ends_in_the_middle(workbench: RunningWorkbench, reader: Someone) -> None:
    enters(reader, GRADES[:4])
    everything_is_saved(reader)
    reader.context.clear_cookies()
    reader.page.keyboard.press(GRADES[4])
    dialog = reader.page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    enters(reader, GRADES[5:])
    everything_is_saved(reader)
    the_server_has(workbench, reader, GRADES)
