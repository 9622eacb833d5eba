"""The database's tables, as SQLAlchemy maps them; how a database gets them is `migrations`'.

Times are ISO 8601 texts in UTC where people read them, and seconds since 1970 where a clock compares them.
"""

from sqlalchemy import Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ID = 32
"""Characters of an identifier: 128 random bits in hexadecimal, so that it tells no order of visits."""
HASH = 64


class Base(DeclarativeBase):
    """What all tables share."""


class Account(Base):
    """Who may sign in; `password` is an Argon2 hash, None until the person's link was used."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool]
    created: Mapped[str] = mapped_column(String(40))


class Invitation(Base):
    """A one-time link, by the SHA-256 of its token; without an account it makes one under a name of choice."""

    __tablename__ = "invitation"
    token: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    account: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    expires: Mapped[float] = mapped_column(Float(53))


class OutsideIdentity(Base):
    """A person whom an identity provider vouches for, by the provider's own identifier of them."""

    __tablename__ = "outside_identity"
    issuer: Mapped[str] = mapped_column(String(512), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)


class SignedIn(Base):
    """A browser's session or a program's token, by the SHA-256 of what the other side holds."""

    __tablename__ = "signed_in"
    token: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(String(128))
    seen: Mapped[float] = mapped_column(Float(53))
    expires: Mapped[float] = mapped_column(Float(53))


class LoginFailure(Base):
    """A sign-in that failed, counted by `key`: a name or an address."""

    __tablename__ = "login_failure"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(160), index=True)
    at: Mapped[float] = mapped_column(Float(53))


class AuditEntry(Base):
    """One change: who, when, what, old and new (JSON), by which software and model, chained to the entry before."""

    __tablename__ = "audit_entry"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(256), index=True)
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)
    software: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(256))
    previous: Mapped[str] = mapped_column(String(HASH))
    digest: Mapped[str] = mapped_column(String(HASH))


class AuditHead(Base):
    """The last entry's number and digest, in one row: writers queue for it, and a trail cut short betrays itself."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(HASH))


class Film(Base):
    """A film of the library; `file` is relative to its folder, limb and side are None until somebody says."""

    __tablename__ = "film"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    file: Mapped[str] = mapped_column(String(1024), unique=True)
    sha256: Mapped[str] = mapped_column(String(HASH))
    width: Mapped[int]
    height: Mapped[int]
    patient: Mapped[str] = mapped_column(String(128), index=True)
    visit: Mapped[str] = mapped_column(String(128))
    date: Mapped[str | None] = mapped_column(String(10))
    limb: Mapped[str | None] = mapped_column(String(8))
    side: Mapped[str | None] = mapped_column(String(1))
    spacing_mm: Mapped[float | None] = mapped_column(Float(53))


class Study(Base):
    """A reading study; `design` is the JSON it was set up with."""

    __tablename__ = "study"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)
    design: Mapped[str] = mapped_column(Text)
    created: Mapped[str] = mapped_column(String(40))


class Case(Base):
    """What is read at one sitting: a patient with all visits, or one visit where the order is random."""

    __tablename__ = "study_case"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    study: Mapped[str] = mapped_column(ForeignKey("study.id"), index=True)
    number: Mapped[int]
    patient: Mapped[str] = mapped_column(String(128))


class CaseFilm(Base):
    """A film of a case; `visit` is the label that readers see, `rank` its place among the columns shown."""

    __tablename__ = "case_film"
    case: Mapped[str] = mapped_column("case_id", ForeignKey("study_case.id"), primary_key=True)
    film: Mapped[str] = mapped_column(ForeignKey("film.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(2))
    visit: Mapped[str] = mapped_column(String(128))
    rank: Mapped[int]


class Reading(Base):
    """One person's reading of one case; `place` is its turn in that person's order, `role` reader or adjudicator."""

    __tablename__ = "reading"
    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    study: Mapped[str] = mapped_column(ForeignKey("study.id"), index=True)
    case: Mapped[str] = mapped_column("case_id", ForeignKey("study_case.id"), index=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    seat: Mapped[int]
    place: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    committed: Mapped[str | None] = mapped_column(String(40))


class Score(Base):
    """What a reading says of one kind at one site of one film; no row is not scored yet."""

    __tablename__ = "score"
    reading: Mapped[str] = mapped_column(ForeignKey("reading.id"), primary_key=True)
    film: Mapped[str] = mapped_column(ForeignKey("film.id"), primary_key=True)
    site: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    status: Mapped[str] = mapped_column(String(32))
    grade: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(500))
    saved: Mapped[str] = mapped_column(String(40))


class Change(Base):
    """A change that was taken, by the identifier its sender gave it: sent again, it changes nothing."""

    __tablename__ = "change"
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    change: Mapped[str] = mapped_column("change_id", String(64), primary_key=True)


class ModelReading(Base):
    """What the model said of a film; `state` is wanted, done or failed; `doubt` in [0, 1] orders the marking."""

    __tablename__ = "model_reading"
    film: Mapped[str] = mapped_column(ForeignKey("film.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    model: Mapped[str] = mapped_column(String(256))
    body: Mapped[str] = mapped_column(Text)
    doubt: Mapped[float | None] = mapped_column(Float(53))
    problem: Mapped[str] = mapped_column(Text)


class Marking(Base):
    """A film that a person marks; `done` once it was said to be."""

    __tablename__ = "marking"
    film: Mapped[str] = mapped_column(ForeignKey("film.id"), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    done: Mapped[bool]


class Mark(Base):
    """A joint centre in pixels of the file as stored; x and y None where the joint is not visible."""

    __tablename__ = "mark"
    film: Mapped[str] = mapped_column(ForeignKey("film.id"), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    point: Mapped[str] = mapped_column(String(16), primary_key=True)
    x: Mapped[float | None] = mapped_column(Float(53))
    y: Mapped[float | None] = mapped_column(Float(53))
    origin: Mapped[str] = mapped_column(String(16))


class MarkStep(Base):
    """One step of marking, to be undone and done again: JSON of the points before and after."""

    __tablename__ = "mark_step"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    film: Mapped[str] = mapped_column(ForeignKey("film.id"), index=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    undone: Mapped[bool]
