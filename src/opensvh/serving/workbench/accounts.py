"""Who may use the workbench: accounts with one role each, passwords by Argon2, one-time links to set them.

Sessions are `sessions`'.
"""

import hashlib
import re
import secrets
import time
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.audit import Told, now, record
from opensvh.serving.workbench.failures import Conflict, Invalid, NotAllowed, NotFound
from opensvh.serving.workbench.tables import Account, Invitation, OutsideIdentity, SignedIn

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
"""NIST SP 800-63B asks for 8 at least and 64 accepted; no other rules of composition."""
SYSTEM = "opensvh"
_NAME = re.compile(r"[\w][\w .@-]{0,63}")


class Role(StrEnum):
    """What an account is for; one that reads never manages, so that nobody sees what would bias them."""

    READER = "reader"
    ADJUDICATOR = "adjudicator"
    MANAGER = "manager"


@dataclass(frozen=True)
class Person:
    """Who is calling."""

    id: str
    name: str
    role: Role


def new_id() -> str:
    """128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def new_token() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token; it has too many bits to be guessed from its hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def first_invitation(session: Session, hours: float) -> str | None:
    """A token that makes the first manager; None where there is one. An earlier one no longer holds."""
    managers = (
        select(func.count()).select_from(Account).where(Account.role == Role.MANAGER, Account.password.isnot(None))
    )
    if session.scalar(managers):
        return None
    session.execute(delete(Invitation).where(Invitation.account.is_(None)))
    return _invite(session, Role.MANAGER, None, hours)


def add_account(session: Session, name: str, role: Role, by: Person, hours: float) -> tuple[Account, str]:
    """A new account and the token of the link with which its person sets a password."""
    account = _new_account(session, name, role)
    record(session, Told(by.name, "account added", f"account:{account.id}", new={"name": name, "role": role}))
    return account, _invite(session, role, account.id, hours)


def invite_again(session: Session, account_id: str, by: Person, hours: float) -> str:
    """A new link for a forgotten password; the old one, an identity provider's and every session end now."""
    account = account_of(session, account_id)
    account.password = None
    session.execute(delete(Invitation).where(Invitation.account == account.id))
    session.execute(delete(OutsideIdentity).where(OutsideIdentity.account == account.id))
    session.execute(delete(SignedIn).where(SignedIn.account == account.id))
    record(session, Told(by.name, "password taken back", f"account:{account.id}"))
    return _invite(session, Role(account.role), account.id, hours)


def use_invitation(session: Session, token: str, name: str | None, password: str) -> Account:
    """Set the password that a link is for, once; raises NotAllowed for a link that is used, old or none."""
    invitation = session.get(Invitation, token_hash(token))
    if invitation is None or invitation.expires < time.time():
        raise NotAllowed("this link is used up or too old; ask a manager for a new one")
    if invitation.account is None:
        if not name:
            raise Invalid("name: the first manager's account needs one")
        account = _new_account(session, name, Role(invitation.role))
        told = Told(SYSTEM, "account added", f"account:{account.id}", new={"name": name, "role": account.role})
        record(session, told)
    else:
        account = account_of(session, invitation.account)
    session.delete(invitation)
    set_password(account, password)
    record(session, Told(account.name, "password set", f"account:{account.id}"))
    return account


def set_password(account: Account, password: str) -> None:
    """Keep the hash of a password; raises Invalid for a poor one."""
    _refuse_poor(password)
    account.password = _hasher().hash(password)


def set_active(session: Session, account_id: str, active: bool, by: Person) -> Account:
    """Close an account, which ends its sessions, or open it again; nobody closes their own."""
    account = account_of(session, account_id)
    if account.id == by.id:
        raise Conflict("nobody closes their own account; ask another manager")
    told = Told(by.name, "account opened" if active else "account closed", f"account:{account.id}")
    account.active = active
    if not active:
        session.execute(delete(SignedIn).where(SignedIn.account == account.id))
    record(session, told)
    return account


def account_of(session: Session, account_id: str) -> Account:
    """The account; raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("there is no such account")
    return account


def account_named(session: Session, name: str) -> Account | None:
    """The account of that name, whichever case it is typed in."""
    return session.scalars(select(Account).where(Account.name == _normal(name))).one_or_none()


def password_fits(account: Account | None, password: str) -> bool:
    """Whether the password is the account's; an unknown name takes as long as a wrong password."""
    stored = account.password if account is not None and account.active and account.password else _nobodys_hash()
    try:
        _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored != _nobodys_hash()


def rehash_if_old(account: Account, password: str) -> None:
    """Store the hash anew where the library has since chosen stronger parameters."""
    if account.password and _hasher().check_needs_rehash(account.password):
        account.password = _hasher().hash(password)


def _new_account(session: Session, name: str, role: Role) -> Account:
    name = _normal(name)
    if not _NAME.fullmatch(name):
        raise Invalid("name: up to 64 letters, digits, spaces, dots, hyphens and @, a letter or digit first")
    if account_named(session, name) is not None:
        raise Conflict(f"there is an account {name} already")
    account = Account(id=new_id(), name=name, role=role.value, password=None, active=True, created=now())
    session.add(account)
    session.flush()
    return account


def _normal(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _invite(session: Session, role: Role, account: str | None, hours: float) -> str:
    token = new_token()
    session.add(
        Invitation(token=token_hash(token), role=role.value, account=account, expires=time.time() + 3600 * hours)
    )
    return token


def _refuse_poor(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"password: {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex(16))
