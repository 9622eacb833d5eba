"""Signing in with an identity provider: to it and back, as the browser goes."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from opensvh.serving.workbench.api.access import Bench, Shown
from opensvh.serving.workbench.api.signing_in import set_session
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.failures import NotAllowed, NotFound, Refused
from opensvh.serving.workbench.identities import account_for
from opensvh.serving.workbench.provider import CALLBACK, PENDING_S, Provider
from opensvh.serving.workbench.sessions import open_session

router = APIRouter(tags=["signing in"])
START, COOKIE = "/api/oidc/start", "opensvh_oidc"
_FAILED = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>OpenSvH: not signed in</title></head><body>
<h1>You are not signed in</h1>
<p>{reason}.</p>
<p><a href="/">Back to the workbench</a></p>
</body></html>
"""
_Text = Annotated[str, Query(max_length=4096)]


class ProviderShown(Shown):
    """An identity provider, and the address at which a browser begins to sign in with it."""

    name: str
    start: str


class WaysIn(Shown):
    """How people sign in: with a password (`POST /api/login`) and, if there is one, with an identity provider."""

    provider: ProviderShown | None


@router.get("/api/sign-in")
async def ways_in(bench: Bench) -> WaysIn:
    """How people sign in here."""
    provider = bench.provider
    return WaysIn(provider=None if provider is None else ProviderShown(name=provider.settings.name, start=START))


@router.get(START, include_in_schema=False)
async def start(bench: Bench) -> Response:
    """Send the browser to the provider."""
    try:
        url, key = await run_in_threadpool(_provider(bench).begin)
    except Refused as refused:
        return _failed(refused)
    answer = RedirectResponse(url, 303)
    # Lax: the browser comes back from another site, and must bring this cookie along.
    answer.set_cookie(
        COOKIE, key, path="/api/oidc", secure=bench.settings.https, httponly=True, samesite="lax",
        max_age=round(PENDING_S),
    )  # fmt: skip
    return answer


@router.get(CALLBACK, include_in_schema=False)
async def come_back(
    bench: Bench, state: _Text = "", code: _Text = "", error: _Text = "", opensvh_oidc: Annotated[str, Cookie()] = ""
) -> Response:
    """Sign in whom the provider vouches for, and show the page."""
    try:
        if error:
            raise NotAllowed(f"{_provider(bench).settings.name} says: {error[:100]}")
        token = await run_in_threadpool(_signed_in, bench, opensvh_oidc, state, code)
    except Refused as refused:
        return _failed(refused)
    answer = RedirectResponse("/", 303)
    set_session(answer, bench.settings, token)
    answer.delete_cookie(COOKIE, path="/api/oidc")
    return answer


def _signed_in(bench: Workbench, key: str, state: str, code: str) -> str:
    identity = _provider(bench).finish(key, state, code)
    with bench.store.writing() as session:
        return open_session(session, bench.settings, account_for(session, identity))


def _provider(bench: Workbench) -> Provider:
    if bench.provider is None:
        raise NotFound("this workbench knows no identity provider")
    return bench.provider


def _failed(refused: Refused) -> Response:
    return HTMLResponse(_FAILED.format(reason=escape(str(refused))), refused.status)
