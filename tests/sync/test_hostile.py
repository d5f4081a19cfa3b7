"""Bundles spoilt byte by byte, cut, spliced and crafted, read by a real office: a typed refusal, nothing changed."""

from __future__ import annotations

import hashlib
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pyrage
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from returnee_desk.store.desk import SPOOL
from returnee_desk.sync.bundle import MAGIC, line
from returnee_desk.sync.documents import canonical
from returnee_desk.sync.exchange import WAITING, import_
from returnee_desk.sync.founding import device_keys_of
from tests.making import everything_of, lines_of, register
from tests.world import OFFICE, Enrolled, World

REFUSALS = {
    "not_a_bundle", "bad_header", "update_needed", "unknown_sender", "bad_signature", "damaged", "practice_data",
}  # fmt: skip


@pytest.fixture(scope="module")
def one_bundle(enrolled: Enrolled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, bytes]]:
    """A world and a small genuine bundle of A for the office, not yet read there."""
    with enrolled.copy(tmp_path_factory.mktemp("hostile") / "world", desks=(OFFICE, "A", "B")) as world:
        stick = world.craft("A", [line("op", body) for body in lines_of(world["A"])[:1]])
        yield world, next(stick.iterdir()).read_bytes()


def refused(world: World, data: bytes, stick: Path) -> str:
    """The code a file is refused with at the office; nothing but that happened."""
    file = stick / "x.RDB"
    file.write_bytes(data)
    shutil.rmtree(world.office.folder / WAITING, ignore_errors=True)
    taken = import_(world.office, stick)
    assert (taken.bundles, taken.operations, taken.repeated, taken.not_for_me) == (0, 0, 0, 0)
    assert not list((world.office.folder / SPOOL).iterdir())
    [one] = taken.refused
    return str(one["code"])


def unchanged(world: World, work: Callable[[], None]) -> None:
    """Runs the attack; afterwards the office is what it was, and still a sound file."""
    office = world.office
    before = everything_of(office), office.content_digest(), office.history_digest()
    work()
    assert (everything_of(office), office.content_digest(), office.history_digest()) == before
    assert office.check() == []


def test_every_byte_changed_is_refused_and_changes_nothing(one_bundle: tuple[World, bytes]) -> None:
    world, data = one_bundle
    stick = world.stick()

    def attack() -> None:
        for at in range(len(data)):
            spoilt = bytearray(data)
            spoilt[at] ^= 1 << at % 8
            assert refused(world, bytes(spoilt), stick) in REFUSALS

    unchanged(world, attack)


def test_every_length_cut_and_anything_appended_is_refused(one_bundle: tuple[World, bytes]) -> None:
    world, data = one_bundle
    stick = world.stick()

    def attack() -> None:
        for length in range(len(data)):
            assert refused(world, data[:length], stick) in REFUSALS
        for more in (b"\0", b"\n", data, MAGIC):
            assert refused(world, data + more, stick) == "damaged"

    unchanged(world, attack)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_pieces_removed_zeroed_or_doubled_are_refused(one_bundle: tuple[World, bytes], data: st.DataObject) -> None:
    world, whole = one_bundle
    at = data.draw(st.integers(0, len(whole) - 2))
    length = data.draw(st.integers(1, min(600, len(whole) - at)))
    piece = data.draw(st.sampled_from([b"", b"\0" * length, whole[at : at + length] * 2]))
    spoilt = whole[:at] + piece + whole[at + length :]
    if spoilt != whole:
        assert refused(world, spoilt, world.stick()) in REFUSALS


def test_the_untouched_bundle_is_taken_after_all_that(one_bundle: tuple[World, bytes]) -> None:
    world, data = one_bundle
    stick = world.stick()
    (stick / "x.RDB").write_bytes(data)
    assert import_(world.office, stick).bundles in (0, 1)
    assert import_(world.office, stick).repeated == 1


# With a real desk's key -------------------------------------------------------------------------------


def wrapped(world: World, text: bytes, *, frame: bytes | None = None) -> Path:
    """A bundle signed by A whose contents are these bytes, closed correctly unless they say otherwise."""
    keys, stick = device_keys_of(world["A"]), world.stick()
    packed = frame if frame is not None else zstandard.compress(text)
    plain = struct.pack(">Q", len(packed)) + packed
    body = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(device_keys_of(world.office).recipient)])
    header = {
        "v": 1, "min": 1, "sender": keys.device, "to": world.office.settings.device, "seq": 77, "part": [1, 1],
        "epoch": world["A"].settings.epoch, "prev": None, "len": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    outside = canonical(header)
    signature = keys.sign.sign(b"returnee-desk/bundle/v1\0" + outside)
    (stick / "x.RDB").write_bytes(MAGIC + struct.pack(">I", len(outside)) + outside + signature + body)
    return stick


def closed(world: World, *lines: bytes, **about: Any) -> bytes:
    """Lines between a first and a closing line that fit them."""
    settings = world["A"].settings
    first = {
        "sender": settings.device, "epoch": settings.epoch, "seq": 77, "to": world.office.settings.device, "kind": "up",
        "practice": False, **about,
    }  # fmt: skip
    whole = b"".join(one + b"\n" for one in (line("about", canonical(first)), *lines))
    closing = {"count": whole.count(b"\n"), "sha256": hashlib.sha256(whole).hexdigest()}
    return whole + canonical(closing) + b"\n"


def operation(world: World, **changes: Any) -> bytes:
    """A sound operation of A that is not in its log, changed."""
    settings = world["A"].settings
    told = {
        "op": uuid4().hex, "device": settings.device, "epoch": settings.epoch, "seq": 500, "lamport": 0,
        "at": "2026-11-22T12:00:00-06:00", "by": "0" * 32, "act": "note",
        "writes": [["note", uuid4().hex, {"owner": "a" * 32, "said": {"text": "x"}}]],
    }  # fmt: skip
    return canonical(told | changes)


def write(**values: Any) -> list[Any]:
    return ["family", uuid4().hex, values, {}]


MALFORMED: dict[str, dict[str, Any]] = {
    "a million writes": {"writes": [["need", f"{n:032x}", {}] for n in range(20_000)]},
    "an id that is none": {"op": "x" * 32},
    "a lamport beyond all": {"lamport": 2**63},
    "a lamport below zero": {"lamport": -1},
    "a number of nought": {"seq": 0},
    "a record twice": {"writes": [["need", "a" * 32, {}], ["need", "a" * 32, {}]]},
    "a field with a long name": {"writes": [write(**{"f" * 5_000: 1})]},
    "a quantity below zero": {"writes": [["service", uuid4().hex, {"given": {"code": "X", "quantity": -3}}]]},
    "a text for a number": {"writes": [["arrival", uuid4().hex, {"headcount": "many"}]]},
    "replaces what it does not write": {"writes": [["family", uuid4().hex, {}, {"language": ["a" * 32]}]]},
    "writes that are no list": {"writes": {"family": 1}},
}


@pytest.mark.parametrize("how", MALFORMED)
def test_a_malformed_operation_of_an_enrolled_desk_is_refused_with_all_around_it(world: World, how: str) -> None:
    good, bad = operation(world), operation(world, **MALFORMED[how])

    def attack() -> None:
        text = closed(world, *(line("op", one) for one in (good, bad, good)))
        taken = import_(world.office, wrapped(world, text))
        assert [one["code"] for one in taken.refused] == ["malformed_operation"]

    unchanged(world, attack)


def crafted(world: World) -> dict[str, Path]:
    """Bundles A could sign and should not."""
    good = line("op", operation(world))
    deep = line("op", operation(world)[:-1] + b',"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}")
    half = operation(world, reason="@").replace(b"@", b"\\ud800")
    other_header = closed(world, good).replace(b'"seq":77', b'"seq":78')
    sound = closed(world, good)
    return {
        "NaN": wrapped(world, closed(world, line("op", operation(world).replace(b'"lamport":0', b'"lamport":NaN')))),
        "a number without end": wrapped(world, closed(world, b'{"op":' + b"9" * 500_000 + b"}")),
        "a key twice": wrapped(world, closed(world, line("op", operation(world)[:-1] + b',"seq":501}'))),
        "half a letter": wrapped(world, closed(world, line("op", half))),
        "a byte order mark": wrapped(world, closed(world, b"\xef\xbb\xbf" + good)),
        "depth": wrapped(world, closed(world, deep)),
        "two keys in a line": wrapped(world, closed(world, good[:-1] + b',"op":{}}')),
        "another's inner header": wrapped(world, other_header),
        "no closing line": wrapped(world, sound[: sound.rindex(b'{"count"')]),
        "one line too few": wrapped(world, sound.replace(good + b"\n", b"")),
        "no last newline": wrapped(world, sound[:-1]),
        "a bomb": wrapped(world, b"", frame=zstandard.compress(b"\0" * 300_000_000)),
        "a long line": wrapped(world, closed(world, b'{"op":"' + b"x" * 3_000_000 + b'"}')),
        "two frames": wrapped(world, b"", frame=zstandard.compress(sound) + zstandard.compress(b"more")),
        "no frame": wrapped(world, b"", frame=b"nothing of the kind"),
        "an about that is none": wrapped(world, closed(world, good, have={"x": 1})),
    }


def test_crafted_contents_are_refused_whole(world: World) -> None:
    bundles = crafted(world)

    def attack() -> None:
        for name, stick in bundles.items():
            taken = import_(world.office, stick)
            codes = [one["code"] for one in taken.refused]
            assert codes in (["bad_contents"], ["malformed_operation"]), name

    unchanged(world, attack)


def test_a_header_or_body_of_another_bundle_is_refused(world: World) -> None:
    one, two = (next(world.craft("A", [], seq=seq).iterdir()).read_bytes() for seq in (1, 2))
    cut = {}
    for name, data in (("one", one), ("two", two)):
        length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "big")
        cut[name] = len(MAGIC) + 4 + length + 64
    stick = world.stick()

    def attack() -> None:
        assert refused(world, one[: cut["one"]] + two[cut["two"] :], stick) == "damaged"
        before, after = one[: cut["one"] - 64], one[cut["one"] :]
        assert refused(world, before + two[cut["two"] - 64 : cut["two"]] + after, stick) == "bad_signature"

    unchanged(world, attack)


def test_a_body_wrapped_anew_by_another_enrolled_desk_is_refused(world: World) -> None:
    register(world["A"])
    data = next(world.make("A").iterdir()).read_bytes()
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "big")
    start = len(MAGIC) + 4
    header = msgspec.json.decode(data[start : start + length])
    for name, change in (("C", {"sender": world["C"].settings.device}), ("A", {"seq": 99}), ("A", {"epoch": "f" * 16})):
        outside = canonical(header | change)
        signature = device_keys_of(world[name]).sign.sign(b"returnee-desk/bundle/v1\0" + outside)
        forged = MAGIC + struct.pack(">I", len(outside)) + outside + signature + data[start + length + 64 :]
        stick = world.stick()

        def attack(forged: bytes = forged, stick: Path = stick) -> None:
            assert refused(world, forged, stick) == "bad_contents"

        unchanged(world, attack)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(text=st.binary(max_size=400) | st.text(max_size=200).map(str.encode), kind=st.sampled_from(
    ["op", "office_op", "tombstone", "receipt", "key_list"]))  # fmt: skip
def test_whatever_a_line_holds_nothing_breaks(one_bundle: tuple[World, bytes], text: bytes, kind: str) -> None:
    world, _ = one_bundle
    office = world.office
    before = office.content_digest(), office.history_digest()
    value = text if text.strip() and b"\n" not in text else b"null"
    taken = import_(office, wrapped(world, closed(world, b'{"%b":%b}' % (kind.encode(), value))))
    assert {one["code"] for one in taken.refused} <= {"bad_contents", "malformed_operation"}
    assert (office.content_digest(), office.history_digest()) == before
