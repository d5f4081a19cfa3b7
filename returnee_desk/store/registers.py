"""Applying operations: what stands after any set of them, in any order.

A cell (record, field) holds the values written and not replaced by any operation seen. The first operation that
names a record is its base: its values are read from the log and cost no further row. Values written later are
rows of `register`. What an operation replaces goes to `dead`, so a value that arrives after its replacement
never stands. Which operation is the base may differ between two desks; what stands cannot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from returnee_desk.acts.operation import Operation, Write, decode_operation
from returnee_desk.errors import DeskError

_compact = msgspec.json.Encoder(order="deterministic").encode


class Value(NamedTuple):
    """One value that stands in a cell."""

    op: bytes
    lamport: int
    device: str
    value: Any


class Applied(NamedTuple):
    """What applying an operation did to records: those it made (with their values), those it changed, and those
    that are gone because what they hang on was erased. Changed and gone are (entity, id)."""

    created: list[Write]
    changed: list[tuple[str, str]]
    gone: list[tuple[str, str]]


def text_of(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces. Equal values have equal text."""
    return _compact(value).decode()


def _owner(write: Write) -> bytes:
    """What the record hangs on, empty where it says nothing."""
    return bytes.fromhex(write.values.get("owner") or "")


def found_in(connection: Any, table: str, column: str, ids: Sequence[bytes]) -> set[bytes]:
    """Those of the ids that stand in this column."""
    found: set[bytes] = set()
    for some in (ids[at : at + 500] for at in range(0, len(ids), 500)):
        marks = ", ".join("?" * len(some))
        found |= {
            row[0] for row in connection.execute(f"SELECT {column} FROM {table} WHERE {column} IN ({marks})", some)
        }
    return found


class Registers:
    """The cells of one open file. Every call belongs to the caller's transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._run = connection.execute
        self._base_cache: dict[int, Operation] = {}

    def forget_cache(self) -> None:
        self._base_cache.clear()

    def apply(self, operation: Operation, number: int) -> Applied:
        """Take one operation in (`number` is its row in the log). The caller made sure it was not seen before."""
        created: list[Write] = []
        changed: dict[tuple[str, str], None] = {}
        gone: list[tuple[str, str]] = []
        op = bytes.fromhex(operation.op)
        any_erased = self._run("SELECT EXISTS (SELECT 1 FROM tombstone)").fetchone()[0]
        for write in operation.writes:
            record = bytes.fromhex(write.id)
            owner = write.values.get("owner")
            owner_id = bytes.fromhex(owner) if owner else None
            if any_erased and self._erased(record, owner_id):
                gone += self.erase(record)
                continue
            fresh = self._run(
                "INSERT OR IGNORE INTO record (id, entity, operation, owner) VALUES (?, ?, ?, ?)",
                (record, write.entity, number, owner_id),
            ).rowcount
            if fresh and not write.replaces:
                created.append(write)
                continue
            if not fresh:
                gone += self._settle_entity(record, write.entity)
            changed[(self.entity(record) or write.entity, write.id)] = None
            if owner_id and not fresh:
                self._run("UPDATE record SET owner = ? WHERE id = ? AND owner IS NULL", (owner_id, record))
            for field, value in write.values.items():
                self._write(record, field, value, operation, op, write.replaces.get(field, ()), based=bool(fresh))
        return Applied(created, list(changed), gone)

    def make(self, operations: Iterable[tuple[Operation, int]]) -> None:
        """Take operations in of which nothing was seen before: each names records that nobody named, and replaces
        nothing. As `apply`, for many at once."""
        self._connection.executemany(
            "INSERT INTO record (id, entity, operation, owner) VALUES (?, ?, ?, ?)",
            [
                (bytes.fromhex(write.id), write.entity, number, bytes.fromhex(owner) if owner else None)
                for operation, number in operations
                for write in operation.writes
                for owner in (write.values.get("owner"),)
            ],
        )

    def are_new(self, operations: Sequence[Operation]) -> list[bool]:
        """Of each operation, whether it only makes records that nobody named before, here or earlier in the list, and
        that hang on nothing erased."""
        named = [bytes.fromhex(write.id) for operation in operations for write in operation.writes]
        met = found_in(self._connection, "record", "id", named)
        erased: set[bytes] = set()
        if self._run("SELECT EXISTS (SELECT 1 FROM tombstone)").fetchone()[0]:
            owners = [_owner(write) for operation in operations for write in operation.writes]
            erased = found_in(self._connection, "tombstone", "id", [*named, *owners])
        answers = []
        for operation in operations:
            ids = [bytes.fromhex(write.id) for write in operation.writes]
            touched = [*ids, *map(_owner, operation.writes)] if erased else ids
            replaces = any(write.replaces for write in operation.writes)
            answers.append(not replaces and met.isdisjoint(ids) and erased.isdisjoint(touched))
            met.update(ids)
        return answers

    def _settle_entity(self, record: bytes, entity: str) -> list[tuple[str, str]]:
        """A record has one entity. Should two operations disagree, as only a forged one can, the first by its
        letters counts, whichever came first. Returns the record under its former entity, if that changed."""
        known = self.entity(record)
        if known is None or known <= entity:
            return []
        self._run("UPDATE record SET entity = ? WHERE id = ?", (entity, record))
        return [(known, record.hex())]

    def _erased(self, record: bytes, owner: bytes | None) -> bool:
        """Whether the record, or what it hangs on, was erased. What hangs on it is remembered as erased too, so
        that a later edit of it, which names no owner, does not bring it back."""
        row = self._run("SELECT id FROM tombstone WHERE id = ? OR id = ?", (record, owner)).fetchone()
        if row and row[0] != record:
            self._mark_erased(record, row[0])
        return row is not None

    def _mark_erased(self, record: bytes, root: bytes) -> None:
        """A tombstone of what hung on an erased record: it goes with that one's and does not travel by itself."""
        self._run(
            "INSERT OR IGNORE INTO tombstone (id, op, reason, signed)"
            " SELECT ?, op, reason, x'' FROM tombstone WHERE id = ?",
            (record, root),
        )

    def _write(
        self,
        record: bytes,
        field: str,
        value: Any,
        operation: Operation,
        op: bytes,
        replaces: Iterable[str],
        *,
        based: bool,
    ) -> None:
        for replaced in replaces:
            gone = (record, field, bytes.fromhex(replaced))
            self._run("INSERT OR IGNORE INTO dead (record, field, op) VALUES (?, ?, ?)", gone)
            self._run("DELETE FROM register WHERE record = ? AND field = ? AND op = ?", gone)
        dead = self._run("SELECT 1 FROM dead WHERE record = ? AND field = ? AND op = ?", (record, field, op)).fetchone()
        if not based and not dead:
            self._run(
                "INSERT OR IGNORE INTO register (record, field, op, lamport, device, value) VALUES (?, ?, ?, ?, ?, ?)",
                (record, field, op, operation.lamport, operation.device, text_of(value)),
            )
        if len({text_of(standing.value) for standing in self.cell(record, field)}) > 1:
            self._run("INSERT OR IGNORE INTO doubt (record, field) VALUES (?, ?)", (record, field))
        else:
            self._run("DELETE FROM doubt WHERE record = ? AND field = ?", (record, field))

    # erasing

    def erase(self, record: bytes) -> list[tuple[str, str]]:
        """Forget a record and all that hangs on it: cells, dead, and the values inside logged operations.
        Returns (entity, id) of what was forgotten. The record's own tombstone stands already."""
        gone: list[tuple[str, str]] = []
        waiting, met = [record], set[bytes]()
        while waiting:
            one = waiting.pop()
            if one in met:
                continue
            met.add(one)
            waiting += [row[0] for row in self._run("SELECT id FROM record WHERE owner = ?", (one,))]
            gone.append((self.entity(one) or "", one.hex()))
            self._mark_erased(one, record)
            self._scrub(one)
        return gone

    def _scrub(self, record: bytes) -> None:
        for table in ("register", "dead", "doubt"):
            self._run(f"DELETE FROM {table} WHERE record = ?", (record,))
        self._run("DELETE FROM record WHERE id = ?", (record,))
        name = record.hex()
        for number, body in self._run(
            "SELECT n, body FROM operation WHERE body IS NOT NULL AND instr(body, ?)", (name.encode(),)
        ).fetchall():
            scrubbed = without_record(body, name)
            if scrubbed != body:
                self._run("UPDATE operation SET body = ? WHERE n = ?", (scrubbed, number))
        self._base_cache.clear()

    # reading

    def cell(self, record: bytes, field: str) -> list[Value]:
        """Every value that stands in one cell, the one to show first."""
        return self.cells(record).get(field, [])

    def cells(self, record: bytes) -> dict[str, list[Value]]:
        """Every standing value of a record by field, the one to show first. Empty for an unknown record."""
        row = self._run("SELECT entity, operation FROM record WHERE id = ?", (record,)).fetchone()
        if row is None:
            return {}
        found: dict[str, list[Value]] = {}
        operation = self._operation(row[1])
        if operation is not None:
            op = bytes.fromhex(operation.op)
            dead = {name for (name,) in self._run("SELECT field FROM dead WHERE record = ? AND op = ?", (record, op))}
            for field, value in _values_of(operation, record.hex()).items():
                if field not in dead:
                    found[field] = [Value(op, operation.lamport, operation.device, value)]
        for field, op, lamport, device, value in self._run(
            "SELECT field, op, lamport, device, value FROM register WHERE record = ?", (record,)
        ):
            found.setdefault(field, []).append(Value(op, lamport, device, json.loads(value)))
        return {field: in_order(row[0], field, values) for field, values in found.items()}

    def shown(self, record: bytes) -> dict[str, Any]:
        """The values to show of a record, by field."""
        return {field: values[0].value for field, values in self.cells(record).items()}

    def entity(self, record: bytes) -> str | None:
        row = self._run("SELECT entity FROM record WHERE id = ?", (record,)).fetchone()
        return row[0] if row else None

    def told(self, record: bytes) -> tuple[dict[str, Any], str]:
        """The values to show of a record, and for an event (a service, a note) the staff id of who told it."""
        cells = self.cells(record)
        by = ""
        for field in ("given", "said"):
            if field in cells:
                row = self._run("SELECT body FROM operation WHERE op = ?", (cells[field][0].op,)).fetchone()
                by = decode_operation(row[0]).by if row and row[0] else ""
        return {field: values[0].value for field, values in cells.items()}, by

    def ever(self, field: str) -> Iterator[tuple[str, Any]]:
        """(record, value) for every value of that field which was written over or stands beside another, as far
        as the log goes back. Values that alone ever stood are left out."""
        for (record,) in self._run(
            "SELECT record FROM register WHERE field = ?1 UNION SELECT record FROM dead WHERE field = ?1", (field,)
        ).fetchall():
            yield from ((record.hex(), value.value) for value in self.cell(record, field))
        for record, body in self._run(
            "SELECT d.record, o.body FROM dead d JOIN operation o ON o.op = d.op WHERE d.field = ? AND o.body NOT NULL",
            (field,),
        ).fetchall():
            values = _values_of(decode_operation(body), record.hex())
            if field in values:
                yield record.hex(), values[field]

    def _operation(self, number: int) -> Operation | None:
        if number not in self._base_cache:
            row = self._run("SELECT body FROM operation WHERE n = ?", (number,)).fetchone()
            if row is None or row[0] is None:
                return None
            if len(self._base_cache) > 256:
                self._base_cache.clear()
            self._base_cache[number] = decode_operation(row[0])
        return self._base_cache[number]

    # digests

    def content_digest(self) -> str:
        """A digest of every standing value of every record: equal where the same operations were accepted,
        whatever their order. The sum of one SHA-256 a value, so it needs no sorting and little memory."""
        total = 0
        dead = set(self._run("SELECT record, field, op FROM dead"))
        current: Operation | None = None
        for record, entity, number in self._run("SELECT id, entity, operation FROM record ORDER BY operation"):
            if current is None or self._last_number != number:
                current, self._last_number = self._operation(number), number
                writes = {write.id: write for write in current.writes} if current else {}
            write = writes.get(record.hex())
            if current is None or write is None:
                continue
            op = bytes.fromhex(current.op)
            for field, value in write.values.items():
                if (record, field, op) not in dead:
                    total += _weight(record, entity, field, op, text_of(value))
        for record, field, op, value, entity in self._run(
            "SELECT r.record, r.field, r.op, r.value, o.entity FROM register r JOIN record o ON o.id = r.record"
        ):
            total += _weight(record, entity, field, op, value)
        return f"{total % 2**256:064x}"

    _last_number = -1


def without_record(body: bytes, record: str) -> bytes:
    """An operation's line without what it says of a record."""
    raw = msgspec.json.decode(body)
    kept = [left for write in raw["writes"] if (left := _without_values(write, record))]
    return body if kept == raw["writes"] else msgspec.json.encode(raw | {"writes": kept})


def _without_values(write: list[Any], record: str) -> list[Any] | None:
    """What stays in the log of a write to an erased record: nothing, but for what it hung on, so that every desk
    that gets this line knows it too."""
    if write[1] != record:
        return write
    owner = write[2].get("owner")
    return [write[0], record, {"owner": owner}] if owner else None


def _values_of(operation: Operation, record: str) -> Mapping[str, Any]:
    for write in operation.writes:
        if write.id == record:
            return write.values
    return {}


def _weight(record: bytes, entity: str, field: str, op: bytes, value: str) -> int:
    text = b"\0".join((record, entity.encode(), field.encode(), op, value.encode()))
    return int.from_bytes(hashlib.sha256(text).digest(), "big")


def in_order(entity: str, field: str, values: list[Value]) -> list[Value]:
    """The value to show first. A stable pick, never "the truth": the safer of protective values, else the
    largest (lamport, device, op). No clock has a say."""
    if len(values) < 2:
        return values
    ranked = sorted(values, key=lambda value: (value.lamport, value.device, value.op), reverse=True)
    safer = _SAFER.get((entity, field))
    return ranked if safer is None else sorted(ranked, key=lambda value: safer(value.value))


def _youngest_first(born: Any) -> tuple[int, str]:
    from returnee_desk.records.dates import Born

    if not isinstance(born, dict):
        return (1, "")
    try:
        latest = Born.from_json(born).latest()
    except (DeskError, ValueError, TypeError, KeyError, OverflowError):
        return (1, "")
    return (0, "".join(chr(0x10FFFF - ord(sign)) for sign in latest.isoformat()))


_SAFER: dict[tuple[str, str], Any] = {
    ("family", "consent"): lambda said: (
        (bool(said.get("register")), bool(said.get("share"))) if isinstance(said, dict) else (False, False)
    ),
    ("need", "state"): lambda state: state != "active",
    ("link", "state"): lambda state: state != "retracted",
    ("person", "born"): _youngest_first,
}
"""Protective values: consent refused, a need that stands, persons not merged, the younger birth date."""
