"""A backup brings every row back, is opened before it is called safe, and never costs the former one."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returnee_desk.errors import Damaged, DeskError, Refused, Unavailable
from returnee_desk.store import backup as backups
from returnee_desk.store.backup import backup, before_migration, desk_of, forget_copies, read_backup
from returnee_desk.store.file import connect, integrity
from returnee_desk.store.slots import Slots

if TYPE_CHECKING:
    from sqlite_utils import Database

DESK, USER, PASS = "d" * 32, "Ana", "café con leche 7"
NAME = "Xiloj Canario Tzul"


class Made:
    """A desk folder with rows in its file, open."""

    def __init__(self, folder: Path, desk: str = DESK, rows: int = 2000) -> None:
        self.folder = folder
        folder.mkdir()
        self.slots, self.key, self.code = Slots.create(folder, desk_id=desk, user=USER, passphrase=PASS)
        self.db = connect(folder / "desk.db", self.key, create=True)
        self.db.execute("CREATE TABLE person (n INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
        (folder / "desk.mark").write_bytes(b'{"seq":7}')
        self.add(rows)

    def add(self, rows: int) -> None:
        with self.db.atomic():
            self.db.conn.executemany(
                "INSERT INTO person (name) VALUES (?)", [(f"{NAME} {n} " + "x" * 200,) for n in range(rows)]
            )

    def backup(self, target: Path, **more: object) -> None:
        backup(self.folder, self.db, target, key=self.key, slots=self.slots, **more)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Made:
    return Made(tmp_path / "desk")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def _opened(source: Path, folder: Path) -> Database:
    """What a restore does: slots and database out of the file, and the passphrase to open them."""
    folder.mkdir()
    copy = read_backup(source, folder / "desk.db")
    slots = Slots.put_back(folder, copy.slots)
    return connect(copy.database, slots.unlock(USER, PASS))


def _code(refused: pytest.ExceptionInfo[DeskError]) -> str:
    return refused.value.code


def test_every_row_comes_back_with_the_passphrase_alone(desk: Made, stick: Path, tmp_path: Path) -> None:
    desk.backup(stick / "copy.rdbackup")
    restored = _opened(stick / "copy.rdbackup", tmp_path / "new pc")
    assert (
        restored.execute("SELECT n, name FROM person").fetchall()
        == desk.db.execute("SELECT n, name FROM person").fetchall()
    )
    assert restored.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert integrity(restored) == []
    assert desk_of(stick / "copy.rdbackup") == DESK
    copy = read_backup(stick / "copy.rdbackup", tmp_path / "again.db")
    assert (copy.mark, copy.slots) == (b'{"seq":7}', desk.slots.as_bytes())


def test_the_recovery_code_opens_a_backup_too(desk: Made, stick: Path, tmp_path: Path) -> None:
    desk.backup(stick / "copy.rdbackup")
    copy = read_backup(stick / "copy.rdbackup", tmp_path / "desk.db")
    (tmp_path / "new").mkdir()
    assert Slots.put_back(tmp_path / "new", copy.slots).unlock_with_recovery(desk.code) == desk.key


def test_nothing_readable_and_nothing_else_is_left_anywhere(desk: Made, stick: Path, tmp_path: Path) -> None:
    seen: list[bytes] = []

    def look(_done: int, _of: int) -> None:
        seen.extend(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())

    desk.backup(stick / "copy.rdbackup", progress=look)
    seen.append((stick / "copy.rdbackup").read_bytes())
    assert not any(NAME.encode() in content or b"SQLite format" in content for content in seen)
    assert [file.name for file in stick.iterdir()] == ["copy.rdbackup"]
    assert list((desk.folder / "spool").iterdir()) == []


def test_saves_made_while_it_is_being_written_are_whole_in_it_or_not_at_all(
    desk: Made, stick: Path, tmp_path: Path
) -> None:
    def save(_done: int, _of: int) -> None:
        if desk.db.execute("SELECT count(*) FROM person").fetchone()[0] < 2600:
            desk.add(100)

    desk.backup(stick / "copy.rdbackup", progress=save)
    count = _opened(stick / "copy.rdbackup", tmp_path / "new").execute("SELECT count(*) FROM person").fetchone()[0]
    assert count % 100 == 0 and count >= 2000


def test_progress_goes_from_nothing_to_all(desk: Made, stick: Path) -> None:
    told: list[float] = []
    desk.backup(stick / "copy.rdbackup", progress=lambda done, of: told.append(done / of))
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == 1


def test_a_backup_that_is_stopped_leaves_the_former_one(desk: Made, stick: Path, tmp_path: Path) -> None:
    target = stick / "copy.rdbackup"
    desk.backup(target)
    before = target.read_bytes()

    class Stopped(Exception):
        pass

    for at in (0.1, 0.3, 0.6, 0.9):

        def stop(done: int, of: int, at: float = at) -> None:
            if done / of >= at:
                raise Stopped

        with pytest.raises(Stopped):
            desk.backup(target, progress=stop)
        assert target.read_bytes() == before
        assert [file.name for file in stick.iterdir()] == ["copy.rdbackup"]
        assert list((desk.folder / "spool").iterdir()) == []
    desk.db.execute("SELECT 1")


def test_a_newer_backup_of_the_same_desk_takes_the_place_of_the_former(desk: Made, stick: Path, tmp_path: Path) -> None:
    target = stick / "copy.rdbackup"
    desk.backup(target)
    desk.add(5)
    desk.backup(target)
    assert _opened(target, tmp_path / "new").execute("SELECT count(*) FROM person").fetchone() == (2005,)


def test_what_is_not_a_backup_of_this_desk_is_never_written_over(desk: Made, stick: Path, tmp_path: Path) -> None:
    other = Made(tmp_path / "other", desk="e" * 32, rows=1)
    other.backup(stick / "other.rdbackup")
    (stick / "letter.pdf").write_bytes(b"%PDF-1.7 a letter")
    (stick / "empty").write_bytes(b"")
    (stick / "folder").mkdir()
    for name in ("other.rdbackup", "letter.pdf", "empty", "folder"):
        with pytest.raises(Refused) as refused:
            desk.backup(stick / name)
        assert _code(refused) == "target_taken"
    assert desk_of(stick / "other.rdbackup") == "e" * 32
    assert (stick / "letter.pdf").read_bytes() == b"%PDF-1.7 a letter"


def test_left_overs_of_a_power_cut_do_not_stop_the_next(desk: Made, stick: Path) -> None:
    (desk.folder / "spool").mkdir()
    (desk.folder / "spool" / "backup.db").write_bytes(b"half")
    (stick / "copy.rdbackup.part").write_bytes(b"half")
    desk.backup(stick / "copy.rdbackup")
    assert [file.name for file in stick.iterdir()] == ["copy.rdbackup"]


def test_a_stick_that_is_gone_or_full_is_told_apart(
    desk: Made, tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable) as gone:
        desk.backup(tmp_path / "no stick" / "copy.rdbackup")
    assert _code(gone) == "place_gone"
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: _Usage(10**6, 10**6, 500))
    with pytest.raises(Unavailable) as full:
        desk.backup(stick / "copy.rdbackup")
    assert _code(full) == "disk_full"
    assert list(stick.iterdir()) == []


class _Usage:
    def __init__(self, total: int, used: int, free: int) -> None:
        self.total, self.used, self.free = total, used, free


def test_a_stick_that_loses_what_was_written_is_found_out(
    desk: Made, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = stick / "copy.rdbackup"
    desk.backup(target)
    before = target.read_bytes()

    def spoil(file: object) -> None:
        part = stick / "copy.rdbackup.part"
        data = bytearray(part.read_bytes())
        data[len(data) // 2] ^= 1
        part.write_bytes(data)

    monkeypatch.setattr(backups, "_forget_cached", spoil)
    with pytest.raises(Damaged) as damaged:
        desk.backup(target)
    assert _code(damaged) == "backup_damaged"
    assert target.read_bytes() == before
    assert [file.name for file in stick.iterdir()] == ["copy.rdbackup"]


def test_a_key_that_the_slots_do_not_give_is_found_out_before_anything_is_written(desk: Made, stick: Path) -> None:
    with pytest.raises(Damaged) as damaged:
        backup(desk.folder, desk.db, stick / "copy.rdbackup", key=desk.key[::-1], slots=desk.slots)
    assert _code(damaged) == "slots_altered"
    assert list(stick.iterdir()) == []


def test_before_a_migration_the_file_as_it_was_is_kept_and_earlier_ones_go(desk: Made) -> None:
    first = before_migration(desk.folder, desk.db, desk.key, "m001_first")
    desk.add(3)
    second = before_migration(desk.folder, desk.db, desk.key, "m002_second")
    assert second.name == "before-m002_second.db" and not first.exists()
    assert NAME.encode() not in second.read_bytes()
    kept = connect(second, desk.key)
    assert kept.execute("SELECT count(*) FROM person").fetchone() == (2003,)
    kept.close()
    forget_copies(desk.folder)
    assert not [file for file in desk.folder.iterdir() if "before" in file.name]


_OTHERS = [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x89PNG" + bytes(5000), b"x" * 90]


@pytest.mark.parametrize("content", _OTHERS)
def test_other_files_are_no_backups(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(Refused) as refused:
        read_backup(tmp_path / "file", tmp_path / "out.db")
    assert _code(refused) == "not_a_backup"
    assert not (tmp_path / "out.db").exists()


def test_archives_that_only_look_like_backups_are_refused(desk: Made, stick: Path, tmp_path: Path) -> None:
    desk.backup(stick / "good")
    with zipfile.ZipFile(stick / "good") as good:
        parts = {name: good.read(name) for name in good.namelist()}

    def made(name: str, change: dict[str, bytes | None], compression: int = zipfile.ZIP_STORED) -> Path:
        with zipfile.ZipFile(stick / name, "w", compression) as archive:
            for entry, data in {**parts, **change}.items():
                if data is not None:
                    archive.writestr(entry, data)
        return stick / name

    newer = parts["about.json"].replace(b'"format":1', b'"format":2')
    cases = {
        "squeezed": (made("squeezed", {}, zipfile.ZIP_DEFLATED), "backup_damaged"),
        "more": (made("more", {"../evil": b"x"}), "backup_damaged"),
        "less": (made("less", {"desk.slots": None}), "backup_damaged"),
        "newer": (made("newer", {"about.json": newer}), "newer_backup"),
        "rubbish": (made("rubbish", {"about.json": b"[" * 9000}), "not_a_backup"),
        "slots": (made("slots", {"desk.slots": b"other"}), "backup_damaged"),
        "pages": (made("pages", {"desk.db": parts["desk.db"][:-4096]}), "backup_damaged"),
    }
    for path, code in cases.values():
        with pytest.raises(DeskError) as refused:
            read_backup(path, tmp_path / "out.db")
        assert _code(refused) == code, path.name
        assert not (tmp_path / "out.db").exists()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    made = Made(folder / "desk", rows=20)
    made.backup(folder / "copy")
    made.db.close()
    return folder / "copy"


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32), cut=st.none() | st.integers(0, 40_000), flips=st.integers(0, 4))
def test_a_cut_or_spoilt_backup_is_refused_or_gives_exactly_what_was_saved(
    tmp_path_factory: pytest.TempPathFactory, good: Path, seed: int, cut: int | None, flips: int
) -> None:
    folder = tmp_path_factory.mktemp("spoilt")
    chance = random.Random(seed)
    data = bytearray(good.read_bytes()[:cut])
    for _ in range(flips):
        if data:
            # half of the harm where the archive's own structure lies
            place = chance.randrange(len(data)) if chance.random() < 0.5 else len(data) - 1 - chance.randrange(600)
            data[max(0, place)] ^= 1 << chance.randrange(8)
    (folder / "copy").write_bytes(data)
    try:
        copy = read_backup(folder / "copy", folder / "out.db")
    except (Refused, Damaged):
        assert not (folder / "out.db").exists()
    else:
        with zipfile.ZipFile(good) as archive:
            assert (folder / "out.db").read_bytes() == archive.read("desk.db")
            assert copy.slots == archive.read("desk.slots")
