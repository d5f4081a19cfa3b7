"""How far each operation has come: unsent, sent, arrived, safe; what still has to travel; what is missing.

Numbers count per author, a device in one epoch. States are kept as ranges of `seq`: `sent` went out in a bundle,
`imported` the office has it, `durable` the office's verified backup has it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

Range = tuple[int, int]
Author = tuple[str, str]
"""(device, epoch)."""

STATES = ("sent", "imported", "durable")


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Ranges with both ends included, sorted, joined where they touch."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def without(ranges: Iterable[Range], taken: Iterable[Range]) -> list[Range]:
    """What of the first ranges is not in the second."""
    left: list[Range] = []
    for low, high in merged(ranges):
        for taken_low, taken_high in merged(taken):
            if taken_high < low or taken_low > high:
                continue
            if taken_low > low:
                left.append((low, taken_low - 1))
            low = taken_high + 1
            if low > high:
                break
        if low <= high:
            left.append((low, high))
    return left


class Ledger:
    """The acknowledgements of one open file. Writes belong to the caller's transaction."""

    def __init__(self, connection: Any) -> None:
        self._run = connection.execute

    def authors(self) -> dict[Author, int]:
        return {(device, epoch): number for number, device, epoch in self._run("SELECT id, device, epoch FROM author")}

    def acknowledge(self, author: int, state: str, ranges: Iterable[Range]) -> None:
        """Add to what is known; a state is never taken back here."""
        known = merged([*self.ranges(author, state), *ranges])
        self._run("DELETE FROM acknowledged WHERE author = ? AND state = ?", (author, state))
        for low, high in known:
            self._run(
                "INSERT INTO acknowledged (author, state, low, high) VALUES (?, ?, ?, ?)", (author, state, low, high)
            )

    def withdraw(self, author: int, state: str) -> None:
        """Forget a state: the office began a new epoch, its `imported` no longer holds."""
        self._run("DELETE FROM acknowledged WHERE author = ? AND state = ?", (author, state))

    def given_again(self, author: int, numbers: Collection[int]) -> list[int]:
        """Those of the numbers that more than one operation of this author bears."""
        rows = self._run(
            "SELECT seq FROM operation WHERE author = ? AND seq BETWEEN ? AND ? GROUP BY seq HAVING count(*) > 1",
            (author, min(numbers), max(numbers)),
        )
        wanted = set(numbers)
        return [seq for (seq,) in rows if seq in wanted]

    def doubt(self, author: int, numbers: Iterable[int]) -> None:
        """Nothing is known any more of how far these numbers have come: another operation bears them too."""
        taken = [(number, number) for number in numbers]
        for state in STATES:
            known = self.ranges(author, state)
            left = without(known, taken)
            if left != known:
                self.withdraw(author, state)
                self.acknowledge(author, state, left)

    def ranges(self, author: int, state: str) -> list[Range]:
        return [
            (low, high)
            for low, high in self._run(
                "SELECT low, high FROM acknowledged WHERE author = ? AND state = ? ORDER BY low", (author, state)
            )
        ]

    def have(self, author: int, *, upto_row: int | None = None) -> list[Range]:
        """The numbers of this author that are here, as ranges; with `upto_row`, of the log's first rows alone."""
        limits = (author, 2**62 if upto_row is None else upto_row)
        numbers = "SELECT DISTINCT seq FROM operation WHERE author = ? AND n <= ?"
        first, last, many = self._run(f"SELECT min(seq), max(seq), count(*) FROM ({numbers})", limits).fetchone()
        if not many or many == last - first + 1:
            return [(first, last)] if many else []
        rows = self._run(
            "SELECT min(seq), max(seq) FROM (SELECT seq, seq - row_number() OVER (ORDER BY seq) AS run"
            f" FROM ({numbers})) GROUP BY run ORDER BY 1",
            limits,
        )
        return [(low, high) for low, high in rows]

    def held(self, author: int, *, upto_row: int | None = None) -> int:
        """How many operations of this author are here; with `upto_row`, in the log's first rows alone."""
        row = self._run(
            "SELECT count(*) FROM operation WHERE author = ? AND n <= ?",
            (author, 2**62 if upto_row is None else upto_row),
        ).fetchone()
        return int(row[0])

    def twice(self, author: int) -> dict[int, list[bytes]]:
        """The numbers this author gave to more than one operation, as two copies of one PC do, with their ids."""
        found: dict[int, list[bytes]] = {}
        for seq, op in self._run(
            "SELECT seq, op FROM operation WHERE author = ?1 AND seq IN"
            " (SELECT seq FROM operation WHERE author = ?1 GROUP BY seq HAVING count(*) > 1) ORDER BY seq, op",
            (author,),
        ):
            found.setdefault(seq, []).append(op)
        return found

    def digest(self, author: int, ranges: Iterable[Range]) -> str:
        """SHA-256 over the sorted ids of this author's operations with these numbers."""
        ids: list[bytes] = []
        for low, high in ranges:
            ids += [
                op
                for (op,) in self._run(
                    "SELECT op FROM operation WHERE author = ? AND seq BETWEEN ? AND ?", (author, low, high)
                )
            ]
        return hashlib.sha256(b"".join(sorted(ids))).hexdigest()

    def ids_at(self, author: int, seq: int) -> list[bytes]:
        """The operations this author gave this number."""
        return [op for (op,) in self._run("SELECT op FROM operation WHERE author = ? AND seq = ?", (author, seq))]

    def numbers_of(self, author: int, ops: Iterable[bytes]) -> list[int]:
        """The numbers of those of the operations that are here and of this author, sorted."""
        found = set()
        for op in ops:
            row = self._run("SELECT seq FROM operation WHERE op = ? AND author = ?", (op, author)).fetchone()
            if row:
                found.add(row[0])
        return sorted(found)

    def of_first_rows(self, ops: Iterable[bytes], row: int) -> list[bytes]:
        """Those of the operations that stand in the log up to this row."""
        return [op for op in ops if self._run("SELECT 1 FROM operation WHERE op = ? AND n <= ?", (op, row)).fetchone()]

    def last_row(self) -> int:
        """The number of the log's newest row. What is in the log by now has this number or a lower one."""
        return int(self._run("SELECT coalesce(max(n), 0) FROM operation").fetchone()[0])

    def gaps(self, author: int) -> list[Range]:
        """Numbers below the highest one seen that never came."""
        have = self.have(author)
        return without([(1, have[-1][1])], have) if have else []

    def counts(self, device: str) -> dict[str, int]:
        """This device's operations of every epoch by how far they came. own = unsent + sent + arrived + safe."""
        total = dict.fromkeys(("own", "unsent", "sent", "arrived", "safe"), 0)
        for (author_device, _epoch), author in self.authors().items():
            if author_device != device:
                continue
            everything = [(1, 2**53)]
            durable = self.ranges(author, "durable")
            imported = without(self.ranges(author, "imported"), durable)
            sent = without(self.ranges(author, "sent"), [*durable, *imported])
            unsent = without(everything, [*durable, *imported, *sent])
            for name, ranges in (("own", everything), ("safe", durable), ("arrived", imported), ("sent", sent),
                                 ("unsent", unsent)):  # fmt: skip
                total[name] += sum(self._count(author, low, high) for low, high in ranges)
        return total

    def _count(self, author: int, low: int, high: int) -> int:
        row = self._run("SELECT count(*) FROM operation WHERE author = ? AND seq BETWEEN ? AND ?", (author, low, high))
        return int(row.fetchone()[0])

    def not_durable(self) -> dict[Author, list[Range]]:
        """Per author the numbers that the office's backup does not hold yet, of those that are here."""
        found = {}
        for pair, author in self.authors().items():
            left = without(self.have(author), self.ranges(author, "durable"))
            if left:
                found[pair] = left
        return found

    def outgoing(self, wanted: dict[Author, list[Range]]) -> Iterator[bytes]:
        """The lines of those operations as they are in the log, in the order they came."""
        for bodies in self.outgoing_batches(wanted, Counter()):
            yield from bodies

    def outgoing_batches(self, wanted: dict[Author, list[Range]], acts: Counter[str]) -> Iterator[list[bytes]]:
        """As `outgoing`, a hundred at a time. `acts` counts what they were on the way."""
        authors = self.authors()
        ranges = [(authors[pair], *each) for pair in wanted if pair in authors for each in wanted[pair]]
        for some in (ranges[at : at + 100] for at in range(0, len(ranges), 100)):
            first = min(
                self._run("SELECT min(n) FROM operation WHERE author = ? AND seq BETWEEN ? AND ?", each).fetchone()[0]
                or 2**62
                for each in some
            )
            # What travels is mostly the log's newest part: read from its first row on, not row by row by number.
            where = " OR ".join("(+author = ? AND seq BETWEEN ? AND ?)" for _ in some)
            rows = self._run(
                f"SELECT body, act FROM operation WHERE n >= ? AND ({where}) AND body IS NOT NULL ORDER BY n",
                (first, *(value for each in some for value in each)),
            )
            while batch := rows.fetchmany(100):
                acts.update([act for _, act in batch])
                yield [body for body, _ in batch]

    def count(self, wanted: dict[Author, list[Range]]) -> int:
        """How many operations those are."""
        authors = self.authors()
        return sum(
            self._count(authors[pair], low, high) for pair in wanted if pair in authors for low, high in wanted[pair]
        )

    def families(self) -> int:
        return int(self._run("SELECT count(*) FROM family").fetchone()[0])

    def doubts(self) -> set[tuple[bytes, str]]:
        """The cells with more than one answer: (record, field)."""
        return set(self._run("SELECT record, field FROM doubt"))

    def maker(self, record: str) -> str | None:
        """The device that made a record, None for an unknown one."""
        row = self._run(
            "SELECT a.device FROM record r JOIN operation o ON o.n = r.operation JOIN author a ON a.id = o.author"
            " WHERE r.id = ?",
            (bytes.fromhex(record),),
        ).fetchone()
        return row[0] if row else None

    def erased(self) -> list[str]:
        """The ids of the records erased here, sorted."""
        return [record.hex() for (record,) in self._run("SELECT id FROM tombstone WHERE signed != x'' ORDER BY id")]

    def tombstones(self) -> Iterator[bytes]:
        """Each erasure as the office signed it."""
        for (signed,) in self._run("SELECT signed FROM tombstone WHERE signed != x'' ORDER BY id"):
            yield signed

    def kept_aside(self, devices: Iterable[str]) -> Iterator[bytes]:
        """What these devices wrote and a person has to judge."""
        for device in sorted(devices):
            for (body,) in self._run("SELECT body FROM quarantine WHERE device = ? ORDER BY epoch, seq, op", (device,)):
                yield body

    def signed_lines(self, wanted: dict[Author, list[Range]]) -> Iterator[tuple[bytes, str, str]]:
        """Operations kept with their author's signature: (line, key, signature)."""
        authors = self.authors()
        for pair, ranges in wanted.items():
            for low, high in ranges if pair in authors else ():
                yield from self._run(
                    "SELECT o.body, s.by, s.signature FROM operation o JOIN signed s ON s.op = o.op"
                    " WHERE o.author = ? AND o.seq BETWEEN ? AND ? AND o.body IS NOT NULL ORDER BY o.seq",
                    (authors[pair], low, high),
                )

    def last_bundle(self, way: str, device: str, epoch: str) -> tuple[int, str | None]:
        """Number and header hash of a device's last bundle in an epoch that went `out` or came `in`; (0, None)."""
        row = self._run(
            "SELECT seq, header FROM bundle WHERE way = ? AND device = ? AND epoch = ? ORDER BY seq DESC LIMIT 1",
            (way, device, epoch),
        ).fetchone()
        return (row[0], row[1]) if row else (0, None)

    def headers(self, way: str, device: str, epoch: str, seq: int) -> set[str]:
        """The header hashes known under one bundle number: more than one tells of two copies of one PC."""
        rows = self._run(
            "SELECT header FROM bundle WHERE way = ? AND device = ? AND epoch = ? AND seq = ?",
            (way, device, epoch, seq),
        )
        return {header for (header,) in rows}

    def history_digest(self, upto: dict[Author, int] | None = None) -> str:
        """SHA-256 over the sorted ids of the operations accepted per (device, epoch), up to the number named
        for each (None: all of every author). Purging and erasing do not move it."""
        whole = hashlib.sha256()
        for (device, epoch), author in sorted(self.authors().items()):
            if upto is not None and (device, epoch) not in upto:
                continue
            last = 2**53 if upto is None else upto[(device, epoch)]
            ids = hashlib.sha256()
            seen = 0
            for (op,) in self._run(
                "SELECT op FROM operation WHERE author = ? AND seq <= ? ORDER BY op", (author, last)
            ):
                ids.update(op)
                seen += 1
            if seen:
                whole.update(f"{device}:{epoch}:".encode() + ids.digest())
        return whole.hexdigest()
