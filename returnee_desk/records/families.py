"""A family as it came: people, where from, where to, what they agreed to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.people import Person
from returnee_desk.records.services import Service, ServiceAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """A municipality (INE code, four digits) and a place in it, as told."""

    municipality: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the family agreed to. `how`: spoken, read aloud, written, interpreter."""

    register: bool
    share: bool = False
    asked_in: str = "spa"
    how: str = "spoken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    text: str
    person: int | None = None
    at: datetime | None = None
    by: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalAsked:
    """An arrival described in a `register` line instead of named by its id."""

    mode: str
    label: str
    country: str
    at: datetime
    headcount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyDraft:
    """A family somebody wants to register, read and checked by `records.form`, not yet saved."""

    members: tuple[Person, ...]
    arrival: str | ArrivalAsked | None = None
    origin: Whereabouts = field(default_factory=Whereabouts)
    destination: Whereabouts = field(default_factory=Whereabouts)
    phone: str | None = None
    language: str | None = None
    spanish: str | None = None
    interpreter: bool | None = None
    consent: Consent | None = None
    contact: int | None = None
    services: tuple[ServiceAsked, ...] = ()
    notes: tuple[str, ...] = ()
    registered_at: datetime | None = None
    paper_code: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A registered family with everything shown of it. `members` holds active members by number;
    `gone` those who left, moved or were entered by mistake. `doubts` names fields with two answers."""

    id: str
    code: str
    arrival: Arrival
    members: tuple[Person, ...]
    gone: tuple[Person, ...] = ()
    origin: Whereabouts = field(default_factory=Whereabouts)
    destination: Whereabouts = field(default_factory=Whereabouts)
    phone: str | None = None
    language: str | None = None
    spanish: str | None = None
    interpreter: bool | None = None
    consent: Consent | None = None
    contact: int | None = None
    state: str = "active"
    services: tuple[Service, ...] = ()
    notes: tuple[Note, ...] = ()
    registered_at: datetime | None = None
    registered_by: str = ""
    doubts: tuple[str, ...] = ()
