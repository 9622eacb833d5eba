"""The application: the page, the API behind the guard, failures as `{"problem": ...}`, its own description."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from opensvh import __version__
from opensvh.domain.errors import OpenSvHError
from opensvh.serving.workbench.api import ROUTERS
from opensvh.serving.workbench.api.access import Problem
from opensvh.serving.workbench.api.guard import COOKIE, Guard
from opensvh.serving.workbench.api.page import Page
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.failures import Refused

DESCRIPTION = """The reader's workbench. For research use only.

Sign in with `POST /api/login`; the cookie it sets and, with every change, the header `X-CSRF-Token` (the `csrf` of the
answer) carry the session. A program sends `Authorization: Bearer TOKEN` instead (`POST /api/tokens`).
"""
_WHY = {
    400: "it cannot be understood",
    401: "not signed in",
    403: "not for this role, or without X-CSRF-Token",
    404: "not there, or not the caller's to see",
    405: "the address knows no such method",
    409: "the present state rules it out",
    411: "the body's length is not told",
    413: "too long",
    422: "a value is missing or impossible",
    429: "too often",
}


def make_app(bench: Workbench) -> FastAPI:
    """The application of one workbench; closes it when the server stops."""
    app = FastAPI(
        title="OpenSvH workbench",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses={status: {"model": Problem, "description": why} for status, why in _WHY.items()},
        lifespan=_lifespan,
    )
    app.state.bench = bench
    app.include_router(_health)
    sign = [
        Depends(APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="cookie")),
        Depends(HTTPBearer(auto_error=False, scheme_name="program")),
    ]
    for router in ROUTERS:
        app.include_router(router, dependencies=sign)
    app.add_middleware(Guard, bench=bench)
    app.add_middleware(Page, folder=bench.settings.page)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(bench.settings.hosts))
    app.add_exception_handler(OpenSvHError, _failed)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http)
    return app


_health = APIRouter()


@_health.get("/health", tags=["health"])
def health() -> dict[str, str]:
    """Whether the server answers."""
    return {"state": "up"}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.bench.assistant.start()
    yield
    app.state.bench.close()


def _failed(_request: Request, failure: Exception) -> JSONResponse:
    status = failure.status if isinstance(failure, Refused) else 422
    return JSONResponse({"problem": str(failure)}, status)


def _not_understood(_request: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, RequestValidationError)
    wrong = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in failure.errors()[:5]]
    return JSONResponse({"problem": "; ".join(wrong)}, 422)


def _http(_request: Request, failure: Exception) -> JSONResponse:
    assert isinstance(failure, HTTPException)
    return JSONResponse({"problem": str(failure.detail)}, failure.status_code, headers=failure.headers)
