"""One file that brings a desk back: the database, the key slots and the outside mark, for a stick or a second disk.

A backup is an uncompressed ZIP with `about.json`, `desk.slots`, `desk.mark` and `desk.db`. The database in it is
encrypted page by page as on the desk, so nothing readable leaves it; any ZIP program can take it apart, and only
a passphrase or the recovery code opens it. No name, place or date of anybody is in it outside the database.

"Saved" is said only of what was read back from the stick and opened.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from returnee_desk.errors import Damaged, DeskError, Refused, Unavailable
from returnee_desk.store.cipher import SqlError, in_words
from returnee_desk.store.file import connect, flush_folder, integrity, make_folder
from returnee_desk.store.slots import Slots

if TYPE_CHECKING:
    from sqlite_utils import Database

Progress = Callable[[int, int], None]
"""Told steps done and steps in all, from 0; an exception out of it stops the work and leaves nothing behind."""

ABOUT, SLOTS, MARK, DATABASE = "about.json", "desk.slots", "desk.mark", "desk.db"
_ENTRIES = sorted((ABOUT, SLOTS, MARK, DATABASE))
_BEFORE = "before-"
_FORMAT = 1
_PIECE = 1 << 20
_PAGES_A_STEP = 256
_MOST_SMALL_BYTES = 1 << 20
_MOST_DATABASE_BYTES = 64 << 30
_SAME_DATE = (1980, 1, 1, 0, 0, 0)


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup says of itself. `digests` are SHA-256 by entry, in hex."""

    format: int
    desk: str
    digests: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What is in a backup. `database` is the encrypted file, taken out to where the caller wanted it."""

    desk_id: str
    slots: bytes
    mark: bytes
    database: Path


def backup(
    desk_folder: Path, db: Database, target: Path, *, key: bytes, slots: Slots, progress: Progress | None = None
) -> None:
    """Puts the desk as it is now into one file, and reads it back and opens it before the former one goes.

    Saving on the same connection may go on between two steps of `progress`. Refused `target_taken` where
    something else, or another desk's backup, stands at `target`; Unavailable `disk_full`, `place_gone`, …;
    Damaged `backup_damaged` where what was read back is not what was written (a bad stick), `slots_altered`
    where the slots do not belong to the key. Whatever it raises, a former backup at `target` is still there.
    """
    told = progress or (lambda done, of: None)
    if not slots.is_genuine(key):
        raise Damaged("slots_altered")
    _require_free_target(target, slots.desk_id)
    spool = desk_folder / "spool"
    make_folder(spool)
    copy, part = spool / "backup.db", target.with_name(target.name + ".part")
    try:
        with _wiped(copy), _wiped(part):
            _require_room(db, spool, target.parent)
            _copy_database(db, copy, key, told)
            digests = _write_part(part, copy, slots.as_bytes(), _read_small(desk_folder / MARK), slots.desk_id, told)
            copy.unlink()
            _read_back(part, copy, digests, key, told)
            os.replace(part, target)
            flush_folder(target.parent)
            if _about(target).digests != digests:
                raise Damaged("backup_damaged")
    except OSError as error:
        raise in_words(error) from error
    except SqlError as error:
        raise in_words(error) from error


def before_migration(desk_folder: Path, db: Database, key: bytes, form: str) -> Path:
    """A copy of the file as it is, before a newer program changes its form: `before-FORM.db` beside it, under the
    same key, opened once to be sure. Copies of earlier forms go. Unavailable or Damaged: nothing was changed.
    """
    target = desk_folder / f"{_BEFORE}{form}.db"
    part = target.with_name(target.name + ".part")
    try:
        with _wiped(part):
            _require_room(db, desk_folder, desk_folder)
            _copy_database(db, part, key, lambda done, of: None)
            connect(part, key, read_only=True).close()
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            os.replace(part, target)
        flush_folder(desk_folder)
        forget_copies(desk_folder, keep=target)
    except OSError as error:
        raise in_words(error) from error
    except SqlError as error:
        raise in_words(error) from error
    return target


def forget_copies(desk_folder: Path, *, keep: Path | None = None) -> None:
    """Takes away the copies made before migrations, also after an erasure: they hold what was erased."""
    for copy in desk_folder.glob(f"{_BEFORE}*.db"):
        if copy != keep:
            copy.unlink(missing_ok=True)


def read_backup(source: Path, database: Path, *, progress: Progress | None = None) -> Copy:
    """What a backup holds, each part checked against its digest; its database, still encrypted, at `database`.

    Refused `not_a_backup`; Damaged `backup_damaged`; Unavailable as in `cipher.in_words`. On a refusal nothing
    is left at `database`. The key comes from the slots: `Slots.put_back(folder, copy.slots).unlock(…)`.
    """
    told = progress or (lambda done, of: None)
    about = _about(source)
    try:
        with _zip(source) as archive:
            small = {name: archive.read(name) for name in (SLOTS, MARK)}
            if any(hashlib.sha256(data).hexdigest() != about.digests.get(name) for name, data in small.items()):
                raise Damaged("backup_damaged")
            _take_out(archive, database, about.digests.get(DATABASE, ""), told)
    except OSError as error:
        raise in_words(error) from error
    return Copy(desk_id=about.desk, slots=small[SLOTS], mark=small[MARK], database=database)


def desk_of(source: Path) -> str:
    """The id of the desk a backup is of. Refused `not_a_backup`, Damaged `backup_damaged`."""
    return _about(source).desk


def _require_free_target(target: Path, desk_id: str) -> None:
    try:
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise Refused("target_taken")
        if not target.exists():
            return
    except OSError as error:
        raise in_words(error) from error
    try:
        taken = desk_of(target) != desk_id
    except (Refused, Damaged):
        taken = True
    if taken:
        raise Refused("target_taken")


def _require_room(db: Database, spool: Path, stick: Path) -> None:
    pages = int(db.conn.execute("PRAGMA page_count").fetchone()[0])
    page = int(db.conn.execute("PRAGMA page_size").fetchone()[0])
    needed = int(1.05 * pages * page) + _PIECE
    for folder in {spool, stick}:
        if shutil.disk_usage(folder).free < needed:
            raise Unavailable("disk_full", needed=needed)


def _copy_database(db: Database, copy: Path, key: bytes, told: Progress) -> None:
    """The pages one by one under the same key; SQLite keeps the copy in step with saves made meanwhile."""
    other = connect(copy, key, create=True)
    try:
        other.conn.execute("PRAGMA journal_mode = DELETE")
        other.conn.execute("PRAGMA synchronous = OFF")  # a copy that may be made again; the stick is flushed
        db.conn.backup(
            other.conn, pages=_PAGES_A_STEP, progress=lambda _status, left, pages: told(pages - left, 4 * pages)
        )
        other.conn.execute("PRAGMA journal_mode = DELETE")
    finally:
        other.close()


def _write_part(part: Path, copy: Path, slots: bytes, mark: bytes, desk: str, told: Progress) -> dict[str, str]:
    """Writes the file under its temporary name and flushes it. Returns the digests of its parts."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in ((SLOTS, slots), (MARK, mark))}
    size = copy.stat().st_size
    whole = hashlib.sha256()
    with copy.open("rb") as pages:
        for piece in _pieces(pages):
            whole.update(piece)
    digests[DATABASE] = whole.hexdigest()
    about = msgspec.json.encode(About(format=_FORMAT, desk=desk, digests=digests))
    fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(fd, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in ((ABOUT, about), (SLOTS, slots), (MARK, mark)):
            archive.writestr(_entry(name), data)
        with copy.open("rb") as pages, archive.open(_entry(DATABASE, size), "w", force_zip64=True) as entry:
            for at, piece in enumerate(_pieces(pages)):
                entry.write(piece)
                told(size + at * _PIECE, 4 * size)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
        _forget_cached(written)
    return digests


def _read_back(part: Path, copy: Path, digests: dict[str, str], key: bytes, told: Progress) -> None:
    """Reads the file as a restore would, and opens the database in it with the key."""
    if _about(part).digests != digests:
        raise Damaged("backup_damaged")
    read = read_backup(part, copy, progress=lambda done, of: told(2 * of + done, 4 * of))
    try:
        db = connect(read.database, key, read_only=True)
        try:
            problems = integrity(db)
        finally:
            db.close()
    except DeskError as error:
        raise Damaged("backup_damaged", why=error.code) from error
    if problems:
        raise Damaged("backup_damaged", problems=len(problems))
    told(1, 1)


def _about(source: Path) -> About:
    try:
        with _zip(source) as archive:
            about = msgspec.json.decode(archive.read(ABOUT), type=About, strict=True)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Refused("not_a_backup") from error
    except OSError as error:
        raise in_words(error) from error
    if about.format != _FORMAT:
        raise Refused("newer_backup" if about.format > _FORMAT else "not_a_backup")
    return about


@contextlib.contextmanager
def _zip(source: Path) -> Iterator[zipfile.ZipFile]:
    """The opened archive: our four entries once each, nothing compressed, nothing enormous."""
    with source.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError, struct.error) as error:
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise
            raise _not_whole(source) from error
        with archive:
            entries = archive.infolist()
            if sorted(entry.filename for entry in entries) != _ENTRIES or not all(map(_is_sound, entries)):
                raise _not_whole(source)
            try:
                yield archive
            except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error) as error:
                raise _not_whole(source) from error


def _not_whole(source: Path) -> DeskError:
    return Damaged("backup_damaged") if _begins_like_ours(source) else Refused("not_a_backup")


def _is_sound(entry: zipfile.ZipInfo) -> bool:
    most = _MOST_DATABASE_BYTES if entry.filename == DATABASE else _MOST_SMALL_BYTES
    stored = entry.compress_type == zipfile.ZIP_STORED and entry.compress_size == entry.file_size
    return stored and entry.file_size <= most and entry.header_offset >= 0 and not entry.flag_bits & 0x1


def _begins_like_ours(source: Path) -> bool:
    """Whether a file that is no whole archive was one of ours before it was cut or spoilt."""
    try:
        with source.open("rb") as file:
            head = file.read(64)
    except OSError:
        return False
    return head.startswith(b"PK\x03\x04") and ABOUT.encode() in head


def _take_out(archive: zipfile.ZipFile, database: Path, digest: str, told: Progress) -> None:
    whole = hashlib.sha256()
    size = archive.getinfo(DATABASE).file_size
    fd = os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(fd, "wb") as file, archive.open(DATABASE) as entry:
            for at, piece in enumerate(_pieces(entry)):
                file.write(piece)
                whole.update(piece)
                told(min(size, (at + 1) * _PIECE), size)
            file.flush()
            os.fsync(file.fileno())
        if whole.hexdigest() != digest:
            raise Damaged("backup_damaged")
    except BaseException:
        database.unlink(missing_ok=True)
        raise


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _SAME_DATE)
    entry.external_attr = 0o600 << 16
    entry.file_size = size
    return entry


def _read_small(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_SMALL_BYTES)
    except FileNotFoundError:
        return b""


def _forget_cached(file: io.BufferedRandom) -> None:
    """What is read next comes from the stick, not from memory, where the system can be asked."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextlib.contextmanager
def _wiped(path: Path) -> Iterator[None]:
    """Nothing at `path`, nor beside it, before and after."""
    beside = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]
    for one in beside:
        one.unlink(missing_ok=True)
    try:
        yield
    finally:
        for one in beside:
            with contextlib.suppress(OSError):
                one.unlink(missing_ok=True)
