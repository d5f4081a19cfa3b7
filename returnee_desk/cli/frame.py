"""What every command shares: the options beside it, the open desk, and how an answer leaves the program.

A command is a plain function that returns an `Answer`; nothing else writes to standard output. The common options
may stand before or after the command's name. Everything heavy is imported inside the functions that need it, so
that a wrong option is told at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from returnee_desk.errors import DeskError, Refused
from returnee_desk.words import LANGUAGES, _, mark, set_language

if TYPE_CHECKING:
    from returnee_desk.store.desk import Desk

PASSPHRASE_VARIABLE = "RETURNEE_DESK_PASSPHRASE"  # noqa: S105 - the name of a variable
DONE, REFUSED, WRONG_USAGE, BUG = 0, 1, 2, 3
LONGEST_PASSPHRASE_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did. `data` is the JSON document without `ok`; `lines` the same for people, for
    standard output; `said` a sentence for standard error. `error` makes it a refusal that still has data."""

    data: Mapping[str, Any]
    lines: Iterable[str] = ()
    said: str = ""
    error: Mapping[str, Any] | None = None
    told: bool = False
    """The document went out bit by bit already; only the exit code is left to say."""


class Usage(click.UsageError):
    """The command's words are wrong in a way click does not see; the message is ours."""


@dataclass(slots=True)
class Call:
    """The options that stand beside any command."""

    desk: Path | None = None
    user: str | None = None
    passphrase_file: Path | None = None
    as_json: bool = False
    practice: bool = field(default=False)
    """Known once a desk is open: its answers say so."""

    @property
    def folder(self) -> Path:
        """Where the desk is: as asked, else the platform's folder for it."""
        if self.desk is not None:
            return self.desk
        from returnee_desk.folders import desk_folder

        return desk_folder()

    def passphrase(self) -> str:
        """From the file, the variable, or the keyboard. Refused `passphrase_needed` where there is none of them."""
        if self.passphrase_file is not None:
            return read_passphrase(self.passphrase_file)
        given = os.environ.get(PASSPHRASE_VARIABLE)
        if given:
            return given
        return _typed_passphrase(_("Contraseña: "))

    @contextmanager
    def open_desk(self, right: str | None = None) -> Iterator[Desk]:
        """The desk, open, for whoever has that right (`records.staff.RIGHTS`); Refused `not_allowed`."""
        from returnee_desk.store.desk import DATABASE, Desk

        if not (self.folder / DATABASE).exists():
            raise Refused("no_desk")
        with Desk.open(self.folder, user=self.user, passphrase=self.passphrase()) as desk:
            self.practice = desk.settings.practice
            if right is not None and not desk.me.may(right):
                raise Refused("not_allowed", right=right, role=desk.me.role)
            yield desk


def _typed_passphrase(asked: str) -> str:
    if not sys.stdin.isatty():
        raise Refused("passphrase_needed")
    import getpass

    return getpass.getpass(asked, stream=sys.stderr)


def read_passphrase(file: Path) -> str:
    """The first line of a file, as it stands there: only the line's end and a byte order mark are not part of it.

    Refused `passphrase_file` where it cannot be read or is no text.
    """
    try:
        with file.open("rb") as stream:
            text = stream.read(LONGEST_PASSPHRASE_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Refused("passphrase_file") from None
    return text.split("\n", 1)[0].removesuffix("\r")


# Options and commands -------------------------------------------------------------------------------


class Option(click.Option):
    """An option whose help is told in the language in force."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        if record is None:
            return None
        told, own = record[1], self.help or ""
        return record[0], _(own) + told.removeprefix(own).replace("[required]", _("[obligatoria]"))


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(*names, cls=Option, **settings)


class Member(click.ParamType[int | str]):
    """A member's number, or the record's id where two bear one number."""

    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        text = str(value)
        if len(text) == 32 and set(text) <= set("0123456789abcdef"):
            return text
        if len(text) <= 4 and text.isascii() and text.isdigit():
            return int(text)
        return self.fail(text, param, ctx)


def _keep(attribute: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def kept(ctx: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value is not None and value is not False:
            setattr(ctx.ensure_object(Call), attribute, value)
        return value

    return kept


def _speak(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        set_language(value)


_PATH = click.Path(path_type=Path)
COMMON: tuple[click.Parameter, ...] = (
    Option(["--desk"], type=_PATH, metavar="FOLDER", expose_value=False, callback=_keep("desk"),
           help=mark("La carpeta del puesto; sin ella, la de esta computadora.")),
    Option(["--json", "as_json"], is_flag=True, expose_value=False, callback=_keep("as_json"),
           help=mark("Responde con un documento JSON en la salida estándar.")),
    Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False, is_eager=True, callback=_speak,
           help=mark("El idioma de los mensajes.")),
    Option(["--user"], metavar="NAME", expose_value=False, callback=_keep("user"),
           help=mark("Quién abre el puesto; puede faltar donde hay una sola persona.")),
    Option(["--passphrase-file"], type=_PATH, metavar="F", expose_value=False, callback=_keep("passphrase_file"),
           help=mark("Archivo con la contraseña; si falta, la variable RETURNEE_DESK_PASSPHRASE.")),
)  # fmt: skip


class _Help(click.HelpFormatter):
    """A page of help whose headings are in the language in force."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or _("Uso: "))

    def write_heading(self, heading: str) -> None:
        super().write_heading({"Options": _("Opciones"), "Commands": _("Órdenes")}.get(heading, heading))


class _Context(click.Context):
    formatter_class = _Help


class Command(click.Command):
    """A command with the common options."""

    context_class = _Context

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *COMMON]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _translated_help(self, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        return _(self.help or "")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _help_option(super().get_help_option(ctx))


class Group(click.Group):
    """Commands under one name, with the common options."""

    command_class = Command
    group_class = type
    context_class = _Context

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *COMMON]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _translated_help(self, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        return _(self.help or "")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _help_option(super().get_help_option(ctx))


def _help_option(found: click.Option | None) -> click.Option | None:
    if found is not None:
        found.help = _("Muestra esta ayuda y termina.")
    return found


def _translated_help(command: click.Command, formatter: click.HelpFormatter) -> None:
    if command.help:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_(command.help))


@click.group(
    cls=Group,
    help=mark("Registro de familias retornadas. Sin orden, abre la ventana."),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
def root() -> None:
    """Every command hangs on this one."""


# Reading what is asked ------------------------------------------------------------------------------


def assignments(words: Sequence[str]) -> dict[str, Any]:
    """`FIELD=JSON` words. Wrong usage without `=` or for a field given twice; Refused `invalid_json` with the field
    where the value is none: a text needs its quotes (`surnames='"Xiloj"'`)."""
    from returnee_desk.sync.documents import NotStrict, strict

    changes: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise Usage(_("Se espera CAMPO=JSON, por ejemplo sex='\"F\"'."))
        if name in changes:
            raise Usage(_("El mismo campo está dos veces."))
        try:
            changes[name] = strict(os.fsencode(value))
        except NotStrict:
            raise Refused("invalid_json", path=name) from None
    return changes


LONGEST_LINE = 1 << 20


def read_document(file: str) -> Any:
    """One JSON document of a file, or of standard input for `-`. Refused `invalid_json`, `line_too_long`, `no_file`."""
    from returnee_desk.sync.documents import NotStrict, strict

    if file == "-":
        data = sys.stdin.buffer.read(LONGEST_LINE + 4)
    else:
        try:
            with Path(file).open("rb") as stream:
                data = stream.read(LONGEST_LINE + 4)
        except OSError:
            raise Refused("no_file") from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    if len(data) > LONGEST_LINE:
        raise Refused("line_too_long", most=LONGEST_LINE)
    try:
        return strict(data)
    except NotStrict:
        raise Refused("invalid_json") from None


# Answering ------------------------------------------------------------------------------------------


def error_json(error: DeskError) -> dict[str, Any]:
    """`{code, message, details, path}`. Details carry ids, codes and numbers, never a person's data."""
    from returnee_desk.tell import tell_error

    return {"code": error.code, "message": str(tell_error(error)), "details": error.details, "path": error.path}


def warnings_json(warnings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Warnings with the sentence for each."""
    from returnee_desk.tell import tell

    return [{**one, "message": str(tell(one["code"], one.get("details")))} for one in warnings]


def as_line(document: Mapping[str, Any]) -> str:
    """A document on one line of text. Bytes of arguments that are no text leave as escapes, so it is JSON always."""
    return json.dumps(document, ensure_ascii=False, default=str, separators=(", ", ": "))


def write(text: str) -> None:
    """A line on standard output, and on its way at once."""
    stream = sys.stdout
    stream.write(text + "\n")
    stream.flush()


def write_error(text: str) -> None:
    if text:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def speak_utf8() -> None:
    """Standard output and error are UTF-8 on every system, also where the console's own code page is another."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
