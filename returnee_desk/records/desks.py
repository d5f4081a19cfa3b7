"""What a desk is: one PC's file, at one place."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

KINDS = ("post", "office", "delegation")
_PRACTICE = b"prac".hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """`device` is the desk's key identity and `epoch` the life of this file (16 hex digits each; a restored
    file begins a new epoch). `epoch_sign` stands in codes on paper (`records.codes`). `practice`: everything
    this desk writes says so, and real desks refuse it."""

    kind: str
    place: str
    place_name: str
    letter: str
    desk_id: str
    device: str
    epoch: str
    epoch_sign: str = "1"
    enrolled: bool = False
    practice: bool = False


def new_epoch(*, practice: bool) -> str:
    """16 random hex digits. Those of practice desks begin alike, so that every operation and the outside of every
    bundle say practice."""
    while True:
        epoch = (_PRACTICE if practice else "") + secrets.token_hex(4 if practice else 8)
        if says_practice(epoch) == practice:
            return epoch


def says_practice(epoch: str) -> bool:
    return epoch.startswith(_PRACTICE)
