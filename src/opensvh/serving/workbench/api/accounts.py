"""Accounts, as a manager keeps them."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select

from opensvh.serving.workbench.accounts import Role, add_account, invite_again, set_active
from opensvh.serving.workbench.api.access import Bench, Given, Id, Manager, Shown
from opensvh.serving.workbench.tables import Account

router = APIRouter(prefix="/api/accounts", tags=["accounts"])


class NewAccount(Given):
    """Whom to add."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    role: Role


class Active(Given):
    """Whether the account may sign in."""

    active: bool


class AccountShown(Shown):
    """An account; `invited` while its person has no password."""

    id: str
    name: str
    role: Role
    active: bool
    invited: bool
    created: str


class Invited(Shown):
    """An account and its one-time link, shown once."""

    account: AccountShown
    link: str


@router.get("")
def accounts(_manager: Manager, bench: Bench) -> list[AccountShown]:
    """Every account, by name."""
    with bench.store.reading() as session:
        return [_shown(each) for each in session.scalars(select(Account).order_by(Account.name))]


@router.post("", status_code=201)
def add(wanted: NewAccount, manager: Manager, bench: Bench) -> Invited:
    """Add an account; give its person the link."""
    with bench.store.writing() as session:
        account, token = add_account(session, wanted.name, wanted.role, manager, bench.settings.invitation_hours)
        return Invited(account=_shown(account), link=bench.link(token))


@router.post("/{account_id}/invitation", status_code=201)
def invite(account_id: Id, manager: Manager, bench: Bench) -> Invited:
    """A new link for a forgotten password; the old one and every session end now."""
    with bench.store.writing() as session:
        token = invite_again(session, account_id, manager, bench.settings.invitation_hours)
        account = session.get_one(Account, account_id)
        return Invited(account=_shown(account), link=bench.link(token))


@router.put("/{account_id}/active")
def change_active(account_id: Id, wanted: Active, manager: Manager, bench: Bench) -> AccountShown:
    """Close an account, or open it again; what it did stays in the trail."""
    with bench.store.writing() as session:
        return _shown(set_active(session, account_id, wanted.active, manager))


def _shown(account: Account) -> AccountShown:
    return AccountShown(
        id=account.id,
        name=account.name,
        role=Role(account.role),
        active=account.active,
        invited=account.password is None,
        created=account.created,
    )
