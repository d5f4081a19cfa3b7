"""What a desk is: one PC's file, at one place."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("post", "office", "delegation")


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
