"""Correcting what was recorded, with a reason; notes; consent; entering by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from returnee_desk.acts.arrivals import arrival_told
from returnee_desk.acts.operation import Done, Write
from returnee_desk.acts.serving import undo
from returnee_desk.acts.view import View, member
from returnee_desk.acts.writing import edit, name, new_document, new_phone, place, require, require_reason
from returnee_desk.errors import Refused
from returnee_desk.records import form
from returnee_desk.records.families import Family, Whereabouts
from returnee_desk.records.lists import lists
from returnee_desk.records.people import Document, Person

FAMILY_FIELDS = ("destination", "origin", "phone", "language", "spanish", "interpreter", "contact", "arrival")
PERSON_FIELDS = (
    "given_names", "surnames", "married_surname", "sex", "birth_date", "age", "age_months", "role", "nationality",
    "documents", "needs", "mother_tongue",
)  # fmt: skip
_AGES = ("birth_date", "age", "age_months")


def correct_family(
    view: View, code: str, changes: Mapping[str, Any], *, person: int | str | None = None, reason: str
) -> Done:
    """Correct named fields of a family, or of its member `person`, in the shape `register` takes them.

    Only what differs is written, in place of the values that stand; the former ones stay in the history.
    Refused `unknown_key` for a field that is not one, `reason_needed`, and as `register` refuses.
    """
    require(view, "register")
    reason = require_reason(reason)
    family = view.family(code)
    if person is None:
        writes = _family_changes(view, family, changes)
    else:
        writes = _person_changes(view, family, member(family, person), changes)
    return Done(act="correct", writes=writes, answer=family.id, reason=reason)


def _family_changes(view: View, family: Family, changes: Mapping[str, Any]) -> list[Write]:
    for field in changes:
        if field not in FAMILY_FIELDS:
            raise Refused("unknown_key", path=field)
    if _without_names(family):
        for field in ("destination", "origin"):
            if isinstance(changes.get(field), dict) and changes[field].get("place"):
                raise Refused("no_consent", path=f"{field}.place")
        if changes.get("phone"):
            raise Refused("no_consent", path="phone")
    told = form.read_particulars({key: value for key, value in changes.items() if key not in ("contact", "arrival")})
    known: dict[str, Any] = {
        "origin": family.origin, "destination": family.destination, "language": family.language,
        "spanish": family.spanish, "interpreter": family.interpreter,
    }  # fmt: skip
    values: dict[str, Any] = {
        field: place(told[field]) if isinstance(told[field], Whereabouts) else told[field]
        for field, now in known.items()
        if field in told and told[field] != now
    }
    if "contact" in changes:
        if not isinstance(changes["contact"], int) or isinstance(changes["contact"], bool):
            raise Refused("wrong_type", path="contact")
        if changes["contact"] != family.contact:
            values["contact"] = member(family, changes["contact"]).id
    if "arrival" in changes and changes["arrival"] != family.arrival.id:
        values["arrival"] = _other_arrival(view, family, changes["arrival"])
    writes = [edit(view, "family", family.id, **values)] if values else []
    if "phone" in told and told["phone"] != family.phone:
        writes += _retract(view, "phone", family.id)
        if told["phone"]:
            writes.append(new_phone(view, told["phone"], family.id))
    return writes


def _other_arrival(view: View, family: Family, asked: Any) -> str:
    """The open arrival of this place a family came with after all."""
    if not isinstance(asked, str):
        raise Refused("wrong_type", path="arrival", expected="text")
    arrival = arrival_told(view, asked)
    if arrival.place != family.arrival.place:
        raise Refused("unknown_arrival", path="arrival", id=asked)
    return arrival.id


def _without_names(family: Family) -> bool:
    return family.consent is not None and not family.consent.register


def _person_changes(view: View, family: Family, person: Person, changes: Mapping[str, Any]) -> list[Write]:
    for field in changes:
        if field not in PERSON_FIELDS:
            raise Refused("unknown_key", path=field)
    if _without_names(family) and any(changes.get(field) for field in (*PERSON_FIELDS[:3], "documents")):
        raise Refused("no_consent", path="given_names")
    wanted = _wanted(family, person, changes)
    values: dict[str, Any] = {}
    if name(wanted) != name(person):
        values["name"] = name(wanted)
    for field, now, new in (
        ("sex", person.sex, wanted.sex),
        ("role", person.role, wanted.role),
        ("nationality", person.nationality, wanted.nationality),
        ("mother_tongue", person.mother_tongue, wanted.mother_tongue),
    ):
        if field in changes and now != new:
            values[field] = new
    if any(field in changes for field in _AGES) and wanted.born != person.born:
        values["born"] = wanted.born.as_json() if wanted.born else None
    writes = [edit(view, "person", person.id, **values)] if values else []
    if "documents" in changes:
        writes += _documents_changed(view, person, wanted)
    return writes + _needs_changed(view, person, wanted) if "needs" in changes else writes


def _wanted(family: Family, person: Person, changes: Mapping[str, Any]) -> Person:
    """The member as it would be, as far as it changes. The rest stands in for what is not read again: that may be
    of a newer list, or an age told for another day."""
    told = form.member_json(person, family.arrival.day)
    ages = any(field in changes for field in _AGES)
    kept = {key: told[key] for key in ("given_names", "surnames", "married_surname")}
    kept |= {"sex": "X", "role": told["role"] if ages and told["role"] in lists().roles else "MADRE"}
    if "role" in changes and not ages:
        kept |= {key: told[key] for key in _AGES if key in told}
    merged = {key: value for key, value in {**kept, **changes}.items() if value is not None}
    return form.read_member(merged, day=family.arrival.day, named=not _without_names(family))


def _documents_changed(view: View, person: Person, wanted: Person) -> list[Write]:
    def plain(document: Document) -> tuple[str, str, bool]:
        return document.kind, document.number, document.unverified

    kept = {plain(document) for document in wanted.documents}
    known = {plain(document) for document in person.documents}
    writes = [edit(view, "document", one.id, state="retracted") for one in person.documents if plain(one) not in kept]
    return writes + [new_document(view, one, person.id) for one in wanted.documents if plain(one) not in known]


def _needs_changed(view: View, person: Person, wanted: Person) -> list[Write]:
    writes = [
        edit(view, "need", record, state="retracted")
        for record, values in view.owned("need", person.id)
        if values.get("state") == "active" and values.get("code") not in wanted.needs
    ]
    return writes + [
        Write("need", view.new_id(), {"owner": person.id, "code": code, "state": "active"})
        for code in wanted.needs
        if code not in person.needs
    ]


def _retract(view: View, entity: str, owner: str) -> list[Write]:
    return [
        edit(view, entity, record, state="retracted")
        for record, values in view.owned(entity, owner)
        if values.get("state") == "active"
    ]


def note(view: View, code: str, text: str, *, person: int | str | None = None) -> Done:
    """Write a note on a family or one of its members. Notes are added, never edited."""
    require(view, "register")
    family = view.family(code)
    said: dict[str, Any] = {"text": form.read_note(text), "at": view.now.isoformat(timespec="seconds")}
    if person is not None:
        said["person"] = member(family, person).id
    record = view.new_id()
    return Done(act="note", writes=[Write("note", record, {"owner": family.id, "said": said})], answer=family.id)


def consent(view: View, code: str, data: Any) -> Done:
    """What the family agrees to from now on. Where it no longer agrees to be registered, names, documents, phone
    and the name of the place stop being shown at once; the values in the history go when the office erases them."""
    require(view, "register")
    family = view.family(code)
    said = form.read_consent(data)
    if said == family.consent:
        return Done(act="consent", writes=[], answer=family.id)
    writes = [edit(view, "family", family.id, consent=msgspec.to_builtins(said))]
    if not said.register:
        places = {"origin": family.origin, "destination": family.destination}
        unnamed = {field: place(replace(where, place="")) for field, where in places.items() if where.place}
        writes = [edit(view, "family", family.id, consent=msgspec.to_builtins(said), **unnamed)]
        writes += _retract(view, "phone", family.id)
        for person in (*family.members, *family.gone):
            if name(person) != {"given": "", "surnames": "", "married": None}:
                writes.append(edit(view, "person", person.id, name={"given": "", "surnames": "", "married": None}))
            writes += _retract(view, "document", person.id)
    return Done(act="consent", writes=writes, answer=family.id)


def void(view: View, what: str, *, reason: str) -> Done:
    """A family (by its code) entered by mistake, or a service (by its id) given by mistake. Reversible facts:
    nothing is deleted, the figures no longer count it. Answers the family's id."""
    reason = require_reason(reason)
    if len(what) == 32 and set(what) <= set("0123456789abcdef"):
        service, family = view.service(what)
        done = undo(view, service.id)
        return Done(act="void", writes=done.writes, answer=family.id, reason=reason)
    require(view, "void")
    family = view.family(what)
    writes = [] if family.state == "void" else [edit(view, "family", family.id, status="void")]
    return Done(act="void", writes=writes, answer=family.id, reason=reason)
