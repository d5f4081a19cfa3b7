"""`register`: JSON lines in, one family and one save each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from returnee_desk.cli.families import kind_name
from returnee_desk.cli.frame import LONGEST_LINE, Answer, Call, as_line, error_json, option, root, warnings_json, write
from returnee_desk.errors import DeskError, Refused
from returnee_desk.words import _, mark, ngettext

if TYPE_CHECKING:
    from returnee_desk.store.desk import Desk

_MARK = b"\xef\xbb\xbf"


@root.command(help=mark("Registra familias: una línea JSON cada una, guardada al leerla."))
@click.argument("file", metavar="FILE|-")
@option("--stream", is_flag=True, help=mark("Tras cada guardado, una línea de respuesta en la salida."))
@click.pass_obj
def register(call: Call, file: str, stream: bool) -> Answer:
    call.as_json = call.as_json or stream
    families: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    with call.open_desk() as desk, _opened(file) as lines:
        if desk.settings.kind != "post":
            raise Refused("wrong_desk_kind", kind=desk.settings.kind)
        for number, line in numbered_lines(lines):
            answer = {"line": number, **_registered(desk, line)}
            if stream:
                write(as_line(answer))
                answer = {name: answer[name] for name in ("line", "error") if name in answer}  # thousands may come
            (refused if "error" in answer else families).append(answer)
    error = {**refused[0]["error"], "line": refused[0]["line"]} if refused else None
    lines_told = [f"{one['code']}  {kind_name(one['kind'])}" for one in families if not stream]
    for one in refused:
        lines_told.append(_("Línea {n}: {why}").format(n=one["line"], why=one["error"]["message"]))
    return Answer({"families": families, "refused": refused}, lines_told, _count(families, refused), error, told=stream)


def _count(families: list[dict[str, Any]], refused: list[dict[str, Any]]) -> str:
    saved = ngettext("{n} familia guardada", "{n} familias guardadas", len(families)).format(n=len(families))
    return f"{saved}." if not refused else _("{saved}; {n} no se guardaron.").format(saved=saved, n=len(refused))


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    """Standard input for `-`, else the file. Refused `no_file`."""
    if file == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as open_files:
        try:
            stream = open_files.enter_context(Path(file).open("rb"))
        except OSError:
            raise Refused("no_file") from None
        yield stream


def numbered_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """The lines with something on them, numbered from 1 as an editor does. None stands for one over the cap.

    A line is handed on as soon as it came; a byte order mark before the first is taken off.
    """
    number = 0
    while line := stream.readline(LONGEST_LINE + 2):
        number += 1
        if number == 1:
            line = line.removeprefix(_MARK)
        whole = line.endswith(b"\n")
        content = line.rstrip(b"\r\n")
        if len(content) > LONGEST_LINE:
            while not whole and (rest := stream.readline(LONGEST_LINE)):
                whole = rest.endswith(b"\n")
            yield number, None
        elif content.strip():
            yield number, content


def _registered(desk: Desk, line: bytes | None) -> dict[str, Any]:
    """What became of one line: `ok` true with the family, or false with the error. Another line goes on."""
    from returnee_desk import acts
    from returnee_desk.sync.documents import NotStrict, strict

    try:
        if line is None:
            raise Refused("line_too_long", most=LONGEST_LINE)
        try:
            data = strict(line)
        except NotStrict:
            raise Refused("invalid_json") from None
        saved = desk.do(acts.register_family, data)
    except DeskError as error:
        return {"ok": False, "error": error_json(error)}
    return {
        "ok": True,
        "code": saved["code"],
        "id": saved["id"],
        "kind": saved["kind"],
        "warnings": warnings_json(saved["warnings"]),
        "likely_earlier": likely_earlier(desk, saved["id"]),
        "repeated": saved["repeated"],
    }


def likely_earlier(desk: Desk, family_id: str) -> list[dict[str, Any]]:
    """Earlier records that may be people of this family, best first; `for` is the member here."""
    family = desk.family_by_id(family_id)
    found = desk.likely_earlier(
        family.members,
        municipality=family.origin.municipality or family.destination.municipality,
        phone=family.phone,
        exclude_family=family_id,
    )
    return [
        {"code": one.code, "n": one.n, "for": one.for_, "band": one.band, "score": one.score, "why": list(one.why)}
        for one in found
    ]
