"""Buses and flights on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from returnee_desk.cli.frame import Answer, Call, assignments, option, root
from returnee_desk.words import _, mark

if TYPE_CHECKING:
    from returnee_desk.records.arrivals import Arrival
    from returnee_desk.store.desk import Desk


@root.group(help=mark("Buses y vuelos."))
def arrival() -> None:
    """add, set, row, correct, list, close."""


def arrival_json(one: Arrival) -> dict[str, Any]:
    """An arrival with its counts and the rows nobody has accounted for."""
    return {
        "arrival_id": one.id,
        "place": one.place,
        "mode": one.mode,
        "label": one.label,
        "from": one.country,
        "at": one.at.isoformat(),
        "headcount": one.headcount,
        "others": one.others,
        "state": one.state,
        "rows": one.row_count,
        "families": one.families,
        "registered": one.registered,
        "served": one.served,
        "missing_rows": list(one.missing_rows),
        "marks": [
            {"n": row.number, "mark": row.mark, "state": row.state, "to": row.to}
            for row in one.rows
            if row.mark or row.state != "counted"
        ],
    }


def _arrival_line(one: Arrival) -> str:
    counts = _("a bordo {aboard}, registradas {registered} en {families} familias, faltan {missing} filas").format(
        aboard=one.headcount, registered=one.registered, families=one.families, missing=len(one.missing_rows)
    )
    state = {"open": _("abierta"), "closed": _("cerrada")}.get(one.state, one.state)
    return f"{one.id}  {one.at:%d/%m/%Y %H:%M}  {one.label} ({one.country}, {state})  {counts}"


def _told(desk: Desk, arrival_id: str, **more: Any) -> Answer:
    one = desk.arrival(arrival_id)
    return Answer({**arrival_json(one), **more}, [_arrival_line(one)])


@arrival.command("add", help=mark("Abre un bus o un vuelo; el mismo dos veces es uno."))
@option("--mode", required=True, metavar="land|air", help=mark("Por tierra o por aire."))
@option("--label", required=True, metavar="T", help=mark("Cómo lo llaman: número de bus o de vuelo."))
@option("--from", "country", required=True, metavar="MEX", help=mark("De qué país viene."))
@option("--headcount", required=True, type=int, metavar="N", help=mark("Cuántas personas vienen a bordo."))
@option("--at", required=True, metavar="T", help=mark("Cuándo llegó, con su zona: 2026-11-22T14:20-06:00."))
@option("--others", type=int, metavar="N", help=mark("Cuántas vienen sin familia."))
@click.pass_obj
def arrival_add(call: Call, mode: str, label: str, country: str, headcount: int, at: str, others: int | None) -> Answer:
    from returnee_desk import acts

    asked: dict[str, Any] = {"mode": mode, "label": label, "from": country, "headcount": headcount, "at": at}
    if others is not None:
        asked["others"] = others
    with call.open_desk() as desk:
        done = desk.do(acts.open_arrival, asked)
        return _told(desk, done["arrival_id"], repeated=done["repeated"])


@arrival.command("set", help=mark("Cuántas personas a bordo vienen sin familia."))
@click.argument("arrival_id", metavar="ID")
@option("--others", required=True, type=int, metavar="N", help=mark("Cuántas vienen sin familia."))
@click.pass_obj
def arrival_set(call: Call, arrival_id: str, others: int) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        desk.do(acts.set_arrival, arrival_id, others=others)
        return _told(desk, arrival_id)


@arrival.command("row", help=mark("Marca una fila, o dice qué fue de ella."))
@click.argument("arrival_id", metavar="ID")
@click.argument("n", type=int)
@option("--mark", "sign", metavar="M", help=mark("child_alone, ill, pregnant o afraid."))
@option("--state", metavar="left|handed", help=mark("Se fue sin registrarse, o se entregó a otra institución."))
@option("--to", metavar="BODY", help=mark("A qué institución se entregó."))
@click.pass_obj
def arrival_row(call: Call, arrival_id: str, n: int, sign: str | None, state: str | None, to: str | None) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        desk.do(acts.mark_row, arrival_id, n, mark=sign, state=state, to=to)
        return _told(desk, arrival_id)


@arrival.command("correct", help=mark("Corrige un bus o un vuelo: CAMPO=JSON con su motivo."))
@click.argument("arrival_id", metavar="ID")
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=JSON...")
@option("--reason", required=True, metavar="R", help=mark("Por qué."))
@click.pass_obj
def arrival_correct(call: Call, arrival_id: str, changes: tuple[str, ...], reason: str) -> Answer:
    from returnee_desk import acts

    wanted = assignments(changes)
    with call.open_desk() as desk:
        desk.do(acts.correct_arrival, arrival_id, wanted, reason=reason)
        return _told(desk, arrival_id)


@arrival.command("list", help=mark("Los buses y vuelos, el más nuevo primero."))
@click.pass_obj
def arrival_list(call: Call) -> Answer:
    with call.open_desk("read") as desk:
        found = desk.arrivals()
    return Answer({"arrivals": [arrival_json(one) for one in found]}, [_arrival_line(one) for one in found])


@arrival.command("close", help=mark("Cierra un bus o un vuelo cuando toda fila tiene su respuesta."))
@click.argument("arrival_id", metavar="ID")
@click.pass_obj
def arrival_close(call: Call, arrival_id: str) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        desk.do(acts.close_arrival, arrival_id)
        return _told(desk, arrival_id)
