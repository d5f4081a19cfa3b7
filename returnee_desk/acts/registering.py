"""Registering a family: one save from what was told to a code on paper."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import msgspec

from returnee_desk.acts.arrivals import arrival_told, new_arrival
from returnee_desk.acts.operation import Done, Write
from returnee_desk.acts.serving import give
from returnee_desk.acts.view import View
from returnee_desk.acts.writing import new_person, new_phone, next_code, place, require
from returnee_desk.errors import Refused
from returnee_desk.records import form
from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.codes import parse_code
from returnee_desk.records.families import FamilyDraft
from returnee_desk.records.kinds import kind_of_family
from returnee_desk.records.people import Person

ACT = "register_family"


def digest_of(data: Any) -> str:
    """What was asked, as 32 hex digits: the same content gives the same digest, whatever the order of keys."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]


def register_family(view: View, data: Any) -> Done:
    """Register one family from the shape of `cli.md`. Answers {code, id, kind, warnings, repeated}.

    The same `key` with the same content answers the first code with `repeated` and writes nothing. Never refused
    for the kind of family; refused with a path for what is wrong in the data.
    """
    if view.settings.kind != "post":
        raise Refused("wrong_desk_kind", kind=view.settings.kind)
    require(view, "register")
    key = form.read_key(data.get("key")) if isinstance(data, dict) else None
    asked = digest_of(data) if key is not None else None
    if key is not None:
        first = _repeated(view, key, asked)
        if first is not None:
            return first
    arrival, opened = _arrival(view, data)
    draft = form.read_family(data, day=arrival.day)
    kind = kind_of_family(draft.members, arrival.day)
    code, code_warnings = _code(view, draft)
    family = view.new_id()
    at = draft.registered_at or view.now
    people: list[Person] = []
    person_writes: list[Write] = []
    for number, person in enumerate(draft.members, start=1):
        record, writes = new_person(view, person, family=family, number=number)
        people.append(replace(person, id=record, n=number))
        person_writes += writes
    services = give(view, draft.services, family=family, members=tuple(people), already=(), arrival=arrival, at=at)
    values: dict[str, Any] = {
        "code": code,
        "arrival": arrival.id,
        "origin": place(draft.origin),
        "destination": place(draft.destination),
        "language": draft.language,
        "spanish": draft.spanish,
        "interpreter": draft.interpreter,
        "contact": _contact(people, draft.contact),
        "consent": msgspec.to_builtins(draft.consent),
        "status": "active",
        "registered": {"at": at.isoformat(timespec="seconds"), "by": view.me.id},
    }
    if draft.paper_code:
        values["paper"] = True
    writes = [*opened, Write("family", family, {field: value for field, value in values.items() if value is not None})]
    writes += person_writes
    if draft.phone:
        writes.append(new_phone(view, draft.phone, family))
    writes += services
    writes += [
        Write("note", view.new_id(), {"owner": family, "said": {"text": text, "at": at.isoformat(timespec="seconds")}})
        for text in draft.notes
    ]
    warnings: list[dict[str, Any]] = [
        *form.warnings(draft.members, arrival.day, kind),
        *code_warnings,
        *_elsewhere(view, draft, family),
    ]
    if arrival.registered + len(people) > arrival.row_count:
        warnings.append({"code": "more_than_headcount", "path": "members"})
    answer = {"code": code, "id": family, "kind": kind.kind, "warnings": warnings, "repeated": False}
    return Done(act=ACT, writes=writes, answer=answer, key=key, asked=asked)


def _repeated(view: View, key: str, asked: str | None) -> Done | None:
    known = view.keyed(key)
    if known is None:
        return None
    if known.act != ACT or known.asked != asked:
        raise Refused("key_reused", path="key")
    made = view.created(known.op, "family")
    if not made:  # erased since: it is neither registered again nor told
        raise Refused("unknown_family", path="key")
    family = view.family_by_id(made[0])
    kind = kind_of_family(family.members, family.arrival.day)
    warnings = form.warnings(family.members, family.arrival.day, kind)
    answer = {"code": family.code, "id": family.id, "kind": kind.kind, "warnings": warnings, "repeated": True}
    return Done(act=ACT, writes=[], answer=answer)


def _arrival(view: View, data: dict[str, Any]) -> tuple[Arrival, list[Write]]:
    """The arrival the family came with, and what opens it where it is new."""
    asked = form.arrival_of(data)
    if asked is None:
        opened = view.open_arrivals()
        if len(opened) != 1:
            raise Refused("arrival_needed", path="arrival", open=len(opened))
        return opened[0], []
    if isinstance(asked, str):
        return arrival_told(view, asked), []
    known = view.arrival_like(asked)
    if known is not None:
        if known.state != "open":
            raise Refused("arrival_closed", path="arrival", arrival_id=known.id)
        return known, []
    record, write = new_arrival(view, asked)
    made = Arrival(id=record, mode=asked.mode, label=asked.label, country=asked.country, at=asked.at,
                   headcount=asked.headcount, place=view.settings.place)  # fmt: skip
    return made, [write]


def _code(view: View, draft: FamilyDraft) -> tuple[str, list[dict[str, Any]]]:
    """The code the family gets: the next of this desk, or the one printed on a blank sheet."""
    settings = view.settings
    if draft.paper_code is None:
        return next_code(view), []
    paper = parse_code(draft.paper_code, path="paper_code")
    if paper.place != settings.place:
        raise Refused("code_of_another_place", path="paper_code", place=paper.place)
    if view.code_taken(paper.text):
        raise Refused("code_used", path="paper_code", code=paper.text)
    other = (paper.letter, paper.epoch_sign) != (settings.letter, settings.epoch_sign)
    return paper.text, [{"code": "code_of_another_desk", "path": "paper_code"}] if other else []


def _contact(people: list[Person], asked: int | None) -> str:
    """The contact person: the one named, else the first parent, else the first."""
    for person in people:
        if person.n == asked:
            return person.id
    parents = [person for person in people if person.role in ("MADRE", "PADRE")]
    return (parents or people)[0].id


def _elsewhere(view: View, draft: FamilyDraft, family: str) -> list[dict[str, Any]]:
    warnings = []
    for i, person in enumerate(draft.members):
        for j, document in enumerate(person.documents):
            codes = view.codes_with_document(document.kind, document.number, family)
            if codes:
                path = f"members[{i}].documents[{j}].number"
                warnings.append({"code": "document_elsewhere", "path": path, "details": {"codes": codes}})
    return warnings
