"""One program at a time in a desk folder, whether a window or a command.

The system's lock on `desk.lock` is what counts, so a crash or a power cut leaves nothing to clear away: the
file stays, the lock does not. The process number inside only says who has it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from pathlib import Path
from types import TracebackType

from returnee_desk.errors import Unavailable
from returnee_desk.store.cipher import in_words
from returnee_desk.store.file import make_folder

FILE = "desk.lock"
_EVERY = 0.05
_HELD = {errno.EAGAIN, errno.EACCES, errno.EDEADLK, errno.EWOULDBLOCK}

if sys.platform == "win32":
    import msvcrt

    _BEYOND = 1 << 30
    """Windows locks bytes for reading too: this one lies where nobody reads."""

    def _take(fd: int) -> None:
        os.lseek(fd, _BEYOND, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

    def _give_back(fd: int) -> None:
        os.lseek(fd, _BEYOND, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_back(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)


class Lock:
    """Holds a desk folder from when it is taken until `release` or the end of a `with`.

    Waits up to `wait` seconds for another program to let go, then Unavailable `already_open` with `pid`
    (None if it cannot be read). Makes the folder if need be. Taking it twice in one program is refused too.
    """

    def __init__(self, fd: int) -> None:
        self._fd: int | None = fd

    @classmethod
    def take(cls, folder: Path, wait: float = 10.0) -> Lock:
        make_folder(folder)
        path = folder / FILE
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise in_words(error) from error
        try:
            _wait_for_it(fd, path, wait)
        except BaseException:
            os.close(fd)
            raise
        return cls(fd)

    def release(self) -> None:
        """Lets go. The file stays: taking it away could take it from under the next one."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        with contextlib.suppress(OSError):
            _give_back(fd)
        os.close(fd)

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _wait_for_it(fd: int, path: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            _take(fd)
        except OSError as error:
            if error.errno not in _HELD:
                raise in_words(error) from error
            if time.monotonic() >= until:
                raise Unavailable("already_open", pid=holder(path)) from None
            time.sleep(_EVERY)
        else:
            break
    with contextlib.suppress(OSError):  # a full disk is no reason to keep people out
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, f"{os.getpid()}\n".encode())


def holder(path: Path) -> int | None:
    """The process number in a lock file, None if there is none to read."""
    try:
        with path.open("rb") as file:
            return int(file.read(20))
    except (OSError, ValueError):
        return None
