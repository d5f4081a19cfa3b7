"""Identity papers and telephone numbers: canonical forms, check digits, and typed reasons for saying no.

Rules by paper (each is restated where it is applied):
- CUI (Guatemala, on the DPI): RENAP's published rule, 13 digits, `sum(d1..d8 × 2..9) mod 11 = d9`; digits
  10–11 the department of birth, 12–13 the municipality.
- DUI (El Salvador): RNPN, eight digits and `(10 − Σ(d × 9..2) mod 10) mod 10`.
- DNI (Honduras): RNP, 13 digits; no check digit is published.
- CURP (Mexico): RENAPO, Instructivo Normativo (DOF 18 October 2021), 18 signs.
- Passports: letters and digits only (ICAO Doc 9303), of the lengths countries in fact print.
"""

from __future__ import annotations

import re
import unicodedata

from returnee_desk.errors import Refused
from returnee_desk.records.lists import lists
from returnee_desk.records.names import clean
from returnee_desk.records.people import Document

DOCUMENT_KINDS = ("CUI", "PASSPORT", "DNI_HND", "DUI", "CURP", "BIRTH_RECORD", "CONSULAR_ID", "OTHER")
LONGEST_NUMBER = 40

_SEPARATORS = re.compile(r"[\s.\-‐‑‒–—−/]+")
_CURP = re.compile(r"[A-Z]{4}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[HMX][A-Z]{2}[A-Z]{3}[0-9A-Z][0-9]")
_CURP_SIGNS = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_PHONE_SEPARATORS = re.compile(r"[\s().\-‐‑‒–—−/]+")


def check_document(
    kind: str, number: str, *, unverified: bool = False, path: str | None = None
) -> tuple[Document, tuple[str, ...]]:
    """The paper with its number in canonical form, and warnings about it (`cui_municipality`).

    Canonical: a CUI is 13 digits, a DUI 9, a Honduran DNI 13, a CURP 18 and a passport 6–15 capitals and
    digits; other papers keep their text, at most 40 characters. Refuses `unknown_code` for another kind and
    `invalid_document` with `reason` `empty`, `characters`, `length`, `check_digit` or `department`.
    `unverified` says that somebody looked: then the check digit alone may be wrong.
    """
    if kind not in DOCUMENT_KINDS:
        raise Refused("unknown_code", path=path and f"{path}.kind", list="documents")
    where = path and f"{path}.number"
    if len(number) > 4 * LONGEST_NUMBER:
        raise Refused("invalid_document", path=where, kind=kind, reason="length")
    problem, canonical, warnings = _CHECKS.get(kind, _other)(number)
    if problem is not None and not (problem == "check_digit" and unverified):
        raise Refused("invalid_document", path=where, kind=kind, reason=problem)
    return Document(kind=kind, number=canonical, unverified=unverified), warnings


Checked = tuple[str | None, str, tuple[str, ...]]
"""What is wrong (None: nothing), the canonical number, warnings."""


def _cui(text: str) -> Checked:
    number = _signs(text)
    if problem := _digits_problem(number, 13):
        return problem, number, ()
    if lists().departments.get(number[9:11]) is None:
        return "department", number, ()
    warnings = () if lists().municipality(number[9:13]) else ("cui_municipality",)
    rest = sum(int(digit) * factor for digit, factor in zip(number[:8], range(2, 10), strict=True)) % 11
    return (None if rest == int(number[8]) else "check_digit"), number, warnings


def _dui(text: str) -> Checked:
    number = _signs(text)
    if problem := _digits_problem(number, 9):
        return problem, number, ()
    total = sum(int(digit) * factor for digit, factor in zip(number[:8], range(9, 1, -1), strict=True))
    return (None if (10 - total % 10) % 10 == int(number[8]) else "check_digit"), number, ()


def _honduran(text: str) -> Checked:
    number = _signs(text)
    return _digits_problem(number, 13), number, ()


def _curp(text: str) -> Checked:
    number = _signs(text)
    if not number:
        return "empty", number, ()
    if len(number) != 18:
        return "length", number, ()
    if not _CURP.fullmatch(number):
        return "characters", number, ()
    total = sum(_CURP_SIGNS.index(sign) * factor for sign, factor in zip(number[:17], range(18, 1, -1), strict=True))
    return (None if (10 - total % 10) % 10 == int(number[17]) else "check_digit"), number, ()


def _passport(text: str) -> Checked:
    number = _signs(text)
    if not number:
        return "empty", number, ()
    if not re.fullmatch(r"[A-Z0-9]+", number) or not re.search(r"[0-9]", number):
        return "characters", number, ()
    return (None if 6 <= len(number) <= 15 else "length"), number, ()


def _other(text: str) -> Checked:
    try:
        number = clean(text, limit=LONGEST_NUMBER)
    except Refused:
        return "length", "", ()
    if not number:
        return "empty", number, ()
    return (None if any(sign.isalnum() for sign in number) else "characters"), number, ()


_CHECKS = {"CUI": _cui, "DUI": _dui, "DNI_HND": _honduran, "CURP": _curp, "PASSPORT": _passport}


def _signs(text: str) -> str:
    """Capitals and digits as typed, without separators; wide forms are made plain."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def _digits_problem(number: str, length: int) -> str | None:
    if not number:
        return "empty"
    if not re.fullmatch(r"[0-9]+", number):
        return "characters"
    return None if len(number) == length else "length"


def document_text(document: Document) -> str:
    """The number as it stands on the paper: 2345 67899 1217, 01234567-8, 0801-1990-12345."""
    number = document.number
    match document.kind:
        case "CUI":
            return f"{number[:4]} {number[4:9]} {number[9:]}"
        case "DUI":
            return f"{number[:8]}-{number[8:]}"
        case "DNI_HND":
            return f"{number[:4]}-{number[4:8]}-{number[8:]}"
    return number


def document_key(document: Document) -> str:
    """Equal for one paper written in two ways: the kind, then capitals and digits alone."""
    number = document.number.upper()
    return f"{document.kind}:{number if number.isalnum() else ''.join(filter(str.isalnum, number))}"


def check_phone(text: str, *, path: str | None = None) -> str:
    """The number as E.164 (`+50255512345`). Without a country it is Guatemala's, eight digits.

    Refuses `invalid_phone` with `reason` `empty`, `characters` or `length` (of that country's numbers).
    Foreign numbers are checked by length and prefix only: numbering plans change faster than programs.
    """
    if len(text) > LONGEST_NUMBER:
        raise Refused("invalid_phone", path=path, reason="length")
    signs = _PHONE_SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if not signs:
        raise Refused("invalid_phone", path=path, reason="empty")
    if not re.fullmatch(r"\+?[0-9]+", signs):
        raise Refused("invalid_phone", path=path, reason="characters")
    if local := re.fullmatch(r"(?:(?:\+|00)?502)?([2-7][0-9]{7})", signs):
        return f"+502{local[1]}"
    return _foreign("+" + signs[2:] if signs.startswith("00") else signs, path)


def _foreign(signs: str, path: str | None) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(signs, "GT")
    except phonenumbers.NumberParseException:
        raise Refused("invalid_phone", path=path, reason="length") from None
    if not phonenumbers.is_possible_number(number) or number.country_code == 502:
        raise Refused("invalid_phone", path=path, reason="length")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_text(phone: str) -> str:
    """For screens and paper: 5551 2345 for Guatemala, else with its country code."""
    if phone.startswith("+502") and len(phone) == 12:
        return f"{phone[4:8]} {phone[8:]}"
    return phone
