"""What can be refused to a caller, by name; `api` gives each its HTTP status."""

from opensvh.domain.errors import OpenSvHError


class Refused(OpenSvHError):
    """A request that is not carried out; the message says why and what would be."""

    status = 400


class NotSignedIn(Refused):
    """No session, or one that has ended."""

    status = 401


class NotAllowed(Refused):
    """The account's role does not extend to this, or the request does not come from the workbench's own page."""

    status = 403


class NotFound(Refused):
    """It is not there, or it is not the caller's to see: the answer does not tell which."""

    status = 404


class Conflict(Refused):
    """The present state rules it out."""

    status = 409


class TooLarge(Refused):
    """More than the workbench accepts at once."""

    status = 413


class Invalid(Refused):
    """A value that is well formed and impossible."""

    status = 422


class TooMany(Refused):
    """Too often; the message says when to come back."""

    status = 429
