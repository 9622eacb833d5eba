"""Who is signed in: browsers by a cookie, programs by a bearer token, both known here by their hashes alone.

The token against forged requests (CSRF) follows from the cookie's, which no other site can read; whoever shows it is
the workbench's own page. Failed sign-ins are counted by name and by address.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.accounts import (
    Person,
    Role,
    account_named,
    account_of,
    new_token,
    password_fits,
    rehash_if_old,
    set_password,
    token_hash,
)
from opensvh.serving.workbench.audit import Told, record
from opensvh.serving.workbench.failures import NotAllowed, NotFound, NotSignedIn, TooMany
from opensvh.serving.workbench.settings import Settings
from opensvh.serving.workbench.store import Store
from opensvh.serving.workbench.tables import Account, LoginFailure, SignedIn

BROWSER, PROGRAM = "browser", "program"
PROGRAM_DAYS = 365
SEEN_EVERY_S = 60.0
"""How exactly a session's last use is kept: a write for every request would queue them all."""
KNOWN_S, MOST_KNOWN = 30.0, 10_000
"""For how long a session is known without asking the database, and how many are."""


@dataclass(frozen=True)
class Caller:
    """Who calls, how, and by which stored token."""

    person: Person
    kind: str
    token: str


def csrf_of(token: str) -> str:
    """What a page must send with every change, from the session's token."""
    return hmac.new(token.encode(), b"opensvh csrf", hashlib.sha256).hexdigest()


def sign_in(store: Store, settings: Settings, name: str, password: str, address: str) -> tuple[str, Person]:
    """A new session's token; raises NotSignedIn, or TooMany after several failures."""
    keys = (f"name:{name.strip().casefold()[:128]}", f"address:{address}")
    with store.reading() as session:
        _refuse_too_many(session, settings, keys)
        account = account_named(session, name)
    if not password_fits(account, password) or account is None:
        with store.writing() as session:
            session.add_all(LoginFailure(key=key, at=time.time()) for key in keys)
        raise NotSignedIn("name or password is wrong")
    with store.writing() as session:
        account = session.merge(account, load=True)
        rehash_if_old(account, password)
        session.execute(delete(LoginFailure).where(LoginFailure.key == keys[0]))
        session.execute(delete(SignedIn).where(SignedIn.expires < time.time()))
        record(session, Told(account.name, "signed in", f"account:{account.id}"))
        return open_session(session, settings, account), person_of(account)


def change_password(store: Store, settings: Settings, caller: Caller, current: str, fresh: str) -> str:
    """A new password for who knows the present one; every browser's session ends, and a new one's token is given."""
    if caller.kind != BROWSER:
        raise NotAllowed("a program changes no password; sign in with a browser")
    key = f"name:{caller.person.name[:128]}"
    with store.reading() as session:
        _refuse_too_many(session, settings, (key,))
        account = account_of(session, caller.person.id)
    if not password_fits(account, current):
        with store.writing() as session:
            session.add(LoginFailure(key=key, at=time.time()))
        raise NotAllowed("the present password is wrong")
    with store.writing() as session:
        account = account_of(session, caller.person.id)
        set_password(account, fresh)
        session.execute(delete(SignedIn).where(SignedIn.account == account.id, SignedIn.kind == BROWSER))
        record(session, Told(account.name, "password changed", f"account:{account.id}"))
        return open_session(session, settings, account)


def open_session(session: Session, settings: Settings, account: Account) -> str:
    """A browser's session for an account whose person has just shown who they are."""
    token, now = new_token(), time.time()
    session.add(
        SignedIn(
            token=token_hash(token),
            account=account.id,
            kind=BROWSER,
            label="",
            seen=now,
            expires=now + 3600 * settings.session_hours,
        )
    )
    return token


def open_program(session: Session, person: Person, label: str) -> str:
    """A token for a program that acts for a person."""
    token, now = new_token(), time.time()
    hashed = token_hash(token)
    session.add(
        SignedIn(
            token=hashed,
            account=person.id,
            kind=PROGRAM,
            label=label,
            seen=now,
            expires=now + 86400 * PROGRAM_DAYS,
        )
    )
    record(session, Told(person.name, "program token made", f"token:{hashed[:16]}", new={"label": label}))
    return token


class Callers:
    """Who holds which token: asked of the database once in a while, and again after any change of rights.

    Another server on the same database is heard after `KNOWN_S` at the latest.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._known: dict[tuple[str, str], tuple[Caller, int, float]] = {}

    def known(self, token: str, kind: str) -> Caller | None:
        """The token's holder, where that is known for sure without the database."""
        caller, rights, until = self._known.get((token_hash(token), kind), (None, 0, 0.0))
        return caller if rights == self._store.rights and time.time() < until else None

    def find(self, token: str, kind: str) -> Caller:
        """Whose token it is; raises NotSignedIn for one that is unknown, ended, or has lain idle."""
        now, rights = time.time(), self._store.rights
        with self._store.reading() as session:
            found = session.execute(
                select(SignedIn, Account)
                .join(Account, Account.id == SignedIn.account)
                .where(SignedIn.token == token_hash(token), SignedIn.kind == kind, Account.active)
            ).one_or_none()
        if found is None:
            raise NotSignedIn("sign in first")
        signed_in, account = found
        is_idle = kind == BROWSER and now - signed_in.seen > 3600 * self._settings.idle_hours
        if signed_in.expires < now or is_idle:
            raise NotSignedIn("the session has ended; sign in again")
        if now - signed_in.seen > SEEN_EVERY_S:
            _touch(self._store, signed_in.token, now)
        caller = Caller(person_of(account), kind, signed_in.token)
        self._remember(caller, rights, min(now + KNOWN_S, signed_in.expires))
        return caller

    def _remember(self, caller: Caller, rights: int, until: float) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[caller.token, caller.kind] = (caller, rights, until)


def sign_out(session: Session, caller: Caller) -> None:
    """End the caller's own session."""
    session.execute(delete(SignedIn).where(SignedIn.token == caller.token))
    record(session, Told(caller.person.name, "signed out", f"account:{caller.person.id}"))


def end_program(session: Session, person: Person, start: str) -> None:
    """End the program token of the person whose hash begins so; raises NotFound."""
    mine = select(SignedIn).where(SignedIn.account == person.id, SignedIn.kind == PROGRAM)
    found = [each for each in session.scalars(mine) if each.token[:16] == start]
    if not found:
        raise NotFound("there is no such token")
    session.delete(found[0])
    record(session, Told(person.name, "program token ended", f"token:{start}"))


def person_of(account: Account) -> Person:
    """The account as a caller."""
    return Person(account.id, account.name, Role(account.role))


def _refuse_too_many(session: Session, settings: Settings, keys: tuple[str, ...]) -> None:
    since = time.time() - settings.limits.login_window_s
    for key in keys:
        recent = select(func.count()).select_from(LoginFailure).where(LoginFailure.key == key, LoginFailure.at > since)
        if (session.scalar(recent) or 0) >= settings.limits.logins * (1 if key.startswith("name:") else 4):
            raise TooMany(f"too many failed tries; wait {settings.limits.login_window_s / 60:.0f} minutes")


def _touch(store: Store, token: str, now: float) -> None:
    with store.writing(rights=False) as session:
        signed_in = session.get(SignedIn, token)
        if signed_in is not None:
            signed_in.seen = now
