"""A desk tells the truth about what was saved, whatever the disk does, and finds out when something is off."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from returnee_desk import acts
from returnee_desk.acts.operation import Done
from returnee_desk.acts.view import View
from returnee_desk.errors import Damaged, DeskError, Refused, Unavailable
from returnee_desk.store.cipher import OperationalError
from returnee_desk.store.desk import DATABASE, Desk
from returnee_desk.sync.founding import found_desk
from tests.making import (
    BUS,
    PASSPHRASE,
    USER,
    Founding,
    everything_of,
    lines_of,
    make_family,
    nothing_written,
    open_bus,
    receive,
    refusal,
    register,
    reopened,
)
from tests.store.history import craft, digests, record

ROOT = Path(__file__).parents[2]


# a COMMIT that reports an error


class TiredDisk:
    """A connection whose next COMMIT reports an error of the disk, after it happened or without it."""

    def __init__(self, database: Any, *, happens: bool) -> None:
        self.database, self.happens, self.tired = database, happens, True
        self.conn = self

    def execute(self, sql: str, *values: Any) -> Any:
        if sql != "COMMIT" or not self.tired:
            return self.database.conn.execute(sql, *values)
        self.tired = False
        if self.happens:
            self.database.conn.execute(sql)
        error = OperationalError("disk I/O error")
        error.sqlite_errorcode = 10
        raise error

    def close(self) -> None:
        self.database.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database.conn, name)


def test_a_commit_that_happened_is_told_as_saved_though_the_disk_reported_an_error(desk: Desk) -> None:
    open_bus(desk)
    desk._attach(TiredDisk(desk.db, happens=True))
    first = desk.do(acts.register_family, make_family(key="k"))
    assert desk.family(first["code"]).members
    assert desk.do(acts.register_family, make_family(key="k"))["repeated"]
    assert len(desk.families()) == 1
    assert desk.check() == []


def test_a_commit_that_did_not_happen_is_told_as_not_saved_and_the_next_one_works(desk: Desk) -> None:
    open_bus(desk)
    with nothing_written(desk):
        desk._attach(TiredDisk(desk.db, happens=False))
        assert refusal(desk.do, acts.register_family, make_family()) == "disk_error"
    assert register(desk)["code"].startswith("TUM1-A1-00001-")
    assert desk.check() == []


def test_a_bundle_whose_commit_fails_is_wholly_absent(desk: Desk) -> None:
    lines = [craft(["note", record(), {"said": {"text": "x"}}]) for _ in range(3)]
    with nothing_written(desk):
        desk._attach(TiredDisk(desk.db, happens=False))
        assert refusal(receive, desk, *lines) == "disk_error"
    assert receive(desk, *lines) == 3


# a full disk


def test_on_a_full_disk_nothing_is_saved_and_the_next_save_works(desk: Desk) -> None:
    open_bus(desk)
    pages = desk.db.execute("PRAGMA page_count").fetchone()[0]
    desk.db.execute(f"PRAGMA max_page_count = {pages}")
    saved = 0
    code = ""
    while not code:
        try:
            register(desk, size=9, notes=["x" * 2000])
            saved += 1
        except Unavailable as error:
            code = error.code
    assert code == "disk_full"
    with nothing_written(desk):
        assert refusal(register, desk, size=9, notes=["x" * 2000] * 20) == "disk_full"
        assert refusal(desk.save_draft, "one", {"text": "x" * 100_000}) == "disk_full"
    assert len(desk.families()) == saved
    desk.db.execute("PRAGMA max_page_count = 1000000")
    register(desk, size=9)
    desk.save_draft("one", {"text": "x" * 100_000})
    assert (len(desk.families()), len(desk.drafts())) == (saved + 1, 1)
    assert desk.check() == []


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_a_file_that_may_not_grow_refuses_saves_and_keeps_what_was_acknowledged(
    founding: Founding, tmp_path: Path
) -> None:
    with founding.copy(tmp_path / "A") as desk:
        open_bus(desk)
        key = desk._key
    told = subprocess.run(
        [sys.executable, "-c", _CRAMPED, str(tmp_path / "A"), key.hex()], capture_output=True, text=True, cwd=ROOT,
        check=True,
    )  # fmt: skip
    words = told.stdout.split()
    refused = words.index("refused")
    assert words[refused + 1] in ("disk_error", "disk_full")
    codes = [*words[:refused], *words[refused + 2 :]]
    assert refused >= 1 and len(codes) == refused + 1
    with Founding.open(tmp_path / "A", key) as again:
        assert sorted(line.code for line in again.families()) == sorted(codes)
        assert again.check() == []


_CRAMPED = """
import resource, sys
from pathlib import Path
from returnee_desk.errors import Unavailable
from tests.making import Founding, register
folder = Path(sys.argv[1])
desk = Founding.open(folder, bytes.fromhex(sys.argv[2]))
print(register(desk)["code"])
room = (folder / "desk.db-wal").stat().st_size + 60_000
whole = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, whole[1]))
try:
    while True:
        print(register(desk, size=9)["code"])
except Unavailable as error:
    print("refused", error.code)
resource.setrlimit(resource.RLIMIT_FSIZE, whole)
print(register(desk)["code"])
desk.close()
"""


# one program at a time


def test_a_second_program_waits_and_is_then_told_who_has_the_desk(desk: Desk) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        Desk.open(desk.folder, user=USER, passphrase=PASSPHRASE, wait=0.2)
    assert caught.value.code == "already_open"
    assert caught.value.details["pid"] is not None
    assert 0.2 <= time.monotonic() - started < 5


def test_a_desk_opens_for_who_has_its_passphrase_and_for_nobody_else(desk: Desk) -> None:
    code = register(desk)["code"]
    desk.close()
    folder = desk.folder
    assert refusal(Desk.open, folder, user=USER, passphrase="otra") == "wrong_passphrase"
    assert refusal(Desk.open, folder.parent / "none", user=None, passphrase=PASSPHRASE) == "no_desk"
    with Desk.open(folder, user="ana  LUCIA", passphrase=PASSPHRASE) as again:
        assert (again.me.name, again.family(code).code) == (USER, code)
    assert (folder / "desk.lock").exists()  # stays behind and stops nobody


def test_who_forgot_the_passphrase_opens_the_desk_with_the_printed_code(tmp_path: Path) -> None:
    made = [
        found_desk(tmp_path / letter, kind="post", place="TUM1", letter=letter, user=USER, passphrase=PASSPHRASE)
        for letter in "AB"
    ]
    for founded in made:
        founded.desk.close()
    mine, other = (founded.recovery_code for founded in made)
    for typed in (mine, mine.lower().replace("-", " ")):
        with Desk.open(tmp_path / "A", user=None, passphrase=typed) as desk:
            assert desk.me.name == USER
    assert refusal(Desk.open, tmp_path / "A", user=USER, passphrase=other) == "wrong_recovery_code"
    assert refusal(Desk.open, tmp_path / "A", user="nadie", passphrase=mine) == "user_removed"
    mistyped = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    assert refusal(Desk.open, tmp_path / "A", user=USER, passphrase=mistyped) == "wrong_passphrase"


def test_a_desk_is_founded_once(founding: Founding, tmp_path: Path) -> None:
    told = {"kind": "post", "place": "TUM1", "letter": "A", "user": USER, "passphrase": PASSPHRASE}
    with founding.copy(tmp_path / "A") as desk:
        before = everything_of(desk)
    assert refusal(found_desk, tmp_path / "A", **told) == "desk_exists"
    with Founding.open(tmp_path / "A", desk._key) as again:
        assert everything_of(again) == before
    for wrong in ({"place": "NADA1"}, {"letter": "aa"}, {"kind": "shop"}, {"passphrase": ""}, {"user": " "}):
        with pytest.raises(Refused):
            found_desk(tmp_path / "B", **{**told, **wrong})
        left = [file.name for file in (tmp_path / "B").glob("*")] if (tmp_path / "B").exists() else []
        assert set(left) <= {"desk.lock"}


# all or nothing


def test_what_an_act_of_ours_did_wrong_leaves_nothing(desk: Desk) -> None:
    open_bus(desk)

    def broken(view: View) -> Done:
        done = acts.register_family(view, make_family())
        return Done(act="register_family", writes=[*done.writes, None])  # type: ignore[list-item]

    with nothing_written(desk), pytest.raises(AttributeError):
        desk.do(broken)
    assert register(desk)["code"].startswith("TUM1-A1-00001-")


def test_a_bundle_is_taken_in_whole_or_not_at_all(desk: Desk, founding: Founding, tmp_path: Path) -> None:
    register(desk)
    with founding.copy(tmp_path / "B", letter="B") as other:
        lines = lines_of(desk)
        with nothing_written(other):
            with contextlib.suppress(KeyboardInterrupt), other.receiving() as intake:
                for line in lines:
                    intake.operation(line)
                intake.put_local("x", 1)
                raise KeyboardInterrupt
            assert refusal(receive, other, *lines, b"{}") == "malformed_operation"
        assert receive(other, *lines) == len(lines)
        with nothing_written(other):
            assert receive(other, *lines) == 0


def test_two_desks_of_one_place_read_what_the_other_saved(founding: Founding, tmp_path: Path) -> None:
    with founding.copy(tmp_path / "A") as here, founding.copy(tmp_path / "B", letter="B") as there:
        code = register(here, phone="5551 2345")["code"]
        receive(there, *lines_of(here))
        assert there.family(code) == here.family(code)
        assert there.do(acts.register_family, make_family())["code"].startswith("TUM1-B1-00001-")


# a look at itself


@pytest.fixture
def worked(desk: Desk) -> Desk:
    code = register(desk, size=3, phone="5551 2345", services=["VIVERES"])["code"]
    desk.do(acts.correct_family, code, {"given_names": "Rosa"}, person=1, reason="r")
    desk.do(acts.remove_member, code, 3, reason="r")
    assert desk.check() == []
    return desk


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE person SET given = 'Otra' WHERE number = 1",
        "UPDATE family SET kind = 'adults_only'",
        "DELETE FROM service",
        "UPDATE person SET minor = 0",
        "INSERT INTO staff (id, name) VALUES (randomblob(16), 'Nadie')",
    ],
)
def test_a_spoilt_table_is_found_and_mended_from_the_registers(worked: Desk, sql: str) -> None:
    before = digests(worked)
    worked.db.conn.execute(sql)
    assert worked.check() == ["tables differ from the registers"]
    worked.rebuild()
    assert (worked.check(), digests(worked)) == ([], before)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE register SET value = json_replace(value, '$.given', 'Otra')",
        "DELETE FROM register",
        "DELETE FROM dead",
        "DELETE FROM record WHERE entity = 'service'",
    ],
)
def test_a_spoilt_register_is_found(worked: Desk, sql: str) -> None:
    worked.db.conn.execute(sql)
    assert "registers differ from the log" in worked.check()


def test_a_spoilt_page_is_found_or_refused_and_never_read_wrong(worked: Desk, tmp_path: Path) -> None:
    key, shown = worked._key, worked.family_by_id(worked.families()[0].id)
    worked.close()
    size = (worked.folder / DATABASE).stat().st_size
    for page in range(0, size // 4096, max(1, size // 4096 // 25)):
        folder = tmp_path / f"page {page}"
        shutil.copytree(worked.folder, folder)
        whole = bytearray((folder / DATABASE).read_bytes())
        whole[page * 4096 + 2000] ^= 1
        (folder / DATABASE).write_bytes(whole)
        try:
            spoilt = Founding.open(folder, key)
        except DeskError:
            continue
        with spoilt, contextlib.suppress(Damaged):
            assert spoilt.check() != []
            assert spoilt.family_by_id(shown.id) == shown
            assert len(spoilt.families()) == 1 and spoilt.arrivals() and spoilt.status()["own"]
            spoilt.find("Rosa")
            register(spoilt)


def test_checking_changes_nothing(worked: Desk) -> None:
    with nothing_written(worked):
        assert worked.check() == []
    register(worked)
    again = reopened(worked)
    assert again.check() == []
    again.close()


# copies made by others


def test_a_copy_of_the_file_alone_made_at_any_moment_is_an_older_desk_and_sound(desk: Desk, tmp_path: Path) -> None:
    open_bus(desk)
    for n in range(3):
        register(desk)
        folder = tmp_path / f"copy {n}"
        folder.mkdir()
        for file in desk.folder.glob("desk.slots*"):
            shutil.copy(file, folder)
        shutil.copy(desk.folder / DATABASE, folder)
        with Founding.open(folder, desk._key) as older:
            assert len(older.families()) <= n + 1
            assert older.check() == []
        if n == 1:  # with its WAL it is all there
            shutil.copytree(desk.folder, tmp_path / "whole")
            with Founding.open(tmp_path / "whole", desk._key) as same:
                assert len(same.families()) == n + 1


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files")
def test_a_desk_is_its_owners_alone(desk: Desk) -> None:
    register(desk)
    assert desk.folder.stat().st_mode & 0o077 == 0
    assert [file.name for file in desk.folder.iterdir() if file.is_file() and file.stat().st_mode & 0o077] == []


def test_an_error_says_nothing_about_anybody(desk: Desk) -> None:
    code = register(desk)["code"]
    with pytest.raises(Refused) as name:
        desk.do(acts.correct_family, code, {"given_names": "Zoila" * 99}, person=1, reason="r")
    with pytest.raises(Refused) as note:
        desk.do(acts.note, code, "Zoila" * 999)
    for caught in (name, note):
        assert "Zoila" not in f"{caught.value} {caught.value!r} {caught.value.details}"


def test_what_is_kept_beside_the_operations_comes_back_and_stays_here(
    desk: Desk, founding: Founding, tmp_path: Path
) -> None:
    assert desk.local("window", 7) == 7
    desk.set_local("window", {"size": [1366, 768]})
    desk.set_local("window", {"size": [1, 2]})
    desk.note_printed("f" * 32, ["TUM1-A1-S00001-M"])
    desk.note_printed("f" * 32, ["sheet"])
    again = reopened(desk)
    assert again.local("window") == {"size": [1, 2]}
    assert again.printed("f" * 32) == {"TUM1-A1-S00001-M", "sheet"}
    with founding.copy(tmp_path / "B", letter="B") as other:
        receive(other, *lines_of(again))
        assert (other.local("window"), other.printed("f" * 32)) == (None, set())
    again.close()


def test_lists_are_the_newest_first_and_by_day(desk: Desk) -> None:
    from datetime import date

    codes = [
        register(desk, arrival=BUS | {"label": f"Bus {n}", "at": f"2026-11-2{n}T08:00-06:00"})["code"] for n in range(4)
    ]
    assert [line.code for line in desk.families()] == codes[::-1]
    assert [line.code for line in desk.families(limit=2)] == codes[:1:-1]
    some = desk.families(from_date=date(2026, 11, 21), to_date=date(2026, 11, 22))
    assert [line.code for line in some] == [codes[2], codes[1]]
    bus = desk.family(codes[3]).arrival
    assert [line.code for line in desk.families(bus.id)] == [codes[3]]
    assert [one.label for one in desk.arrivals(limit=2)] == ["Bus 3", "Bus 2"]
    assert refusal(desk.family_by_id, "x") == "unknown_family"
    assert refusal(desk.arrival, "ab") == "unknown_arrival"
