"""Sticks: writing so that "you may take it out" is true, and reading what a stranger may have prepared.

Any folder serves: a stick, a shared folder, a folder a cloud client carries on. Nothing is ever read from the
stick twice: a file is copied to the desk's spool and judged there, so that it cannot change in between.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from returnee_desk.errors import DeskError, Refused, Unavailable
from returnee_desk.store.cipher import in_words
from returnee_desk.store.file import flush_folder
from returnee_desk.sync.bundle import MAGIC, MAX_PART, Header, SealedPart, header_of, spool_file

OWN_FOLDER = "RETURNEE-DESK"
KEEP = 3
SPARE = 1.2

_BLOCK = 1024 * 1024
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NAMED = re.compile(r"\.rdb[ _~]?(\(\d+\)|\d+)?$", re.IGNORECASE)
_UNASKED = re.compile(r"\.(lnk|exe|com|scr|bat|cmd|vbs|js|msi|pif|inf)$", re.IGNORECASE)

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all. What it raises stops the work; nothing half-written stays."""


# What the stick says against it ---------------------------------------------------------------------

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_LOCKED = {errno.EROFS, errno.EACCES, errno.EPERM}
_WINDOWS_GONE = {2, 3, 21, 433, 1006, 1117, 1167}
"""Not found, not ready, no such device, volume changed, device error, device not connected."""


def stick_says(error: OSError) -> Unavailable:
    """`stick_full`, `stick_read_only`, or `stick_gone` (pulled out, failing, never there)."""
    if getattr(error, "winerror", None) in _WINDOWS_GONE:
        code = "stick_gone"
    elif error.errno in _FULL:
        code = "stick_full"
    elif error.errno in _LOCKED:
        code = "stick_read_only"
    else:
        code = "stick_gone"
    return Unavailable(code, errno=error.errno)


@contextmanager
def _on_stick() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise stick_says(error) from error


# Writing --------------------------------------------------------------------------------------------


def write(parts: Sequence[SealedPart], folder: Path, *, progress: Progress | None = None) -> list[Path]:
    """Puts the parts of a bundle on a stick; when it returns, the stick may be taken out.

    Each is written under another name, flushed, renamed, read back from the stick itself and compared.
    Unavailable `stick_full` (before anything is written, if it can be known), `stick_gone`,
    `stick_read_only`, `read_back_differs`; then no file of this call stands there under a bundle's name,
    except those already read back.
    """
    total = sum(part.size for part in parts)
    with _on_stick():
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no folder")
        free = shutil.disk_usage(folder).free
    if free < total * SPARE:
        raise Unavailable("stick_full", needed=int(total * SPARE), free=free)
    done, written = 0, []
    for part in parts:

        def told(now: int, before: int = done) -> None:
            if progress is not None:
                progress(before + now, 2 * total)

        written.append(_write_one(part, folder, told))
        done += 2 * part.size
    return written


def _write_one(part: SealedPart, folder: Path, told: Callable[[int], None]) -> Path:
    target = _free_name(folder, part)
    unfinished = target.with_name(target.name + ".part")
    try:
        _copy_out(part, unfinished, told)
        with _on_stick():
            os.replace(unfinished, target)
            _flush(folder)
            _forget_cached(target)
        with _reading_back(target):
            same = _hash_of(target, lambda now: told(part.size + now)) == (part.size, part.sha256)
    except BaseException:
        _remove(unfinished)
        raise
    if not same:
        _remove(target)
        raise Unavailable("read_back_differs", file=target.name)
    return target


@contextmanager
def _reading_back(target: Path) -> Iterator[None]:
    """A failure to read back is told as the stick's, and what could not be read back does not stay."""
    try:
        yield
    except BaseException as error:
        _remove(target)
        if isinstance(error, OSError):
            raise stick_says(error) from error
        raise


def _free_name(folder: Path, part: SealedPart) -> Path:
    """The part's own name; another one where that name holds something else, which may be the only copy of
    what a desk put back from an old backup has forgotten."""
    own = Path(part.name)
    for number in range(1, 1000):
        target = folder / (part.name if number == 1 else f"{own.stem}({number}){own.suffix}")
        with _on_stick():
            try:
                if _hash_of(target) == (part.size, part.sha256):
                    return target
            except FileNotFoundError:
                return target
            except (OSError, DeskError):  # a folder, a link, a file that cannot be read: leave it alone
                continue
    raise Unavailable("stick_full", needed=part.size, free=0)


def _copy_out(part: SealedPart, unfinished: Path, told: Callable[[int], None]) -> None:
    digest, done = hashlib.sha256(), 0
    with _on_stick():
        unfinished.unlink(missing_ok=True)
        fd = os.open(unfinished, _WRITE, 0o600)
    with _closing(fd):
        for block in _spooled(part.path):
            digest.update(block)
            with _on_stick():
                _write_all(fd, block)
            done += len(block)
            told(done)
        with _on_stick():
            os.fsync(fd)
    if digest.hexdigest() != part.sha256:
        raise Unavailable("disk_error")


def _spooled(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise in_words(error) from error


def _write_all(fd: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(fd, view) :]


@contextmanager
def _closing(fd: int) -> Iterator[None]:
    """Closes at the end; a close that fails counts, unless something failed before it."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            os.close(fd)
        raise
    with _on_stick():
        os.close(fd)


def _flush(folder: Path) -> None:
    """Some file systems of sticks and shared folders cannot flush a folder; the read-back judges then."""
    try:
        flush_folder(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES):
            raise


def _forget_cached(path: Path) -> None:
    """Asks the system to drop what it remembers of the file, so that reading it reads the stick. Where the
    system has no such call (Windows), the file was flushed and is opened anew."""
    if not hasattr(os, "posix_fadvise"):
        return
    fd = os.open(path, _READ)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)


def _hash_of(path: Path, told: Callable[[int], None] = lambda _: None) -> tuple[int, str]:
    """Size and SHA-256 of a regular file on the stick."""
    digest, size = hashlib.sha256(), 0
    fd = _open_regular(path)
    try:
        while block := os.read(fd, _BLOCK):
            digest.update(block)
            size += len(block)
            told(size)
    finally:
        os.close(fd)
    return size, digest.hexdigest()


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


# Keeping the last few -------------------------------------------------------------------------------


def keep_last(folder: Path, newest: Header, *, public: str, keep: int = KEEP) -> int:
    """Removes this desk's older bundles for the same reader, all but the last `keep`; how many files went.

    Only those of the same epoch: each export holds everything of the earlier ones that the office's backup
    lacks, which cannot be said of an epoch this desk may have forgotten. `public` is the desk's own signing
    key. A file that cannot be removed stays; the stick is good without this.
    """
    own: list[tuple[int, Path]] = []
    for found in bundles_on(folder).files:
        with suppress(DeskError, OSError), open(_open_regular(found.path), "rb") as file:
            header = header_of(file, known=lambda sender: public if sender == newest.sender else None)
            if (header.epoch, header.to) == (newest.epoch, newest.to):
                own.append((header.seq, found.path))
    kept = sorted({seq for seq, _ in own if seq <= newest.seq}, reverse=True)[:keep]
    old = [path for seq, path in own if seq < newest.seq and seq not in kept]
    for path in old:
        _remove(path)
    return len(old)


# Reading --------------------------------------------------------------------------------------------


class OnStick(NamedTuple):
    """A file that begins as a bundle. `name` is safe to show and to write as JSON."""

    name: str
    path: Path
    size: int


@dataclass(slots=True)
class Found:
    """What lies on a stick. `refused` are (name, code); `ignored` counts files that are none of ours, and
    `unasked` those among them that programs are started with."""

    files: list[OnStick] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    ignored: int = 0
    unasked: int = 0


class Taken(NamedTuple):
    """A copy in the spool, ready for `bundle.check`."""

    name: str
    path: Path
    size: int
    sha256: str


def bundles_on(folder: Path) -> Found:
    """The bundles in a stick's root and in its RETURNEE-DESK folder, nothing deeper.

    A file counts by its content, whatever FAT or a file manager made of its name; one named .RDB that is no
    bundle, no regular file or too large is refused (`not_a_bundle`, `too_large`, `unreadable`) without
    being read. Unavailable `stick_gone` when the folder cannot be listed.
    """
    found = Found()
    with _on_stick():
        folders = _look_through(folder, "", found, ours=True)
        for name in folders:
            with suppress(OSError):
                _look_through(folder / name, f"{shown(name)}/", found, ours=False)
    found.files.sort()
    found.refused.sort()
    return found


def _look_through(folder: Path, prefix: str, found: Found, *, ours: bool) -> list[str]:
    """Adds what is in one folder; answers the folders that are ours. Lean: a stick may hold 100,000 photos."""
    inner: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            named = _NAMED.search(name) is not None
            if entry.is_file(follow_symlinks=False) and not name.endswith(".part"):
                if named or _begins_as_bundle(entry.path):
                    _look_at(Path(entry.path), prefix + shown(name), found)
                else:
                    found.ignored += 1
                    found.unasked += _UNASKED.search(name) is not None
            elif named:
                found.refused.append((prefix + shown(name), "not_a_bundle"))
            elif ours and name.upper() == OWN_FOLDER and entry.is_dir(follow_symlinks=False):
                inner.append(name)
            else:
                found.ignored += 1
    return inner


def _begins_as_bundle(path: str) -> bool:
    try:
        fd = os.open(path, _READ)
    except OSError:
        return False
    try:
        return os.read(fd, len(MAGIC)) == MAGIC
    except OSError:
        return False
    finally:
        os.close(fd)


def _look_at(path: Path, name: str, found: Found) -> None:
    """Adds a file that is named as a bundle or begins as one."""
    try:
        fd = _open_regular(path)
        try:
            size, start = os.fstat(fd).st_size, os.read(fd, len(MAGIC))
        finally:
            os.close(fd)
    except Refused as refused:
        found.refused.append((name, refused.code))
    except OSError:
        found.refused.append((name, "unreadable"))
    else:
        if size > MAX_PART:
            found.refused.append((name, "too_large"))
        elif start != MAGIC:
            found.refused.append((name, "not_a_bundle"))
        else:
            found.files.append(OnStick(name, path, size))


def _open_regular(path: Path) -> int:
    """A descriptor of a regular file. Never follows a link, never waits for a pipe. OSError, or Refused
    `not_a_bundle`."""
    fd = os.open(path, _READ)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise Refused("not_a_bundle")
    return fd


def take(found: OnStick, spool: Path, *, progress: Progress | None = None) -> Taken:
    """Copies a file from the stick to the spool, hashing it on the way.

    Unavailable `stick_gone` (pulled out meanwhile) or `disk_full`; Refused `not_a_bundle`, `too_large` when
    the file is no longer what it was. Then nothing stays in the spool.
    """
    digest, size = hashlib.sha256(), 0
    target = spool / f"in-{uuid.uuid4().hex}.rdb"
    with _on_stick():
        fd = _open_regular(found.path)
    with _closing(fd), spool_file(target) as copy:
        while block := _read_stick(fd):
            size += len(block)
            if size > MAX_PART:
                raise Refused("too_large", size=size)
            copy.write(block)
            digest.update(block)
            if progress is not None:
                progress(size, found.size)
    return Taken(found.name, target, size, digest.hexdigest())


def _read_stick(fd: int) -> bytes:
    with _on_stick():
        return os.read(fd, _BLOCK)


def shown(name: str) -> str:
    """A file's name as it may be shown, logged and written as JSON."""
    readable = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else "?" for c in readable)
