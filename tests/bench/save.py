"""How long one save takes, against the bare inserts of the same rows with the same driver.

The floor writes the plain rows of a family of four with two services (family, people, phone, services; sixteen
values prepared beforehand) by prepared inserts into the same tables of an encrypted file, one transaction, one
commit with `synchronous=FULL`. Ours is the whole act: reading and checking what was told, the operation, registers,
tables, search words, likeness keys, commit. Both run in turn (A B A B …) in one process; medians count.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import uuid_utils

from returnee_desk import acts
from returnee_desk.store.desk import Desk
from returnee_desk.sync.founding import found_desk

GIVEN = ("María", "Juan", "Ana", "José", "Lucía", "Pedro", "Rosa", "Luis", "Elena", "Mateo", "Juana", "Diego")
SURNAMES = ("Xiloj", "Tzul", "Pérez", "López", "Ramírez", "Coc", "Caal", "Ixcoy", "Pop", "Choc", "Tum", "Chávez", "Sic")
PER_ARRIVAL = 12


def family(i: int, arrival: str) -> dict[str, Any]:
    """An invented family of four with two services."""
    mother, father = SURNAMES[i % 13], SURNAMES[i // 13 % 13]

    def person(role: str, sex: str, name: int, **born: Any) -> dict[str, Any]:
        names = f"{GIVEN[(i + name) % 12]} {GIVEN[i // 12 % 12]}"
        surnames = (
            f"{father} {mother}" if role.startswith("HIJ") else f"{(mother, father)[sex == 'M']} {SURNAMES[i % 11]}"
        )
        return {"given_names": names, "surnames": surnames, "sex": sex, "role": role, **born}

    return {
        "key": f"bench-{i}", "arrival": arrival, "destination": {"municipality": "1217", "place": "Aldea Nueva"},
        "phone": f"55{i % 1_000_000:06d}", "language": "mam", "spanish": "some",
        "consent": {"asked_in": "mam", "how": "spoken", "register": True},
        "members": [
            person("MADRE", "F", 0, birth_date=f"19{60 + i % 40}-05-{1 + i % 28:02d}"),
            person("PADRE", "M", 1, birth_date=f"19{60 + i % 37}-{1 + i % 12:02d}"),
            person("HIJO", "M", 2, age=i % 17),
            person("HIJA", "F", 3, age_months=i % 30),
        ],
        "services": ["LLAM_NAC", {"code": "KIT_HIG", "persons": [1]}],
    }  # fmt: skip


class Ours:
    def __init__(self, folder: Path) -> None:
        founded = found_desk(folder, kind="post", place="TUM1", letter="A", user="banco", passphrase="banco de prueba")
        self.desk: Desk = founded.desk
        self.arrival = ""

    def save(self, i: int) -> None:
        if i % PER_ARRIVAL == 0:
            at = f"2026-{1 + i // 400 % 12:02d}-{1 + i % 28:02d}T14:20-06:00"
            bus = {"mode": "land", "label": f"Bus {i}", "from": "MEX", "headcount": 60, "at": at}
            self.arrival = self.desk.do(acts.open_arrival, bus)["arrival_id"]
        self.desk.do(acts.register_family, family(i, self.arrival))


class Floor:
    """The same file format and tables, and nothing but the rows."""

    def __init__(self, folder: Path) -> None:
        founded = found_desk(folder, kind="post", place="TUM1", letter="B", user="banco", passphrase="banco de prueba")
        self.desk = founded.desk
        self.run = self.desk.db.conn.execute

    def save(self, i: int) -> None:
        told = family(i, "")
        run, new = self.run, lambda: uuid_utils.uuid7().bytes
        record, arrival = new(), b"\0" * 16
        run("BEGIN IMMEDIATE")
        run(
            "INSERT INTO family (id, code, arrival, day, mode, country, place, kind, status, origin, destination,"
            " destination_place, language, spanish, consent_register, registered_at, registered_by)"
            " VALUES (?, ?, ?, ?, 'land', 'MEX', 'TUM1', 'family_unit', 'active', ?, ?, ?, 'mam', 'some', 1, ?, ?)",
            (record, f"TUM1-B1-{i:05d}-X", arrival, "2026-11-22", "1217", "1217", "Aldea La Independencia",
             "2026-11-22T15:02-06:00", "0" * 32),
        )  # fmt: skip
        first = b""
        for n, member in enumerate(told["members"], 1):
            person = new()
            first = first or person
            run(
                "INSERT INTO person (id, family, number, given, surnames, sex, born, born_low, born_high, role,"
                " nationality, status, minor, age_uncertain, age_low, age_high)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'GTM', 'active', ?, 0, ?, ?)",
                (person, record, n, member["given_names"], member["surnames"], member["sex"], '{"edtf":"1990-05"}',
                 "1990-05-01", "1990-05-31", member["role"], n > 2, 4, 5),
            )  # fmt: skip
        run("INSERT INTO phone (id, family, number, state) VALUES (?, ?, ?, 'active')", (new(), record, told["phone"]))
        for code, person in (("LLAM_NAC", None), ("KIT_HIG", first)):
            run(
                "INSERT INTO service (id, family, person, code, quantity, at, day, slip, arrival, staff)"
                " VALUES (?, ?, ?, ?, 1, '2026-11-22T15:02-06:00', '2026-11-22', 'TUM1-B1-S00001-X', ?, ?)",
                (new(), record, person, code, arrival, "0" * 32),
            )
        run("COMMIT")


def timed(save: Callable[[int], None], i: int) -> float:
    begun = time.perf_counter()
    save(i)
    return 1000 * (time.perf_counter() - begun)


def run(quick: bool) -> dict[str, Any]:
    """Milliseconds a save (medians). `ratio`: ours to the floor; goal 2.0. `grown`: ours at the end to ours at the
    beginning of the run; goal 1.3. `commits` counts our commits a save; it must be one."""
    rounds = 300 if quick else 3_000
    with tempfile.TemporaryDirectory() as folder:
        ours, floor = Ours(Path(folder) / "ours"), Floor(Path(folder) / "floor")
        pairs = [(timed(floor.save, i), timed(ours.save, i)) for i in range(rounds)]
        kept = [pair for i, pair in enumerate(pairs) if i % PER_ARRIVAL and i >= PER_ARRIVAL]
        commits = _commits_of(ours, rounds)
        for desk in (ours.desk, floor.desk):
            desk.close()
    part = max(1, len(kept) // 5)
    first, last = (median(pair[1] for pair in some) for some in (kept[:part], kept[-part:]))
    floor_ms, ours_ms = (median(pair[side] for pair in kept) for side in (0, 1))
    return {
        "bench": "save", "rounds": len(kept), "floor_ms": round(floor_ms, 3), "ours_ms": round(ours_ms, 3),
        "ratio": round(ours_ms / floor_ms, 2), "goal": 2.0, "grown": round(last / first, 2), "commits": commits,
    }  # fmt: skip


def _commits_of(ours: Ours, i: int) -> int:
    """How often one save commits, told by SQLite's own trace."""
    seen: list[str] = []
    ours.desk.db.conn.set_trace_callback(seen.append)
    ours.save(i + 1)
    ours.desk.db.conn.set_trace_callback(None)
    return sum(statement.strip().upper().startswith("COMMIT") for statement in seen)
