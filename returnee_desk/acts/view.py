"""What an act may look at. The store implements it inside the transaction in which the answer is written,
so what an act checked is still true when its operation is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from returnee_desk.errors import Refused
from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.desks import DeskSettings
from returnee_desk.records.families import ArrivalAsked, Family
from returnee_desk.records.people import Person
from returnee_desk.records.services import Service
from returnee_desk.records.staff import Staff


class Keyed(NamedTuple):
    """An operation of this desk saved earlier under a key."""

    op: str
    act: str
    asked: str | None


class LinkRecord(NamedTuple):
    id: str
    kind: str
    a: str
    b: str
    active: bool


class View(Protocol):
    @property
    def settings(self) -> DeskSettings: ...
    @property
    def me(self) -> Staff: ...
    @property
    def now(self) -> datetime:
        """With a zone."""
        ...

    def new_id(self) -> str:
        """A fresh record id (UUIDv7, 32 hex digits)."""
        ...

    def count(self, name: str) -> int:
        """The next number of this desk's series: `family`, `slip`. Taken for good only if the act is saved."""
        ...

    def keyed(self, key: str) -> Keyed | None: ...
    def created(self, op: str, entity: str) -> list[str]:
        """Ids of the records of that kind that an operation made."""
        ...

    def live(self, record: str, field: str) -> list[str]:
        """The operations whose values of the field stand now: what a new value replaces."""
        ...

    def lamport(self, record: str, field: str) -> int:
        """The largest lamport among the values that stand, -1 if none."""
        ...

    def value(self, record: str, field: str) -> Any: ...
    def owned(self, entity: str, owner: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Records hanging on another, with their shown values, in the order they came."""
        ...

    def highest_number(self, family: str) -> int:
        """The highest member's number ever given in this family, to those too who moved away or left. 0 if none."""
        ...

    def opens(self, user: str) -> bool:
        """Whether this member of staff has a passphrase on this PC."""
        ...

    def arrival(self, arrival_id: str) -> Arrival:
        """Refused `unknown_arrival`."""
        ...

    def open_arrivals(self) -> list[Arrival]: ...
    def arrival_like(self, asked: ArrivalAsked) -> Arrival | None:
        """This desk's arrival equal in place, mode, label, country and time."""
        ...

    def family(self, code: str) -> Family:
        """Refused `unknown_code`, or `ambiguous_code` with the ids in `details["ids"]`."""
        ...

    def family_by_id(self, family_id: str) -> Family: ...
    def code_taken(self, code: str) -> bool: ...
    def codes_with_document(self, kind: str, number: str, but_family: str) -> list[str]: ...
    def service(self, service_id: str) -> tuple[Service, Family]:
        """Refused `unknown_service`."""
        ...

    def links(self, person: str) -> list[LinkRecord]: ...
    def staff(self) -> list[Staff]: ...


def member(family: Family, number: int | str) -> Person:
    """The active member with that number, or with that record id. Refused `unknown_member`, or `ambiguous_member`
    when two desks gave the same number while apart: then the id tells them apart."""
    found = [person for person in family.members if number in (person.n, person.id)]
    if not found:
        raise Refused("unknown_member", code=family.code, n=number)
    if len(found) > 1:
        raise Refused("ambiguous_member", code=family.code, n=number, ids=[person.id for person in found])
    return found[0]
