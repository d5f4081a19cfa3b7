"""Every text people read passes through here. The text in the code is Spanish; English comes from a catalogue.

`_` and `ngettext` speak the language in force (the staff member's). Paper that must speak another language,
because the family does, asks `translator` for its own. Nothing is read from disk while Spanish is in force.
"""

from __future__ import annotations

import gettext
from functools import cache
from gettext import NullTranslations

DOMAIN = "returnee_desk"
LANGUAGES = ("es", "en")

_in_force: tuple[str, NullTranslations] = ("es", NullTranslations())


def _(text: str) -> str:
    """`text` in the language in force, or as it stands where the catalogue lacks it."""
    return _in_force[1].gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The form for `n`; both forms name `{n}`, and the caller fills it."""
    return _in_force[1].ngettext(one, many, n)


def mark(text: str) -> str:
    """Marks a text in a table for translation; whoever shows it passes it through `_`."""
    return text


def language() -> str:
    """The language in force: a code from `LANGUAGES`."""
    return _in_force[0]


def set_language(code: str) -> None:
    """Puts a language of `LANGUAGES` in force for the whole program, from the next text on."""
    global _in_force
    _in_force = (code, translator(code))


@cache
def translator(code: str) -> NullTranslations:
    """The words of one language, whichever is in force: `translator("en").gettext("Familia")`.

    Raises `ValueError` for a language we have no words in: a slip must never mix two languages unseen.
    """
    if code not in LANGUAGES:
        raise ValueError(f"no words in language {code!r}")
    if code == "es":
        return NullTranslations()
    from importlib.resources import files

    catalogue = files("returnee_desk.resources") / "locale" / code / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with catalogue.open("rb") as stream:
        return gettext.GNUTranslations(stream)  # any binary stream will do
