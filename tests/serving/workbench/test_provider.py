"""Signing in with an identity provider: whom it vouches for gets their own account, and nobody else any."""

import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import KeySet, RSAKey

from opensvh.domain.errors import ConfigInvalid
from opensvh.serving.workbench.server import open_workbench
from opensvh.serving.workbench.settings import Oidc, Settings, read_settings

from .conftest import Served, serving
from .outside_provider import CLIENT, Claims, OutsideProvider, outside_provider

from orthanc import free_port  # isort: skip  (found by conftest's path)


@pytest.fixture
def provider() -> Iterator[OutsideProvider]:
    with outside_provider() as running:
        yield running


@pytest.fixture
def linked(settings: Settings, provider: OutsideProvider) -> Iterator[Served]:
    """A workbench that trusts the provider; `anna` and `ben` are invited."""
    yield from trusting(settings, provider.url)


def trusting(settings: Settings, issuer: str, **more: str) -> Iterator[Served]:
    port = free_port()
    oidc = Oidc(name="Hospital", issuer=issuer, client_id=CLIENT, **more)
    changed = {"port": port, "address": f"http://127.0.0.1:{port}", "oidc": oidc}
    for served in serving(settings.model_copy(update=changed)):
        for name in ("anna", "ben"):
            served.page("mia").ok("POST", "/api/accounts", json={"name": name, "role": "reader"})
        yield served


def browser(served: Served) -> httpx.Client:
    return httpx.Client(base_url=served.url, timeout=120, follow_redirects=True)


def sign_in(served: Served) -> tuple[httpx.Client, httpx.Response]:
    client = browser(served)
    return client, client.get("/api/oidc/start")


def who(client: httpx.Client) -> str | None:
    answer = client.get("/api/session")
    return str(answer.json()["name"]) if answer.is_success else None


def test_whom_the_provider_vouches_for_is_signed_in(linked: Served) -> None:
    client, _ = sign_in(linked)
    assert who(client) == "anna"
    csrf = client.get("/api/session").json()["csrf"]
    assert client.post("/api/logout", headers={"X-CSRF-Token": csrf}).status_code == 204
    assert who(client) is None


def test_the_page_learns_of_the_provider_without_a_session(linked: Served) -> None:
    told = linked.page().ok("GET", "/api/sign-in")
    assert told == {"provider": {"name": "Hospital", "start": "/api/oidc/start"}}


def test_a_workbench_without_a_provider_has_none(served: Served) -> None:
    assert served.page().ok("GET", "/api/sign-in") == {"provider": None}
    assert served.page().status("GET", "/api/oidc/start") == 404
    assert served.page().status("GET", "/api/oidc/callback") == 404


def test_a_stranger_to_the_workbench_gets_no_account(linked: Served, provider: OutsideProvider) -> None:
    provider.person = {"sub": "9", "preferred_username": "<b>eve</b>"}
    client, answer = sign_in(linked)
    assert answer.status_code == 403
    assert "no account &lt;b&gt;eve" in answer.text
    assert who(client) is None


def test_an_account_with_a_password_is_not_taken_over_by_its_name(linked: Served, provider: OutsideProvider) -> None:
    provider.person = {"sub": "9", "preferred_username": "mia"}
    client, answer = sign_in(linked)
    assert (answer.status_code, who(client)) == (403, None)


def test_a_name_given_to_somebody_else_later_opens_nothing(linked: Served, provider: OutsideProvider) -> None:
    sign_in(linked)
    provider.person = {"sub": "2", "preferred_username": "anna"}
    client, answer = sign_in(linked)
    assert (answer.status_code, who(client)) == (403, None)
    provider.person = {"sub": "1", "preferred_username": "anna married"}
    assert who(sign_in(linked)[0]) == "anna"


def test_a_closed_account_stays_closed(linked: Served) -> None:
    client, _ = sign_in(linked)
    account = client.get("/api/session").json()["account"]
    linked.page("mia").ok("PUT", f"/api/accounts/{account}/active", json={"active": False})
    assert sign_in(linked)[1].status_code == 403
    assert who(client) is None


def test_the_link_and_each_sign_in_are_in_the_trail(linked: Served) -> None:
    sign_in(linked)
    told = [(each["actor"], each["action"]) for each in linked.page("mia").ok("GET", "/api/audit")]
    assert told[-2:] == [("anna", "identity linked"), ("anna", "signed in")]


@pytest.mark.parametrize(
    "lie",
    [
        lambda claims: {**claims, "aud": "another"},
        lambda claims: {**claims, "iss": "https://elsewhere.example"},
        lambda claims: {**claims, "nonce": "another"},
        lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
        lambda claims: {**claims, "exp": int(time.time()) - 600},
        lambda claims: {**claims, "iat": int(time.time()) + 3600},
    ],
    ids=["for another", "of another", "of another time", "of no time", "too old", "of tomorrow"],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    linked: Served, provider: OutsideProvider, lie: Callable[[Claims], Claims]
) -> None:
    provider.lie = lie
    client, answer = sign_in(linked)
    assert (answer.status_code, who(client)) == (403, None)


def test_a_token_that_somebody_else_signed_is_refused(linked: Served, provider: OutsideProvider) -> None:
    provider.published = KeySet([RSAKey.generate_key(2048, {"kid": "one"})])
    assert sign_in(linked)[1].status_code == 403


def test_new_keys_of_the_provider_are_fetched(linked: Served, provider: OutsideProvider) -> None:
    sign_in(linked)
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert who(sign_in(linked)[0]) == "anna"


def test_another_browser_cannot_finish_what_this_one_began(linked: Served) -> None:
    victim = browser(linked)
    begun = victim.get("/api/oidc/start", follow_redirects=False)
    back = httpx.get(begun.headers["location"]).headers["location"]
    attacker = browser(linked)
    assert attacker.get(back).status_code == 403
    victim.get(back)
    assert (who(attacker), who(victim)) == (None, "anna")
    assert victim.get(back).status_code == 403, "an answer is taken once"


def test_who_refuses_at_the_provider_is_told_so(linked: Served) -> None:
    answer = browser(linked).get("/api/oidc/callback?error=access_denied")
    assert (answer.status_code, "access_denied" in answer.text) == (403, True)


def test_a_name_that_is_not_in_the_token_is_asked_for(linked: Served, provider: OutsideProvider) -> None:
    provider.in_token = False
    client, answer = sign_in(linked)
    assert who(client) == "anna", answer.text


@pytest.mark.parametrize(("verified", "signed_in"), [(True, "anna"), (False, None)])
def test_an_address_counts_once_the_provider_has_verified_it(
    settings: Settings, provider: OutsideProvider, verified: bool, signed_in: str | None
) -> None:
    provider.person = {"sub": "1", "email": "anna", "email_verified": verified}
    for served in trusting(settings, provider.url, claim="email"):
        assert who(sign_in(served)[0]) == signed_in


def test_a_provider_that_is_down_stops_nobody_with_a_password(settings: Settings) -> None:
    for served in trusting(settings, f"http://127.0.0.1:{free_port()}"):
        assert sign_in(served)[1].status_code == 502
        assert served.page().sign_in("mia").status_code == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_another_programs_provider_works_as_well(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_OIDC_SECRET", "known to both")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import oidc_provider_mock as other
    person = other.User(sub="a1", claims={"preferred_username": "anna"})
    with other.run_server_in_thread(user_claims=[person]) as running:
        issuer = f"http://localhost:{running.server_port}"
        for served in trusting(settings, issuer, client_secret_variable="TEST_OIDC_SECRET"):
            client = browser(served)
            form = client.get("/api/oidc/start")
            assert who(client) is None
            client.post(str(form.url), data={"sub": "a1"})
            assert who(client) == "anna"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ('issuer = "http://id.example.org"', "https"),
        ('issuer = "https://id.example.org"\nclient_secret_variable = "OPENSVH_NO_SUCH"', "OPENSVH_NO_SUCH"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(tmp_path: Path, told: str, found: str) -> None:
    file = tmp_path / "workbench.toml"
    file.write_text(f'[oidc]\nname = "Hospital"\nclient_id = "x"\n{told}\n')
    with pytest.raises(ConfigInvalid, match=found):
        open_workbench(read_settings(tmp_path / "data", file, None))
