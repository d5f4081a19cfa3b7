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


# the command line
SENTENCES |= {
    "bug": lambda facts: Sentence(
        _("El programa tiene una falla y se detuvo."),
        _("Lo que ya estaba guardado sigue guardado."),
        _("Avise a quien administra el programa, con el lugar que se indica."),
    ),
    "stopped": lambda facts: Sentence(_("Se detuvo a pedido."), _("Lo que ya estaba guardado sigue guardado.")),
    "passphrase_needed": lambda facts: Sentence(
        _("Falta la frase de paso."), "", _("Póngala en un archivo (--passphrase-file) o en la variable indicada.")
    ),
    "passphrase_file": lambda facts: Sentence(_("No se puede leer el archivo con la frase de paso.")),
    "no_file": lambda facts: Sentence(_("No se puede leer el archivo indicado."), "", _("Revise su nombre.")),
    "file_is_folder": lambda facts: Sentence(_("En ese lugar hay una carpeta."), "", _("Elija otro nombre.")),
    "invalid_json": lambda facts: Sentence(
        _("Esto no es JSON que se pueda leer sin duda."),
        _NOTHING_CHANGED(),
        _("Revise comillas, comas y que ninguna clave esté dos veces; el texto va en UTF-8."),
    ),
    "line_too_long": lambda facts: Sentence(_("El texto pasa de lo que cabe en un registro."), _NOTHING_CHANGED()),
    "invalid_period": lambda facts: Sentence(
        _("Ese período no se entiende."), "", _("Ejemplos: 2026-11-22, 2026-11, 2026, 2026-11-01..2026-11-15.")
    ),
    "problems_found": lambda facts: Sentence(
        _("La revisión encontró algo que no está bien."),
        _("No se cambió nada."),
        _("Haga una copia con backup y avise a quien administra el programa."),
    ),
    "no_screen": lambda facts: Sentence(
        _("Aquí no hay pantalla para la ventana."),
        "",
        _("Use una orden: returnee-desk --help las muestra, y demo camina un día entero en texto."),
    ),
    "files_refused": lambda facts: Sentence(
        _("Algún archivo no se pudo tomar."), _("Los demás se tomaron enteros."), _("Vea cuál y por qué.")
    ),
}


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
