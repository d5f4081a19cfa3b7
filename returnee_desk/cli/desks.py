"""Making a desk, joining an office, who works here, how it stands, a copy, a check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from returnee_desk.cli.frame import Answer, Call, Option, error_json, option, read_passphrase, root
from returnee_desk.errors import Refused
from returnee_desk.words import _, mark, ngettext

KINDS = ("post", "office", "delegation")
FILE = click.Path(path_type=Path)


@root.command(help=mark("Crea un puesto nuevo: archivo cifrado, llaves y quien lo administra."))
@option("--kind", required=True, type=click.Choice(KINDS), help=mark("Puesto, oficina central o delegación."))
@option("--place", required=True, metavar="CODE", help=mark("El código del lugar, OFFICE, o D01 a D22."))
@option("--place-name", metavar="N", help=mark("El nombre de un lugar que no está en la lista."))
@option("--letter", required=True, metavar="A", help=mark("La letra de esta computadora en su lugar."))
@option("--escrow", type=FILE, metavar="FILE", help=mark("En la oficina: dónde escribir la llave de resguardo."))
@click.pass_obj
def init(call: Call, kind: str, place: str, place_name: str | None, letter: str, escrow: Path | None) -> Answer:
    from returnee_desk.sync.founding import found_desk

    if call.user is None:
        raise click.MissingParameter(param=Option(["--user"]))
    founded = found_desk(
        call.folder, kind=kind, place=place, place_name=place_name, letter=letter, user=call.user,
        passphrase=call.passphrase(), escrow=escrow,
    )  # fmt: skip
    with founded.desk as desk:
        data: dict[str, Any] = {
            "desk_id": desk.settings.desk_id,
            "fingerprint_words": founded.fingerprint_words,
            "recovery_code": founded.recovery_code,
            "kind": kind,
            "place": place,
            "place_name": desk.settings.place_name,
            "letter": letter,
            "device": desk.settings.device,
        }
    lines = [
        _("Palabras de esta computadora: {words}").format(words=founded.fingerprint_words),
        _("Código de recuperación: {code}").format(code=founded.recovery_code),
    ]
    said = _("El puesto está creado. Escriba el código de recuperación en papel y guárdelo: no se muestra otra vez.")
    return Answer(data, lines, said)


# Joining an office ----------------------------------------------------------------------------------


@root.group(help=mark("Inscribe un puesto en su oficina central."))
def enrol() -> None:
    """request at the desk, accept at the office, install at the desk."""


@enrol.command("request", help=mark("Escribe la solicitud que se lleva a la oficina."))
@click.argument("file", type=FILE)
@click.pass_obj
def enrol_request(call: Call, file: Path) -> Answer:
    from returnee_desk.sync.founding import request_enrolment

    with call.open_desk("keys") as desk:
        return _enrolled(request_enrolment(desk, file), _("Lleve la solicitud a la oficina y lea allá estas palabras."))


@enrol.command("accept", help=mark("En la oficina: acepta una solicitud y escribe la respuesta."))
@click.argument("request", type=FILE)
@click.argument("answer", type=FILE)
@option("--words", metavar="W", help=mark("Las seis palabras que dijo el puesto."))
@click.pass_obj
def enrol_accept(call: Call, request: Path, answer: Path, words: str | None) -> Answer:
    from returnee_desk.sync.founding import accept_enrolment

    with call.open_desk("keys") as desk:
        done = accept_enrolment(desk, request, answer, passphrase=call.passphrase(), words=words)
        return _enrolled(
            done, _("La computadora está en la lista. Lleve la respuesta al puesto y lea allá estas palabras.")
        )


@enrol.command("install", help=mark("En el puesto: instala la respuesta de la oficina."))
@click.argument("answer", type=FILE)
@option("--words", metavar="W", help=mark("Las seis palabras que dijo la oficina."))
@click.pass_obj
def enrol_install(call: Call, answer: Path, words: str | None) -> Answer:
    from returnee_desk.sync.founding import install_enrolment

    with call.open_desk("keys") as desk:
        return _enrolled(
            install_enrolment(desk, answer, words=words), _("El puesto está inscrito en su oficina central.")
        )


def _enrolled(done: Any, said: str) -> Answer:
    return Answer({"version": done.version, "devices": done.devices, "words": done.words}, [done.words], said)


# People ---------------------------------------------------------------------------------------------


@root.group(help=mark("Quién trabaja aquí y con qué función."))
def user() -> None:
    """add, list, remove."""


@user.command("add", help=mark("Agrega a una persona con su contraseña."))
@click.argument("name")
@option("--role", required=True, metavar="ROLE", help=mark("clerk, care_worker, supervisor, administrator, analyst."))
@option("--new-passphrase-file", required=True, type=FILE, metavar="F", help=mark("Archivo con su contraseña."))
@click.pass_obj
def user_add(call: Call, name: str, role: str, new_passphrase_file: Path) -> Answer:
    from returnee_desk import acts
    from returnee_desk.store.slots import same_user

    passphrase = read_passphrase(new_passphrase_file)
    if not passphrase:
        raise Refused("passphrase_empty", path="new_passphrase_file")
    with call.open_desk("users") as desk:
        known = next((one for one in desk.staff() if one.active and same_user(one.name, name)), None)
        if known is not None and known.role == role and not desk.slots.has(name):
            desk.add_slot(name, passphrase)  # works at another desk already; here only the passphrase was missing
            return _users(desk)
        desk.do(acts.add_user, name, role=role)
        try:
            desk.add_slot(name, passphrase)
        except BaseException:
            desk.do(acts.remove_user, name)
            raise
        return _users(desk)


@user.command("list", help=mark("Las personas y sus funciones."))
@click.pass_obj
def user_list(call: Call) -> Answer:
    with call.open_desk("read") as desk:
        return _users(desk)


@user.command("remove", help=mark("Quita a una persona; lo que hizo queda a su nombre."))
@click.argument("name")
@click.pass_obj
def user_remove(call: Call, name: str) -> Answer:
    from returnee_desk import acts
    from returnee_desk.store.slots import same_user

    with call.open_desk("users") as desk:
        here = [one for one in desk.staff() if one.active and desk.slots.has(one.name)]
        staying = [one for one in here if one.role == "administrator" and not same_user(one.name, name)]
        if desk.slots.has(name) and not staying:  # administrators of other desks cannot open this one
            raise Refused("last_administrator", path="name")
        desk.do(acts.remove_user, name)
        if desk.slots.has(name):
            desk.remove_slot(name)
        return _users(desk)


def _users(desk: Any) -> Answer:
    """People who may work here. `opens` says who has a passphrase on this PC."""
    users = [
        {"id": one.id, "name": one.name, "role": one.role, "opens": desk.slots.has(one.name)}
        for one in desk.staff()
        if one.active
    ]
    return Answer({"users": users}, [f"{one['name']}\t{one['role']}" for one in users])


# How the desk stands --------------------------------------------------------------------------------


@root.command(help=mark("Cómo está el puesto: lo guardado, lo enviado y lo que ya está a salvo."))
@click.pass_obj
def status(call: Call) -> Answer:
    with call.open_desk() as desk:
        counts = desk.status()
        settings = desk.settings
        data = {
            **counts,
            "kind": settings.kind,
            "place": settings.place,
            "place_name": settings.place_name,
            "letter": settings.letter,
            "device": settings.device,
            "epoch": settings.epoch,
            "enrolled": settings.enrolled,
            "history_digest": desk.history_digest(),
            "content_digest": desk.content_digest(),
            "stock": {},
            "versions": versions(),
        }
    lines = [
        f"{settings.place_name} ({settings.place}-{settings.letter})",
        _("Familias: {n}").format(n=counts["families"]),
        _("Personas: {n}").format(n=counts["persons"]),
        _("Guardado: {own}. Sin enviar: {unsent}, enviado: {sent}, llegó: {arrived}, a salvo: {safe}").format(**counts),
    ]
    return Answer(data, lines)


def versions() -> dict[str, str]:
    """Of the program, the file's form, the bundle format, SQLite and Python."""
    import platform

    from returnee_desk import __version__
    from returnee_desk.store.cipher import driver
    from returnee_desk.store.migrations import schema
    from returnee_desk.sync.bundle import VERSION

    return {
        "program": __version__,
        "schema": schema._migrations[-1].name,
        "format": str(VERSION),
        "sqlite": driver.sqlite_version,
        "python": platform.python_version(),
    }


@root.command(help=mark("Una copia entera en un archivo, leída de vuelta y abierta."))
@click.argument("file", type=FILE)
@click.pass_obj
def backup(call: Call, file: Path) -> Answer:
    with call.open_desk("exchange") as desk:
        desk.backup(file)
        data = {"file": str(file), "history_digest": desk.history_digest(), "content_digest": desk.content_digest()}
    return Answer(data, [str(file)], _("La copia está hecha: se leyó de vuelta y abre."))


@root.command(help=mark("Revisa el archivo entero: páginas, índices, y si la historia da las mismas tablas."))
@click.pass_obj
def check(call: Call) -> Answer:
    with call.open_desk() as desk:
        problems = desk.check()
        data = {
            "problems": problems,
            "history_digest": desk.history_digest(),
            "content_digest": desk.content_digest(),
        }
    if problems:
        return Answer(data, problems, error=error_json(Refused("problems_found", problems=len(problems))))
    found = ngettext("{n} problema", "{n} problemas", 0).format(n=0)
    return Answer(data, [found], _("El archivo está en buen estado."))
