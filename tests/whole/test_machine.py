"""Posts, an office, and every way sticks, clocks, disks and copies can go: what must hold after any history.

Real encrypted files, real bundles. Hypothesis chooses acts, sticks made, read, repeated, read months late or lost,
backups, an office put back from its last one, a post put back from an old copy of itself, erasures, clocks, forged
sticks. The names in brackets are the properties of the design (P1 convergence … P22 no clock has a say).

`HYPOTHESIS_PROFILE=nightly` runs many more histories.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from returnee_desk import acts
from returnee_desk.errors import DeskError, Refused
from returnee_desk.records.dates import LOCAL
from returnee_desk.store.desk import SPOOL, Desk
from returnee_desk.sync import exchange
from returnee_desk.sync import stick as sticks
from returnee_desk.sync.bundle import check, line, unseal
from returnee_desk.sync.exchange import Imported, export, import_
from returnee_desk.sync.founding import device_keys_of, key_list_of
from tests.making import Clock, lines_of, make_child, make_family, nothing_written
from tests.world import OFFICE, POSTS, Enrolled, World

BUS = {"mode": "land", "label": "Bus", "from": "MEX", "at": "2026-11-22T11:30-06:00", "headcount": 90}
USED = (OFFICE, "A", "B", "C")
NAMES = st.sampled_from(USED)
POST_NAMES = st.sampled_from(USED[1:])
PICKS = st.integers(0, 10_000)

_enrolled: list[Enrolled] = []


def enrolled() -> Enrolled:
    """Founded once a process."""
    if not _enrolled:
        folder = Path(tempfile.mkdtemp(prefix="enrolled-"))
        _enrolled.append(Enrolled(folder))
    return _enrolled[0]


def roomy() -> Path | None:
    """Where flushing costs nothing: what a history shows does not depend on it."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


def ops_of(desk: Desk) -> set[bytes]:
    return {op for (op,) in desk.db.execute("SELECT op FROM operation")}


def kept_aside(desk: Desk) -> set[bytes]:
    return {op for (op,) in desk.db.execute("SELECT op FROM quarantine")}


def texts_of(desk: Desk) -> str:
    """Everything readable in the file: every row of every table, the search index's words too."""
    names = [row[0] for row in desk.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    names.remove("likeness")
    found: list[str] = []
    for name in names:
        for row in desk.db.execute(f"SELECT * FROM [{name}]"):
            found += [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(found)


def at_another_time(body: bytes) -> bytes:
    """The same operation, saved on a PC whose clock said something else."""
    told = msgspec.json.decode(body)
    at = datetime(1990, 1, 1, tzinfo=LOCAL) + timedelta(seconds=int(told["op"][:8], 16))
    return msgspec.json.encode(told | {"at": at.isoformat()})


def check_against_definition(desk: Desk, lines: list[bytes]) -> None:
    """What stands in each cell is every value written and not replaced by any operation, erased records aside; and
    of a field that nobody protects, the largest (lamport, device, operation) is shown."""
    stones = {row[0].hex() for row in desk.db.execute("SELECT id FROM tombstone")}
    standing: dict[tuple[str, str], dict[str, tuple[int, str, str]]] = {}
    dead: set[tuple[str, str, str]] = set()
    entities: dict[str, str] = {}
    for body in lines:
        told = msgspec.json.decode(body)
        for entity, record, values, *rest in told["writes"]:
            if record in stones or values.get("owner") in stones:
                continue
            entities[record] = entity
            for field in values:
                standing.setdefault((record, field), {})[told["op"]] = (told["lamport"], told["device"], told["op"])
                dead |= {(record, field, op) for op in (rest[0] if rest else {}).get(field, ())}
    for (record, field), values in standing.items():
        cell = desk._registers.cell(bytes.fromhex(record), field)
        live = [rank for op, rank in values.items() if (record, field, op) not in dead]
        assert {value.op.hex() for value in cell} == {op for _, _, op in live}
        protected = {("family", "consent"), ("need", "state"), ("link", "state"), ("person", "born")}
        if live and (entities[record], field) not in protected:
            assert cell[0].op.hex() == max(live)[2]


@contextlib.contextmanager
def small_lots(many: int) -> Iterator[None]:
    """Operations go into the file in small lots, as those of a long bundle do in large ones."""
    usual, exchange.TOGETHER = exchange.TOGETHER, many
    try:
        yield
    finally:
        exchange.TOGETHER = usual


@contextlib.contextmanager
def broken_stick(folder: Path, how: int) -> Iterator[Path]:
    if how == 0:
        yield folder / "nowhere"
        return
    stick = folder / f"broken-{uuid4().hex}"
    stick.mkdir()
    honest = sticks._hash_of

    def forgetful(path: Path, told: Any = lambda _: None) -> tuple[int, str]:
        size, digest = honest(path, told)
        return size, digest[::-1]

    sticks._hash_of = forgetful
    try:
        yield stick
    finally:
        sticks._hash_of = honest


class Machine(RuleBasedStateMachine):
    """One history."""

    def __init__(self) -> None:
        super().__init__()
        self._rooms = tempfile.TemporaryDirectory(prefix="history-", dir=roomy())
        self.folder = Path(self._rooms.name)
        self._open = contextlib.ExitStack()
        self._open.enter_context(small_lots(3))
        self.world: World = self._open.enter_context(enrolled().copy(self.folder / "world", desks=USED))
        self.sticks: list[Path] = []
        self.made: set[bytes] = set()
        """Every operation that was ever said to be saved."""
        self.backed_up: set[bytes] = set()
        """What the office's last verified backup holds."""
        self.backup: Path | None = None
        self.copies: dict[str, Path] = {}
        self.put_back: set[str] = set()
        self.erased: dict[str, str] = {}
        """Erased records, each with a word that only it bore."""
        self.marked: dict[str, str] = {}
        self.count = 0
        self.list_versions = dict.fromkeys(USED, 0)

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self._open.close()
            self._rooms.cleanup()

    # what happens

    @initialize()
    def begin(self) -> None:
        for name in USED:
            self.made |= ops_of(self.world[name])
        self.register("A", 0)
        self.register("C", 1)

    def do(self, name: str, act: Any, *args: Any, **asked: Any) -> Any:
        """An act that may be refused; what it saved must never be lost."""
        desk = self.world[name]
        before = desk.ledger.last_row()
        try:
            return desk.do(act, *args, **asked)
        except Refused:
            assert desk.ledger.last_row() == before
        finally:
            rows = desk.db.execute("SELECT op FROM operation WHERE n > ?", (before,)).fetchall()
            assert len(rows) <= 1  # one act, one operation [P11]
            self.made |= {op for (op,) in rows}
        return None

    @rule(name=POST_NAMES, size=st.integers(0, 2))
    def register(self, name: str, size: int) -> None:
        members = [{"given_names": self.word(), "surnames": "Xiloj", "sex": "F", "role": "MADRE", "age": 30}]
        members += [make_child(n, given_names=self.word()) for n in range(size)]
        answer = self.do(name, acts.register_family, make_family(members=members, arrival=BUS))
        for member in self.world[name].family(answer["code"]).members:
            self.marked[member.id] = member.given_names

    def word(self) -> str:
        self.count += 1
        number, letters = self.count, ""
        while number:
            number, at = divmod(number, 20)
            letters += "bcdfghjklmnpqrstvwxz"[at]
        return f"Zq{letters}oa"

    def codes(self, name: str) -> list[str]:
        return sorted({one.code for one in self.world[name].families()})

    def one(self, name: str, pick: int) -> str | None:
        """A code that names one family at this desk."""
        codes = self.codes(name)
        return codes[pick % len(codes)] if codes else None

    @rule(name=NAMES, pick=PICKS, how=st.integers(0, 9))
    def change(self, name: str, pick: int, how: int) -> None:
        code = self.one(name, pick)
        if code is None:
            return
        other = self.one(name, pick // 7 + 1) or code
        changes: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
            (acts.correct_family, (code, {"language": ("mam", "kek", "spa")[pick % 3]}), {"reason": "ask"}),
            (acts.correct_family, (code, {"phone": f"5551 {pick % 10_000:04d}"}), {"reason": "ask"}),
            (acts.correct_family, (code, {"sex": "FMX"[pick % 3]}), {"person": 1, "reason": "ask"}),
            (acts.add_member, (code, make_child(pick, given_names=self.word())), {}),
            (acts.remove_member, (code, 2), {"reason": "left early"}),
            (acts.move_member, (code, 1 + pick % 3, other), {}),
            (acts.void, (code,), {"reason": "by mistake"}),
            (acts.deliver, (code, ("LLAM_NAC", "KIT_HIG")[pick % 2]), {}),
            ((acts.same, acts.distinct, acts.unlink)[pick % 3], (f"{code}#1", f"{other}#1"), {}),
            (acts.note, (code, "Esperan."), {}),
        ]  # fmt: skip
        act, args, asked = changes[how]
        self.do(name, act, *args, **asked)
        with contextlib.suppress(Refused):
            for member in self.world[name].family(code).members:
                self.marked.setdefault(member.id, member.given_names)

    @rule(pick=PICKS, field=st.integers(0, 2))
    def clash(self, pick: int, field: int) -> None:
        """Two desks of a post change the same thing of a family, neither knowing of the other."""
        self.make_stick("A")
        self.read("B", self.sticks[-1])
        code = self.one("A", pick)
        answers: tuple[dict[str, Any], ...] = (
            [{"language": "mam"}, {"language": "kek"}],
            [{"phone": "5551 0001"}, {"phone": "5551 0002"}],
            [{"destination": {"municipality": "1217"}}, {"destination": {"municipality": "0101"}}],
        )[field]
        for name, change in zip("AB", answers if pick % 2 else reversed(answers), strict=True):
            if code is not None:
                self.do(name, acts.correct_family, code, change, reason="ask")

    @rule(size=st.integers(0, 2))
    def only_the_neighbour_has_it(self, size: int) -> None:
        """A family is registered at A, B reads A's stick, the stick is lost, and A's PC is replaced by an old copy."""
        self.copy_post("A")
        self.register("A", size)
        self.make_stick("A")
        self.read("B", self.sticks[-1])
        shutil.rmtree(self.sticks.pop())
        self.put_post_back("A")

    @rule(pick=PICKS)
    def hire(self, pick: int) -> None:
        self.do(OFFICE, acts.add_user, f"Persona {'abcdefgh'[pick % 8]}", role="supervisor")

    @rule(name=NAMES, seconds=st.integers(-(10**9), 2 * 10**9))
    def set_clock(self, name: str, seconds: int) -> None:
        clock = self.world[name].clock
        assert isinstance(clock, Clock)
        clock.at = datetime(2026, 1, 1, tzinfo=LOCAL) + timedelta(seconds=seconds)

    # sticks

    @rule(name=NAMES)
    def make_stick(self, name: str) -> None:
        self.sticks.append(self.world.make(name))
        assert self.world[name].status()["unsent"] == 0

    @rule(name=NAMES, pick=PICKS, again=st.booleans())
    def read_stick(self, name: str, pick: int, again: bool) -> None:
        if not self.sticks:
            return
        stick = self.sticks[pick % len(self.sticks)]
        taken = self.read(name, stick)
        assert taken.refused == []
        if again:
            with nothing_written(self.world[name]):  # [P2]
                assert self.read(name, stick).operations == 0

    @rule(sender=POST_NAMES, back=st.booleans())
    def visit(self, sender: str, back: bool) -> None:
        """The usual way: a stick to the office, and perhaps the answer back."""
        self.make_stick(sender)
        self.read(OFFICE, self.sticks[-1])
        if back:
            self.make_stick(OFFICE)
            self.read(sender, self.sticks[-1])

    def read(self, name: str, stick: Path) -> Imported:
        desk = self.world[name]
        before = ops_of(desk)
        taken = import_(desk, stick)
        after = ops_of(desk)
        assert before <= after
        assert taken.operations == len(after - before)
        if name == OFFICE:
            assert self.ops_on(stick) <= after | kept_aside(desk)
        self.check_gaps(desk, taken)
        assert list((desk.folder / SPOOL).iterdir()) == []
        return taken

    def check_gaps(self, desk: Desk, taken: Imported) -> None:
        """Told gaps are the numbers that never came, no more, no fewer, of the places that were read. [P19]"""
        told: dict[tuple[str, str], set[int]] = {}
        for gap in taken.gaps:
            told.setdefault((gap["device"], gap["epoch"]), set()).update(range(gap["from"], gap["to"] + 1))
        known = key_list_of(desk)
        assert known is not None
        for device, epoch in desk.ledger.authors():
            rows = desk.db.execute(
                "SELECT seq FROM operation o JOIN author a ON a.id = o.author WHERE device = ? AND epoch = ?",
                (device, epoch),
            )
            numbers = {seq for (seq,) in rows}
            missing = set(range(1, max(numbers, default=0))) - numbers
            if (device, epoch) in told:
                assert told[(device, epoch)] == missing

    @rule(pick=PICKS)
    def lose_stick(self, pick: int) -> None:
        if self.sticks:
            shutil.rmtree(self.sticks.pop(pick % len(self.sticks)))

    @rule(name=POST_NAMES, how=st.integers(0, 1))
    def break_stick(self, name: str, how: int) -> None:
        """Pulled out, or an ancient stick that gives back other bytes than it took: nothing counts as sent."""
        before = self.world[name].status()
        with pytest.raises(DeskError), broken_stick(self.folder, how) as stick:
            export(self.world[name], stick)
        assert self.world[name].status() == before

    @rule(name=NAMES, how=st.integers(0, 3))
    def forge(self, name: str, how: int) -> None:
        """What a desk's keys sign is never believed of others, and a bundle is taken whole or not at all. [P15, P18]"""
        if how == 0:
            bodies = lines_of(self.world["A"])
            stick = self.world.craft("C", [line("op", body) for body in bodies], to=name, seq=5_000 + self.count)
        elif how == 3:
            good = {**msgspec.json.decode(lines_of(self.world["A"])[-1]), "device": self.world["A"].settings.device}
            new = [
                {**good, "op": uuid4().hex, "seq": seq, "writes": [["note", uuid4().hex, {"said": {"text": "x"}}]]}
                for seq in range(900, 904)
            ]
            bodies = [msgspec.json.encode(one) for one in (*new, {**good, "op": uuid4().hex, "lamport": 2**60})]
            stick = self.world.craft("A", [line("op", body) for body in bodies], to=name, seq=5_000 + self.count)
        elif how == 1:
            stick = self.world.make("A")
            for file in stick.iterdir():
                data = bytearray(file.read_bytes())
                data[len(data) // 2] ^= 1
                file.write_bytes(data)
        else:
            stick = self.world.make(OFFICE)
            for file in stick.iterdir():
                file.write_bytes(file.read_bytes()[:-7])
        with nothing_written(self.world[name]):
            taken = import_(self.world[name], stick)
        assert taken.bundles == 0
        assert taken.refused or taken.not_for_me
        shutil.rmtree(stick)

    # disks

    @rule()
    def back_up(self) -> None:
        office = self.world.office
        self.backup = self.folder / "backup"
        office.backup(self.folder / "backup.zip")
        shutil.rmtree(self.backup, ignore_errors=True)
        shutil.copytree(office.folder, self.backup)
        self.backed_up = ops_of(office)

    @rule(aware=st.booleans())
    def restore_office(self, aware: bool) -> None:
        """From its last backup; `aware` as `restore` does it, else as a person who copies the files back."""
        if self.backup is None:
            return
        self.replace(OFFICE, self.backup)
        if aware:
            office = self.world.office
            office.set_local("former_epochs", [*office.local("former_epochs", []), office.settings.epoch])
            told = msgspec.to_builtins(office.settings) | {"epoch": uuid4().hex[:16]}
            office.set_local("settings", told)
        assert self.backed_up <= ops_of(self.world.office)

    @rule(name=POST_NAMES)
    def copy_post(self, name: str) -> None:
        target = self.folder / f"copy-{name}"
        shutil.rmtree(target, ignore_errors=True)
        desk = self.world[name]
        desk.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copytree(desk.folder, target)
        self.copies[name] = target

    @rule(name=POST_NAMES)
    def put_post_back(self, name: str) -> None:
        """An old copy of a post's PC, without anybody noticing: it gives the same numbers again. [P10]"""
        if name in self.copies:
            self.replace(name, self.copies[name])
            self.put_back.add(name)

    def replace(self, name: str, source: Path) -> None:
        self.world[name].close()
        shutil.rmtree(self.world.folder / name)
        shutil.copytree(source, self.world.folder / name)
        self.world.reopen(name)
        self.list_versions[name] = 0  # an old copy has an old list, until the next stick

    @rule(pick=PICKS)
    def erase(self, pick: int) -> None:
        people = sorted(record for record in self.marked if record not in self.erased)
        known = {row[0].hex() for row in self.world.office.db.execute("SELECT id FROM person")}
        people = [record for record in people if record in known]
        if people:
            record = people[pick % len(people)]
            self.world.erase(record)
            self.erased[record] = self.marked[record]

    # what must hold at any moment

    @invariant()
    def the_office_calls_nothing_safe_that_its_backup_lacks(self) -> None:
        """[P4], and what a post counts adds up."""
        for name in USED:
            desk = self.world[name]
            counts = desk.status()
            assert counts["own"] == sum(counts[state] for state in ("unsent", "sent", "arrived", "safe"))
            safe = set()
            for number in desk.ledger.authors().values():
                for low, high in desk.ledger.ranges(number, "durable"):
                    safe |= {
                        op
                        for (op,) in desk.db.execute(
                            "SELECT op FROM operation WHERE author = ? AND seq BETWEEN ? AND ?", (number, low, high)
                        )
                    }
            assert safe <= self.backed_up

    @invariant()
    def key_lists_never_go_back(self) -> None:
        """[P17]"""
        for name in USED:
            known = key_list_of(self.world[name])
            assert known is not None
            assert known.version >= self.list_versions[name]
            self.list_versions[name] = known.version

    # at the end of a history

    def settle(self) -> None:
        """Whatever still exists comes together; then everybody agrees and nothing is missing."""
        if not self.made:
            return
        survived = set().union(*(ops_of(self.world[name]) for name in USED), *map(self.ops_on, self.sticks))
        for stick in self.sticks:
            self.read(OFFICE, stick)
        for _ in range(3):
            for name in POSTS.keys() & USED:
                self.visit(name, back=True)
        office = self.world.office
        assert survived & self.made <= ops_of(office)  # [P5]
        assert survived <= ops_of(office)
        self.back_up()
        for name in USED[1:]:
            self.visit(name, back=True)
            counts = self.world[name].status()
            assert counts["safe"] == counts["own"], name
        self.visit("A", back=False)
        self.read("B", self.sticks[-1])
        for name in USED:
            self.same_from_any_order(self.world[name])
            self.erased_for_good(self.world[name])

    def ops_on(self, stick: Path) -> set[bytes]:
        """The operations a stick for the office carries."""
        office = self.world.office
        known = key_list_of(office)
        assert known is not None
        found = set()
        for file in stick.iterdir():
            verified = check(file, known=lambda device: known.device(device).sign)
            with contextlib.suppress(DeskError):
                opened = unseal([verified], identities=[device_keys_of(office).age], addressed={office.settings.device})
                found |= {bytes.fromhex(one.value["op"]) for one in opened.lines() if one.kind == "op"}
        return found

    def same_from_any_order(self, desk: Desk) -> None:
        """A fresh file that gets the same operations in another order, all clocks changed, shows the same. [P1, P3,
        P12, P20, P21, P22]; and no person is in two families, none lost. [P7]"""
        lines = lines_of(desk)
        check_against_definition(desk, lines)
        lines = [at_another_time(body) for body in lines]
        stones = desk.db.execute("SELECT id, op, reason, signed FROM tombstone WHERE signed != x''").fetchall()
        chance = Random(len(lines))
        chance.shuffle(lines)
        half = chance.randrange(len(lines) + 1)
        fresh_folder = self.folder / f"fresh-{uuid4().hex}"
        with enrolled().copy(fresh_folder, desks=(OFFICE,)) as other:
            fresh = other.office
            clock = fresh.clock
            assert isinstance(clock, Clock)
            clock.at = datetime(1970, 1, 2, tzinfo=LOCAL)
            own = ops_of(fresh)
            with fresh.receiving() as intake:
                for body in lines[:half]:
                    intake.operation(body)
            with fresh.receiving() as intake:
                for record, op, reason, signed in stones:
                    intake.tombstone(record.hex(), op.hex(), reason, signed)
                for body in [*lines[half:], *lines[:3]]:
                    intake.operation(body)
            if own <= ops_of(desk):
                assert fresh.content_digest() == desk.content_digest()
                assert fresh.table_digest() == desk.table_digest()
                assert fresh.ledger.doubts() == desk.ledger.doubts()
                assert fresh.history_digest() == desk.history_digest()
        before = desk.table_digest()
        desk.rebuild()
        assert desk.table_digest() == before
        assert desk.check() == []
        people = [row[0] for row in desk.db.execute("SELECT id FROM person")]
        assert len(people) == len(set(people))

    def erased_for_good(self, desk: Desk) -> None:
        """[P6]"""
        stones = {row[0].hex() for row in desk.db.execute("SELECT id FROM tombstone")}
        gone = [word for record, word in self.erased.items() if record in stones]
        if gone:
            text = texts_of(desk).casefold()
            assert [word for word in gone if word.casefold() in text] == []
            assert [word for word in gone if desk.find(word)] == []


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    settings(),
    max_examples=max(6, settings().max_examples // 8),
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
