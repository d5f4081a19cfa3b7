from __future__ import annotations

import hashlib
import io
import json
import random
import resource
import shutil
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import msgspec
import pyrage
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from returnee_desk.errors import DeskError, Refused, Unavailable
from returnee_desk.sync import bundle
from returnee_desk.sync.bundle import MAGIC, check, line, padme, seal, unseal
from returnee_desk.sync.documents import canonical
from returnee_desk.sync.keys import DeviceKeys, escrow_file, new_age_identity, recipient_of

EPOCH = "e0" * 8
DESK, OFFICE, STRANGER = DeviceKeys.new(), DeviceKeys.new(), DeviceKeys.new()
ESCROW = new_age_identity()
KNOWN = {DESK.device: DESK.sign.public, OFFICE.device: OFFICE.sign.public}
RECIPIENTS = [OFFICE.recipient, recipient_of(ESCROW)]
ABOUT = {"kind": "up", "schema": 1, "app": "0.1.0", "desk_time": "2026-11-22T15:02-06:00"}


def op(number: int, note: str = "Xiloj Tzul") -> bytes:
    return json.dumps({"op": f"{number:032x}", "seq": number, "note": note}, ensure_ascii=False).encode()


def sealed(folder: Path, lines: list[bytes], **asked: object) -> list[bundle.SealedPart]:
    wanted: dict = {
        "sender": DESK, "to": OFFICE.device, "recipients": RECIPIENTS, "epoch": EPOCH, "seq": 1, "prev": None,
        "about": ABOUT, **asked,
    }  # fmt: skip
    return seal(lines, folder, **wanted)


def read(*paths: Path, identities: list[str] | None = None, addressed: str = OFFICE.device):
    parts = [check(path, known=KNOWN.get) for path in paths]
    return unseal(parts, identities=identities or [OFFICE.age], addressed={addressed})


def everything(*paths: Path) -> list[bundle.Line]:
    return list(read(*paths).lines())


def refusal_of(*paths: Path) -> str:
    with pytest.raises(Refused) as caught:
        everything(*paths)
    return caught.value.code


def test_what_is_sealed_is_what_is_read(tmp_path):
    lines = [line("op", op(1)), line("op", op(2, "Ñandú ꞌ 👪")), line("receipt", b'{"x":1}'), line("future", b'"?"')]
    [part] = sealed(tmp_path, lines)
    opened = read(part.path)
    assert opened.about["kind"] == "up"
    assert opened.about["desk_time"] == ABOUT["desk_time"]
    got = list(opened.lines())
    assert [one.kind for one in got] == ["op", "op", "receipt", "future"]
    assert got[1].raw == op(2, "Ñandú ꞌ 👪")
    assert got[1].value["note"] == "Ñandú ꞌ 👪"
    assert opened.last_header_hash == part.header_hash
    assert hashlib.sha256(part.path.read_bytes()).hexdigest() == part.sha256
    assert [path.name for path in tmp_path.iterdir()] == [part.name] == [f"RD1-{DESK.device[:8]}-1-1.RDB"]


def test_raw_bytes_survive_whoever_wrote_them(tmp_path):
    raw = b'{"op" : "\\u00f1", "later":[1.50,1E2] }'
    odd = b' { "op" : ' + raw + b" }"
    got = everything(sealed(tmp_path, [line("op", raw), odd])[0].path)
    assert [one.raw for one in got] == [raw, raw]


def test_an_empty_export_is_a_bundle_too(tmp_path):
    assert everything(sealed(tmp_path, [])[0].path) == []


def test_the_header_says_nothing_beyond_its_allow_list(tmp_path):
    [part] = sealed(tmp_path, [line("op", op(1, "Tecún Umán"))])
    data = part.path.read_bytes()
    length = int.from_bytes(data[8:12], "big")
    header = json.loads(data[12 : 12 + length])
    assert set(header) == {"v", "min", "sender", "to", "epoch", "seq", "part", "prev", "len", "sha256"}
    assert b"Tec" not in data
    assert b"2026" not in data[: 12 + length].replace(header["sha256"].encode(), b"")


def test_sizes_tell_little(tmp_path):
    def plain_size(count: int) -> int:
        [part] = sealed(tmp_path, [line("op", op(n, f"{random.random()}")) for n in range(count)])
        data = part.path.read_bytes()
        return len(pyrage.decrypt(data[12 + int.from_bytes(data[8:12], "big") + 64 :], [_identity(OFFICE.age)]))

    for size in map(plain_size, (0, 1, 7, 60)):
        assert size == padme(size)
    assert len({padme(size) for size in range(24_000, 25_000)}) <= 3


@given(st.integers(1, 2**40))
def test_padding_costs_at_most_12_percent_and_never_cuts(size):
    assert size <= padme(size) <= size * 1.12 + 1
    assert padme(padme(size)) == padme(size)


def test_the_age_program_opens_the_body_with_the_escrow_identity(tmp_path):
    lines = [line("op", op(n)) for n in range(50)]
    [part] = sealed(tmp_path, lines)
    data = part.path.read_bytes()
    body = data[12 + int.from_bytes(data[8:12], "big") + 64 :]
    (tmp_path / "escrow").write_bytes(escrow_file(ESCROW))
    plain = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "escrow")], input=body, capture_output=True, check=True
    ).stdout
    packed = struct.unpack(">Q", plain[:8])[0]
    assert set(plain[8 + packed :]) <= {0}
    text = zstandard.ZstdDecompressor().decompressobj().decompress(plain[8 : 8 + packed]).split(b"\n")
    assert text[1:-2] == lines
    assert json.loads(text[0])["about"]["to"] == OFFICE.device
    closing = json.loads(text[-2])
    assert closing["count"] == 51
    assert closing["sha256"] == hashlib.sha256(b"".join(one + b"\n" for one in text[:-2])).hexdigest()


# parts


def big(count: int) -> list[bytes]:
    """Lines that do not compress."""
    rnd = random.Random(7)
    return [line("op", op(n, rnd.randbytes(300).hex())) for n in range(count)]


def test_a_large_bundle_travels_as_parts_of_one_number(tmp_path):
    lines = big(400)
    parts = sealed(tmp_path, lines, max_part=32 * 1024)
    assert len(parts) > 3
    assert all(part.size <= 32 * 1024 for part in parts)
    assert [part.header.part for part in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    assert [part.header.prev for part in parts] == [None, *(part.header_hash for part in parts[:-1])]
    paths = [part.path for part in parts]
    random.shuffle(paths)
    assert [line("op", one.raw) for one in everything(*paths)] == lines


def test_a_missing_part_is_named_and_a_mixed_one_refused(tmp_path):
    (tmp_path / "other").mkdir()
    parts = sealed(tmp_path, big(200), max_part=32 * 1024)
    again = sealed(tmp_path / "other", big(200), max_part=32 * 1024)
    with pytest.raises(Refused) as caught:
        everything(parts[0].path, parts[2].path)
    assert caught.value.code == "part_missing"
    assert 2 in caught.value.details["missing"]
    paths = [part.path for part in parts]
    assert refusal_of(paths[0], again[1].path, *paths[2:]) == "parts_differ"
    assert refusal_of(paths[0], *paths) == "parts_differ"


def test_a_full_disk_leaves_nothing_in_the_spool(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    code = (
        "import resource, sys, pathlib\n"
        "from tests.sync.test_bundle import sealed, big\n"
        "from returnee_desk.errors import Unavailable\n"
        "lines = big(400)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "try:\n    sealed(pathlib.Path(sys.argv[1]), lines)\n"
        "except Unavailable as error:\n    print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "disk_full"
    assert list(tmp_path.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == (soft, hard)


def test_a_source_that_fails_half_way_leaves_nothing_in_the_spool(tmp_path):
    def lines():
        yield from big(200)
        raise Unavailable("busy")

    with pytest.raises(Unavailable, match="busy"):
        sealed(tmp_path, lines(), max_part=32 * 1024)
    assert list(tmp_path.iterdir()) == []


def test_a_line_no_act_writes_is_our_bug_and_nothing_is_left(tmp_path):
    for wrong in (b"a\nb", b"x" * (1024 * 1024 + 1)):
        with pytest.raises(ValueError, match="line"):
            sealed(tmp_path, [wrong])
    assert list(tmp_path.iterdir()) == []


def test_lines_that_shrink_beyond_belief_are_padded_so_that_they_can_be_read(tmp_path):
    lines = [line("op", op(1, "a" * 1000))] * 20_000
    [part] = sealed(tmp_path, lines)
    assert len(everything(part.path)) == 20_000


# hostile files


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("good")
    [part] = sealed(folder, [line("op", op(n)) for n in range(3)])
    return part.path.read_bytes()


CODES_OF_DAMAGE = {"not_a_bundle", "bad_header", "unknown_sender", "bad_signature", "damaged", "update_needed"}


def test_every_flipped_byte_is_refused(good, tmp_path):
    path = tmp_path / "x.RDB"
    codes = set()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ (1 << at % 8)]) + good[at + 1 :])
        codes.add(refusal_of(path))
    assert codes <= CODES_OF_DAMAGE
    assert codes >= {"not_a_bundle", "bad_header", "bad_signature", "damaged"}


def test_every_truncation_is_refused(good, tmp_path):
    path = tmp_path / "x.RDB"
    for length in range(len(good)):
        path.write_bytes(good[:length])
        assert refusal_of(path) in CODES_OF_DAMAGE


def test_appended_zeroed_repeated_and_removed_blocks_are_refused(good, tmp_path):
    path = tmp_path / "x.RDB"
    half = len(good) // 2
    for hurt in (
        good + b"\0",
        good + good,
        good[:half] + bytes(64) + good[half + 64 :],
        good[:half] + good[half + 64 :],
        good[: half + 64] + good[half:],
        MAGIC + good,
        bytes(len(good)),
        b"",
    ):
        path.write_bytes(hurt)
        assert refusal_of(path) in CODES_OF_DAMAGE


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused_or_read_and_nothing_else(good, tmp_path, data):
    cut = data.draw(st.integers(0, len(good)))
    tail = data.draw(st.binary(max_size=80))
    path = tmp_path / "x.RDB"
    path.write_bytes(good[:cut] + tail)
    try:
        everything(path)
    except Refused:
        assert good[:cut] + tail != good


def test_a_header_on_another_body_is_refused(good, tmp_path):
    [other] = sealed(tmp_path, [line("op", op(9))], seq=2)
    theirs = other.path.read_bytes()
    cut, cut_theirs = (12 + int.from_bytes(data[8:12], "big") + 64 for data in (good, theirs))
    path = tmp_path / "x.RDB"
    path.write_bytes(good[:cut] + theirs[cut_theirs:])
    assert refusal_of(path) == "damaged"


def test_a_stranger_and_a_forger_are_told_apart(tmp_path):
    [part] = sealed(tmp_path, [line("op", op(1))], sender=STRANGER)
    assert refusal_of(part.path) == "unknown_sender"
    with pytest.raises(Refused, match="bad_signature"):
        check(part.path, known=lambda _: DESK.sign.public)


def test_a_bundle_for_someone_else_is_not_for_me_and_a_wrong_key_is_wrong(tmp_path):
    [part] = sealed(tmp_path, [line("op", op(1))])
    assert_code(lambda: read(part.path, addressed=DESK.device), "not_for_me")
    assert_code(lambda: read(part.path, identities=[STRANGER.age]), "sealed_for_another")
    assert read(part.path, identities=[STRANGER.age, OFFICE.age]).about["kind"] == "up"


def assert_code(act, code: str) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code


# what an enrolled desk could craft


def craft(path: Path, plain: bytes, *, recipients: list[str] = RECIPIENTS, **header: object) -> Path:
    """A bundle with the right signature around whatever body and header we like."""
    to = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    return craft_body(path, pyrage.encrypt(plain, to), **header)


def craft_body(path: Path, body: bytes, *, text: bytes | None = None, **header: object) -> Path:
    fields = {
        "v": 1, "min": 1, "sender": DESK.device, "to": OFFICE.device, "epoch": EPOCH, "seq": 1, "part": [1, 1],
        "prev": None, "len": len(body), "sha256": hashlib.sha256(body).hexdigest(), **header,
    }  # fmt: skip
    text = text if text is not None else canonical(fields)
    path.write_bytes(
        MAGIC + struct.pack(">I", len(text)) + text + DESK.sign.sign(b"returnee-desk/bundle/v1\0" + text) + body
    )
    return path


def packed(text: bytes, **how: object) -> bytes:
    frame = zstandard.ZstdCompressor(**how).compress(text)
    return struct.pack(">Q", len(frame)) + frame


def text_of(*lines: bytes, about: dict | None = None, count: int | None = None) -> bytes:
    own = {"kind": "up", "sender": DESK.device, "epoch": EPOCH, "seq": 1, "to": OFFICE.device}
    body = b"".join(one + b"\n" for one in [line("about", canonical(about or own)), *lines])
    closing = {"count": len(lines) + 1 if count is None else count, "sha256": hashlib.sha256(body).hexdigest()}
    return body + canonical(closing) + b"\n"


def _identity(text: str):
    return pyrage.x25519.Identity.from_str(text)


def test_the_crafted_bundle_is_good_before_it_is_made_bad(tmp_path):
    assert len(everything(craft(tmp_path / "x", packed(text_of(line("op", op(1))))))) == 1


@pytest.mark.parametrize(
    "change",
    [{"extra": 1}, {"seq": 0}, {"seq": 2**63}, {"seq": -1}, {"seq": 1.0}, {"seq": True}, {"seq": "1"}, {"part": [0, 1]},
     {"part": [2, 1]}, {"part": [1, 1, 1]}, {"part": [1, 1000]}, {"part": None}, {"to": ""}, {"to": "../../etc"},
     {"epoch": "E0" * 8}, {"epoch": "e0" * 8 + "\n"}, {"prev": "x"}, {"v": 0}, {"v": None}, {"min": 0}, {"sender": "x"},
     {"len": 2**40}, {"place": "TUM1"}],
)  # fmt: skip
def test_headers_that_say_odd_things_are_refused(tmp_path, change):
    assert refusal_of(craft(tmp_path / "x", packed(text_of()), **change)) == "bad_header"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"{}" * 3000, b"[" * 4000, b"\xff\xfe", b'{"v":1,"v":1}'])
def test_headers_that_are_no_canonical_json_are_refused(tmp_path, text):
    assert refusal_of(craft_body(tmp_path / "x", b"", text=text)) == "bad_header"


def test_a_header_in_another_order_is_not_canonical(tmp_path, good):
    length = int.from_bytes(good[8:12], "big")
    header = json.loads(good[12 : 12 + length])
    for text in (json.dumps(header).encode(), canonical(dict(reversed(header.items()))).replace(b",", b", ", 1)):
        assert refusal_of(craft_body(tmp_path / "x", good[12 + length + 64 :], text=text)) == "bad_header"


def test_a_bundle_for_a_newer_reader_waits_and_one_we_may_read_is_read(tmp_path):
    body = packed(text_of(line("op", op(1))))
    assert refusal_of(craft(tmp_path / "x", body, v=3, min=2)) == "update_needed"
    assert refusal_of(craft(tmp_path / "x", body, v=3, min=2, sender="unknown", extra=[])) == "update_needed"
    assert len(everything(craft(tmp_path / "x", body, v=2, min=1, extra="new"))) == 1


@pytest.mark.parametrize("name", ["sender", "epoch", "seq", "to"])
def test_a_body_wrapped_in_another_header_is_refused(tmp_path, name):
    own = {"kind": "up", "sender": DESK.device, "epoch": EPOCH, "seq": 1, "to": OFFICE.device}
    for wrong in ({**own, name: "f0" * 8}, {**own, name: None}, {k: v for k, v in own.items() if k != name}):
        assert refusal_of(craft(tmp_path / "x", packed(text_of(about=wrong)))) == "bad_contents"
    assert refusal_of(craft(tmp_path / "x", packed(text_of(about={**own, "seq": True})))) == "bad_contents"


BAD_LINES = {
    "key twice": b'{"op":{"a":1,"a":2}}',
    "two kinds": b'{"op":{},"receipt":{}}',
    "no kind": b"{}",
    "not an object": b"[1]",
    "NaN": b'{"op":{"a":NaN}}',
    "1e999": b'{"op":{"a":1e999}}',
    "deep": b'{"op":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "33 deep": b'{"op":' + b"[" * 33 + b"]" * 33 + b"}",
    "surrogate": b'{"op":"\\ud83d"}',
    "raw surrogate": b'{"op":"\xed\xa0\xbd"}',
    "mark": b'\xef\xbb\xbf{"op":{}}',
    "long number": b'{"op":' + b"9" * 900_000 + b"}",
    "empty line": b"",
    "half": b'{"op":{',
    "two": b'{"op":{}}{"op":{}}',
    "not text": b'{"op":"\xff"}',
    "NUL": b'{"op":\0}',
    "long line": b'{"op":"' + b"a" * (1024 * 1024) + b'"}',
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_doubtful_lines_are_refused(tmp_path, name):
    assert refusal_of(craft(tmp_path / "x", packed(text_of(BAD_LINES[name])))) == "bad_contents"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"\n\n\n",
        b"x",
        text_of()[:-1],
        text_of() + b"{}\n",
        text_of() + text_of(),
        text_of(count=1 << 40),
        text_of(count=0),
        text_of(line("op", op(1)), count=1),
        text_of().replace(b'"sha256":"', b'"sha256":"0'),
        text_of() + b"\n",
        text_of().split(b"\n")[0] + b"\n",
        b"a" * 1_200_000,
        text_of(line("op", op(1))).split(b"\n", 1)[1],
    ],
)
def test_contents_without_their_ends_are_refused(tmp_path, text):
    assert refusal_of(craft(tmp_path / "x", packed(text))) == "bad_contents"


def frame_of(text: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(text)


def hostile_frames() -> dict[str, bytes]:
    text = text_of(line("op", op(1)))
    frame = frame_of(text)
    half = len(text) // 2
    samples = [b"%d some text to train with %d" % (n, n * n) * 4 for n in range(400)]
    trained = zstandard.train_dictionary(2048, samples)
    skippable = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"free"
    wide = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    ).compressobj()
    framed = {
        "two frames": frame_of(text[:half]) + frame_of(text[half:]),
        "skippable first": skippable + frame,
        "skippable after": frame + skippable,
        "byte after": frame + b"x",
        "cut": frame[:-5],
        "dictionary": zstandard.ZstdCompressor(dict_data=trained).compress(text),
        "wide window": wide.compress(text) + wide.flush(),
        "huge content size": b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 2**60) + b"\x01\x00\x00",
        "reserved block": b"\x28\xb5\x2f\xfd\x00\x58" + b"\x07\x00\x00",
        "checksum wrong": zstandard.ZstdCompressor(write_checksum=True).compress(text)[:-1] + b"x",
        "not zstd": text,
        "one byte": b"\x28",
    }
    plain = {name: struct.pack(">Q", len(one)) + one for name, one in framed.items()}
    plain |= {
        "n too large": struct.pack(">Q", len(frame) + 1) + frame,
        "n gigantic": struct.pack(">Q", 2**64 - 1) + frame,
        "n zero": struct.pack(">Q", 0) + frame,
        "no n": b"\0\0\0",
        "nothing": b"",
        "padding not zero": struct.pack(">Q", len(frame)) + frame + b"\0\0hidden\0",
    }
    return plain


@pytest.mark.parametrize("name", hostile_frames())
def test_frames_that_are_not_one_plain_frame_are_refused(tmp_path, name):
    assert refusal_of(craft(tmp_path / "x", hostile_frames()[name])) == "bad_contents"


def test_a_frame_with_a_right_checksum_is_read(tmp_path):
    assert len(everything(craft(tmp_path / "x", packed(text_of(line("op", op(1))), write_checksum=True)))) == 1


def bombs() -> dict[str, bytes]:
    one_line = zstandard.ZstdCompressor().compressobj()
    frame = b"".join(one_line.compress(b"a" * 1024 * 1024) for _ in range(64)) + one_line.flush()
    many = zstandard.ZstdCompressor(level=3).compressobj()
    block = line("op", op(1, "a" * 2_000)) + b"\n"
    block *= 500
    start = text_of().split(b"\n")[0] + b"\n"
    lines = many.compress(start) + b"".join(many.compress(block) for _ in range(300)) + many.flush()
    return {"one line of 64 MB": frame, "300 MB of lines": lines}


@pytest.mark.parametrize("name", ["one line of 64 MB", "300 MB of lines"])
def test_bombs_are_refused_without_memory(tmp_path, name):
    frame = bombs()[name]
    assert len(frame) < 100_000
    path = craft(tmp_path / "x", struct.pack(">Q", len(frame)) + frame)
    tracemalloc.start()
    with pytest.raises(Refused, match="bad_contents"):
        for _ in read(path).lines():
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 1024 * 1024


def test_a_file_larger_than_a_part_is_refused_by_its_size_alone(tmp_path):
    path = tmp_path / "x.RDB"
    with path.open("wb") as file:
        file.write(MAGIC)
        file.truncate(2**42)
    assert refusal_of(path) == "too_large"


def test_a_body_that_is_not_age_is_refused(tmp_path):
    for body in (b"", b"junk", b"age-encryption.org/v1\n"):
        assert refusal_of(craft_body(tmp_path / "x", body)) == "sealed_for_another"
    good_body = pyrage.encrypt(packed(text_of()), [pyrage.x25519.Recipient.from_str(OFFICE.recipient)])
    assert refusal_of(craft_body(tmp_path / "x", good_body[:-1])) == "sealed_for_another"
    assert refusal_of(craft_body(tmp_path / "x", good_body + b"x")) == "sealed_for_another"


def test_a_file_that_is_gone_is_the_world_not_a_bad_bundle(tmp_path):
    with pytest.raises(DeskError) as caught:
        check(tmp_path / "none", known=KNOWN.get)
    assert isinstance(caught.value, Unavailable)


line_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(
    values=st.lists(
        st.dictionaries(line_text, line_text | st.integers(-(2**53), 2**53) | st.none(), max_size=4), max_size=12
    ),
    max_part=st.sampled_from([16 * 1024, 20 * 1024, 64 * 1024 * 1024]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_anything_sealed_is_read_back_byte_for_byte(tmp_path, values, max_part):
    lines = [line("op", msgspec.json.encode(value)) for value in values]
    parts = sealed(tmp_path, lines, max_part=max_part)
    assert [line("op", one.raw) for one in everything(*(part.path for part in parts))] == lines
    for part in parts:
        part.path.unlink()


def test_a_season_is_sealed_and_read_in_bounded_memory(tmp_path):
    """20 MB of lines, made and read one by one: far less than that is held at any time."""
    rnd = random.Random(3)
    count = 20_000

    def lines():
        for number in range(count):
            yield line("op", op(number, rnd.choice(["Tzul", "Xiloj"]) * 250))

    tracemalloc.start()
    parts = sealed(tmp_path, lines())
    got = sum(1 for _ in read(*(part.path for part in parts)).lines())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert got == count
    assert peak < 8 * 1024 * 1024


def test_a_bundle_of_version_1_is_readable_for_ever(tmp_path):
    kept = Path(__file__).parents[1] / "bundles" / "v1"
    facts = json.loads((kept / "facts.json").read_text(encoding="utf-8"))
    path = shutil.copy(kept / facts["file"], tmp_path)
    part = check(Path(path), known={facts["sender"]: facts["public"]}.get)
    opened = unseal([part], identities=[facts["identity"]], addressed={facts["to"]})
    assert [one.raw.decode() for one in opened.lines()] == facts["operations"]
    assert io.BytesIO(Path(path).read_bytes()).read(8) == MAGIC
