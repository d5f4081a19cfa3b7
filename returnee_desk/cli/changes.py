"""Named changes to what was recorded: corrections, members, notes, consent, links between records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from returnee_desk.cli.families import told
from returnee_desk.cli.frame import Answer, Call, Member, assignments, option, read_document, root
from returnee_desk.words import _, mark

_reason = option("--reason", required=True, metavar="R", help=mark("Por qué; queda en la historia."))
_person = option("--person", type=Member(), metavar="N", help=mark("El número del miembro."))


@root.command(help=mark("Corrige una familia, o un miembro con --person: CAMPO=JSON con su motivo."))
@click.argument("code")
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=JSON...")
@_person
@_reason
@click.pass_obj
def correct(call: Call, code: str, changes: tuple[str, ...], person: int | str | None, reason: str) -> Answer:
    from returnee_desk import acts

    wanted = assignments(changes)
    with call.open_desk() as desk:
        return told(desk, desk.do(acts.correct_family, code, wanted, person=person, reason=reason))


@root.group(help=mark("Quién es de cada familia."))
def member() -> None:
    """add, remove, move."""


@member.command("add", help=mark("Agrega un miembro, en la misma forma que en register."))
@click.argument("code")
@click.argument("file", metavar="FILE|-")
@click.pass_obj
def member_add(call: Call, code: str, file: str) -> Answer:
    from returnee_desk import acts

    data = read_document(file)
    with call.open_desk() as desk:
        family = desk.do(acts.add_member, code, data)
        added = max((person.n for person in desk.family_by_id(family).members), default=0)
        return told(desk, family, n=added)


@member.command("remove", help=mark("Quita un miembro que se anotó por error; su número no se usa otra vez."))
@click.argument("code")
@click.argument("n", type=Member())
@_reason
@click.pass_obj
def member_remove(call: Call, code: str, n: int | str, reason: str) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        return told(desk, desk.do(acts.remove_member, code, n, reason=reason))


@member.command("move", help=mark("Pasa un miembro a otra familia de la misma llegada."))
@click.argument("code")
@click.argument("n", type=Member())
@click.argument("to_code")
@click.pass_obj
def member_move(call: Call, code: str, n: int | str, to_code: str) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        return told(desk, *desk.do(acts.move_member, code, n, to_code))


@root.command(help=mark("Separa a los miembros nombrados en una familia aparte."))
@click.argument("code")
@click.argument("numbers", type=Member(), nargs=-1, required=True, metavar="N...")
@click.pass_obj
def split(call: Call, code: str, numbers: tuple[int | str, ...]) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        return told(desk, *desk.do(acts.split_family, code, list(numbers)))


@root.command(help=mark("Anula una familia, o un servicio, que se anotó por error."))
@click.argument("what", metavar="CODE|SERVICE_ID")
@_reason
@click.pass_obj
def void(call: Call, what: str, reason: str) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        return told(desk, desk.do(acts.void, what, reason=reason))


@root.command(help=mark("Escribe una nota sobre una familia o un miembro."))
@click.argument("code")
@click.argument("text")
@_person
@click.pass_obj
def note(call: Call, code: str, text: str, person: int | str | None) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        return told(desk, desk.do(acts.note, code, text, person=person))


@root.command(help=mark("Lo que la familia autoriza desde ahora, en la misma forma que en register."))
@click.argument("code")
@click.argument("file", metavar="FILE|-")
@click.pass_obj
def consent(call: Call, code: str, file: str) -> Answer:
    from returnee_desk import acts

    data = read_document(file)
    with call.open_desk() as desk:
        return told(desk, desk.do(acts.consent, code, data))


# Links ----------------------------------------------------------------------------------------------


def _link(call: Call, act: Callable[..., Any], a: str, b: str) -> Answer:
    """Carries out the act; `group` is everybody who is now the same person as A, A among them."""
    with call.open_desk() as desk:
        pair = desk.do(act, a, b)
        group = [f"{code}#{n}" for code, n in desk.group(pair[0])]
    return Answer(
        {"group": group}, group, _("Queda anotado. Registros de la persona {a}: {n}.").format(a=a, n=len(group))
    )


@root.command(help=mark("A y B (CÓDIGO#N) son la misma persona."))
@click.argument("a")
@click.argument("b")
@click.pass_obj
def same(call: Call, a: str, b: str) -> Answer:
    from returnee_desk import acts

    return _link(call, acts.same, a, b)


@root.command(help=mark("A y B (CÓDIGO#N) son dos personas distintas."))
@click.argument("a")
@click.argument("b")
@click.pass_obj
def distinct(call: Call, a: str, b: str) -> Answer:
    from returnee_desk import acts

    return _link(call, acts.distinct, a, b)


@root.command(help=mark("Retira lo dicho de A y B: los registros quedan como estaban."))
@click.argument("a")
@click.argument("b")
@click.pass_obj
def unlink(call: Call, a: str, b: str) -> Answer:
    from returnee_desk import acts

    return _link(call, acts.unlink, a, b)
