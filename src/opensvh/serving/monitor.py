"""Metrics and health over HTTP: /metrics for Prometheus, /health for people, /health/live and /health/ready for probes.

Nothing can be changed here, and nothing said of a patient; 503 where the answer is no.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opensvh.domain.errors import ConfigInvalid
from opensvh.serving.node_config import Monitoring

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Health:
    """`live`: no thread has ended; `ready`: films are heard and a model is loaded."""

    live: bool
    ready: bool
    version: str
    models: tuple[str, ...]
    studies: dict[str, int]
    dead_letters: int


class Monitor:
    """A small HTTP server in a thread of its own."""

    def __init__(self, config: Monitoring, metrics: Callable[[], bytes], health: Callable[[], Health]) -> None:
        handler = type("Handler", (_Handler,), {"metrics": staticmethod(metrics), "health": staticmethod(health)})
        try:
            self._server = _Server((config.host, config.port), handler)
        except OSError as error:
            where = f"{config.host}:{config.port}"
            raise ConfigInvalid(f"monitor: {where} cannot be listened on ({error.strerror}); name another") from error
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True, name="monitor")

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A probe that did not wait for its answer is no event."""


class _Handler(BaseHTTPRequestHandler):
    metrics: Callable[[], bytes]
    health: Callable[[], Health]
    timeout = 10

    def do_GET(self) -> None:
        """One of the four pages."""
        path = self.path.partition("?")[0].rstrip("/")
        if path == "/metrics":
            self._answer(HTTPStatus.OK, METRICS_TYPE, type(self).metrics())
            return
        if path not in ("/health", "/health/live", "/health/ready"):
            self._answer(HTTPStatus.NOT_FOUND, JSON_TYPE, b'{"pages": ["/metrics", "/health"]}\n')
            return
        try:
            health = type(self).health()
        except Exception as error:  # a database that cannot be read
            reason = json.dumps({"live": False, "ready": False, "reason": type(error).__name__})
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, JSON_TYPE, reason.encode() + b"\n")
            return
        good = health.live if path.endswith("live") else health.ready if path.endswith("ready") else _both(health)
        status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
        self._answer(status, JSON_TYPE, json.dumps(asdict(health)).encode() + b"\n")

    def log_message(self, *_: object) -> None:
        """Probes come every few seconds; they are no events."""

    def _answer(self, status: HTTPStatus, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _both(health: Health) -> bool:
    return health.live and health.ready
