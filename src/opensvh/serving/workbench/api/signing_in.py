"""Signing in and out, one-time links, and tokens for programs."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Path, Request, Response
from pydantic import Field

from opensvh.serving.workbench.accounts import Person, Role, token_hash, use_invitation
from opensvh.serving.workbench.api.access import Anyone, Bench, Calling, Given, Shown
from opensvh.serving.workbench.api.guard import COOKIE
from opensvh.serving.workbench.sessions import (
    change_password,
    csrf_of,
    end_program,
    open_program,
    open_session,
    person_of,
    sign_in,
    sign_out,
)
from opensvh.serving.workbench.settings import Settings

router = APIRouter(tags=["signing in"])
Password = Annotated[str, Field(max_length=256)]


class Credentials(Given):
    """Who wants to sign in."""

    name: Annotated[str, Field(max_length=128)]
    password: Password


class Welcome(Given):
    """A one-time link's token and the password chosen; `name` where the link makes the first manager."""

    token: Annotated[str, Field(max_length=128)]
    password: Password
    name: Annotated[str, Field(max_length=64)] | None = None


class NewPassword(Given):
    """The present password and the one wanted."""

    current: Password
    new: Password


class Session(Shown):
    """Who is signed in, and what the page sends as `X-CSRF-Token` with every change ("" for a program)."""

    account: str
    name: str
    role: Role
    csrf: str


class Label(Given):
    """What a program's token is for."""

    label: Annotated[str, Field(min_length=1, max_length=128)]


class ProgramToken(Shown):
    """Shown once: `Authorization: Bearer TOKEN`; `id` ends it."""

    token: str
    id: str


@router.post("/api/login")
def login(credentials: Credentials, bench: Bench, request: Request, response: Response) -> Session:
    """Sign in; sets the session's cookie."""
    address = request.client.host if request.client else "?"
    token, person = sign_in(bench.store, bench.settings, credentials.name, credentials.password, address)
    return _begun(response, bench.settings, token, person)


@router.post("/api/welcome")
def welcome(chosen: Welcome, bench: Bench, response: Response) -> Session:
    """Set a password by a one-time link, and sign in."""
    with bench.store.writing() as session:
        account = use_invitation(session, chosen.token, chosen.name, chosen.password)
        token, person = open_session(session, bench.settings, account), person_of(account)
    return _begun(response, bench.settings, token, person)


@router.get("/api/session")
def current_session(caller: Calling, opensvh_session: Annotated[str, Cookie(include_in_schema=False)] = "") -> Session:
    """Who is signed in: what a page asks after a reload."""
    csrf = csrf_of(opensvh_session) if caller.kind == "browser" else ""
    return _shown(caller.person, csrf)


@router.post("/api/password")
def password(wanted: NewPassword, caller: Calling, bench: Bench, response: Response) -> Session:
    """Change the caller's password; every other browser is signed out, programs' tokens stay."""
    token = change_password(bench.store, bench.settings, caller, wanted.current, wanted.new)
    return _begun(response, bench.settings, token, caller.person)


@router.post("/api/logout", status_code=204)
def logout(caller: Calling, bench: Bench, response: Response) -> None:
    """End this session."""
    with bench.store.writing() as session:
        sign_out(session, caller)
    response.delete_cookie(COOKIE, path="/")


@router.post("/api/tokens", status_code=201)
def add_token(wanted: Label, person: Anyone, bench: Bench) -> ProgramToken:
    """A token for a program that acts for the caller, good for a year."""
    with bench.store.writing() as session:
        token = open_program(session, person, wanted.label)
    return ProgramToken(token=token, id=token_hash(token)[:16])


@router.delete("/api/tokens/{token_id}", status_code=204)
def end_token(token_id: Annotated[str, Path(pattern="^[0-9a-f]{16}$")], person: Anyone, bench: Bench) -> None:
    """End a program's token of the caller's."""
    with bench.store.writing() as session:
        end_program(session, person, token_id)


def set_session(response: Response, settings: Settings, token: str) -> None:
    """Give the browser its session's cookie."""
    response.set_cookie(
        COOKIE, token, path="/", secure=settings.https, httponly=True, samesite="strict",
        max_age=round(3600 * settings.session_hours),
    )  # fmt: skip


def _begun(response: Response, settings: Settings, token: str, person: Person) -> Session:
    set_session(response, settings, token)
    return _shown(person, csrf_of(token))


def _shown(person: Person, csrf: str) -> Session:
    return Session(account=person.id, name=person.name, role=person.role, csrf=csrf)
