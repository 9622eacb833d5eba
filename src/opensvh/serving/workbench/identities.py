"""Which account a person is whom an identity provider vouches for.

The first time the name decides, of an account that nobody has used yet; from then on the provider's identifier of the
person, so that a name which it gives to somebody else opens nothing.
"""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.accounts import account_named
from opensvh.serving.workbench.audit import Told, record
from opensvh.serving.workbench.failures import NotAllowed
from opensvh.serving.workbench.provider import Identity
from opensvh.serving.workbench.tables import Account, Invitation, OutsideIdentity


def account_for(session: Session, identity: Identity) -> Account:
    """The account of a person; raises NotAllowed where there is none for them, or it is closed."""
    known = session.get(OutsideIdentity, (identity.issuer, identity.subject))
    account = _linked(session, identity) if known is None else session.get_one(Account, known.account)
    if not account.active:
        raise NotAllowed(f"the account {account.name} is closed; ask a manager")
    new = {"issuer": identity.issuer}
    record(session, Told(account.name, "signed in", f"account:{account.id}", new=new))
    return account


def _linked(session: Session, identity: Identity) -> Account:
    """Link the account of that name, if it has neither a password nor somebody else behind it."""
    account = account_named(session, identity.name)
    if account is None:
        raise NotAllowed(f"there is no account {identity.name} here; ask a manager for one")
    others = select(OutsideIdentity).where(OutsideIdentity.account == account.id)
    if account.password is not None or session.scalars(others).first() is not None:
        raise NotAllowed(f"the account {account.name} is somebody's already; a manager can invite its person anew")
    session.add(OutsideIdentity(issuer=identity.issuer, subject=identity.subject, account=account.id))
    session.execute(delete(Invitation).where(Invitation.account == account.id))
    new = {"issuer": identity.issuer, "subject": identity.subject}
    record(session, Told(account.name, "identity linked", f"account:{account.id}", new=new))
    return account
