"""The door: every request of the API passes here before any address sees it.

Refuses, in this order: a body without a length or too long, too many requests, no session, a change that does not come
from the workbench's own page. What a role may do is each address' own to ask (`access`).
"""

import threading
import time
from http.cookies import CookieError, SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from opensvh.serving.workbench.api.headers import with_headers
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.failures import NotAllowed, NotSignedIn, Refused, TooLarge, TooMany
from opensvh.serving.workbench.sessions import BROWSER, PROGRAM, Caller, Callers, csrf_of
from opensvh.serving.workbench.settings import MEGABYTE

COOKIE, CSRF_HEADER = "opensvh_session", "x-csrf-token"
OPEN = frozenset(
    {
        ("GET", "/health"),
        ("HEAD", "/health"),
        ("POST", "/api/login"),
        ("POST", "/api/welcome"),
        ("GET", "/api/sign-in"),
        ("GET", "/api/oidc/start"),
        ("GET", "/api/oidc/callback"),
    }
)
"""All that answers without a session, but the page itself."""
LARGE = frozenset({"/score", "/api/films/upload", "/api/marking/import", "/api/marking/preview"})
"""Addresses that take files."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})
_MINUTE = 60.0


class LengthMissing(Refused):
    """A body whose length is not told beforehand."""

    status = 411


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, bench: Workbench) -> None:
        self._app, self._bench = app, bench
        self._callers = Callers(bench.store, bench.settings)
        self._rates = Rates(bench.settings.limits.requests_a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit the request or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._refuse_long(scope)
            caller = await self._admitted(scope)
        except Refused as refused:
            answer = JSONResponse({"problem": str(refused)}, refused.status)
            await answer(scope, receive, with_headers(send))
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, with_headers(send))

    def _refuse_long(self, scope: Scope) -> None:
        headers, limits = Headers(scope=scope), self._bench.settings.limits
        if "transfer-encoding" in headers:
            raise LengthMissing("send the body with its Content-Length")
        most = (limits.upload_mb if scope["path"] in LARGE else limits.body_mb) * MEGABYTE
        if int(headers.get("content-length", "0") or 0) > most:
            raise TooLarge(f"the body is longer than {most // MEGABYTE} MB")

    async def _admitted(self, scope: Scope) -> Caller | None:
        headers, method = Headers(scope=scope), scope["method"]
        address = scope["client"][0] if scope.get("client") else "?"
        if (method, scope["path"]) in OPEN:
            self._rates.count(f"address:{address}")
            return None
        bearer = headers.get("authorization", "")
        is_program = bearer.lower().startswith("bearer ")
        token = bearer[7:].strip() if is_program else _cookie(headers.get("cookie", ""))
        if not token:
            raise NotSignedIn("sign in first")
        kind = PROGRAM if is_program else BROWSER
        caller = self._callers.known(token, kind)
        if caller is None:
            caller = await run_in_threadpool(self._callers.find, token, kind)
        self._rates.count(caller.person.id)
        comes_from_page = headers.get(CSRF_HEADER, "").encode() == csrf_of(token).encode()
        if not is_program and method not in READS and not comes_from_page:
            raise NotAllowed("the change does not carry the session's X-CSRF-Token; reload the page")
        return caller


class Rates:
    """Requests of each caller, as buckets that fill with the allowed rate."""

    def __init__(self, a_minute: int) -> None:
        self._most = a_minute
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def count(self, key: str) -> None:
        """One more request; raises TooMany."""
        now = time.monotonic()
        with self._lock:
            left, then = self._buckets.get(key, (float(self._most), now))
            left = min(float(self._most), left + (now - then) * self._most / _MINUTE)
            if left < 1:
                raise TooMany(f"more than {self._most} requests a minute; wait some seconds")
            self._buckets[key] = (left - 1, now)
            if len(self._buckets) > 10_000:
                self._forget(now)

    def _forget(self, now: float) -> None:
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket[1] < _MINUTE}


def _cookie(header: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""
