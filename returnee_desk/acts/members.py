"""Who belongs to which family: add, remove, move, split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from returnee_desk.acts.operation import Done, Write
from returnee_desk.acts.view import View, member
from returnee_desk.acts.writing import edit, new_person, next_code, place, require, require_reason
from returnee_desk.errors import Refused
from returnee_desk.records import form
from returnee_desk.records.families import Family

GONE = ("left", "void")


def _living(family: Family) -> Family:
    if family.state != "active":
        raise Refused("family_void", code=family.code)
    return family


def add_member(view: View, code: str, data: Any) -> Done:
    """One more member, in the shape `register` takes. Answers the family's id."""
    require(view, "register")
    family = _living(view.family(code))
    named = family.consent is None or family.consent.register
    person = form.read_member(data, day=family.arrival.day, named=named)
    _record, writes = new_person(view, person, family=family.id, number=view.highest_number(family.id) + 1)
    return Done(act="add_member", writes=writes, answer=family.id)


def remove_member(view: View, code: str, number: int | str, *, reason: str, how: str = "void") -> Done:
    """A member who `left` the group, or who was entered by mistake (`void`). The last one stays: void the family."""
    require(view, "register")
    reason = require_reason(reason)
    family = _living(view.family(code))
    if how not in GONE:
        raise Refused("unknown_code", path="how")
    person = member(family, number)
    if len(family.members) == 1:
        raise Refused("last_member", code=family.code)
    writes = [edit(view, "person", person.id, status=how), *_new_contact(view, family, {person.id})]
    return Done(act="remove_member", writes=writes, answer=family.id, reason=reason)


def _new_contact(view: View, family: Family, gone: set[str]) -> list[Write]:
    """Another contact person where the one named goes: the first parent who stays, else the first who stays."""
    contact = next((person.id for person in family.members if person.n == family.contact), None)
    staying = [person for person in family.members if person.id not in gone]
    if contact not in gone or not staying:
        return []
    parents = [person for person in staying if person.role in ("MADRE", "PADRE")]
    return [edit(view, "family", family.id, contact=(parents or staying)[0].id)]


def move_member(view: View, code: str, number: int | str, to_code: str) -> Done:
    """Move one member to another family of the same arrival. Services given to that person go along.
    Answers the ids of both families, the one left first."""
    require(view, "register")
    family, target = _living(view.family(code)), _living(view.family(to_code))
    person = member(family, number)
    if family.id == target.id:
        return Done(act="move_member", writes=[], answer=[family.id, target.id])
    if family.arrival.id != target.arrival.id:
        raise Refused("another_arrival", code=target.code)
    if len(family.members) == 1:
        raise Refused("last_member", code=family.code)
    membership = {"family": target.id, "number": view.highest_number(target.id) + 1}
    writes = [edit(view, "person", person.id, membership=membership), *_new_contact(view, family, {person.id})]
    return Done(act="move_member", writes=writes, answer=[family.id, target.id])


def split_family(view: View, code: str, numbers: Sequence[int | str]) -> Done:
    """Make a family of its own of the members named, same arrival, places, language and consent. One operation.
    Answers the ids of both families, the new one last."""
    require(view, "register")
    family = _living(view.family(code))
    if view.settings.kind != "post":
        raise Refused("wrong_desk_kind", kind=view.settings.kind)
    if not numbers:
        raise Refused("missing", path="members")
    going = [member(family, number) for number in dict.fromkeys(numbers)]
    if len(going) == len(family.members):
        raise Refused("last_member", code=family.code)
    new_code = next_code(view)
    record = view.new_id()
    parents = [person for person in going if person.role in ("MADRE", "PADRE")]
    values: dict[str, Any] = {
        "code": new_code, "arrival": family.arrival.id, "origin": place(family.origin),
        "destination": place(family.destination), "language": family.language, "spanish": family.spanish,
        "interpreter": family.interpreter, "contact": (parents or going)[0].id,
        "consent": view.value(family.id, "consent"), "status": "active",
        "registered": {"at": view.now.isoformat(timespec="seconds"), "by": view.me.id},
    }  # fmt: skip
    writes = [Write("family", record, {field: value for field, value in values.items() if value is not None})]
    for number, person in enumerate(going, start=1):
        writes.append(edit(view, "person", person.id, membership={"family": record, "number": number}))
    writes += _new_contact(view, family, {person.id for person in going})
    return Done(act="split_family", writes=writes, answer=[family.id, record])
