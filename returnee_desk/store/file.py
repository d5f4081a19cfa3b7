"""The encrypted file: how it is opened, what every connection is told, how it is checked.

Opening takes the raw 32-byte key (1 ms); passphrases belong to `slots`. Everything here is for its owner
only: folders 0700, files 0600, and SQLite gives `-wal` and `-shm` the rights of the file they stand beside.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from returnee_desk.errors import Damaged, Refused, Unavailable
from returnee_desk.store.cipher import Connection, SqlError, driver, in_words, require_sound_sqlite

import sqlite_utils  # isort: skip  (the driver above has to be there first)

KEY_BYTES = 32
PAGE_BYTES = 4096
BUSY_SECONDS = 10.0
"""How long a statement waits for an antivirus or a backup program that holds the file."""

_EVERY_CONNECTION = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # nothing readable in a temporary file
    "PRAGMA mmap_size = 0",  # an I/O error in a mapped file would kill the process
    "PRAGMA cache_size = -16384",  # 16 MB: a post's whole season, and little on a PC with 4 GB
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
)
_WRITERS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 16777216",
)
_OTHER_KINDS = (b"SQLite format 3\0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"RIFF", b"Rar!")


def make_folder(folder: Path) -> None:
    """The folder and what leads to it, for its owner only. Unavailable where that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as error:
        raise in_words(error) from error


def connect(path: Path, key: bytes, *, create: bool = False, read_only: bool = False) -> sqlite_utils.Database:
    """The desk file at `path`, open, keyed and checked: WAL, `synchronous=FULL`, transactions by hand.

    The connection has `isolation_level=None`: a write outside `BEGIN IMMEDIATE` … `COMMIT` (or
    sqlite-utils' `atomic()`) commits by itself. It may be handed from the thread that opened it to the one
    that uses it, but belongs to one thread at a time. `create` makes the file and refuses `desk_exists`
    where there is one. `read_only` writes nothing, not even on a disk that cannot be written to.

    Refused `no_desk`; Damaged `desk_is_folder`, `desk_empty`, `not_a_desk` (a picture, a plain database),
    `desk_cut`, `desk_damaged`, `wrong_key` (another desk's key, or the first page is damaged: the two look
    alike); Unavailable as in `cipher.in_words`.
    """
    require_sound_sqlite()
    if len(key) != KEY_BYTES:
        raise ValueError("the key has 32 bytes")
    if create:
        _make_file(path)
    else:
        _require_file(path)
    try:
        return _open(path, key, read_only=read_only, new=create)
    except SqlError as error:
        if create:
            _remove(path)
        raise _why(path, error) from error


def integrity(db: sqlite_utils.Database) -> list[str]:
    """What is wrong with the file, as short technical lines. Empty means sound.

    Checks the seal of every page, the structure of every table and index, and that every reference points
    at something. Reads the whole file.
    """
    problems: list[str] = []
    for check in ("cipher_integrity_check", "integrity_check"):
        try:
            found = [str(row[0]) for row in db.conn.execute(f"PRAGMA {check}")]
        except SqlError as error:
            found = [in_words(error).code]
        problems += [f"{check}: {line}" for line in found if line != "ok"]
    try:
        for table, _row, parent, _number in db.conn.execute("PRAGMA foreign_key_check"):
            problems.append(f"foreign_key_check: {table} -> {parent}")
    except SqlError as error:
        problems.append(f"foreign_key_check: {in_words(error).code}")
    return problems


def write_whole(path: Path, data: bytes) -> None:
    """Puts `data` at `path` whole or not at all: a temporary name, flushed, renamed, the folder flushed.

    Unavailable (`disk_full`, `read_only`, …) with the former file still there. A device or a pipe at `path` is
    written to, never put aside.
    """
    part = path.with_name(path.name + ".part")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(data)
            return
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        flush_folder(path.parent)
    except OSError as error:
        _remove(part)
        raise in_words(error) from error


def flush_folder(folder: Path) -> None:
    """Makes a rename in `folder` outlive a power cut, where the system has a way to ask for it."""
    if sys.platform != "win32":
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some sticks' file systems know no such thing
                raise
        finally:
            os.close(fd)


def _open(path: Path, key: bytes, *, read_only: bool, new: bool) -> sqlite_utils.Database:
    connection = driver.connect(
        _address(path, read_only=read_only),
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
    )
    with _closed_on_error(connection):
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        for pragma in _EVERY_CONNECTION:
            connection.execute(pragma)
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute("PRAGMA journal_mode = WAL")
            for pragma in _WRITERS:
                connection.execute(pragma)
        if new:
            # A first page on disk: a desk file is never zero bytes long, even after a cut right here.
            connection.execute("PRAGMA user_version = 0")
        return sqlite_utils.Database(connection, execute_plugins=False)


@contextlib.contextmanager
def _closed_on_error(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _address(path: Path, *, read_only: bool) -> str:
    address = path.absolute().as_uri()
    if not read_only:
        return f"{address}?mode=rw"
    wal = path.with_name(path.name + "-wal")
    untouched = not wal.exists() or wal.stat().st_size == 0
    # Without a WAL to read, `immutable` spares the -shm file, which a read-only disk could not take.
    return f"{address}?immutable=1" if untouched and not os.access(path.parent, os.W_OK) else f"{address}?mode=ro"


def _make_file(path: Path) -> None:
    make_folder(path.parent)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise Refused("desk_exists") from error
    except OSError as error:
        raise in_words(error) from error


def _require_file(path: Path) -> None:
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise Refused("no_desk") from error
    except OSError as error:
        raise in_words(error) from error
    if stat.S_ISDIR(found.st_mode):
        raise Damaged("desk_is_folder")
    if not stat.S_ISREG(found.st_mode):
        raise Damaged("not_a_desk")
    if found.st_size == 0:
        raise Damaged("desk_empty")


def _why(path: Path, error: SqlError) -> Damaged | Refused | Unavailable:
    """Why the file did not open, told from its first bytes and its length where the driver cannot know."""
    answer = in_words(error)
    if isinstance(answer, Unavailable):
        return _why_unavailable(path, answer)
    try:
        with path.open("rb") as file:
            head = file.read(PAGE_BYTES)
        size = path.stat().st_size
    except OSError as trouble:
        return Unavailable(in_words(trouble).code)
    if any(head.startswith(kind) for kind in _OTHER_KINDS) or head[:64].isascii():
        return Damaged("desk_damaged" if not head.strip(b"\0") else "not_a_desk")
    if size % PAGE_BYTES:
        return Damaged("desk_cut")
    return Damaged("wrong_key" if getattr(error, "sqlite_errorcode", 0) == 26 else "desk_damaged")


def _why_unavailable(path: Path, answer: Unavailable) -> Unavailable:
    if answer.code != "cannot_open":
        return answer
    readable = os.access(path, os.R_OK)
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return Unavailable("read_only") if readable and not writable else answer


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
