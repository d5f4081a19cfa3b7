"""Names as people write them: cleaning, printing, and folding for search.

Guatemalan names have up to three given names and two surnames, often one, with or without particles (de la,
del, de León), and a married surname with "de" after. Mayan names carry an apostrophe that keyboards write
in many ways; they are one when searching and kept as written otherwise.
"""

from __future__ import annotations

import re
import unicodedata

from returnee_desk.errors import Refused
from returnee_desk.records.people import Person

LONGEST_TEXT = 120
LONGEST_NOTE = 2000
MARKS_KEPT = 2
"""How many combining marks may stand on one letter. No name needs more; a thousand would blot out a page."""

APOSTROPHES = "'’‘ʼʻʹꞌꞋ´`ˊˋ′‛＇"
_NO_APOSTROPHES = dict.fromkeys(map(ord, APOSTROPHES))
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"
_WORD = re.compile(r"[^\W_]+")


_PLAIN = re.compile(r"[A-Za-zÁÉÍÓÚÜÑáéíóúüñ0-9.,'’-]+(?: [A-Za-zÁÉÍÓÚÜÑáéíóúüñ0-9.,'’-]+)*")
"""What nearly every name is made of: letters that are composed already, single spaces. Nothing to clean in it."""
_SPANISH = str.maketrans("ÁÉÍÓÚÜÑáéíóúüñ", "AEIOUUNaeiouun", APOSTROPHES)


def clean(text: str, *, limit: int = LONGEST_TEXT, lines: bool = False, path: str | None = None) -> str:
    """The text as it is kept: composed (NFC), spaces single, nothing invisible in it.

    Control, bidirectional and zero-width characters, lone surrogates and characters without a meaning are
    taken out. `lines` keeps line breaks. Refuses `text_too_long` over `limit` characters; never cuts.
    """
    if len(text) > 8 * limit + 64:
        raise Refused("text_too_long", path=path, limit=limit, length=len(text))
    if len(text) <= limit and _PLAIN.fullmatch(text):
        return text
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", "".join(_visible(letter, lines) for letter in text))
    if lines:
        text = "\n".join(" ".join(line.split()) for line in text.split("\n")).strip("\n")
    else:
        text = " ".join(text.split())
    if len(text) > limit:
        raise Refused("text_too_long", path=path, limit=limit, length=len(text))
    return text if text.isascii() else _few_marks(text)


def _visible(letter: str, lines: bool) -> str:
    if letter == "\n":
        return "\n" if lines else " "
    if letter.isspace() or letter in _BLANK_LETTERS:
        return " "
    kind = unicodedata.category(letter)
    if kind in ("Cc", "Cf", "Cs", "Co") or ord(letter) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF:
        return ""
    return letter


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        if marks <= MARKS_KEPT:
            kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


def fold(text: str) -> str:
    """The text for comparing and searching: small letters, no accents (ñ is n), no apostrophes, single spaces."""
    plain = text.translate(_SPANISH)
    if plain.isascii():
        return " ".join(plain.casefold().split())
    bare = _no_marks(text.translate(_NO_APOSTROPHES))
    text = _no_marks(unicodedata.normalize("NFKD", bare)).translate(_NO_APOSTROPHES)
    return " ".join(text.casefold().split())


def _no_marks(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter)[0] not in "MC")


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded, in their order. Punctuation parts words and is dropped."""
    if not text.isascii():
        text = "".join(" " if letter.isspace() else letter for letter in text)
    return tuple(_WORD.findall(fold(text)))


def full_name(person: Person) -> str:
    """Given names, surnames and "de" with the married surname, as they are printed; empty where none is kept."""
    return joined_name(person.given_names, person.surnames, person.married_surname)


def joined_name(given: str, surnames: str, married: str | None) -> str:
    """`full_name` of the parts of a name."""
    whole = " ".join(f"{given} {surnames}".split())
    if not married and "de de" not in whole.casefold():
        return whole
    return _joined(given, surnames, _married(married))


def list_name(person: Person) -> str:
    """Surnames first, for lists: "Xiloj Tzul de Pérez, María Elena". One part alone stands without comma."""
    surnames = _joined(person.surnames, _married(person.married_surname))
    given = _joined(person.given_names)
    return f"{surnames}, {given}" if surnames and given else surnames or given


def _joined(*parts: str | None) -> str:
    words = " ".join(part for part in parts if part).split()
    return " ".join(
        word
        for before, word in zip(["", *words], words, strict=False)
        if not (word.casefold() == "de" and before.casefold() == "de")
    )


def _married(surname: str | None) -> str:
    words = (surname or "").split()
    while words and words[0].casefold() == "de":
        words.pop(0)
    if not words:
        return ""
    if words[0].casefold() in ("la", "las", "los", "del"):
        words[0] = words[0].lower()
    return " ".join(words if words[0] == "del" else ["de", *words])
