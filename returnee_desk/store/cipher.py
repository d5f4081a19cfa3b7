"""The encrypted SQLite driver, and its errors in our words. Import this before sqlite-utils, always.

sqlite-utils takes `pysqlite3` when it finds one and the standard `sqlite3` otherwise, and decides at its
first import. We stand SQLCipher where it looks, so that its own `except OperationalError` sees the errors
our connections raise. Those errors are not `sqlite3.Error`: catch `SqlError` from here.
"""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

from returnee_desk.errors import Damaged, DeskError, Refused, Unavailable

if TYPE_CHECKING:
    import sqlite3 as driver
    from sqlite3 import Connection
    from sqlite3 import DatabaseError as DatabaseError
    from sqlite3 import Error as SqlError
    from sqlite3 import IntegrityError as IntegrityError
    from sqlite3 import OperationalError as OperationalError
else:
    import sqlcipher3
    from sqlcipher3 import dbapi2 as driver
    from sqlcipher3.dbapi2 import Connection, DatabaseError, IntegrityError, OperationalError
    from sqlcipher3.dbapi2 import Error as SqlError

    for _name, _module in (("pysqlite3", sqlcipher3), ("pysqlite3.dbapi2", driver)):
        if sys.modules.setdefault(_name, _module) is not _module:
            raise ImportError(f"{_name} is installed and was imported first; the encrypted driver has to stand there")
    _utils = sys.modules.get("sqlite_utils.utils")
    if _utils is not None and _utils.sqlite3 is not sqlcipher3:
        raise ImportError("import returnee_desk.store.cipher before sqlite_utils")

__all__ = [
    "Connection",
    "DatabaseError",
    "IntegrityError",
    "OperationalError",
    "SqlError",
    "driver",
    "in_words",
    "require_sound_sqlite",
]

OLDEST_SOUND_SQLITE = (3, 51, 3)
"""SQLite 3.7.0 to 3.51.2 can damage a file in WAL mode when a checkpoint and a write meet (the WAL-reset bug)."""


def require_sound_sqlite(version: tuple[int, ...] = driver.sqlite_version_info) -> None:
    """Refused `sqlite_too_old` where the library has the WAL-reset bug."""
    if tuple(version) < OLDEST_SOUND_SQLITE:
        raise Refused(
            "sqlite_too_old", found=".".join(map(str, version)), needed=".".join(map(str, OLDEST_SOUND_SQLITE))
        )


_BY_PRIMARY_CODE: dict[int, tuple[type[DeskError], str]] = {
    5: (Unavailable, "busy"),  # SQLITE_BUSY
    6: (Unavailable, "busy"),  # SQLITE_LOCKED
    7: (Unavailable, "no_memory"),  # SQLITE_NOMEM
    8: (Unavailable, "read_only"),  # SQLITE_READONLY
    9: (Unavailable, "stopped"),  # SQLITE_INTERRUPT
    10: (Unavailable, "disk_error"),  # SQLITE_IOERR
    11: (Damaged, "desk_damaged"),  # SQLITE_CORRUPT
    13: (Unavailable, "disk_full"),  # SQLITE_FULL
    14: (Unavailable, "cannot_open"),  # SQLITE_CANTOPEN
    15: (Unavailable, "busy"),  # SQLITE_PROTOCOL: the locks of the WAL could not be had
    26: (Damaged, "desk_damaged"),  # SQLITE_NOTADB: a page that does not decrypt
}
_BY_EXTENDED_CODE: dict[int, tuple[type[DeskError], str]] = {
    1032: (Unavailable, "disk_error"),  # SQLITE_READONLY_DBMOVED: the file went away under us
    3082: (Unavailable, "no_memory"),  # SQLITE_IOERR_NOMEM
    8458: (Damaged, "desk_damaged"),  # SQLITE_IOERR_CORRUPTFS
}
_BY_ERRNO: dict[int, str] = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.ENOENT: "place_gone",
    errno.ENODEV: "place_gone",
    errno.ENXIO: "place_gone",
    errno.ENOTDIR: "place_gone",
    errno.ENOMEM: "no_memory",
}


def in_words(error: SqlError | OSError) -> DeskError:
    """What the world did, from an error of the driver or of the system: `raise in_words(error) from error`.

    Codes: `disk_full`, `disk_error`, `read_only`, `busy`, `no_memory`, `stopped`, `cannot_open`,
    `place_gone` (Unavailable: nothing was saved, except that a COMMIT that fails with `disk_error` may
    have happened) and `desk_damaged` (Damaged). An error that is our own bug (SQL, a broken constraint)
    is raised as it came.
    """
    if isinstance(error, OSError):
        return Unavailable(_BY_ERRNO.get(error.errno or 0, "disk_error"), errno=error.errno)
    number = getattr(error, "sqlite_errorcode", None) or 0
    found = _BY_EXTENDED_CODE.get(number) or _BY_PRIMARY_CODE.get(number & 0xFF)
    if found is None:
        raise error
    kind, code = found
    return kind(code, sqlite=number)
