"""What short typing at the desk means: birth dates and ages, papers, names, and the defaults a family offers.

Plain functions, no Qt and no desk. Each default is only offered: it is shown, and what is typed wins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from returnee_desk.errors import Refused

PARTICLES = frozenset({"de", "del", "la", "las", "los", "el", "y", "e", "da", "do", "van", "von"})

OTHER_SEX = {
    "MADRE": "PADRE",
    "HIJA": "HIJO",
    "HERMANA": "HERMANO",
    "ABUELA": "ABUELO",
    "NIETA": "NIETO",
    "TIA": "TIO",
    "SOBRINA": "SOBRINO",
    "PRIMA": "PRIMO",
    "MADRASTRA": "PADRASTRO",
    "HIJASTRA": "HIJASTRO",
    "CUNADA": "CUNADO",
    "SUEGRA": "SUEGRO",
}
SEX_OF_ROLE = {**dict.fromkeys(OTHER_SEX, "F"), **dict.fromkeys(OTHER_SEX.values(), "M")}
OTHER_SEX |= {man: woman for woman, man in OTHER_SEX.items()}

YOUNGEST_PARENT = 13
"""Years between parent and child below which an adult in the group is offered as the other parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one line of the grid says so far, for the defaults of another."""

    surnames: str = ""
    sex: str = ""
    role: str = ""
    years: int | None = None


def read_birth(text: str, today: date) -> dict[str, Any]:
    """`birth_date`, `age` or `age_months` in the shape of `register`; empty for no text.

    `2/5/94`, `2-5-1994`, `020594`, `5/1994`, `1994`, `1980~` or `c1980`, `4`, `4a`, `3m`. A year of two
    digits is the latest one that is not in the future. Refused `invalid_date` where it can mean nothing.
    """
    plain = re.sub(r"\s+", " ", text.strip().casefold())
    if not plain:
        return {}
    if found := re.fullmatch(r"(\d{1,3}) ?(m|mes|meses|months?)", plain):
        return {"age_months": int(found[1])}
    if found := re.fullmatch(r"(\d{1,3}) ?(a|año|años|ano|anos|y|years?)?", plain):
        return {"age": int(found[1])}
    if found := re.fullmatch(r"(?:c|ca|hacia)?[ .]?(\d{4})~?", plain):
        if 1800 <= int(found[1]) <= today.year:
            return {"birth_date": found[1] if plain == found[1] else f"{found[1]}~"}
        raise Refused("invalid_date")
    if found := re.fullmatch(r"(\d{1,2})[/. -](\d{4}|\d{2})", plain):
        return {"birth_date": _written(_year(found[2], today), int(found[1]))}
    if found := re.fullmatch(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4}|\d{2})", plain) or re.fullmatch(
        r"(\d{2})(\d{2})(\d{4}|\d{2})", plain
    ):
        return {"birth_date": _written(_year(found[3], today, found[1], found[2]), int(found[2]), int(found[1]))}
    raise Refused("invalid_date")


def _year(digits: str, today: date, day: str = "1", month: str = "1") -> int:
    if len(digits) == 4:
        return int(digits)
    this = 2000 + int(digits)
    later = (this, int(month), int(day)) > (today.year, today.month, today.day)
    return this - 100 if later else this


def _written(year: int, month: int, day: int | None = None) -> str:
    try:
        date(year, month, day or 1)
    except ValueError:
        raise Refused("invalid_date") from None
    return f"{year:04d}-{month:02d}" if day is None else f"{year:04d}-{month:02d}-{day:02d}"


_KINDS = {
    "cui": "CUI",
    "dpi": "CUI",
    "p": "PASSPORT",
    "pas": "PASSPORT",
    "pasaporte": "PASSPORT",
    "passport": "PASSPORT",
    "dni": "DNI_HND",
    "dui": "DUI",
    "curp": "CURP",
    "partida": "BIRTH_RECORD",
    "part": "BIRTH_RECORD",
    "nac": "BIRTH_RECORD",
    "cons": "CONSULAR_ID",
    "consular": "CONSULAR_ID",
    "otro": "OTHER",
    "other": "OTHER",
}


def read_documents(text: str) -> list[dict[str, Any]]:
    """Papers as typed, parted by `;`. The kind is told by a word before (`p A123`) or by the number's form;
    `!` after it keeps a number whose check digit is wrong on the paper itself."""
    return [_read_document(part) for part in (piece.strip() for piece in text.split(";")) if part]


def _read_document(text: str) -> dict[str, Any]:
    number, unverified = (text[:-1].strip(), True) if text.endswith("!") else (text, False)
    word, _space, rest = number.partition(" ")
    kind = _KINDS.get(word.casefold().rstrip(".:"))
    if kind is not None and rest.strip():
        number = rest.strip()
    else:
        kind = _kind_of(number)
    document: dict[str, Any] = {"kind": kind, "number": number}
    if unverified:
        document["unverified"] = True
    return document


def _kind_of(number: str) -> str:
    bare = re.sub(r"[\s-]", "", number)
    if bare.isdigit():
        if len(bare) == 13:
            return "CUI"
        return "DUI" if re.fullmatch(r"\d{8}-\d", number) else "PASSPORT" if 6 <= len(bare) <= 9 else "CUI"
    if re.fullmatch(r"[A-Za-z]{4}\d{6}\w{8}", bare):
        return "CURP"
    return "PASSPORT" if re.fullmatch(r"[A-Za-z]{1,2}\d{5,8}", bare) else "OTHER"


def proper(text: str) -> str:
    """A name typed all in small or all in capital letters, as it is written: `maría de la cruz` becomes
    `María de la Cruz`. Any other mixture is left as typed."""
    if text != text.lower() and text != text.upper():
        return text
    words = re.split(r"(\s+|-)", text.lower())
    return "".join(word if word in PARTICLES else word[:1].upper() + word[1:] for word in words)


def first_surname(surnames: str) -> str:
    """The first surname with its particles: `de la Cruz Pérez` gives `de la Cruz`."""
    taken: list[str] = []
    for word in surnames.split():
        taken.append(word)
        if word.casefold() not in PARTICLES:
            break
    return " ".join(taken)


def surnames_offered(others: Sequence[Known]) -> str:
    """Surnames for a child of the people above: father's first and mother's first; the mother's own when she
    is alone; the father's first when he is; else those of the children above."""
    mother = next((p.surnames for p in others if p.role == "MADRE" and p.surnames), "")
    father = next((p.surnames for p in others if p.role == "PADRE" and p.surnames), "")
    if mother and father:
        return f"{first_surname(father)} {first_surname(mother)}"
    if mother or father:
        return mother or first_surname(father)
    return next((p.surnames for p in others if p.surnames), "")


def role_offered(person: Known, others: Sequence[Known]) -> str:
    """The role the line most likely has: a parent on the first line, a child below, the other parent for an
    adult too old to be the parent's child. Empty where the sex is needed to tell and is not known."""
    if person.sex not in ("F", "M"):
        return ""
    parent, child = ("MADRE", "HIJA") if person.sex == "F" else ("PADRE", "HIJO")
    if not others:
        return parent if person.years is None or person.years >= YOUNGEST_PARENT else child
    parents = [p for p in others if p.role in ("MADRE", "PADRE")]
    youngest = min((p.years for p in parents if p.years is not None), default=None)
    if person.years is not None and person.years >= 18 and all(p.role != parent for p in parents):
        if youngest is not None and youngest - person.years < YOUNGEST_PARENT:
            return parent
        if not parents:
            return parent
    return child


def role_for_sex(role: str, sex: str) -> str:
    """The same role for the other sex, where the list has one for each."""
    if SEX_OF_ROLE.get(role) in ("F", "M") and sex in ("F", "M") and SEX_OF_ROLE[role] != sex:
        return OTHER_SEX.get(role, role)
    return role
