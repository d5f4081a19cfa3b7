"""The command line: a second front door over the same core, without Qt. `main` is what the program starts."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from returnee_desk.cli import arrivals, changes, demo, desks, exchange, families, paper, register, services
from returnee_desk.cli.frame import (
    BUG,
    DONE,
    REFUSED,
    WRONG_USAGE,
    Answer,
    Call,
    Usage,
    as_line,
    error_json,
    root,
    speak_utf8,
    write,
    write_error,
)
from returnee_desk.errors import DeskError, Refused
from returnee_desk.words import _, set_language

COMMANDS = (arrivals, changes, demo, desks, exchange, families, paper, register, services)
"""Each of these modules hangs its commands on `root` when it is imported."""

DEBUG_VARIABLE = "RETURNEE_DESK_DEBUG"


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit code: 0 done, 1 refused, 2 wrong usage, 3 our own bug."""
    asked = list(sys.argv[1:] if words is None else words)
    speak_utf8()
    call = Call(as_json=_wants_json(asked))
    try:
        answer = root.main(asked, prog_name="returnee-desk", obj=call, standalone_mode=False)
        return _tell(call, answer) if isinstance(answer, Answer) else DONE
    except DeskError as error:
        return _refuse(call, error_json(error), REFUSED)
    except click.UsageError as error:
        return _wrong_usage(call, error)
    except (click.Abort, KeyboardInterrupt):
        return _refuse(call, error_json(Refused("stopped")), REFUSED)
    except BrokenPipeError:  # whoever reads us has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception as error:  # noqa: BLE001 - the one place where our own bugs end
        return _bug(call, error)


def no_screen(lang: str) -> int:
    """Says that no window can be shown here, and what works instead."""
    speak_utf8()
    set_language(lang)
    return _refuse(Call(), error_json(Refused("no_display")), REFUSED)


def _wants_json(words: Sequence[str]) -> bool:
    """Whether `--json` stands among the options, so that a wrong command is told in JSON too."""
    return "--json" in words[: words.index("--")] if "--" in words else "--json" in words


def _tell(call: Call, answer: Answer) -> int:
    ok = answer.error is None
    if answer.told:
        return DONE if ok else REFUSED
    if call.as_json:
        document: dict[str, Any] = {"ok": ok, **answer.data}
        if answer.error is not None:
            document["error"] = answer.error
        if call.practice:
            document["practice"] = True
        write(as_line(document))
    else:
        for line in answer.lines:
            write(line)
        write_error(answer.said)
        if answer.error is not None and not answer.lines:
            write_error(str(answer.error["message"]))
    return DONE if ok else REFUSED


def _refuse(call: Call, error: dict[str, Any], code: int) -> int:
    if call.as_json:
        write(as_line({"ok": False, "error": error}))
    else:
        write_error(error["message"])
    return code


def _wrong_usage(call: Call, error: click.UsageError) -> int:
    message = _usage_sentence(error)
    ctx = error.ctx
    if not call.as_json and ctx is not None:
        write_error(ctx.get_usage())
        if _only_help(error):
            write_error(ctx.get_help())
    known = {"command": ctx.command_path} if ctx is not None else {}
    return _refuse(call, {"code": "usage", "message": message, "details": known, "path": None}, WRONG_USAGE)


def _only_help(error: click.UsageError) -> bool:
    """A group named without its command; click has a class for it since 8.2."""
    return type(error).__name__ == "NoArgsIsHelpError"


def _usage_sentence(error: click.UsageError) -> str:
    """What is wrong with the words, without repeating a value: it may be a person's name."""
    match error:
        case click.NoSuchOption():
            return _("No hay una opción {name}.").format(name=error.option_name)
        case click.MissingParameter() if error.param is not None:
            return _("Falta {name}.").format(name=error.param.get_error_hint(error.ctx))
        case click.BadParameter() if error.param is not None:
            return _("Lo escrito no es válido para {name}.").format(name=error.param.get_error_hint(error.ctx))
        case click.BadOptionUsage():
            return _("La opción {name} está mal usada.").format(name=error.option_name)
        case Usage():
            return error.message
        case _ if _only_help(error):
            return _("Falta la orden.")
    return _("La orden no está bien escrita. Con --help se ve cómo se escribe.")


def _bug(call: Call, error: Exception) -> int:
    if os.environ.get(DEBUG_VARIABLE) == "1":
        # Frames alone: the text of an exception and local variables may hold a person's data.
        write_error("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f"{Path(place[0].filename).name}:{place[0].lineno}" if place else ""
    return _refuse(call, error_json(Refused("bug", what=f"{type(error).__name__} {where}".strip())), BUG)
