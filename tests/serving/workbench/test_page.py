"""The page: to be had without a session, kept as long as it may be, and bound to this server alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opensvh.serving.workbench.settings import Settings

from .conftest import Served, serving

SCRIPT = "console.log('scores');" * 100


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built application, as small as one can be."""
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<!doctype html><script type="module" src="/assets/app-1a2b3c.js"></script>')
    (folder / "assets" / "app-1a2b3c.js").write_text(SCRIPT)
    (folder / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("nobody's")
    return folder


@pytest.fixture
def shown(settings: Settings, built: Path) -> Iterator[Served]:
    yield from serving(settings.model_copy(update={"page": built}))


@pytest.mark.parametrize("path", ["/", "/welcome", "/login", "/studies/7", "/readings/0123", "/index.html", "/scores"])
def test_a_stranger_gets_the_page_at_each_of_its_addresses(shown: Served, path: str) -> None:
    answer = shown.page().client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "/assets/app-1a2b3c.js" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_what_has_its_hash_in_its_name_is_kept_for_ever(shown: Served) -> None:
    answer = shown.page().client.get("/assets/app-1a2b3c.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert (answer.text, answer.headers["content-encoding"]) == (SCRIPT, "gzip")
    assert shown.page().client.get("/favicon.svg").headers["cache-control"] == "no-cache"


def test_an_unchanged_page_is_not_sent_again(shown: Served) -> None:
    client = shown.page().client
    tag = client.get("/").headers["etag"]
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 304


def test_a_script_of_an_earlier_version_is_missing_not_replaced_by_the_page(shown: Served) -> None:
    assert shown.page().client.get("/assets/app-0000.js").status_code == 404


def test_only_the_own_server_may_be_asked_and_no_script_may_stand_in_the_page(shown: Served) -> None:
    policy = shown.page().client.get("/").headers["content-security-policy"]
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert told["default-src"] == "'none'"
    assert {told[name] for name in ("script-src", "style-src", "connect-src", "worker-src")} == {"'self'"}
    assert (told["frame-ancestors"], told["base-uri"]) == ("'none'", "'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/a%00b"])
def test_nothing_beside_the_page_is_given_out(shown: Served, path: str) -> None:
    assert "nobody's" not in shown.page().client.get(path).text


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/readings", "/openapi.json", "/score"])
def test_the_apis_addresses_are_never_the_page(shown: Served, path: str) -> None:
    assert shown.page().status("GET", path) == 401


def test_a_page_takes_nothing(shown: Served) -> None:
    assert shown.page().status("POST", "/welcome") == 401
    assert shown.page("mia").status("POST", "/welcome") == 404


def test_a_server_without_a_page_says_how_to_build_it(settings: Settings, tmp_path: Path) -> None:
    for served in serving(settings.model_copy(update={"page": tmp_path / "missing"})):
        answer = served.page().client.get("/welcome")
        assert answer.status_code == 503
        assert "npm run build" in answer.text
        assert served.page().client.get("/health").json() == {"state": "up"}
