"""Every sentence told to people about what happened, what is safe and what to do next.

`SENTENCES` maps a stable code (errors and warnings alike) to a function that gives its sentences in
the language in force. Nothing here holds a person's data: details are codes, numbers and list entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from returnee_desk.errors import DeskError
from returnee_desk.words import _


class Sentence(NamedTuple):
    """`happened`, `safe` and `next` are whole sentences; `safe` and `next` may be empty."""

    happened: str
    safe: str = ""
    next: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


Facts = Mapping[str, Any]
_NOTHING_CHANGED = lambda: _("No se guardó nada y lo anterior sigue igual.")  # noqa: E731 - translated when asked


SENTENCES: dict[str, Callable[[Facts], Sentence]] = {}


def tell(code: str, details: Facts | None = None) -> Sentence:
    """The sentences for a code. An unknown code is told as such, never as a raw traceback."""
    say = SENTENCES.get(code)
    if say is None:
        return Sentence(
            _("Algo no se pudo hacer ({code}).").format(code=code),
            _NOTHING_CHANGED(),
            _("Intente de nuevo; si se repite, avise a quien administra el programa."),
        )
    return say(details or {})


def tell_error(error: DeskError) -> Sentence:
    return tell(error.code, {**error.details, "path": error.path})
