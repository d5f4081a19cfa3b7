"""Papers of a family as PDF files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from returnee_desk.cli.frame import Answer, Call, option, root
from returnee_desk.errors import Refused
from returnee_desk.words import mark, ngettext

if TYPE_CHECKING:
    from returnee_desk.paper import Printed
    from returnee_desk.records.families import Family
    from returnee_desk.store.desk import Desk

SHEET = "sheet"
PAPERS = ("80mm", "letter")
_file = option(
    "-o",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="F.pdf",
    help=mark("El archivo que se escribe."),
)


@root.command(help=mark("La boleta de servicios de una familia."))
@click.argument("code")
@_file
@option("--paper", type=click.Choice(PAPERS), default="80mm", help=mark("Rollo de 80 mm o carta."))
@click.pass_obj
def slip(call: Call, code: str, file: Path, paper: str) -> Answer:
    with call.open_desk("read") as desk:
        return _written(file, print_slip(desk, desk.family(code), file, paper=paper))


@root.command(help=mark("La hoja de ingreso de una familia, para leerla, firmarla y archivarla."))
@click.argument("code")
@_file
@click.pass_obj
def sheet(call: Call, code: str, file: Path) -> Answer:
    with call.open_desk("read") as desk:
        return _written(file, print_sheet(desk, desk.family(code), file))


def print_slip(desk: Desk, family: Family, file: Path, *, paper: str) -> Printed:
    """Writes the slip of everything given and not taken back. What is on it and came out before makes it a COPIA."""
    from returnee_desk.paper.slip import slip_pdf
    from returnee_desk.sync.founding import slip_mac

    numbers = {service.slip for service in family.services if not service.undone and service.slip}
    papers = numbers or {"slip"}
    printed = slip_pdf(
        family, place_name=desk.settings.place_name, paper=paper, copy=papers <= desk.printed(family.id),
        mac=slip_mac(desk, family.code), practice=desk.settings.practice,
    )  # fmt: skip
    _put(file, printed)
    desk.note_printed(family.id, papers)
    return printed


def print_sheet(desk: Desk, family: Family, file: Path) -> Printed:
    from returnee_desk.paper.sheet import sheet_pdf
    from returnee_desk.records.kinds import kind_of_family
    from returnee_desk.sync.founding import slip_mac

    printed = sheet_pdf(
        family, kind_of_family(family.members, family.arrival.day), place_name=desk.settings.place_name,
        staff={one.id: one.name for one in desk.staff()}, copy=SHEET in desk.printed(family.id),
        practice=desk.settings.practice, mac=slip_mac(desk, family.code),
    )  # fmt: skip
    _put(file, printed)
    desk.note_printed(family.id, {SHEET})
    return printed


def _put(file: Path, printed: Printed) -> None:
    from returnee_desk.store.file import write_whole

    if file.is_dir():
        raise Refused("file_is_folder", path="-o")
    write_whole(file, printed.pdf)


def _written(file: Path, printed: Printed) -> Answer:
    pages = ngettext("{n} hoja", "{n} hojas", printed.pages).format(n=printed.pages)
    return Answer({"file": str(file), "pages": printed.pages, "numbers": list(printed.numbers)}, [f"{file}  {pages}"])
