"""Signing in with an identity provider: OpenID Connect Core 1.0, section 3.1, authorization code with PKCE (RFC 7636).

The provider's ID token says who it is; its signature, issuer, audience, times and nonce are checked here. Which account
that is, `identities` decides. What a sign-in needs until the browser comes back is kept in memory, for one use.
"""

import os
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

from opensvh.domain.errors import ConfigInvalid
from opensvh.serving.workbench.failures import NotAllowed, Refused
from opensvh.serving.workbench.settings import Oidc

CALLBACK = "/api/oidc/callback"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make."""
PENDING_S, MOST_PENDING = 600.0, 1000
"""How long a person may take at the provider, in seconds, and how many may be there at a time."""
TIMEOUT_S = 10.0
LEEWAY_S = 60
"""By how much the provider's clock may differ."""


class Unreachable(Refused):
    """The provider does not answer as it should."""

    status = 502


@dataclass(frozen=True)
class Identity:
    """Whom the provider knows: `subject` for good, `name` as it is today."""

    issuer: str
    subject: str
    name: str


@dataclass(frozen=True)
class _Pending:
    state: str
    nonce: str
    verifier: str
    until: float


class Provider:
    """The identity provider of the settings; raises ConfigInvalid where its library or secret is missing."""

    def __init__(self, settings: Oidc, address: str) -> None:
        _refuse_without_library()
        self.settings = settings
        self._secret = _secret(settings)
        self._address = address
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {}

    def begin(self) -> tuple[str, str]:
        """Where the browser goes, and a secret that it must bring back."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        pending = _Pending(state, nonce, verifier, time.monotonic() + PENDING_S)
        url, _ = self._client().create_authorization_url(
            self._metadata()["authorization_endpoint"],
            state=pending.state,
            nonce=pending.nonce,
            code_verifier=pending.verifier,
        )
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._pending = {name: each for name, each in self._pending.items() if each.until > time.monotonic()}
            if len(self._pending) >= MOST_PENDING:
                raise NotAllowed("too many people are signing in at the moment; try again in some minutes")
            self._pending[key] = pending
        return str(url), key

    def finish(self, key: str, state: str, code: str) -> Identity:
        """Who came back; raises NotAllowed for an answer that is old, someone else's or not the provider's."""
        with self._lock:
            pending = self._pending.pop(key, None)
        if pending is None or pending.until < time.monotonic() or not secrets.compare_digest(pending.state, state):
            raise NotAllowed("this sign-in is too old, or was begun in another browser; begin again")
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError
        from requests import RequestException

        client = self._client()
        try:
            token = client.fetch_token(
                self._metadata()["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=pending.verifier,
                timeout=TIMEOUT_S,
            )
            claims = self._claims(token, pending.nonce)
            return Identity(self.settings.issuer, str(claims["sub"]), self._name(client, claims))
        except RequestException as failure:
            raise Unreachable(f"{self.settings.name} cannot be reached; try again later") from failure
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as failure:
            raise NotAllowed(f"{self.settings.name} does not vouch for you ({type(failure).__name__})") from failure

    def _claims(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        """What the ID token says, once it is known to be the provider's, for us, of now and of this sign-in."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            found = jwt.decode(token["id_token"], self._keys(), registry=registry)
        except InvalidKeyIdError:  # the provider has changed its keys
            found = jwt.decode(token["id_token"], self._keys(anew=True), registry=registry)
        wanted = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(
            found.claims,
            found.header,
            {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            wanted,
        )
        claims.validate(leeway=LEEWAY_S)
        return dict(claims)

    def _name(self, client: Any, claims: dict[str, Any]) -> str:
        """The person's name by the claim of the settings, from the ID token or else from the provider (5.3)."""
        claim = self.settings.claim
        if claim not in claims:
            said = client.get(self._metadata()["userinfo_endpoint"], timeout=TIMEOUT_S).json()
            if said.get("sub") != claims["sub"]:
                raise NotAllowed(f"{self.settings.name} tells of somebody else")
            claims = said
        if claim == "email" and claims.get("email_verified") is not True:
            raise NotAllowed(f"{self.settings.name} has not verified your address")
        return str(claims[claim])

    def _client(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.settings.client_id,
            self._secret,
            scope=self.settings.scope,
            redirect_uri=self._address + CALLBACK,
            code_challenge_method="S256",
            leeway=0,  # the access token is used at once or never
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
        )

    def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0, 4); asked for once."""
        if "metadata" not in self._known:
            told = self._asked(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if told.get("issuer") != self.settings.issuer:
                raise Unreachable(f"{self.settings.issuer} calls itself {told.get('issuer')}; correct `issuer`")
            self._known["metadata"] = told
        metadata: dict[str, Any] = self._known["metadata"]
        return metadata

    def _keys(self, anew: bool = False) -> Any:
        from joserfc.jwk import KeySet

        if anew or "keys" not in self._known:
            self._known["keys"] = KeySet.import_key_set(self._asked(self._metadata()["jwks_uri"]))  # type: ignore[arg-type]
        return self._known["keys"]

    def _asked(self, url: str) -> dict[str, Any]:
        import requests

        try:
            answer = requests.get(url, timeout=TIMEOUT_S)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError) as failure:
            raise Unreachable(f"{self.settings.name} cannot be reached; try again later") from failure
        return told


def _refuse_without_library() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("authlib", "requests") if find_spec(name) is None]
    if missing:
        raise ConfigInvalid(f"[oidc] needs {' and '.join(missing)}; pip install 'opensvh[serve]'")


def _secret(settings: Oidc) -> str | None:
    if settings.client_secret_variable is None:
        return None
    secret = os.environ.get(settings.client_secret_variable)
    if not secret:
        raise ConfigInvalid(f"oidc.client_secret_variable: {settings.client_secret_variable} is not set")
    return secret
