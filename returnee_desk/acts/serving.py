"""Handing out and taking back, by the rules of the services list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from returnee_desk.acts.operation import Done, Write
from returnee_desk.acts.view import View, member
from returnee_desk.acts.writing import require
from returnee_desk.errors import Refused
from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.codes import slip_number
from returnee_desk.records.kinds import is_minor
from returnee_desk.records.lists import ServiceRule, lists
from returnee_desk.records.people import Person
from returnee_desk.records.service_rules import may_give, suits
from returnee_desk.records.services import Service, ServiceAsked
from returnee_desk.records.staff import Staff


def give(
    view: View, asked: Iterable[ServiceAsked], *, family: str, members: tuple[Person, ...],
    already: tuple[Service, ...], arrival: Arrival, at: datetime,
    override: dict[str, str] | None = None,
) -> list[Write]:  # fmt: skip
    """The writes that hand these services out, all with one slip number; Refused `service_limit`,
    `unknown_service_code`, `unknown_member` for the first that may not be given."""
    given = [replace(service, arrival=arrival.id) for service in already]  # one trip, also when its bus was corrected
    writes: list[Write] = []
    slip = ""
    for i, one in enumerate(asked):
        rule = lists().services.get(one.code)
        if rule is None:
            raise Refused("unknown_code", path=f"services[{i}]")
        for person in _receivers(rule, one, members, arrival, path=f"services[{i}]"):
            refusal = may_give(rule, member=person, already=given, arrival=arrival, at=at, quantity=one.quantity)
            if refusal is not None and override is None:
                n = person.n if person else None
                raise Refused(refusal.code, path=f"services[{i}]", service=one.code, n=n, **refusal.details())
            slip = slip or _next_slip(view)
            n = person.n if person else None
            service = Service(id=view.new_id(), code=one.code, person=n, quantity=one.quantity, at=at,
                              slip=slip, by=view.me.id, arrival=arrival.id)  # fmt: skip
            given.append(service)
            body: dict[str, Any] = {"code": one.code, "quantity": one.quantity, "at": at.isoformat(timespec="seconds"),
                                    "slip": slip, "arrival": arrival.id}  # fmt: skip
            if person:
                body["person"] = person.id
            if override and refusal is not None:
                body["override"] = override
            writes.append(Write("service", service.id, {"owner": family, "given": body}))
    return writes


def _receivers(
    rule: ServiceRule, asked: ServiceAsked, members: tuple[Person, ...], arrival: Arrival, *, path: str
) -> list[Person | None]:
    """Who gets it: the family as one (None), the members named, or every member it suits."""
    if rule.per == "family":
        if asked.persons:
            raise Refused("service_per_family", path=f"{path}.persons", service=rule.code)
        return [None]
    if asked.persons is None:
        suited: list[Person | None] = [one for one in members if suits(rule, is_minor(one, arrival.day))]
        if not suited:
            raise Refused("service_suits_nobody", path=path, service=rule.code)
        return suited
    found: list[Person | None] = []
    for number in asked.persons:
        one = next((person for person in members if person.n == number), None)
        if one is None:
            raise Refused("unknown_member", path=f"{path}.persons", n=number)
        found.append(one)
    return found


def _next_slip(view: View) -> str:
    settings = view.settings
    return slip_number(settings.place, settings.letter, settings.epoch_sign, view.count("slip"))


def deliver(
    view: View, code: str, service: str, *, person: int | str | None = None, quantity: int = 1,
    override: str | None = None, second: Staff | None = None,
) -> Done:  # fmt: skip
    """Hand one service to a member or to the family. Answers {service_id, service_ids, slip, stock_left}.

    Without `person`, a service for persons goes to every member it suits. `override` is a reason, and `second`
    the person who said yes with a passphrase of their own: Refused `second_needed` without one.
    """
    require(view, "deliver")
    if view.settings.kind == "office":
        raise Refused("wrong_desk_kind", kind=view.settings.kind)
    family = view.family(code)
    if family.state != "active":
        raise Refused("family_void", code=family.code)
    if service not in lists().services:
        raise Refused("unknown_code", path="service")
    if isinstance(quantity, bool) or not 1 <= quantity <= 100_000:
        raise Refused("out_of_range", path="quantity", most=100_000)
    receivers = family.members if person is None else (member(family, person),)
    said = _override(view, override, second)
    named = None if person is None else (receivers[0].n,)
    asked = ServiceAsked(code=service, persons=named, quantity=quantity)
    writes = give(view, [asked], family=family.id, members=receivers, already=family.services,
                  arrival=family.arrival, at=view.now, override=said)  # fmt: skip
    given = writes[0].values["given"]
    answer = {"service_id": writes[0].id, "service_ids": [write.id for write in writes], "slip": given["slip"],
              "stock_left": None}  # fmt: skip
    return Done(act="deliver", writes=writes, answer=answer, reason=override)


def _override(view: View, reason: str | None, second: Staff | None) -> dict[str, str] | None:
    if reason is None:
        return None
    if not reason.strip():
        raise Refused("reason_needed", path="override")
    if second is None or second.id == view.me.id:
        raise Refused("second_needed", path="second")
    if not second.may("override"):
        raise Refused("not_allowed", path="second", right="override", role=second.role)
    return {"reason": reason.strip()[:500], "second": second.id}


def undo(view: View, service_id: str) -> Done:
    """Take a service back by a second event; the first one stays in the log. Doing it twice changes nothing."""
    require(view, "deliver")
    service, _family = view.service(service_id)
    if service.undone:
        return Done(act="undo", writes=[], answer={"service_id": service_id, "repeated": True})
    write = Write("reversal", view.new_id(), {"owner": service_id, "at": view.now.isoformat(timespec="seconds")})
    return Done(act="undo", writes=[write], answer={"service_id": service_id, "repeated": False})
