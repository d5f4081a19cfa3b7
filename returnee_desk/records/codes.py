"""Codes on paper: `TUM1-A3-00439-K`, and what their QR holds.

Place (three or four capitals and digits), the desk's letter, the epoch sign, a counter of five digits or
more, and a check character by ISO 7064 MOD 37,36 over the rest without hyphens. A code is a label, not a
key: after a cloning two families may bear the same one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from returnee_desk.errors import Refused

EPOCH_SIGNS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
QR_PREFIX = "RD1"
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}
_PLACE = re.compile(r"[A-Z0-9]{3,4}")
_PARTS = re.compile(r"([A-Z0-9]{3,4})-([A-Z])([1-9A-HJ-NP-Z])-([0-9]{5}|[1-9][0-9]{5,8})-([A-Z0-9])")
_COMPACT = tuple(
    re.compile(rf"([A-Z0-9]{{{size}}})([A-Z])([1-9A-HJ-NP-Z])([0-9]{{5}}|[1-9][0-9]{{5,8}})([A-Z0-9])")
    for size in (4, 3)
)
_MAC = re.compile(r"[A-Z0-9]{6}")
_SCANNED = re.compile(rf"{QR_PREFIX}:([^:]+)(?::[A-Z0-9]{{6}})?")
_DASHES = re.compile(r"[\s\-‐‑‒–—−_.]+")


def check_character(text: str) -> str:
    """The check character of ISO/IEC 7064:2003 MOD 37,36 over capitals and digits."""
    rest = 36
    for sign in text:
        rest = (rest + _VALUES[sign]) % 36 or 36
        rest = rest * 2 % 37
    return _SIGNS[(1 - rest) % 36]


@dataclass(frozen=True, slots=True)
class PaperCode:
    """A family's code in its parts. `counter` is a number; `text` is how it is printed."""

    place: str
    letter: str
    epoch_sign: str
    counter: int

    @property
    def body(self) -> str:
        return f"{self.place}{self.letter}{self.epoch_sign}{self.counter:05d}"

    @property
    def check(self) -> str:
        return check_character(self.body)

    @property
    def text(self) -> str:
        return f"{self.place}-{self.letter}{self.epoch_sign}-{self.counter:05d}-{self.check}"

    @property
    def compact(self) -> str:
        """Without hyphens: equal for every way of writing one code."""
        return self.body + self.check


def family_code(place: str, letter: str, epoch_sign: str, counter: int) -> str:
    """`TUM1-A3-00439-K`. Counters begin at 1; five digits, then more."""
    _must_be_a_desk(place, letter, epoch_sign)
    if not 1 <= counter <= 999_999_999:
        raise ValueError("a counter is a number from 1")
    return PaperCode(place, letter, epoch_sign, counter).text


def slip_number(place: str, letter: str, epoch_sign: str, counter: int) -> str:
    """The number on a slip: `TUM1-A3-S00017-M`. The S keeps it from being taken for a family's code."""
    _must_be_a_desk(place, letter, epoch_sign)
    body = f"{place}{letter}{epoch_sign}S{counter:05d}"
    return f"{place}-{letter}{epoch_sign}-S{counter:05d}-{check_character(body)}"


def _must_be_a_desk(place: str, letter: str, sign: str) -> None:
    if not _PLACE.fullmatch(place) or not re.fullmatch("[A-Z]", letter) or len(sign) != 1 or sign not in EPOCH_SIGNS:
        raise ValueError("place, letter or epoch sign of another form")


def readings(text: str) -> tuple[PaperCode, ...]:
    """Every code the text may mean, likeliest first; empty where it is none.

    With all its hyphens a code has one meaning. Without them a place of three signs whose epoch sign is a
    letter and whose counter has passed 99,999 reads like a place of four: `TUM A B 100439` and
    `TUMA B 1 00439` are the same letters, and the shorter counter is the likelier. A scanned QR is read as
    its code.
    """
    text = text.strip().upper()
    if scanned := _SCANNED.fullmatch(text):
        text = scanned[1]
    parts = [part for part in _DASHES.split(text) if part]
    if len(parts) == 4:
        forms = [_PARTS.fullmatch("-".join(parts))]
    else:
        forms = [form.fullmatch("".join(parts)) for form in _COMPACT]
    found = [(PaperCode(form[1], form[2], form[3], int(form[4])), form[5]) for form in forms if form]
    return tuple(code for code, check in found if code.check == check and code.counter > 0)


def parse_code(text: str, *, path: str | None = None) -> PaperCode:
    """Reads a code in any case, with or without hyphens and spaces. Refuses `invalid_code`."""
    if len(text) > 64 or not (found := readings(text)):
        raise Refused("invalid_code", path=path)
    return found[0]


def looks_like_code(text: str) -> bool:
    """Whether a search text is a whole code and nothing else."""
    return len(text) <= 64 and bool(readings(text))


def qr_text(code: str, mac: str | None = None) -> str:
    """What a code's QR holds: `RD1:<code>`, once the desk is enrolled `RD1:<code>:<6 signs>`."""
    return f"{QR_PREFIX}:{code}" if mac is None else f"{QR_PREFIX}:{code}:{mac}"


def read_qr(text: str) -> tuple[PaperCode, str | None]:
    """The code and the MAC of a scanned QR; a bare code is taken too. Refuses `invalid_code`."""
    match text.strip().upper().split(":"):
        case [bare]:
            return parse_code(bare), None
        case [prefix, code] if prefix == QR_PREFIX:
            return parse_code(code), None
        case [prefix, code, mac] if prefix == QR_PREFIX and _MAC.fullmatch(mac):
            return parse_code(code), mac
    raise Refused("invalid_code")


def next_epoch_sign(sign: str | None = None) -> str:
    """The sign of the next epoch: 1–9, then A–Z without I and O. None gives the first.

    Refuses `no_epoch_sign` after Z: such a desk takes another letter, for a sign is never used twice.
    """
    if sign is None:
        return EPOCH_SIGNS[0]
    following = EPOCH_SIGNS.index(sign) + 1
    if following == len(EPOCH_SIGNS):
        raise Refused("no_epoch_sign")
    return EPOCH_SIGNS[following]
