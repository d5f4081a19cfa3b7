"""How long an office takes to read the stick of the whole season, against the bare rows.

The floor upserts the same plain rows (arrival, family, person, documents, services …), with their indexes and the
search text, by prepared statements in one transaction of an encrypted file. Ours is the whole of `import_`: copying
from the stick, checking, opening, reading strictly, log, registers, tables, search, likeness keys, doubts. Each
round takes a fresh office and a fresh floor, in turn. Memory is told by the system for a process that only imports.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from returnee_desk.store.desk import DATABASE, Desk
from returnee_desk.store.file import connect
from returnee_desk.store.lock import Lock
from returnee_desk.store.slots import Slots
from returnee_desk.store.tables import TABLES
from returnee_desk.sync.exchange import export, import_
from tests.bench._season import compared, fill, timed
from tests.bench.export import enrolled

MOST_MEMORY = 256


def open_by_key(folder: Path, key: bytes) -> Desk:
    desk = Desk(folder, connect(folder / DATABASE, key), Lock.take(folder), key=key, slots=Slots.open(folder))
    desk.me = desk.staff()[0]
    return desk


class Floor:
    """The rows an office has after the import, ready to be written again."""

    def __init__(self, office: Desk) -> None:
        self.statements: list[tuple[str, list[tuple[Any, ...]]]] = []
        for table in [*TABLES, "search"]:
            columns = [column.name for column in office.db[table].columns]
            key = "rowid" if table == "search" else "n"
            names = [*(["rowid"] if table == "search" else []), *columns]
            rows = office.db.conn.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {key}").fetchall()
            marks = ", ".join("?" * len(names))
            update = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "n")
            clash = "" if table == "search" else f" ON CONFLICT (id) DO UPDATE SET {update}"
            self.statements.append((f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}){clash}", rows))

    def write(self, office: Desk) -> None:
        connection = office.db.conn
        connection.execute("BEGIN IMMEDIATE")
        for table in [*TABLES, "search"]:
            connection.execute(f"DELETE FROM {table}")  # the office's own staff
        for statement, rows in self.statements:
            connection.executemany(statement, rows)
        connection.execute("COMMIT")


def run(quick: bool) -> dict[str, Any]:
    """Milliseconds a stick. `ratio`: ours to the floor; goal 2.5. `again`: reading the same stick once more, to
    the floor; goal 0.3. `memory_mb`: the highest of a process that opens the office and imports; goal 256."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with fill(folder / "post", quick) as post, enrolled(post, folder) as office:
            stick, key = folder / "stick", office._key
            stick.mkdir()
            export(post, stick)
        fresh = folder / "fresh"

        def copied() -> Desk:
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(folder / "office", fresh)
            return open_by_key(fresh, key)

        with copied() as done:
            import_(done, stick)
            floor = Floor(done)
        pairs, repeats = [], []
        for _ in range(3 if quick else 5):
            with copied() as bare:
                floor_ms = timed(lambda: floor.write(bare))
            with copied() as office:
                pairs.append((floor_ms, timed(lambda: import_(office, stick))))
                repeats.append((floor_ms, timed(lambda: import_(office, stick))))
        shutil.rmtree(fresh)
        shutil.copytree(folder / "office", fresh)
        memory = json.loads(
            subprocess.run(
                [sys.executable, "-m", "tests.bench.import_", str(fresh), str(stick)], capture_output=True, text=True,
                check=True, env={**os.environ, "BENCH_KEY": key.hex()},
            ).stdout
        )  # fmt: skip
    return {**compared(pairs), "goal": 2.5, "again": compared(repeats)["ratio"], "again_goal": 0.3, **memory,
            "memory_goal_mb": MOST_MEMORY}  # fmt: skip


def _alone(folder: Path, stick: Path) -> dict[str, Any]:
    """In a process of its own: what it needs at most."""
    import resource

    with open_by_key(folder, bytes.fromhex(os.environ["BENCH_KEY"])) as office:
        done = import_(office, stick)
    return {
        "operations": done.operations,
        "families": done.families,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    print(json.dumps(_alone(Path(sys.argv[1]), Path(sys.argv[2]))))
