"""The reader's workbench as people use it: set up, marked, read by keyboard, adjudicated, exported, learnt from."""

import csv
import io
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from opensvh.io.tables import read_dataset
from opensvh.serving.workbench.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[2] / "validation"))
sys.path.insert(0, str(Path(__file__).parent))

from local_postgres import HINT, is_installed, local_postgres, new_database
from running_workbench import PROGRAM, RunningWorkbench
from workbench_model import Heard, said, tell
from workbench_pages import (
    Someone,
    arrives,
    chromium,
    commits,
    invites,
    opens_next,
    page_setting,
    sets_up_study,
    uses_link,
    wait_until,
)

pytestmark = pytest.mark.slow

PATIENTS, FILMS, PLACES = 2, 8, 86
"""Of the study; scores to enter of one patient at one visit."""
FIVE_MINUTES = 300.0
READERS = {"anna": "reader", "ben": "reader", "clara": "adjudicator"}
MODEL_S = 1200.0
"""How long the model may take for all films, on a machine that has other things to do."""


@dataclass
class Story:
    """A workbench and the people at it; `reached` is the last chapter that was told to its end.

    `heard` is what the model said in an earlier story: the second one has it read one film, and knows the others.
    """

    workbench: RunningWorkbench
    browser: Browser
    database: str
    heard: Heard
    people: dict[str, Someone] = field(default_factory=dict)
    reached: str = ""

    def after(self, chapter: str) -> None:
        """Every chapter needs the one before."""
        if self.reached != chapter:
            pytest.fail(f"the chapter before, {chapter}, was not told to its end")

    def told(self, chapter: str) -> None:
        """The chapter is over."""
        self.reached = chapter


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def heard() -> Heard:
    """What the model has said so far."""
    return {}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def story(
    request: pytest.FixtureRequest,
    simulated_patients: Path,
    browser: Browser,
    heard: Heard,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    """An empty workbench over either database, with the films in its folder."""
    data = tmp_path_factory.mktemp("workbench") / "data"
    shutil.copytree(simulated_patients / "images", data / "films" / "trial" / "images")
    settings = page_setting()
    if request.param == "postgresql":
        settings["database"] = new_database(request.getfixturevalue("postgres"))
    workbench = RunningWorkbench(data, settings)
    workbench.start()
    try:
        yield Story(workbench, browser, Settings(data=data, database=settings.get("database")).database_url, heard)
    finally:
        workbench.kill()


@pytest.fixture(scope="module")
def postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """Debian's PostgreSQL, as durable as it comes."""
    if not is_installed():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HINT)
    with local_postgres() as server:
        yield server


def test_a_manager_sets_up_a_study_of_two_readers(story: Story) -> None:
    link = f"{story.workbench.url}/welcome#{story.workbench.first_token()}"
    manager = story.people["mia"] = arrives(story.browser, "mia", link)
    uses_link(manager, is_first=True)
    for name, role in READERS.items():
        someone = story.people[name] = arrives(story.browser, name, invites(manager, name, role))
        uses_link(someone)
    manager.shoots("people")
    manager.goes_to("/films")
    manager.page.get_by_role("button", name="Scan the folder").first.click()
    expect(manager.page.get_by_text(f"{FILMS} films of {PATIENTS} patients")).to_be_visible()
    tell(story.database, dict(list(story.heard.items())[1:]))
    manager.shoots("films")
    sets_up_study(manager, "Trial", ("anna", "ben"), "clara")
    expect(manager.page.get_by_role("table", name="Cases")).to_be_visible()
    manager.shoots("study")
    story.told("set up")


def test_the_model_proposes_joints(story: Story) -> None:
    story.after("set up")
    page = story.people["mia"].page
    story.people["mia"].goes_to("/marks")
    page.get_by_label("anna (reader)").check()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text(f"{FILMS} films assigned anew")).to_be_visible()
    anna = story.people["anna"]
    anna.goes_to("/")
    wait_until(lambda: _proposed(anna) == FILMS, MODEL_S, "the model did not propose joints for every film")
    story.heard.update(said(story.database))
    assert len(story.heard) == FILMS
    story.told("proposed")


def test_a_marker_accepts_moves_and_takes_back(story: Story) -> None:
    story.after("proposed")
    anna, page = story.people["anna"], story.people["anna"].page
    anna.goes_to("/marking")
    expect(page.get_by_test_id("film-pane")).to_have_attribute("data-stage", "full")
    _nudge_and_take_back(anna)
    anna.shoots("marking")
    for left in reversed(range(FILMS)):
        expect(page.get_by_test_id("film-pane")).to_have_attribute("data-stage", "full")
        page.keyboard.press("a")
        _settle_what_the_model_left(anna)
        expect(page.get_by_test_id("joints-left")).to_contain_text("all joints are there")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("queue-progress")).to_have_text(f"{FILMS - left} of {FILMS} done")
    expect(page.get_by_test_id("saved-state")).to_have_attribute("data-state", "saved")
    story.told("marked")


@pytest.mark.parametrize("name", ["anna", "ben"])
def test_a_reader_reads_by_keyboard_alone(story: Story, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    story.after({"anna": "marked", "ben": "read by anna"}[name])
    reader, page = story.people[name], story.people[name].page
    for _ in range(PATIENTS):
        opens_next(reader)
        expect(page.get_by_test_id("progress")).to_have_attribute("data-wanted", str(PLACES))
        by_site = _walk(reader, [_grade(name, place) for place in range(PLACES)])
        commits(reader)
        total, site = sum(by_site.values()), statistics.median(by_site.values())
        with capsys.disabled():
            print(f"\n{name}: {len(by_site)} sites and {PLACES} scores in {total:.1f} s; a site {site:.2f} s (median)")
        assert total < FIVE_MINUTES
    story.told(f"read by {name}")


def test_the_adjudicator_decides_without_names(story: Story) -> None:
    story.after("read by ben")
    clara, page = story.people["clara"], story.people["clara"].page
    for _ in range(PATIENTS):
        opens_next(clara)
        text = page.inner_text("body")
        assert "anna" not in text
        assert "ben" not in text
        clara.shoots("adjudication")
        wanted = int(clara.state("progress", "wanted") or 0)
        assert 0 < wanted < PLACES
        for entered in range(1, wanted + 1):
            page.keyboard.press("x" if entered % 2 else "y")
            expect(page.get_by_test_id("progress")).to_have_attribute("data-entered", str(entered))
        commits(clara)
    story.told("adjudicated")


def test_the_manager_takes_the_results_and_the_trail_is_whole(story: Story) -> None:
    story.after("adjudicated")
    manager, page = story.people["mia"], story.people["mia"].page
    manager.goes_to("/studies")
    page.get_by_role("link", name="Trial").first.click()
    page.get_by_role("tab", name="Agreement").click()
    expect(page.get_by_text("kappa", exact=False).first).to_be_visible()
    manager.shoots("agreement")
    page.get_by_role("tab", name="Results").click()
    rows = _downloaded(manager, "scores.csv")
    finals = [row for row in rows if row["reader"] == "final"]
    assert len(finals) == PATIENTS * PLACES
    assert {row["role"] for row in finals} == {"mean of two readers", "adjudicated"}
    assert all(row["status"] == "scored" or row["reason"] for row in rows)
    assert len(_downloaded(manager, "ra2.csv")) == PATIENTS
    manager.goes_to("/audit")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("The chain is whole.")).to_be_visible()
    manager.shoots("audit")
    told = subprocess.run([*PROGRAM, *_serve(story), "--verify-audit"], capture_output=True, text=True, check=True)
    assert "whole" in told.stdout
    story.told("exported")


def test_a_model_is_trained_on_what_was_marked_and_read(story: Story) -> None:
    story.after("exported")
    manager, page = story.people["mia"], story.people["mia"].page
    manager.goes_to("/studies")
    page.get_by_role("link", name="Trial").first.click()
    page.get_by_role("tab", name="Results").click()
    page.get_by_label("Name of the data set").fill("marked")
    page.get_by_role("button", name="Write it").click()
    expect(page.get_by_text(f"{FILMS} films with")).to_be_visible()
    command = page.get_by_label("Train from it").input_value().split()
    assert command[:3] == ["opensvh", "train", "--data"]
    data = story.workbench.data
    exported = read_dataset(data / command[3])
    assert len(exported.films) == FILMS
    assert all(film.points and film.scores for film in exported.films)
    training = [*PROGRAM, *command[1:], "--config", "tiny", "-o", "run", "--all-data", "--steps", "4", "--threads", "1"]
    subprocess.run(training, cwd=data, check=True, capture_output=True)
    assert (data / "run" / "bundle" / "weights.safetensors").is_file()
    story.told("trained")


def test_no_browser_had_anything_to_complain_of(story: Story) -> None:
    story.after("trained")
    assert {name: each.complaints for name, each in story.people.items() if each.complaints} == {}


def _proposed(someone: Someone) -> int:
    told = someone.page.evaluate("fetch('/api/marking').then((answer) => answer.json())")
    failed = [each["name"] for each in told if each["proposal"] == "failed"]
    assert failed == []
    return sum(each["proposal"] == "done" for each in told)


def _nudge_and_take_back(marker: Someone) -> None:
    """A joint by Tab, moved by an arrow, and back by undo."""
    page = marker.page
    page.keyboard.press("Tab")
    joint = page.locator('[data-testid="joint-list"] [aria-pressed="true"]')
    expect(joint).to_have_count(1)
    before = (joint.get_attribute("data-state"), joint.get_attribute("data-x"), joint.get_attribute("data-y"))
    page.keyboard.press("Shift+ArrowRight")
    expect(joint).to_have_attribute("data-state", "marked")
    assert (joint.get_attribute("data-x"), joint.get_attribute("data-y")) != before[1:]
    expect(page.get_by_test_id("saved-state")).to_have_attribute("data-state", "saved")
    page.keyboard.press("Control+z")
    expect(joint).to_have_attribute("data-state", before[0] or "")
    assert (joint.get_attribute("data-x"), joint.get_attribute("data-y")) == before[1:]


def _settle_what_the_model_left(marker: Someone) -> None:
    """Joints that the model did not find are said to be not visible."""
    page = marker.page
    open_ones = page.locator('[data-testid="joint-list"] [data-state="open"]')
    while open_ones.count():
        open_ones.first.click()
        page.keyboard.press("v")


def _walk(reader: Someone, grades: Sequence[str]) -> dict[str, float]:
    """Enter every grade by its key as soon as the close views are there; how long each site took, in seconds."""
    page = reader.page
    seconds: dict[str, float] = {}
    page.wait_for_function(_READY, arg="")
    for place, grade in enumerate(grades):
        before, site = page.evaluate(_WHERE)
        if place == len(grades) // 3:
            reader.shoots("reading")
        start = time.monotonic()
        page.keyboard.press(grade)
        if place < len(grades) - 1:
            page.wait_for_function(_READY, arg=before)
        else:
            expect(page.get_by_test_id("progress")).to_have_attribute("data-entered", str(len(grades)))
        seconds[site] = seconds.get(site, 0.0) + time.monotonic() - start
    return seconds


_WHERE = """() => {
  const at = (id) => JSON.stringify({ ...document.querySelector(`[data-testid="${id}"]`)?.dataset });
  return [at('site') + at('asked'), at('site')];
}"""
"""The place that is asked, and its site."""
_READY = f"""(before) => {{
  const crops = [...document.querySelectorAll('[data-testid="crop"]')];
  return ({_WHERE})()[0] !== before && crops.length > 0 && crops.every((crop) => crop.dataset.state === 'ready');
}}"""


def _grade(name: str, place: int) -> str:
    """Two readers who agree mostly, and differ by 2 at every eleventh place; each has an order of patients."""
    common = place * 7 % 3
    return str(common + 2 if name == "ben" and place % 11 == 5 else common)


def _downloaded(someone: Someone, name: str) -> list[dict[str, str]]:
    with someone.page.expect_download() as begun:
        someone.page.get_by_role("button", name=name).first.click()
    return list(csv.DictReader(io.StringIO(Path(begun.value.path()).read_text(encoding="utf-8"))))


def _serve(story: Story) -> list[str]:
    data = story.workbench.data
    return ["serve", "--data", str(data), "--config", str(data.with_suffix(".toml"))]
