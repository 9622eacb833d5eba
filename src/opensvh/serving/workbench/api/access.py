"""What an address asks of its caller: signed in, in one of the roles; and the parts that most addresses share."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict

from opensvh.serving.workbench.accounts import Person, Role
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.failures import NotAllowed, NotSignedIn
from opensvh.serving.workbench.sessions import Caller

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
"""An identifier in an address."""


class Given(BaseModel):
    """What a caller sends: unknown keys and numbers that are none are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Shown(BaseModel):
    """What a caller is shown."""

    model_config = ConfigDict(frozen=True)


class Problem(Shown):
    """Why a request was not carried out, in a sentence."""

    problem: str


# What follows is asked within the event loop: a thread for each question would cost more than the question.


async def _bench(request: Request) -> Workbench:
    bench = request.app.state.bench
    assert isinstance(bench, Workbench)
    return bench


async def _caller(request: Request) -> Caller:
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise NotSignedIn("sign in first")
    return caller


def _in_role(*roles: Role) -> Callable[[Caller], Awaitable[Person]]:
    async def person(caller: Annotated[Caller, Depends(_caller)]) -> Person:
        if caller.person.role not in roles:
            raise NotAllowed(f"only for {' or '.join(roles)}s; you are signed in as {caller.person.role}")
        return caller.person

    return person


Bench = Annotated[Workbench, Depends(_bench)]
Calling = Annotated[Caller, Depends(_caller)]
Anyone = Annotated[Person, Depends(_in_role(*Role))]
Manager = Annotated[Person, Depends(_in_role(Role.MANAGER))]
Scorer = Annotated[Person, Depends(_in_role(Role.READER, Role.ADJUDICATOR))]
