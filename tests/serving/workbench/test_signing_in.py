"""Who gets in: nobody without a session, changes only from the own page, closed accounts and guessers not at all."""

import httpx
import pytest

from .conftest import PASSWORD, Served


def test_nothing_but_health_and_login_answers_a_stranger(served: Served) -> None:
    spec = served.page("mia").ok("GET", "/openapi.json")
    stranger = served.page()
    answering = {
        (method.upper(), path)
        for path, methods in spec["paths"].items()
        for method in methods
        if stranger.status(method, path.replace("{", "").replace("}", "")) != 401
    }
    ways_in = {("GET", "/api/sign-in"), ("POST", "/api/login"), ("POST", "/api/welcome")}
    assert answering == {("GET", "/health"), *ways_in}
    assert stranger.status("GET", "/openapi.json") == 401
    assert stranger.status("GET", "/api/nothing/here") == 401


def test_a_change_without_the_pages_token_is_refused(served: Served) -> None:
    page = served.page("mia")
    wanted = {"name": "anna", "role": "reader"}
    assert page.status("POST", "/api/accounts", json=wanted, headers={"X-CSRF-Token": ""}) == 403
    assert page.status("POST", "/api/accounts", json=wanted, headers={"X-CSRF-Token": "0" * 64}) == 403
    assert page.status("POST", "/api/accounts", json=wanted) == 201


def test_the_cookie_is_out_of_scripts_reach_and_never_sent_from_other_sites(served: Served) -> None:
    served.add("anna", "reader")
    cookie = served.page().sign_in("anna").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert served.page("anna").client.cookies["opensvh_session"].encode() not in _database(served)


def test_a_link_works_once(served: Served) -> None:
    link = served.page("mia").ok("POST", "/api/accounts", json={"name": "anna", "role": "reader"})["link"]
    chosen = {"token": link.partition("#")[2], "password": PASSWORD}
    assert served.page().status("POST", "/api/welcome", json=chosen) == 200
    assert served.page().status("POST", "/api/welcome", json=chosen) == 403


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_poor_passwords_are_refused(served: Served, password: str) -> None:
    link = served.page("mia").ok("POST", "/api/accounts", json={"name": "anna", "role": "reader"})["link"]
    chosen = {"token": link.partition("#")[2], "password": password}
    assert served.page().status("POST", "/api/welcome", json=chosen) == 422


def test_guessing_is_slowed_down_for_the_name_even_with_the_right_password_then(served: Served) -> None:
    served.add("anna", "reader")
    tries = [served.page().sign_in("anna", f"wrong password {number}").status_code for number in range(4)]
    assert tries == [401, 401, 401, 429]
    assert served.page().sign_in("anna").status_code == 429
    assert served.page().sign_in("mia").status_code == 200


def test_a_closed_account_is_out_at_once(served: Served) -> None:
    anna = served.add("anna", "reader")
    account = anna.ok("GET", "/api/session")["account"]
    served.page("mia").ok("PUT", f"/api/accounts/{account}/active", json={"active": False})
    assert anna.status("GET", "/api/session") == 401
    assert served.page().sign_in("anna").status_code == 401


def test_a_new_password_wants_the_old_one_and_signs_all_other_browsers_out(served: Served) -> None:
    anna = served.add("anna", "reader")
    elsewhere = served.page()
    elsewhere.sign_in("anna")
    wanted = {"current": PASSWORD, "new": "another long password"}
    assert anna.status("POST", "/api/password", json={**wanted, "current": "a wrong password"}) == 403
    assert anna.status("POST", "/api/password", json={**wanted, "new": "short"}) == 422
    assert anna.begun(anna.client.post("/api/password", json=wanted)).status_code == 200
    assert anna.ok("GET", "/api/session")["name"] == "anna"
    assert elsewhere.status("GET", "/api/session") == 401
    assert served.page().sign_in("anna").status_code == 401
    assert served.page().sign_in("anna", "another long password").status_code == 200


def test_a_stolen_session_cannot_guess_the_password(served: Served) -> None:
    anna = served.add("anna", "reader")
    tries = [
        anna.status("POST", "/api/password", json={"current": f"wrong password {number}", "new": PASSWORD})
        for number in range(4)
    ]
    assert tries == [403, 403, 403, 429]


def test_a_program_changes_no_password(served: Served) -> None:
    made = served.page("mia").ok("POST", "/api/tokens", json={"label": "export"})
    headers = {"Authorization": f"Bearer {made['token']}"}
    wanted = {"current": PASSWORD, "new": "another long password"}
    assert httpx.post(f"{served.url}/api/password", json=wanted, headers=headers).status_code == 403


def test_readers_do_not_manage(served: Served) -> None:
    anna = served.add("anna", "reader")
    for path in ("/api/accounts", "/api/studies", "/api/audit", "/api/films", "/api/audit.csv"):
        assert anna.status("GET", path) == 403, path


def test_a_program_comes_with_a_token_until_that_is_ended(served: Served) -> None:
    page = served.page("mia")
    made = page.ok("POST", "/api/tokens", json={"label": "nightly export"})
    program = httpx.Client(base_url=served.url, headers={"Authorization": f"Bearer {made['token']}"})
    assert program.get("/api/session").json()["name"] == "mia"
    assert program.post("/api/tokens", json={"label": "another"}).status_code == 201
    page.ok("DELETE", f"/api/tokens/{made['id']}")
    assert program.get("/api/session").status_code == 401


def test_signing_out_ends_the_session_on_the_server(served: Served) -> None:
    anna = served.add("anna", "reader")
    kept = dict(anna.client.cookies)
    anna.ok("POST", "/api/logout")
    assert httpx.get(f"{served.url}/api/session", cookies=kept).status_code == 401


def test_long_bodies_and_bodies_of_unknown_length_are_refused(served: Served) -> None:
    page = served.page("mia")
    assert page.status("POST", "/api/accounts", content=b"x" * (9 << 20)) == 413
    assert page.status("POST", "/api/accounts", content=iter([b"{}"])) == 411


def test_other_host_names_are_not_answered(served: Served) -> None:
    assert served.page("mia").status("GET", "/api/session", headers={"Host": "elsewhere.example"}) == 400


def _database(served: Served) -> bytes:
    files = served.bench.settings.data.glob("workbench.sqlite*")
    return b"".join(path.read_bytes() for path in files)
