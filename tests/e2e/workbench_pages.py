"""What people do on the workbench's pages, in Debian's Chromium; each person in a browser of their own."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
HINT = "Chromium is missing; apt-get install -y chromium"
_QUIET = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking")
ARGUMENTS = [f"--{each}" for each in (*_QUIET, "disable-component-update", "disable-sync")]
DESK, TABLET = {"width": 1280, "height": 800}, {"width": 1024, "height": 768}
PASSWORD = "a long enough password"
SLOWEST_MS = 180_000
"""How long a page may take on a machine that has other things to do, in milliseconds."""
SCREENSHOTS = os.environ.get("OPENSVH_SCREENSHOTS")
"""A folder for pictures of the pages, for the docs."""


def page_setting() -> dict[str, Any]:
    """The workbench's setting for another build of the page than the one that comes along (OPENSVH_PAGE)."""
    built = os.environ.get("OPENSVH_PAGE")
    return {"page": built} if built else {}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; skips or, under CI, fails where it is missing."""
    if not CHROMIUM.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HINT)
    expect.set_options(timeout=SLOWEST_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Someone:
    """A person at their browser; `complaints` are what the browser's console said against the page."""

    name: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def goes_to(self, address: str) -> None:
        """Open one of the page's own addresses, `/studies`, anew if it is open, and wait until it has loaded."""
        wanted = f"{self._origin()}/#{address}"
        if self.page.url == wanted:
            self.page.reload()
        self.page.goto(wanted)
        expect(self.page.get_by_role("navigation", name="Pages")).to_be_visible()

    def shoots(self, name: str) -> None:
        """A picture of the page for the docs, where they are wanted."""
        if SCREENSHOTS:
            self.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", animations="disabled")

    def state(self, test_id: str, name: str) -> str | None:
        """An attribute `data-NAME` of an element."""
        return self.page.get_by_test_id(test_id).first.get_attribute(f"data-{name}")

    def _origin(self) -> str:
        return "/".join(self.page.url.split("/", 3)[:3])


def arrives(browser: Browser, name: str, url: str, size: dict[str, int] = DESK) -> Someone:
    """Somebody new at an address."""
    context = browser.new_context(viewport=size, accept_downloads=True)  # type: ignore[arg-type]
    context.set_default_timeout(SLOWEST_MS)
    someone = Someone(name, context, context.new_page())
    someone.page.on("console", lambda message: _note(someone, message))
    someone.page.on("pageerror", lambda error: someone.complaints.append(str(error)))
    someone.page.goto(url)
    return someone


def uses_link(someone: Someone, is_first: bool = False) -> None:
    """Choose a password by the one-time link that was opened; the first manager chooses a name as well."""
    page = someone.page
    if is_first:
        page.get_by_label("This is a new workbench").check()
        page.get_by_label("Your name").fill(someone.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def signs_in(someone: Someone) -> None:
    """Name and password."""
    someone.page.get_by_label("Name").fill(someone.name)
    someone.page.get_by_label("Password").fill(PASSWORD)
    someone.page.get_by_role("button", name="Sign in").click()
    expect(someone.page.get_by_role("navigation", name="Pages")).to_be_visible()


def invites(manager: Someone, name: str, role: str) -> str:
    """Add an account on the page; its one-time link."""
    page = manager.page
    manager.goes_to("/people")
    page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("radio", name=role.capitalize()).check()
    dialog.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("One-time link").input_value()
    page.get_by_role("button", name="Done").click()
    return link


def sets_up_study(manager: Someone, name: str, readers: tuple[str, str], adjudicator: str = "") -> None:
    """A study of all films by the form: paired blinded, adjudicated where two differ by 2 at a site."""
    page = manager.page
    manager.goes_to("/studies/new")
    page.get_by_label("Name of the study").fill(name)
    page.get_by_label("First reader").select_option(readers[0])
    page.get_by_label("Second reader").select_option(readers[1])
    page.get_by_role("radio", name="Paired, blinded").check()
    if adjudicator:
        page.get_by_label("Adjudicator").select_option(adjudicator)
        page.get_by_label("Scores of a site differ by at least").fill("2")
    manager.shoots("new-study")
    page.get_by_role("button", name="Set up the study").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def opens_next(reader: Someone) -> None:
    """From home to the next reading, by Enter."""
    reader.goes_to("/")
    expect(reader.page.get_by_role("region", name="Next")).to_be_visible()
    reader.page.keyboard.press("Enter")
    expect(reader.page.get_by_test_id("desk")).to_be_visible()


def everything_is_saved(reader: Someone) -> None:
    """Wait until the server has all that was entered."""
    expect(reader.page.get_by_test_id("save-status")).to_have_attribute("data-phase", "saved")
    expect(reader.page.get_by_test_id("save-status")).to_have_attribute("data-unsaved", "0")


def commits(reader: Someone) -> None:
    """Enter for the summary, Enter to commit: once everything is entered."""
    everything_is_saved(reader)
    reader.page.keyboard.press("Enter")
    button = reader.page.get_by_role("button", name="Commit and lock")
    expect(button).to_be_enabled()
    expect(button).to_be_focused()
    reader.page.keyboard.press("Enter")
    expect(reader.page.get_by_test_id("committed")).to_be_visible()


def wait_until(is_so: Callable[[], bool], within_s: float, what: str) -> None:
    """Poll; fails with `what` did not come."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def _note(someone: Someone, message: ConsoleMessage) -> None:
    """Errors; but not that nobody is signed in yet, which a page can only learn by asking."""
    asks_who = message.location["url"].endswith("/api/session")
    if message.type == "error" and not asks_who:
        someone.complaints.append(message.text)
