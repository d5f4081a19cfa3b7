"""One PC's file: the only writer. Acts go in, operations are kept, tables follow, all in one transaction."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import msgspec
import uuid_utils

from returnee_desk.acts.operation import (
    MAX_LAMPORT,
    Done,
    Operation,
    Write,
    decode_operation,
    read_operation,
    write_operation,
)
from returnee_desk.acts.view import View
from returnee_desk.errors import DeskError, Refused, Unavailable
from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.dates import LOCAL
from returnee_desk.records.desks import DeskSettings
from returnee_desk.records.families import Family
from returnee_desk.records.people import Person
from returnee_desk.records.staff import Staff
from returnee_desk.store import cipher, file, search, slots
from returnee_desk.store.ledger import Author, Ledger, Range
from returnee_desk.store.lock import Lock
from returnee_desk.store.migrations import schema
from returnee_desk.store.reading import FamilyLine, Reader
from returnee_desk.store.registers import Applied, Registers, found_in, without_record
from returnee_desk.store.tables import TABLES, Tables
from returnee_desk.store.view import StoreView

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

DATABASE = "desk.db"
MARK = "desk.mark"
SPOOL = "spool"
SAVES_PER_MARK = 50


def local_now() -> datetime:
    return datetime.now(UTC).astimezone(LOCAL)


def _in_words(read: Callable[Concatenate[Desk, Asked], Answer]) -> Callable[Concatenate[Desk, Asked], Answer]:
    """A method that reads: errors of the driver, a damaged page or a stick pulled out, are told in our words."""

    @functools.wraps(read)
    def told(self: Desk, /, *args: Asked.args, **asked: Asked.kwargs) -> Answer:
        try:
            return read(self, *args, **asked)
        except cipher.SqlError as error:
            raise cipher.in_words(error) from error

    return told


class Desk:
    """An open desk. One thread at a time uses it; `close` lets go of the file and the lock."""

    def __init__(
        self, folder: Path, database: Any, lock: Lock, *, key: bytes, slots: slots.Slots,
        clock: Callable[[], datetime] = local_now,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.clock = clock
        self._lock = lock
        self._key = key
        self.slots = slots
        self._saves = 0
        self._closed = False
        self._attach(database)
        self.settings = msgspec.convert(self.local("settings"), DeskSettings)
        self.me = Staff(id="", name="", role="clerk", active=False)

    def _attach(self, database: Any) -> None:
        """Use this connection from now on."""
        self.db = database
        self._connection = database.conn
        self._run = database.conn.execute
        self._authors: dict[tuple[str, str], int] = {}
        self._reader = Reader(self._connection)
        self.ledger = Ledger(self._connection)
        self._registers = Registers(self._connection)
        self._tables = Tables(self._connection, self._registers)

    # making, opening, closing

    @classmethod
    def create(
        cls, folder: Path, settings: DeskSettings, *, user: str, passphrase: str, secrets: dict[str, Any],
        clock: Callable[[], datetime] = local_now,
    ) -> tuple[Desk, str]:  # fmt: skip
        """A new desk with its first administrator. Returns it open, and the recovery code, shown once.

        `secrets` are the desk's own keys and whatever else must never leave the file. Refused `desk_exists`.
        """
        file.make_folder(folder)
        lock = Lock.take(folder)
        try:
            if (folder / DATABASE).exists():
                raise Refused("desk_exists")
            for left in (slots.FILE, slots.COPY):  # a power cut while making: keys to no file, kept all the same
                if (folder / left).exists():
                    (folder / left).replace(folder / f"{left}.left")
            key_slots, key, recovery = slots.Slots.create(
                folder, desk_id=settings.desk_id, user=user, passphrase=passphrase
            )
            try:
                database = file.connect(folder / DATABASE, key, create=True)
                try:
                    schema.apply(database)
                    with database.atomic():
                        for name, value in (("settings", msgspec.to_builtins(settings)), ("secrets", secrets)):
                            database.execute("INSERT INTO local (name, value) VALUES (?, ?)", (name, json.dumps(value)))
                    desk = cls(folder, database, lock, key=key, slots=key_slots, clock=clock)
                    desk.me = Staff(id=uuid_utils.uuid7().hex, name=user, role="administrator")
                    desk._save_first_user(desk.me)
                    desk.set_mark()
                except BaseException:
                    database.close()
                    raise
            except BaseException:
                for left in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", MARK, slots.FILE, slots.COPY):
                    (folder / left).unlink(missing_ok=True)
                raise
            return desk, recovery
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        user: str | None,
        passphrase: str,
        wait: float = 10.0,
        clock: Callable[[], datetime] = local_now,
    ) -> Desk:
        """The desk of that folder, for a user with the right passphrase. `user` None: the only one. The printed
        recovery code opens it in a passphrase's stead, for the user who forgot it.

        Refused `no_desk`, `wrong_passphrase`, `wrong_recovery_code`, `try_later`, `newer_file`; Unavailable
        `already_open` when another program has it for longer than `wait` seconds; Damaged as in `file.connect`.
        """
        if not (folder / DATABASE).exists():
            raise Refused("no_desk")
        lock = Lock.take(folder, wait=wait)
        try:
            key_slots = slots.Slots.open(folder)
            if slots.is_recovery_code(passphrase):
                key = key_slots.unlock_with_recovery(passphrase)
            else:
                key = key_slots.unlock(user, passphrase)
            return cls._opened(folder, key, lock, key_slots, user, clock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _opened(
        cls,
        folder: Path,
        key: bytes,
        lock: Lock,
        key_slots: slots.Slots,
        user: str | None,
        clock: Callable[[], datetime],
    ) -> Desk:
        database = file.connect(folder / DATABASE, key)
        try:
            _migrate(folder, database, key)
            desk = cls(folder, database, lock, key=key, slots=key_slots, clock=clock)
            desk.me = desk._staff_named(user)
            return desk
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Let go of the file and the lock. Doing it twice does nothing."""
        if self._closed:
            return
        self._closed = True
        self.set_mark()
        self.db.close()
        self._lock.release()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _staff_named(self, user: str | None) -> Staff:
        """The member of staff who opened the desk; None: the only one with a passphrase here. Where people of other
        desks bear the same name, this desk's own comes first."""
        if user is None and self.slots.users != 1:
            raise Refused("user_needed")
        for one in self._reader.staff():
            if one.active and (self.slots.has(one.name) if user is None else slots.same_user(one.name, user)):
                return one
        raise Refused("user_removed")

    def second(self, user: str, passphrase: str) -> Staff:
        """Another member of staff who says yes with a passphrase of their own (overrides, erasure)."""
        self.slots.unlock(user, passphrase)
        return self._staff_named(user)

    def add_slot(self, user: str, passphrase: str) -> None:
        """Let a member of staff open this desk. Refused as in `slots.Slots.add`."""
        self.slots.add(user, passphrase, key=self._key)

    def remove_slot(self, user: str) -> None:
        self.slots.remove(user, key=self._key)

    # saving

    def do(self, act: Callable[Concatenate[View, Asked], Done], *args: Asked.args, **asked: Asked.kwargs) -> Any:
        """Carry out one act: check and write in one transaction. Returns what the act answers.

        When this returns, what was said to be saved is on the disk. Whatever it raises, nothing was changed.
        """
        operation: Operation | None = None
        try:
            with self._writing():
                view = self._view()
                done = act(view, *args, **asked)
                if done.writes:
                    operation = self._operation(view, done)
                    self._append(operation)
                    self._tables.flush()
                else:
                    self._undo()  # a number taken on the way, or the row of a new author, goes too
        except Unavailable as error:
            if operation is None or error.code != "disk_error" or not self._was_saved(operation.op):
                raise
        self._saves += 1
        if self._saves % SAVES_PER_MARK == 0:
            self.set_mark()
        return done.answer

    def _was_saved(self, op: str) -> bool:
        """Whether an operation is in the file, told by a fresh connection: a COMMIT that reported an error of
        the disk may have happened."""
        fresh = file.connect(self.folder / DATABASE, self._key)
        with contextlib.suppress(cipher.SqlError):
            self.db.close()
        self._attach(fresh)
        return self._run("SELECT 1 FROM operation WHERE op = ?", (bytes.fromhex(op),)).fetchone() is not None

    def _view(self) -> StoreView:
        # Who works here may have lost a right, or all of them, by a bundle that came in since.
        self.me = next((one for one in self._reader.staff() if one.id == self.me.id), self.me)
        return StoreView(
            self._connection,
            self._registers,
            settings=self.settings,
            me=self.me,
            now=self.clock(),
            opens=self.slots.has,
        )

    def _operation(self, view: StoreView, done: Done) -> Operation:
        replaced = max((view.lamport(write.id, field) for write in done.writes for field in write.replaces), default=-1)
        row = self._run(
            "SELECT coalesce(max(seq), 0) + 1 FROM operation WHERE author = ?", (self._author(),)
        ).fetchone()
        return Operation(
            op=uuid_utils.uuid4().hex, device=self.settings.device, epoch=self.settings.epoch, seq=row[0],
            lamport=min(replaced + 1, MAX_LAMPORT), at=view.now.isoformat(timespec="seconds"), by=self.me.id,
            act=done.act, key=done.key, reason=done.reason, asked=done.asked, writes=done.writes,
        )  # fmt: skip

    def _save_first_user(self, staff: Staff) -> None:
        values = {"name": staff.name, "role": staff.role, "state": "active"}
        done = Done(act="add_user", writes=[Write("staff", staff.id, values)])
        with self._writing():
            self._append(self._operation(self._view(), done))
            self._tables.flush()

    def _append(self, operation: Operation, line: bytes | None = None) -> Applied:
        """Into the log, the registers and the waiting rows. `line` is the operation as it came from outside."""
        body = line if line is not None else write_operation(operation)
        author = self._author(operation.device, operation.epoch)
        number = self._run(
            "INSERT INTO operation (op, author, seq, lamport, act, body) VALUES (?, ?, ?, ?, ?, ?)",
            (bytes.fromhex(operation.op), author, operation.seq, operation.lamport, operation.act, body),
        ).lastrowid
        if operation.key:
            self._run(
                "INSERT OR IGNORE INTO keyed (author, key, operation) VALUES (?, ?, ?)", (author, operation.key, number)
            )
        applied = self._registers.apply(operation, number)
        self._tables.take(operation, applied)
        return applied

    def _append_new(self, batch: Sequence[tuple[Operation, bytes]]) -> None:
        """As `_append`, for operations that only make records nobody named before."""
        if not batch:
            return
        first = self.ledger.last_row() + 1
        numbered = [(operation, number) for number, (operation, _) in enumerate(batch, start=first)]
        authors = [self._author(operation.device, operation.epoch) for operation, _ in batch]
        self._connection.executemany(
            "INSERT INTO operation (n, op, author, seq, lamport, act, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (number, bytes.fromhex(operation.op), author, operation.seq, operation.lamport, operation.act, line)
                for (operation, number), author, (_, line) in zip(numbered, authors, batch, strict=True)
            ],
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO keyed (author, key, operation) VALUES (?, ?, ?)",
            [
                (author, operation.key, number)
                for (operation, number), author in zip(numbered, authors, strict=True)
                if operation.key
            ],
        )
        self._registers.make(numbered)
        self._tables.look_ahead([operation for operation, _ in batch])
        for operation, _ in batch:
            self._tables.take(operation, Applied(operation.writes, [], []))

    def _author(self, device: str = "", epoch: str = "") -> int:
        pair = (device or self.settings.device, epoch or self.settings.epoch)
        known = self._authors.get(pair)
        if known is None:
            self._run("INSERT OR IGNORE INTO author (device, epoch) VALUES (?, ?)", pair)
            known = int(self._run("SELECT id FROM author WHERE device = ? AND epoch = ?", pair).fetchone()[0])
            self._authors[pair] = known
        return known

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One `BEGIN IMMEDIATE` … `COMMIT`. A COMMIT that reports an error may have happened: then the
        operation is looked up again and the truth told."""
        try:
            self._run("BEGIN IMMEDIATE")
        except cipher.SqlError as error:
            raise cipher.in_words(error) from error
        try:
            yield
            if self._connection.in_transaction:
                self._run("COMMIT")
        except BaseException as error:
            self._undo()
            if isinstance(error, cipher.SqlError):
                raise cipher.in_words(error) from error
            raise

    def _undo(self) -> None:
        if self._connection.in_transaction:
            with contextlib.suppress(cipher.SqlError):
                self._run("ROLLBACK")
        self._authors.clear()
        self._registers = Registers(self._connection)
        self._tables = Tables(self._connection, self._registers)

    # sending and taking operations

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside is of one moment, whatever is saved meanwhile."""
        try:
            self._run("BEGIN")
            yield
        except cipher.SqlError as error:
            raise cipher.in_words(error) from error
        finally:
            if self._connection.in_transaction:
                self._run("ROLLBACK")

    @contextlib.contextmanager
    def receiving(self) -> Iterator[Intake]:
        """Take a bundle in, all or nothing: whatever the body raises, nothing of it stays."""
        with self._writing():
            intake = Intake(self)
            yield intake
            intake.numbers_given_again()
            self._tables.flush()

    # desk-local values, drafts: they never travel

    @_in_words
    def local(self, name: str, default: Any = None) -> Any:
        row = self._run("SELECT value FROM local WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def set_local(self, name: str, value: Any) -> None:
        """Keep a value in the file, beside the operations. Never travels."""
        with self._writing():
            self._put_local(name, value)
        if name == "settings":
            self.settings = msgspec.convert(value, DeskSettings)

    def _put_local(self, name: str, value: Any) -> None:
        self._run(
            "INSERT INTO local (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    def save_draft(self, draft_id: str, data: dict[str, Any]) -> None:
        """Keep an unfinished form, for its user alone. A crash loses nothing of it, a power cut at most what was
        typed since the disk last wrote: a flush for every key would wear a cheap disk and slow the typing."""
        self._run("PRAGMA synchronous = NORMAL")
        try:
            with self._writing():
                self._run(
                    "INSERT INTO draft (id, staff, at, data) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET at = excluded.at, data = excluded.data"
                    " WHERE staff = excluded.staff",
                    (draft_id, self.me.id, self.clock().isoformat(timespec="seconds"), json.dumps(data)),
                )
        finally:
            self._run("PRAGMA synchronous = FULL")

    @_in_words
    def drafts(self) -> list[Draft]:
        """My unfinished forms, the newest first."""
        rows = self._run("SELECT id, at, data FROM draft WHERE staff = ? ORDER BY at DESC, id", (self.me.id,))
        return [Draft(row[0], datetime.fromisoformat(row[1]), json.loads(row[2])) for row in rows]

    def drop_draft(self, draft_id: str) -> None:
        with self._writing():
            self._run("DELETE FROM draft WHERE id = ? AND staff = ?", (draft_id, self.me.id))

    # paper: what came out once says COPIA the next time

    def printed(self, family_id: str) -> set[str]:
        """The papers of a family that came out here: slip numbers, and `sheet`."""
        return set(self.local(f"printed:{family_id}", []))

    def note_printed(self, family_id: str, papers: Iterable[str]) -> None:
        before = self.printed(family_id)
        if not before.issuperset(papers := set(papers)):
            self.set_local(f"printed:{family_id}", sorted(before | papers))

    # reading

    @_in_words
    def family(self, code: str) -> Family:
        """By its code on paper. Refused `invalid_code`, `unknown_code`, `ambiguous_code`."""
        return self._reader.family(code)

    @_in_words
    def family_by_id(self, family_id: str) -> Family:
        return self._reader.family_by_id(family_id)

    @_in_words
    def families(
        self, arrival: str | None = None, *, from_date: date | None = None, to_date: date | None = None, limit: int = -1
    ) -> list[FamilyLine]:
        return self._reader.families(arrival, from_date=from_date, to_date=to_date, limit=limit)

    @_in_words
    def arrivals(self, *, open_only: bool = False, limit: int = -1) -> list[Arrival]:
        return self._reader.arrivals(open_only=open_only, limit=limit)

    @_in_words
    def arrival(self, arrival_id: str) -> Arrival:
        return self._reader.arrival(arrival_id)

    @_in_words
    def staff(self) -> list[Staff]:
        return self._reader.staff()

    @_in_words
    def find(self, text: str, *, limit: int = 50) -> list[search.Hit]:
        return search.find(self._connection, text, limit=limit)

    @_in_words
    def likely_earlier(
        self, members: Iterable[Person], *, municipality: str | None = None, phone: str | None = None,
        exclude_family: str | None = None,
    ) -> list[search.Likely]:  # fmt: skip
        """Earlier records that may be the same people, best first. Empty where there is too little to judge."""
        return search.likely_earlier(
            self._connection, members, municipality=municipality, phone=phone, exclude_family=exclude_family
        )

    @_in_words
    def group(self, person_id: str) -> list[tuple[str, int]]:
        """Everybody said to be the same person as this record, itself too: family code and number, sorted."""
        return self._reader.group(person_id)

    @_in_words
    def status(self) -> dict[str, Any]:
        """Counts for people and lamps: own = unsent + sent + arrived + safe operations of this device."""
        families, persons = self._run(
            "SELECT (SELECT count(*) FROM family WHERE status = 'active'), (SELECT count(*) FROM person p"
            " JOIN family f ON f.id = p.family WHERE p.status = 'active' AND f.status = 'active')"
        ).fetchone()
        doubts = self._run("SELECT count(*) FROM doubt").fetchone()[0]
        return {**self.ledger.counts(self.settings.device), "families": families, "persons": persons, "doubts": doubts}

    # checking and mending

    @_in_words
    def history_digest(self) -> str:
        return self.ledger.history_digest()

    @_in_words
    def content_digest(self) -> str:
        return self._registers.content_digest()

    @_in_words
    def table_digest(self) -> str:
        """A digest of the plain tables, without their row numbers."""
        whole = hashlib.sha256()
        for table in TABLES:
            columns = [column.name for column in self.db[table].columns if column.name != "n"]
            for row in self._run(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id"):
                whole.update(repr((table, *row)).encode())
        return whole.hexdigest()

    def check(self) -> list[str]:
        """What is wrong with the file, in short technical words; empty means sound. Reads everything: the seal
        of every page, every index, and whether the log gives the same registers and tables once more."""
        problems = file.integrity(self.db)
        try:
            before = (self.content_digest(), self.table_digest())
            with self._writing():
                self._replay()
                after = (self.content_digest(), self.table_digest())
                self._run("ROLLBACK")
        except (DeskError, msgspec.DecodeError) as error:
            return [*problems, f"cannot be read: {error.code if isinstance(error, DeskError) else 'log'}"]
        finally:
            self._attach(self.db)
        if before[0] != after[0]:
            problems.append("registers differ from the log")
        if before[1] != after[1]:
            problems.append("tables differ from the registers")
        return problems

    def backup(self, target: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
        """The whole desk in one file, read back and opened before this returns. Refuses as `backup.backup` does.

        Only then is what it holds called durable (at an office, whose receipts say so to the posts): the rows of
        the log up to `backed_up`, the newest when the copying began.
        """
        from returnee_desk.store import backup

        self.set_mark()
        last = self.ledger.last_row()
        backup.backup(self.folder, self.db, target, key=self._key, slots=self.slots, progress=progress)
        with self.receiving() as intake:
            intake.put_local("backed_up", {"row": last, "at": self.clock().isoformat(timespec="seconds")})
            if self.settings.kind == "office":
                for (device, epoch), author in self.ledger.authors().items():
                    if device == self.settings.device:
                        intake.acknowledge(device, epoch, "durable", self.ledger.have(author, upto_row=last))

    def rebuild(self) -> None:
        """Make the plain tables again from the log and the registers."""
        with self._writing():
            self._tables.rebuild()

    def _replay(self) -> None:
        """Apply the whole log once more to empty registers and tables, in the caller's transaction."""
        for table in ("record", "register", "dead", "doubt", *TABLES):
            self._run(f"DELETE FROM {table}")
        search.clear(self._connection)
        registers = Registers(self._connection)
        tables = Tables(self._connection, registers)
        for number, body in self._run("SELECT n, body FROM operation WHERE body IS NOT NULL ORDER BY n").fetchall():
            operation = decode_operation(body)
            tables.take(operation, registers.apply(operation, number))
        tables.flush()

    def set_mark(self) -> None:
        """The highest number this desk has used, kept outside the file so that an older copy of it is noticed."""
        with contextlib.suppress(DeskError, OSError, cipher.SqlError):  # a mark is a hint: no save depends on it
            row = self._run(
                "SELECT coalesce(max(seq), 0) FROM operation WHERE author = ?", (self._author(),)
            ).fetchone()
            mark = {"desk": self.settings.desk_id, "epoch": self.settings.epoch, "seq": row[0]}
            file.write_whole(self.folder / MARK, json.dumps(mark).encode())


class Draft(NamedTuple):
    id: str
    at: datetime
    data: dict[str, Any]


class Intake:
    """A bundle on its way into the file, inside one transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.new = 0
        self.repeated = 0
        self._numbers: dict[Author, set[int]] = {}

    def operation(self, line: bytes) -> bool:
        """Take one operation in, kept as it came. False where it was here already. Refused `malformed_operation`."""
        return self.take(read_operation(line), line) is not None

    def take(self, operation: Operation, line: bytes) -> list[tuple[str, str]] | None:
        """Take in an operation already read from its line. Answers which records of before it changed, as
        (entity, id); None where it was here already."""
        if self._desk._run("SELECT 1 FROM operation WHERE op = ?", (bytes.fromhex(operation.op),)).fetchone():
            self.repeated += 1
            return None
        applied = self._desk._append(operation, line)
        self._note_number(operation)
        self.new += 1
        return applied.changed

    def take_many(self, batch: Sequence[tuple[Operation, bytes]]) -> list[tuple[Operation, list[tuple[str, str]]]]:
        """As `take` for each, but what only makes new records goes in together. Answers the operations that were
        not here before, each with the records it changed."""
        desk = self._desk
        ops = [bytes.fromhex(operation.op) for operation, _ in batch]
        seen = found_in(desk._connection, "operation", "op", ops)
        fresh: list[tuple[Operation, bytes]] = []
        for op, one in zip(ops, batch, strict=True):
            if op not in seen:
                fresh.append(one)
                seen.add(op)
        self.repeated += len(batch) - len(fresh)
        self.new += len(fresh)
        for operation, _ in fresh:
            self._note_number(operation)
        taken: list[tuple[Operation, list[tuple[str, str]]]] = []
        waiting: list[tuple[Operation, bytes]] = []
        for (operation, line), new in zip(
            fresh, desk._registers.are_new([operation for operation, _ in fresh]), strict=True
        ):
            if new:
                waiting.append((operation, line))
                taken.append((operation, []))
            else:
                desk._append_new(waiting)
                waiting = []
                taken.append((operation, desk._append(operation, line).changed))
        desk._append_new(waiting)
        return taken

    def _note_number(self, operation: Operation) -> None:
        self._numbers.setdefault((operation.device, operation.epoch), set()).add(operation.seq)

    def numbers_given_again(self) -> list[Author]:
        """The authors that gave a number of what came in to another operation too, as two copies of one PC do. What
        was acknowledged of such a number may have been the other: it counts as unsent again."""
        found = []
        for author, numbers in self._numbers.items():
            again = self._desk.ledger.given_again(self._desk._author(*author), numbers)
            if again:
                self._desk.ledger.doubt(self._desk._author(*author), again)
                found.append(author)
        self._numbers.clear()
        return found

    def quarantine(self, operation: Operation, line: bytes) -> bool:
        """Keep an operation aside for a person to judge: in no register, in no table. False where it was kept,
        or taken in, before."""
        op = bytes.fromhex(operation.op)
        if self._desk._run("SELECT 1 FROM operation WHERE op = ?", (op,)).fetchone():
            return False
        for write in operation.writes:
            either = (bytes.fromhex(write.id), bytes.fromhex(write.values.get("owner") or ""))
            if self._desk._run("SELECT 1 FROM tombstone WHERE id IN (?, ?)", either).fetchone():
                line = without_record(line, write.id)
        row = (op, operation.device, operation.epoch, operation.seq, self._desk.clock().isoformat(timespec="seconds"))
        return bool(
            self._desk._run(
                "INSERT OR IGNORE INTO quarantine (op, device, epoch, seq, at, body) VALUES (?, ?, ?, ?, ?, ?)",
                (*row, line),
            ).rowcount
        )

    def settle(self) -> None:
        """Bring the tables up to what was taken in so far."""
        self._desk._tables.flush()

    def sign(self, op: str, *, by: str, signature: str) -> None:
        """Keep the office's signature of one of its operations, so that the operation can be forwarded with it."""
        self._desk._run(
            "INSERT OR IGNORE INTO signed (op, by, signature) VALUES (?, ?, ?)", (bytes.fromhex(op), by, signature)
        )

    def tombstone(self, record: str, op: str, reason: str, signed: bytes) -> bool:
        """Erase a record for ever. The caller has verified the office's signature. False where it was erased."""
        desk, key = self._desk, bytes.fromhex(record)
        known = desk._run("SELECT signed FROM tombstone WHERE id = ?", (key,)).fetchone()
        if known is not None:
            if not known[0]:  # erased with what it hung on; now it has a tombstone of its own, which travels
                desk._run("UPDATE tombstone SET signed = ? WHERE id = ?", (signed, key))
            return False
        desk._tables.flush()
        desk._run(
            "INSERT INTO tombstone (id, op, reason, signed) VALUES (?, ?, ?, ?)",
            (key, bytes.fromhex(op), reason, signed),
        )
        gone = desk._registers.erase(key)
        desk._tables.forget(gone)
        for _, erased in gone:
            for kept, body in desk._run(
                "SELECT op, body FROM quarantine WHERE instr(body, ?)", (erased.encode(),)
            ).fetchall():
                desk._run("UPDATE quarantine SET body = ? WHERE op = ?", (without_record(body, erased), kept))
        return True

    def acknowledge(self, device: str, epoch: str, state: str, ranges: Iterable[Range]) -> None:
        self._desk.ledger.acknowledge(self._desk._author(device, epoch), state, ranges)

    def withdraw(self, device: str, epoch: str, state: str) -> None:
        self._desk.ledger.withdraw(self._desk._author(device, epoch), state)

    def put_local(self, name: str, value: Any) -> None:
        self._desk._put_local(name, value)

    def bundle(self, *, device: str, epoch: str, seq: int, way: str, operations: int, header: str) -> None:
        """Remember a bundle that went out or came in (`way`: out, in)."""
        self._desk._run(
            "INSERT OR REPLACE INTO bundle (device, epoch, seq, way, at, operations, header)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (device, epoch, seq, way, self._desk.clock().isoformat(timespec="seconds"), operations, header),
        )


def _migrate(folder: Path, database: Any, key: bytes) -> None:
    """Bring an older file to this program's form, after a copy of it; refuse a newer one."""
    known = [migration.name for migration in schema._migrations]
    applied = [migration.name for migration in schema.applied(database)]
    unknown = [name for name in applied if name not in known]
    if unknown:
        raise Refused("newer_file", file=unknown[-1], program=known[-1])
    if len(applied) < len(known):
        if applied:
            from returnee_desk.store import backup

            backup.before_migration(folder, database, key, applied[-1])
        schema.apply(database)
