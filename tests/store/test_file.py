"""The encrypted file opens with its key and with nothing else, and says what is wrong with one that does not."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from returnee_desk.errors import Damaged, DeskError, Refused, Unavailable
from returnee_desk.store.cipher import SqlError, in_words
from returnee_desk.store.file import connect, integrity, write_whole

KEY = bytes(range(32))
NAME = "Xiloj Canario Tzul"

posix = pytest.mark.skipif(os.name != "posix", reason="rights as Linux has them")
not_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")


def _filled(path: Path, rows: int = 300) -> Path:
    db = connect(path, KEY, create=True)
    db.execute("CREATE TABLE person (n INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    with db.atomic():
        db.conn.executemany(
            "INSERT INTO person (name) VALUES (?)", [(f"{NAME} {n} " + "x" * 200,) for n in range(rows)]
        )
    db.close()
    return path


def _code_of_opening(path: Path, key: bytes = KEY) -> str:
    with pytest.raises(DeskError) as refused:
        connect(path, key)
    assert NAME not in str(refused.value)
    return refused.value.code


def test_what_is_written_is_there_after_reopening(tmp_path: Path) -> None:
    db = connect(_filled(tmp_path / "desk.db"), KEY)
    assert db.execute("SELECT count(*) FROM person").fetchone() == (300,)
    assert integrity(db) == []
    db.close()


def test_every_connection_is_told_the_same(tmp_path: Path) -> None:
    db = connect(tmp_path / "desk.db", KEY, create=True)
    told = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "temp_store", "busy_timeout")
    }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "busy_timeout": 10_000,
    }
    assert db.conn.isolation_level is None
    db.close()


def test_transactions_are_by_hand(tmp_path: Path) -> None:
    db = connect(tmp_path / "desk.db", KEY, create=True)
    db.execute("CREATE TABLE t (a INTEGER) STRICT")
    db.conn.execute("BEGIN IMMEDIATE")
    db.conn.execute("INSERT INTO t VALUES (1)")
    assert db.conn.in_transaction
    db.conn.execute("ROLLBACK")
    assert db.execute("SELECT count(*) FROM t").fetchone() == (0,)
    db.close()


def test_nothing_readable_lies_in_any_file(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db")
    db = connect(path, KEY)
    db.execute("INSERT INTO person (name) VALUES (?)", (NAME,))
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert NAME.encode() not in content
        assert b"SQLite format" not in content
        assert b"person" not in content
    db.close()


@posix
def test_files_and_folder_are_for_their_owner_only(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.umask(0); from pathlib import Path; from returnee_desk.store.file import connect\n"
        "db = connect(Path(sys.argv[1]), bytes(32), create=True); db.execute('CREATE TABLE t (a INTEGER) STRICT')\n"
        "files = Path(sys.argv[1]).parent.iterdir()\n"
        "print(*sorted(f'{file.name} {file.stat().st_mode & 0o777:o}' for file in files), sep='\\n')"
    )
    folder = tmp_path / "desk"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder / "desk.db")], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["desk.db 600", "desk.db-shm 600", "desk.db-wal 600"]
    assert done.stderr == ""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_existing_file_is_never_made_again(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db")
    before = path.read_bytes()
    with pytest.raises(Refused) as refused:
        connect(path, KEY, create=True)
    assert refused.value.code == "desk_exists"
    assert path.read_bytes() == before


def test_another_key_is_told_apart_and_changes_nothing(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db")
    before = path.read_bytes()
    assert _code_of_opening(path, bytes(32)) == "wrong_key"
    assert path.read_bytes() == before
    connect(path, KEY).close()


def test_a_missing_file_is_told_apart(tmp_path: Path) -> None:
    assert _code_of_opening(tmp_path / "desk.db") == "no_desk"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "desk_empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64, "not_a_desk"),
        (b"SQLite format 3\0" + bytes(8176), "not_a_desk"),
        (b"PK\x03\x04" + bytes(range(256)) * 32, "not_a_desk"),
        (b"Nombre,Apellido\r\n" * 600, "not_a_desk"),
        (bytes(8192), "desk_damaged"),
        (b"\xfe" * 100, "desk_cut"),
    ],
)
def test_a_file_of_another_kind_is_told_apart_and_left_alone(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(content)
    assert _code_of_opening(path) == code
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "desk.db").mkdir()
    assert _code_of_opening(tmp_path / "desk.db") == "desk_is_folder"


@pytest.mark.parametrize(
    ("keep", "codes"), [(4096 * 5, {"desk_damaged"}), (4096 * 5 + 77, {"desk_cut"}), (90, {"desk_cut"})]
)
def test_a_cut_file_is_told_apart(tmp_path: Path, keep: int, codes: set[str]) -> None:
    path = _filled(tmp_path / "desk.db")
    path.write_bytes(path.read_bytes()[:keep])
    assert _code_of_opening(path) in codes


def test_a_flipped_bit_in_any_page_is_found_and_wrong_data_never_shown(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db", rows=60)
    sound = path.read_bytes()
    chance = random.Random(18)
    for page in range(len(sound) // 4096):
        place = page * 4096 + chance.randrange(4096)
        path.write_bytes(sound[:place] + bytes([sound[place] ^ (1 << chance.randrange(8))]) + sound[place + 1 :])
        try:
            db = connect(path, KEY)
        except DeskError as error:
            assert isinstance(error, Damaged)
            continue
        assert any("HMAC" in problem for problem in integrity(db))
        try:
            names = [name for (name,) in db.execute("SELECT name FROM person ORDER BY n")]
        except SqlError as error:
            assert in_words(error).code == "desk_damaged"
        else:
            assert names == [f"{NAME} {n} " + "x" * 200 for n in range(60)]
        db.close()
        for left in ("desk.db-wal", "desk.db-shm"):
            (tmp_path / left).unlink(missing_ok=True)


def test_a_reference_to_nothing_is_found(tmp_path: Path) -> None:
    db = connect(tmp_path / "desk.db", KEY, create=True)
    db.executescript(
        "CREATE TABLE family (n INTEGER PRIMARY KEY) STRICT;"
        "CREATE TABLE person (n INTEGER PRIMARY KEY, family INTEGER REFERENCES family (n)) STRICT;"
    )
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO person VALUES (1, 7)")
    assert integrity(db) == ["foreign_key_check: person -> family"]
    db.close()


def test_a_reader_can_not_write_and_leaves_the_file_alone(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db")
    before = path.read_bytes()
    db = connect(path, KEY, read_only=True)
    assert db.execute("SELECT count(*) FROM person").fetchone() == (300,)
    with pytest.raises(SqlError) as refused:
        db.execute("DELETE FROM person")
    assert in_words(refused.value).code == "read_only"
    db.close()
    assert path.read_bytes() == before


@not_root
def test_a_disk_that_can_not_be_written_to_is_told_apart_and_can_still_be_read(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db")
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert _code_of_opening(path) == "read_only"
        db = connect(path, KEY, read_only=True)
        assert db.execute("SELECT count(*) FROM person").fetchone() == (300,)
        db.close()
    finally:
        tmp_path.chmod(0o700)


def test_a_file_held_by_another_program_is_busy_not_broken(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db")
    ours, theirs = connect(path, KEY), connect(path, KEY)
    ours.execute("PRAGMA busy_timeout = 20")
    theirs.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SqlError) as refused:
        ours.execute("BEGIN IMMEDIATE")
    assert in_words(refused.value).code == "busy"
    theirs.execute("ROLLBACK")
    ours.execute("BEGIN IMMEDIATE")
    ours.execute("ROLLBACK")
    ours.close()
    theirs.close()


def test_a_copy_taken_without_its_wal_is_older_but_consistent(tmp_path: Path) -> None:
    db = connect(_filled(tmp_path / "desk.db", rows=10), KEY)
    db.execute("INSERT INTO person (name) VALUES ('one more')")
    (tmp_path / "copy.db").write_bytes((tmp_path / "desk.db").read_bytes())
    db.close()
    copy = connect(tmp_path / "copy.db", KEY)
    assert copy.execute("SELECT count(*) FROM person").fetchone() == (10,)
    assert integrity(copy) == []
    copy.close()


def test_the_wal_of_another_file_is_never_mixed_in(tmp_path: Path) -> None:
    path = _filled(tmp_path / "desk.db", rows=10)
    other = connect(_filled(tmp_path / "other.db", rows=20), bytes(range(32)))
    other.execute("UPDATE person SET name = 'somebody else'")
    (tmp_path / "desk.db-wal").write_bytes((tmp_path / "other.db-wal").read_bytes())
    other.close()
    try:
        db = connect(path, KEY)
    except Damaged:
        return
    try:
        names = {name for (name,) in db.execute("SELECT name FROM person")}
        assert "somebody else" not in names
    except SqlError as error:
        assert in_words(error).code == "desk_damaged"
    db.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_leaves_the_former_file(tmp_path: Path) -> None:
    target = tmp_path / "slots"
    write_whole(target, b"before")
    (tmp_path / "slots.part").symlink_to("/dev/full")
    with pytest.raises(Unavailable) as refused:
        write_whole(target, b"after")
    assert refused.value.code == "disk_full"
    assert target.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["slots"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_or_a_device_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    target = tmp_path / "printer"
    os.mkfifo(target)
    reader = os.open(target, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(target, b"a slip")
        assert os.read(reader, 100) == b"a slip"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(target.stat().st_mode)


def test_a_file_written_whole_is_for_its_owner_and_replaces_the_former(tmp_path: Path) -> None:
    target = tmp_path / "slots"
    write_whole(target, b"before")
    write_whole(target, b"after")
    assert target.read_bytes() == b"after"
    assert [file.name for file in tmp_path.iterdir()] == ["slots"]
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
