"""The writes of an act: new records, and new values in place of those that stand."""

from __future__ import annotations

from typing import Any

from returnee_desk.acts.operation import Write
from returnee_desk.acts.view import View
from returnee_desk.errors import Refused
from returnee_desk.records.codes import family_code
from returnee_desk.records.families import Whereabouts
from returnee_desk.records.people import Document, Person


def require(view: View, right: str) -> None:
    """Refused `not_allowed` where whoever asks has no such right."""
    if not view.me.may(right):
        raise Refused("not_allowed", right=right, role=view.me.role)


def require_reason(reason: str | None) -> str:
    if not reason or not reason.strip():
        raise Refused("reason_needed", path="reason")
    if len(reason) > 500:
        raise Refused("text_too_long", path="reason", most=500)
    return reason.strip()


def edit(view: View, entity: str, record: str, **values: Any) -> Write:
    """New values for fields of a record, in place of every value that stands now."""
    replaces = {field: live for field in values if (live := view.live(record, field))}
    return Write(entity, record, values, replaces)


def place(where: Whereabouts) -> dict[str, Any]:
    return {"municipality": where.municipality, "place": where.place}


def name(person: Person) -> dict[str, Any]:
    return {"given": person.given_names, "surnames": person.surnames, "married": person.married_surname}


def new_person(view: View, person: Person, *, family: str, number: int) -> tuple[str, list[Write]]:
    """The writes that record one member, and the new record's id."""
    record = view.new_id()
    values: dict[str, Any] = {
        "name": name(person),
        "sex": person.sex,
        "born": person.born.as_json() if person.born else None,
        "role": person.role,
        "nationality": person.nationality,
        "mother_tongue": person.mother_tongue,
        "membership": {"family": family, "number": number},
        "status": "active",
    }
    writes = [Write("person", record, {field: value for field, value in values.items() if value is not None})]
    writes += [new_document(view, document, record) for document in person.documents]
    writes += [
        Write("need", view.new_id(), {"owner": record, "code": code, "state": "active"}) for code in person.needs
    ]
    return record, writes


def new_document(view: View, document: Document, person: str) -> Write:
    paper: dict[str, Any] = {"kind": document.kind, "number": document.number}
    if document.unverified:
        paper["unverified"] = True
    return Write("document", view.new_id(), {"owner": person, "paper": paper, "state": "active"})


def new_phone(view: View, number: str, family: str) -> Write:
    return Write("phone", view.new_id(), {"owner": family, "number": number, "state": "active"})


def next_code(view: View) -> str:
    """The next code of this desk that no family here bears: a blank sheet may have taken one."""
    settings = view.settings
    while True:
        code = family_code(settings.place, settings.letter, settings.epoch_sign, view.count("family"))
        if not view.code_taken(code):
            return code
