"""How far each operation has come: unsent, sent, arrived, safe; what still has to travel; what is missing.

Numbers count per author, a device in one epoch. States are kept as ranges of `seq`: `sent` went out in a bundle,
`imported` the office has it, `durable` the office's verified backup has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
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

    def ranges(self, author: int, state: str) -> list[Range]:
        return [
            (low, high)
            for low, high in self._run(
                "SELECT low, high FROM acknowledged WHERE author = ? AND state = ? ORDER BY low", (author, state)
            )
        ]

    def have(self, author: int) -> list[Range]:
        """The numbers of this author that are here, as ranges."""
        rows = self._run(
            "SELECT min(seq), max(seq) FROM (SELECT seq, seq - row_number() OVER (ORDER BY seq) AS run"
            " FROM (SELECT DISTINCT seq FROM operation WHERE author = ?)) GROUP BY run ORDER BY 1",
            (author,),
        )
        return [(low, high) for low, high in rows]

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
        authors = self.authors()
        known = {authors[pair]: ranges for pair, ranges in wanted.items() if pair in authors}
        if not known:
            return
        where = " OR ".join("(author = ? AND seq BETWEEN ? AND ?)" for ranges in known.values() for _ in ranges)
        values = [value for author, ranges in known.items() for low, high in ranges for value in (author, low, high)]
        if len(values) <= 300:
            for (body,) in self._run(
                f"SELECT body FROM operation WHERE body IS NOT NULL AND ({where}) ORDER BY n", values
            ):
                yield body
            return
        for author, ranges in known.items():
            for low, high in ranges:
                for (body,) in self._run(
                    "SELECT body FROM operation WHERE author = ? AND seq BETWEEN ? AND ?"
                    " AND body IS NOT NULL ORDER BY n",
                    (author, low, high),
                ):
                    yield body

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
