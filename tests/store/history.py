"""Histories of several desks of one post, made through real acts, and operations made by hand."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

from returnee_desk import acts
from returnee_desk.errors import Refused
from returnee_desk.store.desk import Desk
from tests.making import BUS, lines_of, make_child, make_family, make_member, receive

PLACES = ("1217", "1215", "1301", "1413")
TOMBSTONE = "e" * 32
WHY = "r"


def wander(desks: list[Desk], chance: random.Random, steps: int) -> None:
    """So many things done at these desks, now and then with some of what the others did. What is refused is not
    done; that is part of any day."""
    for _ in range(steps):
        desk = chance.choice(desks)
        if chance.random() < 0.2:
            other = chance.choice([one for one in desks if one is not desk])
            lines = [line for line in lines_of(other) if chance.random() < 0.8]
            chance.shuffle(lines)
            receive(desk, *lines)
        else:
            try:
                _something(desk, chance)
            except Refused:
                continue


def _something(desk: Desk, chance: random.Random) -> None:
    families = desk.families()
    if len(families) < 2 or chance.random() < 0.15:
        needs = {"needs": ["DEUDA"]} if chance.random() < 0.5 else {}
        members = [make_member(**needs), *(make_child(chance.randrange(5)) for _ in range(chance.randrange(4)))]
        bus = BUS | {"label": f"Bus {chance.randrange(2)}"}
        desk.do(
            acts.register_family, make_family(members=members, arrival=bus, services=["VIVERES"][: chance.randrange(2)])
        )
        return
    family = desk.family_by_id(chance.choice(families).id)
    other = desk.family_by_id(chance.choice(families).id)
    code, n = family.code, chance.choice([*(one.n for one in family.members), 99])

    def correct(changes: dict[str, Any], person: int | None = None) -> None:
        desk.do(acts.correct_family, code, changes, person=person, reason=WHY)

    changes: list[Any] = [
        lambda: correct({"destination": {"municipality": chance.choice(PLACES)}}),
        lambda: correct({"phone": f"5551 234{chance.randrange(10)}"}),
        lambda: correct({"contact": n}),
        lambda: correct({"given_names": chance.choice(["Rosa", "Olga"])}, n),
        lambda: correct({"age": chance.randrange(40)}, n),
        lambda: correct({"needs": chance.choice([[], ["LACT"], ["DEUDA"]])}, n),
        lambda: correct({"documents": [{"kind": "PASSPORT", "number": f"G0123456{chance.randrange(10)}"}]}, n),
        lambda: desk.do(acts.add_member, code, make_child(chance.randrange(5))),
        lambda: desk.do(acts.remove_member, code, n, reason=WHY, how=chance.choice(["left", "void"])),
        lambda: desk.do(acts.move_member, code, n, other.code),
        lambda: desk.do(acts.split_family, code, [n]),
        lambda: desk.do(acts.deliver, code, chance.choice(["KIT_HIG", "VIVERES", "ALIM"])),
        lambda: desk.do(acts.undo, chance.choice(family.services).id if family.services else "f" * 32),
        lambda: desk.do(acts.consent, code, {"register": chance.random() < 0.7, "share": chance.random() < 0.5}),
        lambda: desk.do(acts.note, code, "una nota"),
        lambda: desk.do(acts.void, code, reason=WHY) if chance.random() < 0.3 else None,
        lambda: desk.do(acts.same, f"{code}#{n}", f"{other.code}#1"),
        lambda: desk.do(acts.distinct, f"{code}#{n}", f"{other.code}#1"),
        lambda: desk.do(acts.unlink, f"{code}#{n}", f"{other.code}#1"),
        lambda: desk.do(acts.mark_row, family.arrival.id, chance.randrange(1, 4), mark="ill"),
        lambda: desk.do(acts.mark_row, family.arrival.id, 1, state=chance.choice(["left", "counted"])),
        lambda: desk.do(acts.set_arrival, family.arrival.id, others=chance.randrange(5)),
        lambda: desk.do(
            acts.correct_arrival, family.arrival.id, {"at": f"2026-11-2{chance.randrange(10)}T10:00-06:00"}, reason="r"
        ),
        lambda: desk.do(acts.add_user, chance.choice(["Beto", "Carla"]), role=chance.choice(["clerk", "supervisor"])),
        lambda: desk.do(acts.remove_user, chance.choice(["Beto", "Carla"])),
    ]  # fmt: skip
    chance.choice(changes)()


def shown(desk: Desk) -> list[Any]:
    """Everything the desk shows of families and arrivals, in an order that is nobody's."""
    families = [desk.family_by_id(line.id) for line in desk.families()]
    return [
        sorted(families, key=lambda one: one.id),
        sorted(desk.arrivals(), key=lambda one: one.id),
        sorted(desk.staff(), key=lambda one: one.id),
        sorted((person.id, desk.group(person.id)) for family in families for person in family.members),
        sorted(desk.find("Xiloj", limit=500), key=lambda hit: (hit.family_id, hit.n, hit.name)),
    ]


def digests(desk: Desk) -> tuple[str, str]:
    return desk.content_digest(), desk.table_digest()


def record() -> str:
    return uuid.uuid4().hex


def craft(*writes: list[Any], **told: Any) -> bytes:
    """An operation as another desk, or somebody with worse in mind, would send it."""
    operation = {
        "op": record(), "device": "d" * 16, "epoch": "e" * 16, "seq": 1, "lamport": 0,
        "at": "2026-11-22T12:00:00-06:00", "by": "b" * 32, "act": "something", "writes": list(writes),
    } | told  # fmt: skip
    return json.dumps(operation, ensure_ascii=False).encode()


def op_of(line: bytes) -> str:
    return str(json.loads(line)["op"])


def erase(desk: Desk, *records: str) -> None:
    with desk.receiving() as intake:
        for one in records:
            intake.tombstone(one, TOMBSTONE, "asked", b"signed")
