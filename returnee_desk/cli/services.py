"""Handing services out and taking them back."""

from __future__ import annotations

from pathlib import Path

import click

from returnee_desk.cli.frame import Answer, Call, Member, Usage, option, read_passphrase, root
from returnee_desk.words import _, mark


@root.command(help=mark("Entrega un servicio a un miembro o a la familia."))
@click.argument("code")
@click.argument("service")
@option("--person", type=Member(), metavar="N", help=mark("A quién; sin esto, a cada miembro que corresponde."))
@option("--quantity", type=int, default=1, metavar="Q", help=mark("Cuánto."))
@option("--override", metavar="REASON", help=mark("Por qué se entrega fuera de la regla."))
@option("--second", metavar="USER", help=mark("Quién más lo autoriza."))
@option("--second-passphrase-file", type=click.Path(path_type=Path), metavar="F", help=mark("Con su contraseña."))
@click.pass_obj
def deliver(
    call: Call, code: str, service: str, person: int | str | None, quantity: int, override: str | None,
    second: str | None, second_passphrase_file: Path | None,
) -> Answer:  # fmt: skip
    from returnee_desk import acts

    if (second is None) != (second_passphrase_file is None):
        raise Usage(_("--second y --second-passphrase-file van juntas."))
    if second is not None and override is None:
        raise Usage(_("--second solo va con --override."))
    with call.open_desk() as desk:
        other = None
        if second is not None and second_passphrase_file is not None:
            other = desk.second(second, read_passphrase(second_passphrase_file))
        done = desk.do(acts.deliver, code, service, person=person, quantity=quantity, override=override, second=other)
    return Answer(done, [done["slip"]], _("Entregado. Boleta {slip}.").format(slip=done["slip"]))


@root.command(help=mark("Deshace una entrega; la anterior queda en la historia."))
@click.argument("service_id")
@click.pass_obj
def undo(call: Call, service_id: str) -> Answer:
    from returnee_desk import acts

    with call.open_desk() as desk:
        done = desk.do(acts.undo, service_id)
    return Answer(done, [done["service_id"]], _("La entrega está deshecha."))
