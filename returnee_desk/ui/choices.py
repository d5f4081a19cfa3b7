"""What completion lists offer: entries of the code lists, found by any part of their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from returnee_desk.records.lists import lists
from returnee_desk.records.names import fold
from returnee_desk.words import _, language

Entry = tuple[str, str]
SHOWN = 8


def named(entry: Any) -> str:
    """An entry's name in the language of the screen."""
    return str(entry.label(language()))


def best(text: str, entries: Iterable[Entry], limit: int = SHOWN) -> list[Entry]:
    """Entries in which every word of the text begins some word, or stands inside; whole names first."""
    wanted = fold(text)
    found: list[tuple[int, int, Entry]] = []
    for place, (code, words) in enumerate(entries):
        name = fold(words)
        if (rank := _rank(wanted, name, fold(code))) is not None:
            found.append((rank, place, (code, words)))
    return [entry for _rank_, _place, entry in sorted(found)[:limit]]


def _rank(wanted: str, name: str, code: str) -> int | None:
    if name == wanted or code == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    words = name.split()
    if all(any(word.startswith(part) for word in words) for part in wanted.split()):
        return 2
    if code.startswith(wanted):
        return 3
    return 4 if len(wanted) >= 3 and wanted in name else None


def _source(read: Callable[[], Sequence[Entry]]) -> Callable[[str], list[Entry]]:
    def source(text: str) -> list[Entry]:
        return best(text, read())

    return source


@lru_cache(maxsize=32)
def _entries(which: str, _language: str) -> tuple[Entry, ...]:
    return tuple((code, named(entry)) for code, entry in getattr(lists(), which).items())


def entries(which: str) -> tuple[Entry, ...]:
    """All entries of a list (`roles`, `needs`, `languages`, `services`, `countries`, `places`), in its order."""
    return _entries(which, language())


def name_of(which: str, code: str | None) -> str:
    """The name of one code; the code itself where the list does not have it."""
    if not code:
        return ""
    entry = getattr(lists(), which).get(code)
    return named(entry) if entry is not None else code


def of_list(which: str) -> Callable[[str], list[Entry]]:
    return _source(lambda: entries(which))


def municipality_words(code: str | None) -> str:
    """`Tajumulco, San Marcos`."""
    if not code:
        return ""
    known = lists()
    entry, department = known.municipality(code), known.department_of(code)
    if entry is None:
        return code
    return f"{entry.name}, {department.name}" if department is not None else entry.name


def municipalities(text: str) -> list[Entry]:
    return [(m.code, municipality_words(m.code)) for m in lists().municipalities_like(text, limit=SHOWN)]


def of_pairs(read: Callable[[], Sequence[Entry]]) -> Callable[[str], list[Entry]]:
    """A source over a few entries named in the program itself."""
    return _source(read)


def sexes() -> list[Entry]:
    return [("F", _("F · mujer")), ("M", _("M · hombre")), ("X", _("X · no se sabe"))]


def spanish_levels() -> list[Entry]:
    return [("none", _("Nada")), ("some", _("Poco")), ("fluent", _("Bien"))]


def yes_no() -> list[Entry]:
    return [("yes", _("Sí")), ("no", _("No"))]


def ways_of_asking() -> list[Entry]:
    return [
        ("spoken", _("Hablado")),
        ("read aloud", _("Leído")),
        ("written", _("Escrito")),
        ("interpreter", _("Intérprete")),
    ]


def document_kinds() -> list[Entry]:
    return [
        ("CUI", _("CUI")),
        ("PASSPORT", _("Pasaporte")),
        ("DNI_HND", _("DNI de Honduras")),
        ("DUI", _("DUI")),
        ("CURP", _("CURP")),
        ("BIRTH_RECORD", _("Certificado de nacimiento")),
        ("CONSULAR_ID", _("Identificación consular")),
        ("OTHER", _("Otro documento")),
    ]


def kinds_of_family() -> dict[str, str]:
    return {
        "family_unit": _("Unidad familiar"),
        "guardian_unit": _("Niñez con tutor o tutora legal"),
        "child_without_parent": _("Niñez sin madre ni padre"),
        "adults_only": _("Solo personas adultas"),
    }


def modes() -> list[Entry]:
    return [("land", _("Terrestre (bus)")), ("air", _("Aérea (vuelo)"))]
