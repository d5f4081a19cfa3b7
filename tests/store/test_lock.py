"""One program at a time in a desk folder; a crash leaves nothing behind that keeps people out."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from returnee_desk.errors import Unavailable
from returnee_desk.store.lock import FILE, Lock, holder

_HOLDS = (
    "import sys; from pathlib import Path; from returnee_desk.store.lock import Lock\n"
    "lock = Lock.take(Path(sys.argv[1])); print('held', flush=True); sys.stdin.readline(); lock.release()\n"
    "print('let go', flush=True); sys.stdin.readline()"
)


@pytest.fixture
def other_program(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that has the desk open and lets go when a line is written to it."""
    program = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None and program.stdout.readline() == "held\n"
    yield program
    program.kill()
    program.communicate()


def test_a_desk_open_elsewhere_is_refused_and_says_where(tmp_path: Path, other_program: subprocess.Popen[str]) -> None:
    with pytest.raises(Unavailable) as refused:
        Lock.take(tmp_path, wait=0.1)
    assert refused.value.code == "already_open"
    assert refused.value.details == {"pid": other_program.pid}


def test_who_waits_gets_in_as_soon_as_the_other_lets_go(tmp_path: Path, other_program: subprocess.Popen[str]) -> None:
    waiting = threading.Event()
    got: list[int | None] = []

    def open_it() -> None:
        waiting.set()
        with Lock.take(tmp_path, wait=30):
            got.append(holder(tmp_path / FILE))

    thread = threading.Thread(target=open_it)
    thread.start()
    waiting.wait()
    assert other_program.stdin is not None
    other_program.stdin.write("\n")
    other_program.stdin.flush()
    thread.join(30)
    assert got == [os.getpid()]


def test_a_crash_of_the_other_program_keeps_nobody_out(tmp_path: Path, other_program: subprocess.Popen[str]) -> None:
    other_program.kill()
    other_program.wait()
    assert (tmp_path / FILE).exists()
    with Lock.take(tmp_path, wait=5):
        assert holder(tmp_path / FILE) == os.getpid()


@pytest.mark.parametrize("content", [b"", b"999999\n", b"rubbish", b"\xff" * 100])
def test_a_lock_file_left_behind_keeps_nobody_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with Lock.take(tmp_path, wait=0):
        assert holder(tmp_path / FILE) == os.getpid()


def test_twice_in_one_program_is_refused_and_free_again_after_closing(tmp_path: Path) -> None:
    first = Lock.take(tmp_path, wait=0)
    with pytest.raises(Unavailable) as refused:
        Lock.take(tmp_path, wait=0)
    assert refused.value.code == "already_open"
    first.release()
    first.release()
    Lock.take(tmp_path, wait=0).release()


def test_programs_we_start_do_not_hold_the_lock_after_us(tmp_path: Path) -> None:
    with Lock.take(tmp_path, wait=0):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    Lock.take(tmp_path, wait=0).release()
    child.communicate()


def test_a_folder_that_is_not_there_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with Lock.take(tmp_path / "a" / "desk", wait=0):
        assert (tmp_path / "a" / "desk" / FILE).exists()
    if os.name == "posix":
        assert (tmp_path / "a" / "desk").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "a" / "desk" / FILE).stat().st_mode & 0o777 == 0o600


def test_a_place_where_nothing_can_be_made_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as refused:
        Lock.take(tmp_path / "file" / "desk")
    assert refused.value.code == "place_gone"
