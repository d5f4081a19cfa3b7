"""Showing one family, many, and finding people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from returnee_desk.cli.frame import Answer, Call, option, root, warnings_json
from returnee_desk.errors import Refused
from returnee_desk.words import _, language, mark, ngettext

if TYPE_CHECKING:
    from returnee_desk.records.families import Family
    from returnee_desk.store.desk import Desk


def family_document(family: Family) -> dict[str, Any]:
    """The family as `show` gives it: `register`'s shape and more, warnings with their sentences."""
    from returnee_desk.records.form import family_json

    shown = family_json(family)
    shown["warnings"] = warnings_json(shown["warnings"])
    return shown


def told(desk: Desk, *family_ids: str, said: str = "", **more: Any) -> Answer:
    """The answer of an act on a family: the first one whole; where the act touched several, `families` has each."""
    documents = [(family := desk.family_by_id(one), family_document(family)) for one in family_ids]
    data = {**documents[0][1], **more}
    if len(documents) > 1:
        data["families"] = [document for _family, document in documents]
    lines = [line for family, document in documents for line in family_lines(family, document)]
    return Answer(data, lines, said)


def kind_name(kind: str) -> str:
    """The kind of a family for people."""
    names = {
        "family_unit": _("Unidad familiar"),
        "guardian_unit": _("Niñez con tutor o tutora legal"),
        "child_without_parent": _("Niñez sin madre ni padre"),
        "adults_only": _("Solo personas adultas"),
    }
    return names.get(kind, kind)


def state_name(state: str) -> str:
    return _("ANULADA") if state == "void" else ""


def why_words(why: Iterable[str]) -> str:
    """What of a person matched a search, for people."""
    names = {"name": _("nombre"), "code": _("código"), "document": _("documento"), "phone": _("teléfono")}
    return ", ".join(names.get(one, one) for one in why)


def family_lines(family: Family, document: dict[str, Any]) -> list[str]:
    """A family in a few lines of text."""
    from returnee_desk.records.lists import lists
    from returnee_desk.records.names import full_name

    day = family.arrival.day
    head = ngettext("{n} persona", "{n} personas", len(family.members)).format(n=len(family.members))
    about = (family.code, kind_name(document["kind"]), head, state_name(family.state))
    lines = ["  ".join(filter(None, about))]
    for person in family.members:
        age = person.born.age_text(day) if person.born else ""
        role = lists().roles[person.role].label(language()) if person.role in lists().roles else person.role
        lines.append("  ".join(part for part in (f"  #{person.n}", full_name(person), person.sex, role, age) if part))
    for service in family.services:
        name = lists().services[service.code].label(language()) if service.code in lists().services else service.code
        whom = f"#{service.person}" if service.person else _("familia")
        undone = _("deshecho") if service.undone else ""
        lines.append(
            "  ".join(part for part in (f"  {name}", whom, f"×{service.quantity}", service.slip, undone) if part)
        )
    lines += [f"  ! {warning['message']}" for warning in document["warnings"]]
    return lines


@root.command(help=mark("Muestra una familia por su código."))
@click.argument("code")
@click.pass_obj
def show(call: Call, code: str) -> Answer:
    with call.open_desk("read") as desk:
        return told(desk, desk.family(code).id)


@root.command("list", help=mark("Las familias, la más nueva primero."))
@option("--arrival", "arrival_id", metavar="ID", help=mark("Solo las de un bus o vuelo."))
@option("--from-date", metavar="D", help=mark("Desde qué día de llegada: 2026-11-22."))
@option("--to-date", metavar="D", help=mark("Hasta qué día de llegada, ese incluido."))
@click.pass_obj
def list_families(call: Call, arrival_id: str | None, from_date: str | None, to_date: str | None) -> Answer:
    first, last = _day(from_date, "from_date"), _day(to_date, "to_date")
    with call.open_desk("read") as desk:
        if arrival_id is not None:
            arrival_id = desk.arrival(arrival_id).id
        found = desk.families(arrival_id, from_date=first, to_date=last)
    families = [
        {
            "code": one.code,
            "id": one.id,
            "kind": one.kind,
            "state": one.state,
            "arrival": one.arrival,
            "day": one.day,
            "persons": one.persons,
            "minors": one.minors,
            "services": one.services,
            "registered_at": one.registered_at,
        }
        for one in found
    ]
    lines = [
        "  ".join(
            filter(None, (one.code, one.day, kind_name(one.kind), str(one.persons), one.name, state_name(one.state)))
        )
        for one in found
    ]
    return Answer({"families": families}, lines)


def _day(text: str | None, path: str) -> date | None:
    if text is None:
        return None
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("invalid_date", path=path, reason="form") from None


@root.command(help=mark("Busca en nombres, códigos, documentos y teléfonos."))
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def find(call: Call, text: tuple[str, ...]) -> Answer:
    with call.open_desk("read") as desk:
        found = desk.find(" ".join(text))
    hits = [
        {"code": one.code, "n": one.n, "name": one.name, "id": one.family_id, "score": one.score, "why": list(one.why)}
        for one in found
    ]
    return Answer({"hits": hits}, [f"{one.code}#{one.n}  {one.name}  ({why_words(one.why)})" for one in found])
