"""What an act sees: the desk as it stands inside the transaction its answer will be written in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import uuid_utils

from returnee_desk.acts.view import Keyed, LinkRecord
from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.desks import DeskSettings
from returnee_desk.records.families import ArrivalAsked, Family
from returnee_desk.records.services import Service
from returnee_desk.records.staff import Staff
from returnee_desk.store.reading import Reader
from returnee_desk.store.registers import Registers
from returnee_desk.store.tables import moment


class StoreView:
    """`acts.view.View` over an open file."""

    def __init__(
        self, connection: Any, registers: Registers, *, settings: DeskSettings, me: Staff, now: datetime,
        opens: Callable[[str], bool],
    ) -> None:  # fmt: skip
        self._run = connection.execute
        self._registers = registers
        self._reader = Reader(connection)
        self.opens = opens
        self.settings = settings
        self.me = me
        self.now = now

    def new_id(self) -> str:
        return uuid_utils.uuid7().hex

    def count(self, name: str) -> int:
        series = f"{name}:{self.settings.epoch_sign}"
        row = self._run(
            "INSERT INTO counter (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
            " RETURNING value",
            (series,),
        ).fetchone()
        return int(row[0])

    def keyed(self, key: str) -> Keyed | None:
        row = self._run(
            "SELECT o.op, o.act, o.body FROM keyed k JOIN author a ON a.id = k.author"
            " JOIN operation o ON o.n = k.operation WHERE a.device = ? AND k.key = ? ORDER BY o.n LIMIT 1",
            (self.settings.device, key),
        ).fetchone()
        if row is None:
            return None
        asked = json.loads(row[2]).get("asked") if row[2] else None
        return Keyed(row[0].hex(), row[1], asked)

    def created(self, op: str, entity: str) -> list[str]:
        rows = self._run(
            "SELECT r.id FROM record r JOIN operation o ON o.n = r.operation"
            " WHERE o.op = ? AND r.entity = ? ORDER BY r.id",
            (bytes.fromhex(op), entity),
        )
        return [row[0].hex() for row in rows]

    def live(self, record: str, field: str) -> list[str]:
        return [value.op.hex() for value in self._registers.cell(bytes.fromhex(record), field)]

    def lamport(self, record: str, field: str) -> int:
        return max((value.lamport for value in self._registers.cell(bytes.fromhex(record), field)), default=-1)

    def value(self, record: str, field: str) -> Any:
        standing = self._registers.cell(bytes.fromhex(record), field)
        return standing[0].value if standing else None

    def owned(self, entity: str, owner: str) -> list[tuple[str, Mapping[str, Any]]]:
        rows = self._run(
            "SELECT id FROM record WHERE owner = ? AND entity = ? ORDER BY id", (bytes.fromhex(owner), entity)
        ).fetchall()
        return [(row[0].hex(), self._registers.shown(row[0])) for row in rows]

    def highest_number(self, family: str) -> int:
        now = self._run("SELECT max(number) FROM person WHERE family = ?", (bytes.fromhex(family),)).fetchone()[0]
        return max(now or 0, *(number for home, number in self._memberships() if home == family), 0)

    def _memberships(self) -> Iterator[tuple[str, int]]:
        """(family, number) of people who moved, or are said to be in two families."""
        for _person, value in self._registers.ever("membership"):
            if isinstance(value, dict) and isinstance(value.get("number"), int):
                yield str(value.get("family")), value["number"]

    def arrival(self, arrival_id: str) -> Arrival:
        return self._reader.arrival(arrival_id)

    def open_arrivals(self) -> list[Arrival]:
        return [one for one in self._reader.arrivals(open_only=True) if one.place == self.settings.place]

    def arrival_like(self, asked: ArrivalAsked) -> Arrival | None:
        rows = self._run(
            "SELECT id, at FROM arrival WHERE place = ? AND mode = ? AND label = ? AND country = ? ORDER BY n",
            (self.settings.place, asked.mode, asked.label, asked.country),
        ).fetchall()
        for key, at in rows:
            if moment(at) == asked.at:
                return self._reader.arrival(key.hex())
        return None

    def family(self, code: str) -> Family:
        return self._reader.family(code)

    def family_by_id(self, family_id: str) -> Family:
        return self._reader.family_by_id(family_id)

    def code_taken(self, code: str) -> bool:
        return self._run("SELECT 1 FROM family WHERE code = ?", (code,)).fetchone() is not None

    def codes_with_document(self, kind: str, number: str, but_family: str) -> list[str]:
        rows = self._run(
            "SELECT DISTINCT f.code FROM document d JOIN person p ON p.id = d.person JOIN family f ON f.id = p.family"
            " WHERE d.number = ? AND d.kind = ? AND d.state = 'active' AND p.status != 'void'"
            " AND f.consent_register IS NOT 0 AND f.id != ? LIMIT 10",
            (number, kind, bytes.fromhex(but_family)),
        )
        return [row[0] for row in rows]

    def service(self, service_id: str) -> tuple[Service, Family]:
        return self._reader.service(service_id)

    def links(self, person: str) -> list[LinkRecord]:
        key = bytes.fromhex(person)
        rows = self._run("SELECT id, kind, a, b, state FROM link WHERE a = ?1 OR b = ?1 ORDER BY n", (key,))
        return [LinkRecord(row[0].hex(), row[1], row[2].hex(), row[3].hex(), row[4] == "active") for row in rows]

    def staff(self) -> list[Staff]:
        return self._reader.staff()
