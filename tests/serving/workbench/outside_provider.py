"""A small identity provider over HTTP that holds clients to PKCE, for tests; it can be told to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT = "workbench"
Claims = dict[str, Any]


@dataclass
class OutsideProvider:
    """Whom it vouches for (`person`), and `lie`, which changes the ID token's claims before they are signed."""

    url: str = ""
    person: Claims = field(default_factory=lambda: {"sub": "1", "preferred_username": "anna"})
    lie: Callable[[Claims], Claims] = lambda claims: claims
    in_token: bool = True
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: KeySet | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes back to."""
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self.asked[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, Any]:
        """Tokens for a code, once, for whoever holds the verifier of its challenge."""
        query = self.asked.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if query is None or challenge != query["code_challenge"] or form["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": query["nonce"]}
        claims |= self.person if self.in_token else {"sub": self.person["sub"]}
        signed = jwt.encode({"alg": "RS256", "kid": self.key.kid}, self.lie(claims), self.key)
        return 200, {"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": signed}

    def answer(self, path: str) -> Any:
        """What is told of the provider, its keys, and the person."""
        if path == "/jwks":
            return (self.published or KeySet([self.key])).as_dict(private=False)
        if path == "/userinfo":
            return self.person
        places = ("authorize", "token", "jwks", "userinfo")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        return {"issuer": self.url, **{name: f"{self.url}/{place}" for name, place in zip(names, places, strict=True)}}


@contextmanager
def outside_provider() -> Iterator[OutsideProvider]:
    """One that runs."""
    provider = OutsideProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(_plain(parts.query)))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._send(200, provider.answer(parts.path))

        def do_POST(self) -> None:
            self._send(*provider.token(_plain(self.rfile.read(int(self.headers["Content-Length"])).decode())))

        def _send(self, status: int, told: Any) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_told: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _plain(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
