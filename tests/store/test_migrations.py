"""Old files open for ever; a newer one is refused; before any change of form a copy is made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from returnee_desk.errors import Refused
from returnee_desk.store.desk import DATABASE, Desk
from returnee_desk.store.file import connect
from returnee_desk.store.migrations import schema
from tests.making import PASSPHRASE, USER, Clock, Founding, register
from tests.old_files.make import FOLDER, KEPT, shown

if TYPE_CHECKING:
    from sqlite_utils import Database

OLD = sorted(folder.name for folder in FOLDER.iterdir() if (folder / "shown.json").exists())

TESTED = {
    "m001_log_registers_and_tables": "test_every_old_file_opens_shows_what_it_showed_and_goes_on",
    "m002_what_sticks_need": "test_m002_keeps_what_was_known_of_bundles",
}
"""Each migration and the test that has an older file go through it."""


def put_back(name: str, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for file in KEPT:
        shutil.copy(FOLDER / name / file, folder)


def form_of(db: Database) -> set[tuple[str, str]]:
    """Tables, indexes and columns, whatever steps led there."""
    return {(row[0], " ".join(str(row[1]).split())) for row in db.execute("SELECT name, sql FROM sqlite_schema")}


def test_there_is_an_old_file() -> None:
    assert OLD


@pytest.mark.parametrize("name", OLD)
def test_every_old_file_opens_shows_what_it_showed_and_goes_on(name: str, tmp_path: Path, founding: Founding) -> None:
    put_back(name, tmp_path / "old")
    told = json.loads((FOLDER / name / "shown.json").read_text(encoding="utf-8"))
    with Desk.open(tmp_path / "old", user=USER, passphrase=PASSPHRASE, clock=Clock()) as desk:
        _holds(shown(desk), told)
        assert desk.check() == []
        desk.rebuild()
        _holds(shown(desk), told)
        with founding.copy(tmp_path / "new") as fresh:
            assert form_of(desk.db) == form_of(fresh.db)
        code = register(desk, arrival=next(one.id for one in desk.arrivals(open_only=True)))["code"]
        assert desk.family(code).members
        assert desk.settings.practice


def _holds(now: Any, told: Any, path: str = "") -> None:
    """What was told is there still; a newer program may tell more."""
    if isinstance(told, dict):
        for key, value in told.items():
            _holds(now[key], value, f"{path}.{key}")
    elif isinstance(told, list):
        assert len(now) == len(told), path
        for place, (one, other) in enumerate(zip(now, told, strict=True)):
            _holds(one, other, f"{path}[{place}]")
    else:
        assert now == told, path


def test_each_migration_has_a_test() -> None:
    assert TESTED.keys() == {migration.name for migration in schema._migrations}
    assert set(TESTED.values()) <= globals().keys()


def as_before(desk: Desk, folder: Path, migration: str) -> Database:
    """A copy of a desk's rows in a file that has only the steps before this one; open."""
    folder.mkdir(mode=0o700)
    for file in ("desk.slots", "desk.slots.copy"):
        shutil.copy(desk.folder / file, folder)
    old = connect(folder / DATABASE, desk._key, create=True)
    schema.apply(old, stop_before=migration)
    old.conn.execute("PRAGMA foreign_keys = OFF")
    for (table,) in old.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        if table.startswith(("search", "likeness", "sqlite_", "_sqlite")):
            continue
        both = [one.name for one in old[table].columns if one.name in {two.name for two in desk.db[table].columns}]
        rows = desk.db.execute(f"SELECT {', '.join(both)} FROM {table}").fetchall()
        old.conn.executemany(f"INSERT INTO {table} ({', '.join(both)}) VALUES ({', '.join('?' * len(both))})", rows)
    return old


def test_m002_keeps_what_was_known_of_bundles(founding: Founding, tmp_path: Path) -> None:
    with founding.copy(tmp_path / "A") as desk:
        code = register(desk)["code"]
        digests = desk.content_digest(), desk.table_digest(), desk.history_digest()
        old = as_before(desk, tmp_path / "old", "m002_what_sticks_need")
        old.conn.execute("INSERT INTO bundle VALUES ('d', 'e', 3, 'in', '2026-11-22T12:00-06:00', 7, 'header')")
        old.close()
        form = form_of(desk.db)
    with Desk.open(tmp_path / "old", user=None, passphrase=PASSPHRASE) as again:
        assert again.family(code).members
        assert (again.content_digest(), again.table_digest(), again.history_digest()) == digests
        (row,) = again.db["bundle"].rows
        assert row == {"way": "in", "device": "d", "epoch": "e", "seq": 3, "header": "header",
                       "at": "2026-11-22T12:00-06:00", "operations": 7}  # fmt: skip
        assert form_of(again.db) == form
        again.rebuild()
        assert [hit.code for hit in again.find("Marta")] == [code]
        assert again.check() == []


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """This program as it will be one migration later."""

    def m999_hair(db: Database) -> None:
        db.conn.execute("ALTER TABLE person ADD COLUMN hair TEXT")

    later = [*schema._migrations, schema._Migration("m999_hair", m999_hair)]
    monkeypatch.setattr(schema, "_migrations", later)


def test_an_older_file_is_copied_and_then_brought_forward(
    founding: Founding, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with founding.copy(tmp_path / "A") as desk:
        code, key = register(desk)["code"], desk._key
        last = schema._migrations[-1].name
    request.getfixturevalue("newer")
    with Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE) as desk:
        assert desk.family(code).code == code
        assert "hair" in [column.name for column in desk.db["person"].columns]
    (copy,) = (tmp_path / "A").glob(f"before-{last}*")
    before = connect(copy, key, read_only=True)
    assert "hair" not in [column.name for column in before["person"].columns]
    assert before.execute("SELECT code FROM family").fetchone() == (code,)
    before.close()
    with Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE):
        assert len(list((tmp_path / "A").glob("before-*"))) == 1


def test_a_newer_file_is_refused_with_both_versions_and_left_as_it_is(
    founding: Founding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    with founding.copy(tmp_path / "A"):
        known = schema._migrations
    request.getfixturevalue("newer")
    Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE).close()
    monkeypatch.setattr(schema, "_migrations", known)
    before = (tmp_path / "A" / DATABASE).read_bytes()
    with pytest.raises(Refused) as caught:
        Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE)
    assert caught.value.code == "newer_file"
    assert caught.value.details == {"file": "m999_hair", "program": known[-1].name}
    assert (tmp_path / "A" / DATABASE).read_bytes() == before
    with pytest.raises(Refused):  # and the lock is free again
        Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE, wait=0)


def test_a_step_that_fails_leaves_the_file_in_its_former_form(
    founding: Founding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with founding.copy(tmp_path / "A") as desk:
        code = register(desk)["code"]
        known = schema._migrations

    def half(db: Database) -> None:
        db.conn.execute("ALTER TABLE person ADD COLUMN hair TEXT")
        db.conn.execute("DELETE FROM person")
        raise ZeroDivisionError

    monkeypatch.setattr(schema, "_migrations", [*known, schema._Migration("m999_half", half)])
    with pytest.raises(ZeroDivisionError):
        Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE)
    monkeypatch.setattr(schema, "_migrations", known)
    with Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE, wait=0) as desk:
        assert len(desk.family(code).members) == 2
        assert desk.check() == []
