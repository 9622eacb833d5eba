"""The workbench's pages as they are seen: labels and contrast by axe, nothing cut off, nothing from elsewhere."""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

sys.path.insert(0, str(Path(__file__).parents[2] / "validation"))
sys.path.insert(0, str(Path(__file__).parent))

from running_workbench import RunningWorkbench
from workbench_pages import DESK, TABLET, Someone, arrives, chromium, opens_next, signs_in
from workbench_people import new_workbench, people_it

pytestmark = pytest.mark.slow

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
MANAGERS = ("/", "/studies", "/studies/new", "/films", "/marks", "/people", "/audit", "/account")
READERS = ("/", "/marking", "/account")
QUIET_MS = 500


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def workbench(simulated_patients: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorkbench]:
    """A workbench without a model, with a study, and films to mark for anna."""
    data = tmp_path_factory.mktemp("workbench") / "data"
    running = new_workbench(data, simulated_patients, models=[])
    running.start()
    try:
        manager = people_it(running)
        told = manager.post("/api/marking/assign", json={"markers": ["anna"], "proposals": False})
        assert told.is_success
        manager.close()
        yield running
    finally:
        running.kill()


@pytest.fixture(params=["dark", "light"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def arrived(browser: Browser, workbench: RunningWorkbench, name: str, theme: str = "dark") -> Someone:
    someone = arrives(browser, name, workbench.url)
    signs_in(someone)
    if theme == "light":
        someone.page.locator("header details summary").click()
        someone.page.get_by_role("radio", name="Light").check()
        someone.page.keyboard.press("Escape")
    return someone


def faults(someone: Someone) -> list[str]:
    """What axe finds against WCAG A and AA: the rule, and where."""
    someone.page.wait_for_load_state("networkidle")
    found = Axe().run(someone.page, options=WCAG).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}" for each in found for node in each["nodes"]
    ]


def test_who_signs_in_finds_labels_and_contrast(workbench: RunningWorkbench, browser: Browser) -> None:
    stranger = arrives(browser, "anna", workbench.url)
    expect(stranger.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert faults(stranger) == []
    stranger.page.goto(f"{workbench.url}/welcome#a-token")
    expect(stranger.page.get_by_role("button", name="Begin")).to_be_visible()
    assert faults(stranger) == []


def test_a_managers_pages_have_labels_and_contrast(workbench: RunningWorkbench, browser: Browser, theme: str) -> None:
    mia = arrived(browser, workbench, "mia", theme)
    found = {}
    for address in MANAGERS:
        mia.goes_to(address)
        expect(mia.page.get_by_role("heading").first).to_be_visible()
        found[address] = faults(mia)
    assert found == {address: [] for address in MANAGERS}
    assert mia.complaints == []


def test_a_readers_pages_have_labels_and_contrast(workbench: RunningWorkbench, browser: Browser, theme: str) -> None:
    anna = arrived(browser, workbench, "anna", theme)
    found = {}
    for address in READERS:
        anna.goes_to(address)
        expect(anna.page.get_by_role("heading").first).to_be_attached()
        found[address] = faults(anna)
    opens_next(anna)
    found["desk"] = faults(anna)
    for key, name in (("n", "No grade"), ("j", "Jump to a site"), ("s", "All sites"), ("?", "Keyboard")):
        anna.page.keyboard.press(key)
        expect(anna.page.get_by_role("dialog")).to_be_visible()
        found[name] = faults(anna)
        anna.page.keyboard.press("Escape")
        expect(anna.page.get_by_role("dialog")).to_be_hidden()
    assert {where: what for where, what in found.items() if what} == {}
    assert anna.complaints == []


@pytest.mark.parametrize("size", [DESK, TABLET], ids=["desk", "tablet"])
def test_nothing_is_wider_than_the_window(workbench: RunningWorkbench, browser: Browser, size: dict[str, int]) -> None:
    wide = {}
    for name, addresses in (("mia", MANAGERS), ("anna", READERS)):
        someone = arrived(browser, workbench, name)
        someone.page.set_viewport_size(size)  # type: ignore[arg-type]
        for address in addresses:
            someone.goes_to(address)
            someone.page.wait_for_load_state("networkidle")
            over = someone.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if over > 0:
                wide[name, address] = over
        someone.context.close()
    assert wide == {}


def test_the_desk_fits_a_small_window_and_a_tablet_without_scrolling(
    workbench: RunningWorkbench, browser: Browser
) -> None:
    anna = arrived(browser, workbench, "anna")
    opens_next(anna)
    for size in (DESK, TABLET):
        anna.page.set_viewport_size(size)  # type: ignore[arg-type]
        anna.page.wait_for_timeout(QUIET_MS)
        box = anna.page.get_by_test_id("grade-bar").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"]
        assert box["x"] + box["width"] <= size["width"]


def test_the_page_asks_nobody_but_its_own_server(workbench: RunningWorkbench, browser: Browser) -> None:
    hosts: set[str] = set()
    anna = arrives(browser, "anna", workbench.url)
    anna.page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    signs_in(anna)
    for address in READERS:
        anna.goes_to(address)
        anna.page.wait_for_load_state("networkidle")
    assert hosts - {""} == {urlsplit(workbench.url).netloc}


def test_a_page_that_is_not_there_says_so(workbench: RunningWorkbench, browser: Browser) -> None:
    anna = arrived(browser, workbench, "anna")
    anna.goes_to("/nowhere/at/all")
    expect(anna.page.get_by_role("heading").first).to_be_visible()
    anna.goes_to(f"/readings/{'0' * 32}")
    expect(anna.page.get_by_text("there is no such reading")).to_be_visible()
