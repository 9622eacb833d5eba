"""The page: the built web application (`web/`), given to whoever asks, since it holds nobody's films or scores.

Every address that is not the API's answers with it; which of its screens is shown, the page decides by the address.
"""

from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from opensvh.serving.workbench.api.headers import with_headers

STATIC = Path(__file__).parents[1] / "static"
"""Where the application that is built from `web/` comes along."""
INDEX, ASSETS = "index.html", "assets"
API = ("/api", "/health", "/openapi.json", "/score")
"""Addresses, with all below them, that are never the page's."""
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_MISSING = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>OpenSvH</title></head><body>
<h1>The page is not built</h1>
<p>This server has its API, but not the web page that belongs to it. In a checkout of OpenSvH, build it with<br>
<code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code><br>
and load this page again. An installed package brings it along: install OpenSvH anew.</p>
</body></html>
"""


class Page:
    """Answers for the page's addresses, and hands all others on."""

    def __init__(self, app: ASGIApp, folder: Path | None = None) -> None:
        self._app = app
        self._files = _Files(folder or STATIC)
        self._answer = GZipMiddleware(self._files, minimum_size=1024)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not is_api(scope["path"]):
            await self._answer(scope, receive, with_headers(send))
        else:
            await self._app(scope, receive, send)


def is_api(path: str) -> bool:
    """Whether an address belongs to the API."""
    return any(path == start or path.startswith(f"{start}/") for start in API)


class _Files:
    """The application's files: those with a hash in their name for ever, the rest asked for again each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._static = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(PurePosixPath(scope["path"].strip("/") or INDEX), scope)
        await response(scope, receive, send)

    async def _response(self, path: PurePosixPath, scope: Scope) -> Response:
        if not (self._folder / INDEX).is_file():
            return HTMLResponse(_MISSING, 503, headers={"Cache-Control": "no-store"})
        try:
            response = await self._static.get_response(str(path), scope)
        except HTTPException as failure:
            if path.parts[0] == ASSETS:  # of an earlier version: the page in its place would be no script
                return Response(status_code=failure.status_code)
            response = await self._static.get_response(INDEX, scope)
        kept = _FOREVER if path.parts[0] == ASSETS else _ASK_AGAIN
        response.headers["Cache-Control"] = kept
        return response
