"""A workbench from its settings, and the server that answers for it."""

import logging
import shutil
import socket
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

import uvicorn

from opensvh.domain.errors import ConfigInvalid
from opensvh.serving.workbench.accounts import first_invitation
from opensvh.serving.workbench.api.app import make_app
from opensvh.serving.workbench.assistant import Assistant
from opensvh.serving.workbench.audit import Verdict
from opensvh.serving.workbench.audit_check import verify_all
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.film_library import FilmLibrary
from opensvh.serving.workbench.group_commit import GroupCommit
from opensvh.serving.workbench.provider import Provider
from opensvh.serving.workbench.saving import Forms, save_all
from opensvh.serving.workbench.settings import DATABASE, INCOMING, Settings
from opensvh.serving.workbench.store import Store


def open_workbench(settings: Settings, executor: Callable[[], Executor] | None = None) -> Workbench:
    """Open the data folder, which is made where it is missing; `executor` runs the model elsewhere than usual."""
    settings.films.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(settings.data / INCOMING, ignore_errors=True)  # films that a killed server was sent to score
    store = Store(settings.database_url)
    library = FilmLibrary(settings)
    assistant = Assistant(settings.models, store, library, executor)
    scores = GroupCommit(store, partial(save_all, forms=Forms()))
    provider = None if settings.oidc is None else Provider(settings.oidc, settings.reached_at)
    return Workbench(settings, store, library, assistant, scores, provider)


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Answer until SIGTERM or SIGINT; says where, and the first manager's link while there is no manager."""
    listening = _listening(settings)
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    bench = open_workbench(settings)
    say(f"the workbench is at {settings.reached_at}")
    with bench.store.writing() as session:
        token = first_invitation(session, settings.invitation_hours)
    if token is not None:
        say(f"no manager yet; this link makes the first, once: {bench.link(token)}")
    # `forwarded_allow_ips`: an address that a proxy claims is believed from the loopback alone.
    config = uvicorn.Config(
        make_app(bench),
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        forwarded_allow_ips="127.0.0.1",
    )
    uvicorn.Server(config).run(sockets=[listening])


def verify_audit(settings: Settings) -> Verdict:
    """Whether the trail of a data folder holds together; raises ConfigInvalid where there is none."""
    if settings.database is None and not (settings.data / DATABASE).is_file():
        raise ConfigInvalid(f"{settings.data}: holds no {DATABASE}; name a workbench's folder")
    store = Store(settings.database_url)
    try:
        with store.reading() as session:
            return verify_all(session)
    finally:
        store.close()


def _listening(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port))
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise ConfigInvalid(f"{where}: cannot be listened at ({error.strerror}); give another --port") from error
