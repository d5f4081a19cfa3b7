"""The office's view of its desks: who sends, when last, what is missing, what came in aside.

Figures come from what each desk said of itself in its last bundle and from the office's own log. Nothing here names
a person.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from returnee_desk.errors import Refused
from returnee_desk.store.desk import Desk
from returnee_desk.sync.founding import key_list_of


class DeskLine(NamedTuple):
    """One desk in the office's list.

    `heard` is when its last bundle was read here (None: never), `operations` how many of its operations are here and
    `durable` how many of those the last verified backup holds; `missing` counts numbers that never came, `aside`
    operations kept for judgement. `clock_off` is how many seconds its clock was ahead of this one, `list_version` the
    key list it had, `erased` how many erasures it has carried out, of `to_erase`.
    """

    device: str
    place: str
    place_name: str
    letter: str
    kind: str
    status: str
    heard: datetime | None
    operations: int
    durable: int
    missing: int
    aside: int
    clock_off: int | None
    list_version: int
    app: str
    erased: int
    to_erase: int


def desks(desk: Desk) -> list[DeskLine]:
    """Every desk of the key list but the office's own, by place and letter. Refused `wrong_desk_kind` elsewhere."""
    known = key_list_of(desk)
    if desk.settings.kind != "office" or known is None:
        raise Refused("wrong_desk_kind", kind=desk.settings.kind)
    row = (desk.local("backed_up") or {}).get("row", 0)
    authors: dict[str, list[int]] = {}
    for (device, _epoch), number in desk.ledger.authors().items():
        authors.setdefault(device, []).append(number)
    to_erase = len(desk.ledger.erased())
    lines = []
    for one in known.devices:
        if one.kind == "office":
            continue
        told = desk.local(f"desk:{one.device}") or {}
        numbers = authors.get(one.device, [])
        lines.append(
            DeskLine(
                device=one.device, place=one.place, place_name=one.place_name, letter=one.letter, kind=one.kind,
                status=one.status, heard=datetime.fromisoformat(told["at"]) if told else None,
                operations=sum(desk.ledger.held(number) for number in numbers),
                durable=sum(desk.ledger.held(number, upto_row=row) for number in numbers),
                missing=sum(high - low + 1 for number in numbers for low, high in desk.ledger.gaps(number)),
                aside=sum(1 for _ in desk.ledger.kept_aside([one.device])), clock_off=told.get("offset"),
                list_version=told.get("key_list", 0), app=told.get("app", ""), erased=told.get("erased", 0),
                to_erase=to_erase,
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line.place, line.letter, line.device))


class Alarm(NamedTuple):
    """Something a person must know of a desk: `two_copies` (two PCs, or an old copy, work under its name),
    `receipt_ahead`, `history_differs`, `office_lost`, `key_lists_differ`. `at` is when it was noticed here."""

    code: str
    device: str
    epoch: str
    at: datetime


def alarms(desk: Desk) -> list[Alarm]:
    """What was noticed, the newest first. At a post those of its own receipts."""
    found = [
        Alarm(one["code"], one["device"], one["epoch"], datetime.fromisoformat(one["at"]))
        for one in desk.local("alarms", [])
    ]
    return sorted(found, key=lambda alarm: alarm.at, reverse=True)
