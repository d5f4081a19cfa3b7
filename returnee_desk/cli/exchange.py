"""Sticks out and in, and the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from returnee_desk.cli.frame import Answer, Call, error_json, option, root
from returnee_desk.errors import Refused
from returnee_desk.words import _, mark

FOLDER = click.Path(path_type=Path)


@root.command(help=mark("Escribe en una memoria todo lo que la oficina aún no tiene a salvo."))
@click.argument("folder", type=FOLDER)
@click.pass_obj
def export(call: Call, folder: Path) -> Answer:
    from returnee_desk.sync import exchange

    with call.open_desk("exchange") as desk:
        return told(exchange.export(desk, folder), _("Ya puede sacar la memoria: lo escrito se leyó de vuelta."))


@root.command("import", help=mark("Lee una memoria: paquetes, acuses y listas."))
@click.argument("folder", type=FOLDER)
@click.pass_obj
def import_folder(call: Call, folder: Path) -> Answer:
    from returnee_desk.sync import exchange

    with call.open_desk("exchange") as desk:
        return told(exchange.import_(desk, folder), _("La memoria está leída."))


def told(done: Any, said: str) -> Answer:
    """What an export or import answers; any refused file makes it a refusal, though the others were taken."""
    data: dict[str, Any] = {"refused": [], "gaps": [], "doubts": [], **done._asdict()}
    lines = [
        _("Paquetes: {bundles}. Cambios: {operations}. Familias: {families}").format(
            bundles=done.bundles, operations=done.operations, families=done.families
        )
    ]
    refused = data["refused"]
    if not refused:
        return Answer(data, lines, said)
    error = error_json(Refused(refused[0]["code"], file=refused[0]["file"], refused=len(refused)))
    for one in refused:
        lines.append(f"{one['file']}: {error_json(Refused(one['code']))['message']}")
    return Answer(data, lines, error_json(Refused("files_refused"))["message"], error)


@root.command(help=mark("Las cifras de un día, un mes, un año o un turno."))
@click.argument("period")
@option("--place", metavar="CODE", help=mark("Solo un lugar."))
@click.pass_obj
def report(call: Call, period: str, place: str | None) -> Answer:
    from returnee_desk.reports.figures import figures

    with call.open_desk("report") as desk:
        found = figures(desk, period, place=place)
    return Answer({"figures": found}, figure_lines(found))


def figure_lines(found: Mapping[str, Any]) -> list[str]:
    """The first figures with their cross-sums, for people."""
    named: list[tuple[str, Callable[[], str]]] = [
        ("families", lambda: _("Familias")),
        ("persons", lambda: _("Personas")),
        ("men", lambda: _("Hombres")),
        ("women", lambda: _("Mujeres")),
        ("minors", lambda: _("Niñas, niños y adolescentes")),
        ("fathers", lambda: _("Padres")),
        ("mothers", lambda: _("Madres")),
        ("sons", lambda: _("Hijos")),
        ("daughters", lambda: _("Hijas")),
        ("child_without_parent", lambda: _("Casos de niñez sin madre ni padre")),
        ("guardian_units", lambda: _("Familias con tutor o tutora legal")),
        ("adults_only", lambda: _("Grupos de personas adultas")),
        ("returned_before", lambda: _("Personas que ya habían retornado")),
    ]
    lines = [f"{name()}: {found[key]}" for key, name in named]
    failing = [check["name"] for check in found["checks"] if not check["holds"]]
    lines += [_("No cuadra: {sum}").format(sum=name) for name in failing]
    if not failing:
        lines.append(_("Las {n} sumas cuadran.").format(n=len(found["checks"])))
    if found["missing_places"]:
        lines.append(_("Faltan los datos de: {places}").format(places=", ".join(found["missing_places"])))
    lines.append(_("Corte: {at}").format(at=found["cut_off"]))
    return lines
