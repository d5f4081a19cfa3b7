"""The driver stands where sqlite-utils looks, and its errors come out in our words."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

from returnee_desk.errors import Damaged, Refused, Unavailable
from returnee_desk.store.cipher import IntegrityError, SqlError, driver, in_words, require_sound_sqlite


def _error(number: int) -> SqlError:
    error = driver.OperationalError("the disk said something")
    error.sqlite_errorcode = number
    return error


def test_sqlite_utils_uses_the_encrypted_driver() -> None:
    import sqlcipher3
    import sqlite_utils

    assert sqlite_utils.db.sqlite3 is sqlcipher3
    assert sqlite_utils.db.OperationalError is driver.OperationalError


def test_importing_sqlite_utils_first_is_caught_at_once() -> None:
    code = "import sqlite_utils\nimport returnee_desk.store.cipher"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "before sqlite_utils" in done.stderr


def test_this_sqlite_is_sound() -> None:
    require_sound_sqlite()


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 51, 2)])
def test_a_sqlite_with_the_wal_reset_bug_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(Refused) as refused:
        require_sound_sqlite(version)
    assert refused.value.code == "sqlite_too_old"
    assert refused.value.details == {"found": ".".join(map(str, version)), "needed": "3.51.3"}


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (5, Unavailable, "busy"),
        (261, Unavailable, "busy"),  # SQLITE_BUSY_RECOVERY
        (517, Unavailable, "busy"),  # SQLITE_BUSY_SNAPSHOT
        (6, Unavailable, "busy"),
        (8, Unavailable, "read_only"),
        (776, Unavailable, "read_only"),  # SQLITE_READONLY_ROLLBACK
        (1032, Unavailable, "disk_error"),  # SQLITE_READONLY_DBMOVED
        (10, Unavailable, "disk_error"),
        (1034, Unavailable, "disk_error"),  # SQLITE_IOERR_FSYNC
        (3082, Unavailable, "no_memory"),  # SQLITE_IOERR_NOMEM
        (13, Unavailable, "disk_full"),
        (14, Unavailable, "cannot_open"),
        (11, Damaged, "desk_damaged"),
        (267, Damaged, "desk_damaged"),  # SQLITE_CORRUPT_VTAB
        (8458, Damaged, "desk_damaged"),  # SQLITE_IOERR_CORRUPTFS
        (26, Damaged, "desk_damaged"),
    ],
)
def test_what_the_driver_says_becomes_what_happened(number: int, kind: type[Exception], code: str) -> None:
    told = in_words(_error(number))
    assert type(told) is kind
    assert told.code == code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EIO, "disk_error"),
        (errno.EROFS, "read_only"),
        (errno.EACCES, "read_only"),
        (errno.ENOENT, "place_gone"),
        (errno.ENODEV, "place_gone"),
    ],
)
def test_what_the_system_says_becomes_what_happened(number: int, code: str) -> None:
    told = in_words(OSError(number, "secret name", "/secret/path"))
    assert (type(told), told.code) == (Unavailable, code)
    assert "secret" not in f"{told} {told.details}"


def test_our_own_mistakes_are_raised_as_they_came() -> None:
    connection = driver.connect(":memory:")
    connection.execute("CREATE TABLE t (a INTEGER NOT NULL) STRICT")
    with pytest.raises(IntegrityError) as broken:
        connection.execute("INSERT INTO t VALUES (NULL)")
    with pytest.raises(IntegrityError):
        in_words(broken.value)
    with pytest.raises(SqlError) as misspelt:
        connection.execute("SELEC 1")
    with pytest.raises(SqlError):
        in_words(misspelt.value)
    connection.close()
