"""Services given to families, and when the services list lets one be given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service given: an immutable event. `person` is the member's number, None for the family.

    `undone` says that another event took it back. `slip` is the number printed on the slip it came
    out with. `override` is the reason when a second person allowed it against the list's rules.
    """

    code: str
    person: int | None
    quantity: int
    at: datetime
    slip: str
    id: str = ""
    by: str = ""
    arrival: str = ""
    undone: bool = False
    override: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAsked:
    """A service somebody wants to hand out. `persons` None: every member it suits, or the family."""

    code: str
    persons: tuple[int, ...] | None = None
    quantity: int = 1
