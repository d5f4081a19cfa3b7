"""When the services list lets a service be given: `per`, `limit`, `window`, `only`, `excluded_by`.

Nothing here knows a service by name; another list means other rules. A day is the local day (UTC−6), so a
meal at 23:00 and one at 01:00 are of two days whatever UTC says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.dates import local_day, local_midnight_after
from returnee_desk.records.kinds import is_minor
from returnee_desk.records.lists import ServiceRule
from returnee_desk.records.people import Person
from returnee_desk.records.services import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a service may not be given now. `blocked_until`: when it may again, None for not in this arrival.

    `why`: `limit_arrival`, `limit_day`, `excluded_by:CODE`, `only_minor`, `only_adult`, `person_needed`.
    """

    why: str
    blocked_until: datetime | None = None
    code: str = "service_limit"

    def details(self) -> dict[str, Any]:
        """As `cli.md` writes them."""
        return {
            "blocked_until": None if self.blocked_until is None else self.blocked_until.isoformat(),
            "why": self.why,
        }


def suits(rule: ServiceRule, minor: bool) -> bool:
    """Whether the service is meant for this person at all: minors only, adults only, or anybody."""
    return rule.only in ("", "minor" if minor else "adult")


def may_give(
    rule: ServiceRule,
    *,
    member: Person | None,
    already: Iterable[Service],
    arrival: Arrival,
    at: datetime,
    quantity: int = 1,
) -> Refusal | None:
    """None when the service may be given at that moment, else why not and when again.

    `member`: who gets it, None for the family. `already`: what this family got, undone ones included (they do
    not count), and those of another arrival (neither). Minor or adult is decided on the arrival's local day.
    The limit is on quantities, except for amounts of money, where it is on times.
    """
    if rule.per == "person" and member is None:
        return Refusal(why="person_needed")
    if member is not None and not suits(rule, is_minor(member, arrival.day)):
        return Refusal(why=f"only_{rule.only}")
    counting = [
        service for service in already if not service.undone and (not service.arrival or service.arrival == arrival.id)
    ]
    for excluding in rule.excluded_by:
        if any(service.code == excluding and _same_receiver(rule, service, member) for service in counting):
            return Refusal(why=f"excluded_by:{excluding}")
    if rule.limit == 0:
        return None
    today = local_day(at)
    given = sum(
        _counted(rule, service.quantity)
        for service in counting
        if service.code == rule.code
        and _same_receiver(rule, service, member)
        and (rule.window != "day" or local_day(service.at) == today)
    )
    if given + _counted(rule, quantity) <= rule.limit:
        return None
    if rule.window != "day":
        return Refusal(why="limit_arrival")
    never = _counted(rule, quantity) > rule.limit
    return Refusal(why="limit_day", blocked_until=None if never else local_midnight_after(at))


def _counted(rule: ServiceRule, quantity: int) -> int:
    return 1 if rule.counting == "amount" else quantity


def _same_receiver(rule: ServiceRule, service: Service, member: Person | None) -> bool:
    """Whether an earlier service counts for this giving: the family's and the member's own do."""
    if rule.per == "family" or service.person is None:
        return True
    return member is not None and service.person == member.n
