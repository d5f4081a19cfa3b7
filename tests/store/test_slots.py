"""Key slots: who can open, what a wrong passphrase costs, and what a lost or damaged slots file does."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returnee_desk.errors import Damaged, DeskError, Refused, Unavailable
from returnee_desk.store.slots import (
    COPY,
    FILE,
    LONGEST_WAIT,
    TRIES,
    Slots,
    delay_after,
    open_box,
    read_recovery_code,
    same_user,
)

DESK = "0" * 31 + "1"
ANA, PASS = "Ana Luisa", "café con leche 7"


class Clock:
    """Monotonic seconds that pass when told."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def _made(folder: Path, clock: Callable[[], float] = time.monotonic) -> tuple[Slots, bytes, str]:
    return Slots.create(folder, desk_id=DESK, user=ANA, passphrase=PASS, clock=clock)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, str]:
    """A slots file made once: its bytes, the key, the recovery code."""
    slots, key, code = _made(tmp_path_factory.mktemp("desk"))
    return slots.as_bytes(), key, code


def _put(folder: Path, ready: tuple[bytes, bytes, str]) -> Path:
    for name in (FILE, COPY):
        (folder / name).write_bytes(ready[0])
    return folder


def _refusal(act: Callable[[], object]) -> DeskError:
    with pytest.raises(DeskError) as refused:
        act()
    return refused.value


def _altered(data: bytes, change: Callable[[dict], object]) -> bytes:
    """The file with something changed and its checksum put right: what a clever hand could do."""
    content = json.loads(data.split(b"\n")[0])
    change(content)
    body = json.dumps(content).encode()
    return body + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n"


# opening


def test_the_passphrase_opens_by_name_and_for_the_only_user_without_a_name(tmp_path: Path) -> None:
    _, key, _ = _made(tmp_path)
    assert len(key) == 32
    slots = Slots.open(tmp_path)
    assert slots.desk_id == DESK
    assert slots.unlock(ANA, PASS) == key
    assert slots.unlock(None, PASS) == key
    assert slots.users == 1
    assert slots.is_genuine(key)


def test_a_name_is_the_same_in_any_case_accent_and_spacing(ready: tuple[bytes, bytes, str], tmp_path: Path) -> None:
    slots = Slots.open(_put(tmp_path, ready))
    for name in ("ana luisa", "ANA LUISA", "  Ana   Luisa ", "Ána Luisa", "Ａna Luisa"):
        assert slots.has(name)
        assert same_user(ANA, name)
    for name in ("Ana", "Ana Luis", "AnaLuisa"):
        assert not slots.has(name)
        assert not same_user(ANA, name)


def test_the_passphrase_is_taken_as_typed_but_in_any_normal_form(tmp_path: Path) -> None:
    typed = "Ñandú 🌽 ﬁn "
    _, key, _ = Slots.create(tmp_path, desk_id=DESK, user=ANA, passphrase=unicodedata.normalize("NFD", typed))
    slots = Slots.open(tmp_path, clock=Clock())
    assert slots.unlock(ANA, unicodedata.normalize("NFC", typed)) == key
    assert _refusal(lambda: slots.unlock(ANA, typed.strip())).code == "wrong_passphrase"
    assert slots.unlock(ANA, "Ñandú 🌽 fin ") == key
    assert _refusal(lambda: slots.unlock(ANA, typed.lower())).code == "wrong_passphrase"


@settings(max_examples=5, deadline=None)
@given(
    passphrase=st.text(st.characters(codec=None), min_size=1, max_size=200),
    user=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40),
)
def test_any_passphrase_and_name_open_what_they_closed(
    tmp_path_factory: pytest.TempPathFactory, passphrase: str, user: str
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    try:
        _, key, _ = Slots.create(folder, desk_id=DESK, user=user, passphrase=passphrase)
    except Refused as refused:
        assert refused.code == "user_empty"
        return
    assert Slots.open(folder).unlock(user, passphrase) == key


def test_several_users_open_the_same_key_and_each_must_say_who(tmp_path: Path) -> None:
    slots, key, _ = _made(tmp_path)
    slots.add("Juan", "otra clave", key=key)
    again = Slots.open(tmp_path)
    assert again.unlock("juan", "otra clave") == key
    assert again.unlock(ANA, PASS) == key
    assert _refusal(lambda: again.unlock(None, PASS)).code == "user_needed"
    assert _refusal(lambda: again.unlock("juan", PASS)).code == "wrong_passphrase"
    assert _refusal(lambda: again.add("JUAN", "x", key=key)).code == "user_exists"


def test_a_name_without_a_slot_is_refused_like_a_wrong_passphrase(
    ready: tuple[bytes, bytes, str], tmp_path: Path
) -> None:
    slots = Slots.open(_put(tmp_path, ready))
    assert _refusal(lambda: slots.unlock("Nadie", PASS)).code == "wrong_passphrase"
    assert _refusal(lambda: slots.unlock("", PASS)).code == "user_empty"


def test_empty_and_endless_passphrases_make_no_slot(tmp_path: Path) -> None:
    for passphrase, code in (("", "passphrase_empty"), ("x" * 5000, "passphrase_too_long")):
        refused = _refusal(lambda p=passphrase: Slots.create(tmp_path, desk_id=DESK, user=ANA, passphrase=p))
        assert refused.code == code
    assert list(tmp_path.iterdir()) == []


# wrong passphrases


def test_failures_make_the_next_try_wait_longer_and_never_more_than_a_minute() -> None:
    waits = [delay_after(n) for n in range(60)]
    assert waits[:9] == [0, 0, 0, 1, 2, 4, 8, 16, 32]
    assert waits == sorted(waits)
    assert max(waits) == LONGEST_WAIT == 60


def test_the_wait_is_kept_over_a_restart_and_hurts_nobody_else(tmp_path: Path) -> None:
    clock = Clock()
    slots, key, code = _made(tmp_path, clock)
    slots.add("Juan", "otra clave", key=key)
    for _ in range(4):
        clock.now += 60
        assert _refusal(lambda: slots.unlock(ANA, "mal")).code == "wrong_passphrase"
    clock.now += 0.5
    again = Slots.open(tmp_path, clock=clock)
    refused = _refusal(lambda: again.unlock(ANA, PASS))
    assert (refused.code, refused.details) == ("try_later", {"seconds": 2})
    assert again.seconds_to_wait(ANA) == pytest.approx(1.5)
    assert again.unlock("Juan", "otra clave") == key
    assert again.unlock_with_recovery(code) == key
    clock.now += 1.5
    assert again.unlock(ANA, PASS) == key
    assert not (tmp_path / TRIES).exists()
    assert again.seconds_to_wait(ANA) == 0


def test_asking_too_early_does_not_make_the_wait_longer(tmp_path: Path, ready: tuple[bytes, bytes, str]) -> None:
    clock = Clock()
    slots = Slots.open(_put(tmp_path, ready), clock=clock)
    for _ in range(3):
        _refusal(lambda: slots.unlock(ANA, "mal"))
    for _ in range(50):
        assert _refusal(lambda: slots.unlock(ANA, "mal")).code == "try_later"
    clock.now += 1
    assert slots.unlock(ANA, PASS) == ready[1]


def test_starting_the_pc_anew_gives_no_shorter_wait_than_the_time_that_passed(
    tmp_path: Path, ready: tuple[bytes, bytes, str]
) -> None:
    clock = Clock(5000)
    slots = Slots.open(_put(tmp_path, ready), clock=clock)
    for _ in range(8):
        clock.now += 60
        _refusal(lambda: slots.unlock(ANA, "mal"))
    started_anew = Clock(0)
    again = Slots.open(tmp_path, clock=started_anew)
    assert again.seconds_to_wait(ANA) == delay_after(8)
    started_anew.now += delay_after(8)
    assert again.unlock(ANA, PASS) == ready[1]


def test_a_try_counts_even_if_the_program_is_ended_before_it_answers(
    tmp_path: Path, ready: tuple[bytes, bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = Slots.open(_put(tmp_path, ready), clock=Clock())

    class Ended(BaseException):
        pass

    def end(*_: object) -> bytes:
        raise Ended

    with monkeypatch.context() as patch:
        patch.setattr("returnee_desk.store.slots._stretched", end)
        for _ in range(3):
            with pytest.raises(Ended):
                slots.unlock(ANA, "mal")
    assert _refusal(lambda: Slots.open(tmp_path, clock=Clock()).unlock(ANA, PASS)).code == "try_later"


def test_names_without_a_slot_share_one_count(tmp_path: Path, ready: tuple[bytes, bytes, str]) -> None:
    slots = Slots.open(_put(tmp_path, ready), clock=Clock())
    for n in range(3):
        _refusal(lambda n=n: slots.unlock(f"nadie {n}", "mal"))
    assert _refusal(lambda: slots.unlock("otro", "mal")).code == "try_later"
    assert slots.unlock(ANA, PASS) == ready[1]
    assert (tmp_path / TRIES).stat().st_size < 100


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": [1, -5]}', b"[" * 60000, b'{"a": [1e400, 1]}', b"\xff"])
def test_a_damaged_count_of_tries_locks_nobody_out(
    tmp_path: Path, ready: tuple[bytes, bytes, str], content: bytes
) -> None:
    (_put(tmp_path, ready) / TRIES).write_bytes(content)
    assert Slots.open(tmp_path).seconds_to_wait(ANA) == 0


def test_a_guess_costs_what_argon2_costs(tmp_path: Path, ready: tuple[bytes, bytes, str]) -> None:
    locks = [slot["lock"] for slot in json.loads(ready[0].split(b"\n")[0])["slots"]]
    assert [(lock["memory"], lock["passes"], lock["lanes"]) for lock in locks] == [(65536, 3, 2)] * 2


# the recovery code


def test_the_recovery_code_opens_in_any_case_with_misread_signs(
    ready: tuple[bytes, bytes, str], tmp_path: Path
) -> None:
    _, key, code = ready
    assert [len(group) for group in code.split("-")] == [4] * 8
    slots = Slots.open(_put(tmp_path, ready))
    misread = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert slots.unlock_with_recovery(misread) == key
    plain = code.replace("-", "")
    assert read_recovery_code(f"  {plain}\n") == plain


def test_a_mistyped_code_is_told_from_a_wrong_one(ready: tuple[bytes, bytes, str], tmp_path: Path) -> None:
    slots = Slots.open(_put(tmp_path, ready), clock=Clock())
    code = ready[2]
    other = "Z" if code[0] != "Z" else "Y"
    for mistyped in (
        other + code[1:],
        code[:-1],
        code + "2",
        code[1] + code[0] + code[2:] if code[0] != code[1] else "",
        "é",
    ):
        assert _refusal(lambda m=mistyped: slots.unlock_with_recovery(m)).code == "invalid_recovery_code"
    assert not (tmp_path / TRIES).exists()
    _, _, foreign = _made(tmp_path / _mkdir(tmp_path, "other"))
    assert _refusal(lambda: slots.unlock_with_recovery(foreign)).code == "wrong_recovery_code"


def _mkdir(folder: Path, name: str) -> str:
    (folder / name).mkdir()
    return name


@given(text=st.text(max_size=60))
def test_any_text_is_a_code_or_is_refused(text: str) -> None:
    try:
        assert len(read_recovery_code(text)) == 32
    except Refused as refused:
        assert refused.code == "invalid_recovery_code"


def test_after_a_forgotten_passphrase_the_code_gives_a_new_one(tmp_path: Path) -> None:
    _, key, code = _made(tmp_path)
    slots = Slots.open(tmp_path, clock=Clock())
    for _ in range(3):
        _refusal(lambda: slots.unlock(ANA, "olvidada"))
    found = slots.unlock_with_recovery(code)
    slots.change(ANA, "la nueva", key=found)
    new_code = slots.renew_recovery(key=found)
    again = Slots.open(tmp_path, clock=Clock())
    assert again.unlock(ANA, "la nueva") == key
    assert _refusal(lambda: again.unlock(ANA, PASS)).code == "wrong_passphrase"
    assert _refusal(lambda: again.unlock_with_recovery(code)).code == "wrong_recovery_code"
    assert again.unlock_with_recovery(new_code) == key


# the office's escrow key, and a new key for everyone


def test_the_escrow_key_opens_without_any_passphrase(tmp_path: Path) -> None:
    slots, key, _ = _made(tmp_path)
    assert _refusal(lambda: slots.escrow_box).code == "no_escrow"
    office = pyrage.x25519.Identity.generate()
    slots.add_escrow(str(office.to_public()), key=key)
    again = Slots.open(tmp_path)
    assert again.has_escrow
    assert open_box(again.escrow_box, str(office), desk_id=DESK) == key
    stranger = str(pyrage.x25519.Identity.generate())
    assert _refusal(lambda: open_box(again.escrow_box, stranger, desk_id=DESK)).code == "slots_damaged"
    assert _refusal(lambda: open_box(again.escrow_box, str(office), desk_id="2" * 32)).code == "slots_damaged"
    assert _refusal(lambda: slots.add_escrow("age1nonsense", key=key)).code == "invalid_recipient"


def test_a_removed_user_is_out_and_the_last_one_stays(tmp_path: Path) -> None:
    slots, key, _ = _made(tmp_path)
    assert _refusal(lambda: slots.remove(ANA, key=key)).code == "last_user"
    assert _refusal(lambda: slots.remove("Nadie", key=key)).code == "unknown_user"
    slots.add("Juan", "otra clave", key=key)
    slots.remove(ANA, key=key)
    again = Slots.open(tmp_path)
    assert again.users == 1
    assert _refusal(lambda: again.unlock(ANA, PASS)).code == "wrong_passphrase"
    assert again.unlock(None, "otra clave") == key


def test_a_new_key_reaches_all_who_stay_without_their_passphrases(tmp_path: Path) -> None:
    slots, key, code = _made(tmp_path)
    slots.add("Juan", "otra clave", key=key)
    office = pyrage.x25519.Identity.generate()
    slots.add_escrow(str(office.to_public()), key=key)
    new = os.urandom(32)
    slots.rekey(new, key=key)
    again = Slots.open(tmp_path)
    assert again.unlock("Juan", "otra clave") == again.unlock(ANA, PASS) == again.unlock_with_recovery(code) == new
    assert open_box(again.escrow_box, str(office), desk_id=DESK) == new
    assert again.is_genuine(new)
    assert not again.is_genuine(key)


# the file


def test_no_name_and_no_passphrase_stands_in_the_files(tmp_path: Path) -> None:
    slots, key, code = _made(tmp_path)
    slots.add("Juan Chávez", "contraseña larga", key=key)
    _refusal(lambda: slots.unlock("Juan Chávez", "casi"))
    for file in tmp_path.iterdir():
        content = file.read_bytes().lower()
        for secret in (
            b"ana",
            b"juan",
            "chávez".encode(),
            b"leche",
            b"larga",
            code.lower().encode(),
            key,
            key.hex().encode(),
        ):
            if len(secret) > 3:
                assert secret not in content
        if os.name == "posix":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {file.name for file in tmp_path.iterdir()} == {FILE, COPY, TRIES}


def test_slots_that_are_there_are_never_made_again(tmp_path: Path, ready: tuple[bytes, bytes, str]) -> None:
    _put(tmp_path, ready)
    (tmp_path / FILE).unlink()
    assert _refusal(lambda: _made(tmp_path)).code == "desk_exists"


@pytest.mark.parametrize("lost", [FILE, COPY])
@pytest.mark.parametrize("damage", ["deleted", "cut", "empty", "flipped", "rubbish"])
def test_one_lost_or_damaged_copy_is_mended_from_the_other(
    tmp_path: Path, ready: tuple[bytes, bytes, str], lost: str, damage: str
) -> None:
    data = ready[0]
    path = _put(tmp_path, ready) / lost
    if damage == "deleted":
        path.unlink()
    else:
        flipped = data[:200] + bytes([data[200] ^ 4]) + data[201:]
        path.write_bytes({"cut": data[:300], "empty": b"", "flipped": flipped, "rubbish": os.urandom(3000)}[damage])
    slots = Slots.open(tmp_path)
    assert slots.has(ANA)
    assert path.read_bytes() == data


def test_the_newer_copy_counts_whichever_it_is(tmp_path: Path) -> None:
    slots, key, _ = _made(tmp_path)
    older = slots.as_bytes()
    slots.add("Juan", "otra clave", key=key)
    newer = slots.as_bytes()
    for name in (FILE, COPY):
        for other in (FILE, COPY):
            (tmp_path / other).write_bytes(older)
        (tmp_path / name).write_bytes(newer)
        assert Slots.open(tmp_path).has("Juan")
        assert (tmp_path / FILE).read_bytes() == (tmp_path / COPY).read_bytes() == newer


def test_a_lost_file_and_a_damaged_one_are_told_apart(tmp_path: Path) -> None:
    assert _refusal(lambda: Slots.open(tmp_path)).code == "slots_missing"
    (tmp_path / FILE).mkdir()
    assert _refusal(lambda: Slots.open(tmp_path)).code == "slots_damaged"


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["slots"][0]["lock"].update(memory=8),
        lambda c: c["slots"][0]["lock"].update(passes=1),
        lambda c: c["slots"][0]["lock"].update(memory=1 << 30),
        lambda c: c["slots"][0]["lock"].update(lanes=10**6),
        lambda c: c["slots"][0]["lock"].update(salt=""),
        lambda c: c["slots"][0].update(lock=None),
        lambda c: c["slots"][0].update(kind="god"),
        lambda c: c.update(slots=c["slots"] * 2),
        lambda c: c.update(format=2),
        lambda c: c.update(serial=-1),
        lambda c: c.update(serial=2**60),
        lambda c: c.update(extra=1),
        lambda c: c.update(slots={}),
    ],
)
def test_costs_below_the_floor_or_beyond_reason_are_not_read(
    tmp_path: Path, ready: tuple[bytes, bytes, str], change: Callable[[dict], object]
) -> None:
    (tmp_path / FILE).write_bytes(_altered(ready[0], change))
    assert _refusal(lambda: Slots.open(tmp_path)).code == "slots_damaged"


def test_higher_costs_than_those_sealed_do_not_open(tmp_path: Path, ready: tuple[bytes, bytes, str]) -> None:
    (tmp_path / FILE).write_bytes(_altered(ready[0], lambda c: c["slots"][0]["lock"].update(passes=4)))
    assert _refusal(lambda: Slots.open(tmp_path).unlock(ANA, PASS)).code == "wrong_passphrase"


def test_a_slot_given_to_another_user_does_not_open(tmp_path: Path) -> None:
    slots, key, _ = _made(tmp_path)
    slots.add("Juan", "otra clave", key=key)

    def swap(content: dict) -> None:
        users = [slot for slot in content["slots"] if slot["kind"] == "user"]
        users[0]["id"], users[1]["id"] = users[1]["id"], users[0]["id"]

    (tmp_path / FILE).write_bytes(_altered(slots.as_bytes(), swap))
    (tmp_path / COPY).unlink()
    again = Slots.open(tmp_path)
    assert _refusal(lambda: again.unlock("Juan", PASS)).code == "wrong_passphrase"
    assert _refusal(lambda: again.unlock(ANA, PASS)).code == "wrong_passphrase"


def test_a_box_sealed_to_a_stranger_is_found_before_a_new_key_goes_there(
    tmp_path: Path, ready: tuple[bytes, bytes, str]
) -> None:
    thief = str(pyrage.x25519.Identity.generate().to_public())
    slot = {"id": "f" * 32, "kind": "escrow", "recipient": thief, "box": "AAAA"}
    for name in (FILE, COPY):
        (tmp_path / name).write_bytes(_altered(ready[0], lambda c: c["slots"].append(slot)))
    slots = Slots.open(tmp_path)
    key = slots.unlock(ANA, PASS)
    assert not slots.is_genuine(key)
    assert _refusal(lambda: slots.rekey(os.urandom(32), key=key)).code == "slots_altered"
    assert _refusal(lambda: slots.add("Juan", "x", key=key)).code == "slots_altered"


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode), flip=st.integers(0, 10**6))
def test_any_bytes_in_place_of_the_slots_are_refused(
    tmp_path_factory: pytest.TempPathFactory, ready: tuple[bytes, bytes, str], data: bytes, flip: int
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    signed = data + b"\n" + hashlib.sha256(data).hexdigest().encode() + b"\n"
    place = flip % len(ready[0])
    flipped = ready[0][:place] + bytes([ready[0][place] ^ 1]) + ready[0][place + 1 :]
    for content in (data, signed, flipped):
        (folder / FILE).write_bytes(content)
        (folder / COPY).unlink(missing_ok=True)
        try:
            Slots.open(folder)
        except Damaged as error:
            assert error.code == "slots_damaged"
        else:
            assert content == flipped and place >= len(ready[0]) - 1


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"format":1,"slots":' + b"[" * 100_000, b"x" * 3_000_000])
def test_deep_and_endless_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content + b"\n" + hashlib.sha256(content).hexdigest().encode())
    assert _refusal(lambda: Slots.open(tmp_path)).code == "slots_damaged"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    slots, key, _ = _made(tmp_path)
    before = slots.as_bytes()
    (tmp_path / (FILE + ".part")).symlink_to("/dev/full")
    with pytest.raises(Unavailable) as refused:
        slots.add("Juan", "otra clave", key=key)
    assert refused.value.code == "disk_full"
    assert not slots.has("Juan")
    assert (tmp_path / FILE).read_bytes() == (tmp_path / COPY).read_bytes() == slots.as_bytes() == before


def test_slots_come_back_from_a_backup(tmp_path: Path, ready: tuple[bytes, bytes, str]) -> None:
    Slots.put_back(tmp_path, ready[0])
    assert Slots.open(tmp_path).unlock(ANA, PASS) == ready[1]
    assert _refusal(lambda: Slots.put_back(tmp_path, ready[0][:-80])).code == "slots_damaged"
