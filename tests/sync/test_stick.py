from __future__ import annotations

import errno
import os
import random
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from returnee_desk.errors import DeskError, Refused, Unavailable
from returnee_desk.sync import stick
from returnee_desk.sync.bundle import MAGIC, MAX_PART, SealedPart, check, line, seal
from returnee_desk.sync.keys import DeviceKeys
from returnee_desk.sync.stick import bundles_on, keep_last, take, write

DESK, OFFICE = DeviceKeys.new(), DeviceKeys.new()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


def sealed(
    spool: Path, *, seq: int = 1, epoch: str = "e0" * 8, to: str = OFFICE.device, size: int = 900, parts: int = 1
):
    rnd = random.Random(seq)
    lines = [line("op", b'"%b"' % rnd.randbytes(size).hex().encode()) for _ in range(20 * parts)]
    most = MAX_PART if parts == 1 else 30_000
    return seal(
        lines, spool, sender=DESK, to=to, recipients=[OFFICE.recipient], epoch=epoch, seq=seq, prev=None,
        about={"kind": "up"}, max_part=most,
    )  # fmt: skip


def code_of(act, *args, **asked) -> str:
    with pytest.raises(DeskError) as caught:
        act(*args, **asked)
    return caught.value.code


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# writing


def test_what_was_written_is_on_the_stick_whole_and_alone(spool, usb):
    parts = sealed(spool, parts=4)
    assert len(parts) > 1
    told: list[tuple[int, int]] = []
    written = write(parts, usb, progress=lambda done, total: told.append((done, total)))
    assert names(usb) == sorted(part.name for part in parts)
    assert [path.read_bytes() for path in written] == [part.path.read_bytes() for part in parts]
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] == 2 * sum(part.size for part in parts)


def test_writing_the_same_again_changes_nothing(spool, usb):
    parts = sealed(spool)
    assert write(parts, usb) == write(parts, usb)
    assert names(usb) == [parts[0].name]


def test_another_bundle_of_that_name_is_never_overwritten(spool, usb):
    """A desk put back from an old backup counts from an old number again."""
    [part] = sealed(spool)
    (usb / part.name).write_bytes(MAGIC + b"the branch that was forgotten")
    [path] = write([part], usb)
    assert path.name == part.name.replace(".RDB", "(2).RDB")
    assert (usb / part.name).read_bytes() == MAGIC + b"the branch that was forgotten"
    assert len(bundles_on(usb).files) == 2


def test_a_folder_or_link_in_the_way_is_left_alone(spool, usb, tmp_path):
    [part] = sealed(spool)
    (usb / part.name).mkdir()
    (usb / part.name.replace(".RDB", "(2).RDB")).symlink_to(tmp_path / "elsewhere")
    (usb / f"{part.name.replace('.RDB', '(3).RDB')}.part").symlink_to(tmp_path / "elsewhere")
    [path] = write([part], usb)
    assert path.name.endswith("(3).RDB")
    assert not (tmp_path / "elsewhere").exists()


def test_a_stick_that_is_not_there_is_gone(spool, usb):
    parts = sealed(spool)
    assert code_of(write, parts, usb / "none") == "stick_gone"
    (usb / "file").write_text("x")
    assert code_of(write, parts, usb / "file") == "stick_gone"


def test_too_little_room_is_told_before_anything_is_written(spool, usb, monkeypatch):
    parts = sealed(spool)
    usage = stick.shutil.disk_usage(usb)
    monkeypatch.setattr(stick.shutil, "disk_usage", lambda _: usage._replace(free=int(parts[0].size * 1.19)))
    with pytest.raises(Unavailable) as caught:
        write(parts, usb)
    assert caught.value.code == "stick_full"
    assert caught.value.details["needed"] == int(parts[0].size * 1.2)
    assert names(usb) == []


FAILURES = [
    (errno.ENOSPC, "stick_full"),
    (errno.EDQUOT, "stick_full"),
    (errno.EFBIG, "stick_full"),
    (errno.EROFS, "stick_read_only"),
    (errno.EACCES, "stick_read_only"),
    (errno.EPERM, "stick_read_only"),
    (errno.EIO, "stick_gone"),
    (errno.ENODEV, "stick_gone"),
    (errno.ENOENT, "stick_gone"),
]


@pytest.mark.parametrize(("number", "code"), FAILURES)
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_whatever_fails_while_writing_is_told_and_no_bundle_name_shows(spool, usb, monkeypatch, call, number, code):
    parts = sealed(spool)
    real = getattr(os, call)

    def fail(*args, **kwargs):
        if call == "write":
            real(args[0], args[1][:10])  # a short write, then the stick goes
        raise OSError(number, "injected")

    monkeypatch.setattr(stick.os, call, fail)
    assert code_of(write, parts, usb) == code
    monkeypatch.undo()
    assert names(usb) == []
    assert write(parts, usb)


@pytest.mark.parametrize(
    "hurt", [lambda data: bytes(len(data)), lambda data: data[:-1], lambda data: b"", lambda d: d + d]
)
def test_a_stick_that_does_not_keep_what_it_took_is_found_out(spool, usb, monkeypatch, hurt):
    """A stick of false size answers zeros; one pulled before its cache was written has less."""
    parts = sealed(spool)
    real = os.replace

    def rename(source, target):
        real(source, target)
        Path(target).write_bytes(hurt(Path(target).read_bytes()))

    monkeypatch.setattr(stick.os, "replace", rename)
    assert code_of(write, parts, usb) == "read_back_differs"
    assert names(usb) == []


def test_a_stick_pulled_before_it_is_read_back_is_gone(spool, usb, monkeypatch):
    parts = sealed(spool)
    real = os.replace

    def rename(source, target):
        real(source, target)
        Path(target).unlink()

    monkeypatch.setattr(stick.os, "replace", rename)
    assert code_of(write, parts, usb) == "stick_gone"


def test_stopping_leaves_nothing_half_written(spool, usb):
    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done > 0:
            raise Stopped

    with pytest.raises(Stopped):
        write(sealed(spool), usb, progress=stop)
    assert names(usb) == []


def test_a_spool_file_that_changed_is_not_passed_on(spool, usb):
    [part] = sealed(spool)
    part.path.write_bytes(part.path.read_bytes()[:-1] + b"x")
    assert code_of(write, [part], usb) == "disk_error"
    assert names(usb) == []


def test_a_real_limit_on_file_size_is_a_full_stick(spool, usb, tmp_path):
    code = (
        "import resource, sys, pathlib\n"
        "from returnee_desk.errors import Unavailable\n"
        "from returnee_desk.sync.stick import write\n"
        "from tests.sync.test_stick import sealed\n"
        "parts = sealed(pathlib.Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try:\n    write(parts, pathlib.Path(sys.argv[2]))\n"
        "except Unavailable as error:\n    print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(spool), str(usb)], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "stick_full"
    assert names(usb) == []


# keeping the last few


def test_the_last_three_of_this_desk_for_that_reader_stay(spool, usb):
    newest: SealedPart | None = None
    for seq in range(1, 7):
        parts = sealed(spool, seq=seq, parts=2)
        write(parts, usb)
        newest = parts[0]
    other_reader = write(sealed(spool, seq=90, to="ab" * 8), usb)
    other_epoch = write(sealed(spool, seq=1, epoch="e1" * 8), usb)
    (usb / "letter.txt").write_text("keep me")
    assert newest is not None
    assert keep_last(usb, newest.header, public=DESK.sign.public) > 0
    seqs = {int(name.split("-")[2]) for name in names(usb) if name.startswith("RD1") and "(2)" not in name}
    assert seqs - {1, 90} == {4, 5, 6}
    assert other_reader[0].exists()
    assert other_epoch[0].exists()
    assert (usb / "letter.txt").exists()
    assert keep_last(usb, newest.header, public=DESK.sign.public) == 0


def test_a_forged_old_bundle_is_not_ours_to_remove(spool, usb):
    parts = sealed(spool, seq=9)
    write(parts, usb)
    for seq in (1, 2, 3, 4):
        [old] = sealed(spool, seq=seq)
        data = bytearray(old.path.read_bytes())
        data[400] ^= 1
        (usb / old.name).write_bytes(data)
    assert keep_last(usb, parts[0].header, public=DeviceKeys.new().sign.public) == 0
    assert len(names(usb)) == 5


# reading


def test_content_decides_whatever_the_file_is_called(spool, usb):
    [part] = sealed(spool)
    data = part.path.read_bytes()
    called = ["RD1-AB~1.RDB", "rd1.rdb", "x (1).RDB", "x.RDB(1)", "x.RDB_", "noname", "photo.jpg", "ñ.RdB"]
    for name in called:
        (usb / name).write_bytes(data)
    (usb / "RETURNEE-desk").mkdir()
    (usb / "RETURNEE-desk" / "y.RDB").write_bytes(data)
    (usb / "deeper").mkdir()
    (usb / "deeper" / "z.RDB").write_bytes(data)
    os.utime(usb / "rd1.rdb", (4323369601, 315532800))
    found = bundles_on(usb)
    assert sorted(one.name for one in found.files) == sorted([*called, "RETURNEE-desk/y.RDB"])
    assert found.refused == []
    assert found.ignored == 1


def test_what_is_named_like_a_bundle_and_is_none_is_refused_without_a_hang(spool, usb, tmp_path):
    [part] = sealed(spool)
    (tmp_path / "outside.RDB").write_bytes(part.path.read_bytes())
    (usb / "link.RDB").symlink_to(tmp_path / "outside.RDB")
    (usb / "dangling.RDB").symlink_to("/nowhere")
    os.mkfifo(usb / "pipe.RDB")
    (usb / "folder.RDB").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(usb)
        try:
            listening.bind("socket.RDB")
        finally:
            os.chdir(here)
    (usb / "empty.RDB").write_bytes(b"")
    (usb / "note.rdb").write_text("not one of ours")
    with (usb / "huge.RDB").open("wb") as file:
        file.write(MAGIC)
        file.truncate(2**42)
    with (usb / "huge without a name").open("wb") as file:
        file.write(MAGIC)
        file.truncate(2**31)
    found = bundles_on(usb)
    assert found.files == []
    assert dict(found.refused) == {
        "link.RDB": "not_a_bundle", "dangling.RDB": "not_a_bundle", "pipe.RDB": "not_a_bundle",
        "folder.RDB": "not_a_bundle", "socket.RDB": "not_a_bundle", "empty.RDB": "not_a_bundle",
        "note.rdb": "not_a_bundle", "huge.RDB": "too_large", "huge without a name": "too_large",
    }  # fmt: skip


def test_a_linked_own_folder_is_not_entered(spool, usb, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    write(sealed(spool), tmp_path / "elsewhere")
    (usb / "RETURNEE-DESK").symlink_to(tmp_path / "elsewhere")
    assert bundles_on(usb).files == []


def test_programs_on_a_stick_are_ignored_and_counted(usb):
    for name in ("autorun.inf", "Photos.lnk", "setup.EXE", "letter.docx"):
        (usb / name).write_bytes(b"MZ")
    found = bundles_on(usb)
    assert (found.ignored, found.unasked) == (4, 3)
    assert found.files == found.refused == []


def test_unfinished_files_are_passed_over(spool, usb):
    [part] = sealed(spool)
    (usb / f"{part.name}.part").write_bytes(part.path.read_bytes()[:200])
    found = bundles_on(usb)
    assert found.files == found.refused == []


def test_names_that_are_no_text_can_still_be_shown(usb):
    (Path(os.fsdecode(os.fsencode(usb) + b"/bad\xff\n\x1b[31m.RDB"))).write_bytes(b"x")
    [(name, code)] = bundles_on(usb).refused
    assert code == "not_a_bundle"
    assert name.isprintable()
    assert name.encode()


def test_a_crowded_stick_is_looked_through_once(spool, usb, monkeypatch):
    """Each file is opened once for its first eight bytes, and no folder but our own is entered."""
    for number in range(3_000):
        (usb / f"IMG_{number:06d}.JPG").touch()
    for number in range(200):
        (usb / f"{number}" / "deep" / "deeper").mkdir(parents=True)
    write(sealed(spool), usb)
    opened: list[str] = []
    real = os.open
    monkeypatch.setattr(stick.os, "open", lambda path, *how: (opened.append(str(path)), real(path, *how))[1])
    found = bundles_on(usb)
    assert len(found.files) == 1
    assert found.ignored == 3_200
    assert len(opened) == len(set(opened)) == 3_001


def test_an_own_folder_that_is_gone_is_the_stick_gone(usb):
    assert code_of(bundles_on, usb / "none") == "stick_gone"


def test_taking_copies_into_the_spool_and_what_is_checked_is_the_copy(spool, usb):
    parts = sealed(spool)
    write(parts, usb)
    [found] = bundles_on(usb).files
    taken = take(found, spool)
    found.path.write_bytes(b"swapped after the copy")
    assert taken.sha256 == parts[0].sha256
    assert check(taken.path, known=lambda _: DESK.sign.public).header == parts[0].header
    assert taken.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("swap", ["link", "pipe", "folder", "gone"])
def test_a_file_swapped_before_the_copy_is_not_followed(spool, usb, swap):
    write(sealed(spool), usb)
    [found] = bundles_on(usb).files
    found.path.unlink()
    before = names(spool)
    if swap == "link":
        found.path.symlink_to("/etc/hostname")
    elif swap == "pipe":
        os.mkfifo(found.path)
    elif swap == "folder":
        found.path.mkdir()
    assert code_of(take, found, spool) in {"stick_gone", "not_a_bundle"}
    assert names(spool) == before


def test_a_file_that_grows_while_it_is_copied_is_refused(spool, usb):
    write(sealed(spool), usb)
    [found] = bundles_on(usb).files
    with found.path.open("ab") as file:
        file.truncate(MAX_PART + 1)
    before = names(spool)
    assert code_of(take, found, spool) == "too_large"
    assert names(spool) == before


def test_a_stick_pulled_while_copying_leaves_nothing(spool, usb, monkeypatch):
    write(sealed(spool), usb)
    [found] = bundles_on(usb).files
    before = names(spool)
    reads = 0

    def pulled(fd, size):
        nonlocal reads
        reads += 1
        if reads > 1:
            raise OSError(errno.EIO, "injected")
        return b"x" * 100

    monkeypatch.setattr(stick.os, "read", pulled)
    assert code_of(take, found, spool) == "stick_gone"
    monkeypatch.undo()
    assert names(spool) == before


def test_windows_words_for_a_pulled_stick_are_understood():
    error = OSError(errno.EACCES, "not ready")
    assert stick.stick_says(error).code == "stick_read_only"
    error.winerror = 21  # type: ignore[attr-defined]
    assert stick.stick_says(error).code == "stick_gone"
    assert isinstance(stick.stick_says(error), Unavailable)
    assert not isinstance(stick.stick_says(error), Refused)
