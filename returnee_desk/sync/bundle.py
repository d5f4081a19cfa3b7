"""Bundle format v1: what a stick carries, sealed for its readers and signed by its sender.

    "RDBNDL\\x01\\n" | u32 header length | header (canonical JSON, at most 4 KiB) | Ed25519 signature | body
    body = age( recipients ; u64 n | zstd( lines ) | zeros up to a PADME size )

Integers are big-endian. The signature covers the purpose and the header, the header holds the body's length
and hash. Signing comes after encrypting, so that a reader can refuse strangers, duplicates and bombs before
it decrypts or unpacks anything. The header is readable by whoever finds the stick and so says nothing about
people or places.

The lines are JSON, one a line: first `{"about": …}`, which repeats whose bundle this is (nobody can wrap
another's body in a header of their own), then `{"op": …}`, `{"tombstone": …}`, `{"receipt": …}`,
`{"key_list": …}` and kinds a later version may add, last `{"count", "sha256"}` over all lines before it. A
bundle too large for one file travels as parts of one `seq`; their lines follow one another.

Nothing of the contents is ever written outside the encrypted file unsealed: what is compressed but not yet
sealed, or opened but not yet read, is kept in memory, at most one part of it.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, NamedTuple

import msgspec

from returnee_desk.errors import Refused
from returnee_desk.store.cipher import in_words
from returnee_desk.sync.documents import MAX_INTEGER, NotStrict, canonical, strict_object
from returnee_desk.sync.keys import DeviceId, DeviceKeys, age_identities, verify

VERSION = 1
MAGIC = b"RDBNDL\x01\n"
MAX_PART = 64 * 1024 * 1024
MAX_HEADER = 4096
MAX_LINE = 1024 * 1024
MAX_LINES_SIZE = 2 * 1024**3
MAX_GROWTH = 200
MAX_PARTS = 999
MAX_WINDOW = 8 * 1024 * 1024
LEVEL = 1
"""A season's 15.9 MB of lines become 1.90 MB in 26 ms; level 6 makes 1.73 MB of them in 250 ms."""
THREADS = 2
JOB = 1024 * 1024
"""Compressing goes on beside the reading of the next lines, a piece of this size at a time."""

_PURPOSE = b"returnee-desk/bundle/v1\0"
_SIGNATURE = 64
_BLOCK = 256 * 1024
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Number = Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What anybody can read. `min` is the lowest format a reader must know, `part` is [k, n], `prev` the hash
    of the header before this one in the sender's epoch (None at its first), `len` and `sha256` the body's."""

    v: Number
    min: Number
    sender: DeviceId
    to: DeviceId
    epoch: DeviceId
    seq: Number
    part: tuple[Number, Number]
    prev: Hash | None
    len: Annotated[int, msgspec.Meta(ge=0, le=MAX_PART)]
    sha256: Hash


class SealedPart(NamedTuple):
    """One file ready for a stick. `header_hash` goes into the next header as `prev`."""

    path: Path
    name: str
    size: int
    sha256: str
    header_hash: str
    header: Header


@dataclass(frozen=True, slots=True)
class Verified:
    """A spooled file whose sender, signature and body hash are right. Not yet opened."""

    path: Path
    header: Header
    header_hash: str
    body_at: int


class Line(NamedTuple):
    """`raw` is the value exactly as it came, for keeping and forwarding; `value` is the same, read."""

    kind: str
    raw: bytes
    value: Any


# Sealing --------------------------------------------------------------------------------------------


def seal(
    lines: Iterable[bytes | Lines],
    folder: Path,
    *,
    sender: DeviceKeys,
    to: str,
    recipients: Sequence[str],
    epoch: str,
    seq: int,
    prev: str | None,
    about: Mapping[str, Any],
    max_part: int = MAX_PART,
) -> list[SealedPart]:
    """Seals lines (each made by `line`, or several by `many_lines`) into files in `folder`, the desk's own spool.

    `recipients` are age keys (`age1…`); `about` the facts of the first line besides whose bundle it is;
    `prev` the last header hash of this epoch. Lines are taken one after another and never held together.
    Unavailable `disk_full` leaves nothing behind. ValueError for a line over 1 MiB: no act writes one.
    """
    first = {**about, "sender": sender.device, "epoch": epoch, "seq": seq, "to": to}
    most = _most_packed(max_part, recipients)
    bodies: list[_Body] = []
    parts: list[SealedPart] = []
    try:
        for packed in _pack(_blocks(line("about", canonical(first)), lines, most=most // 4), most):
            bodies.append(_seal_body(packed, recipients, folder / f"{sender.device[:8]}-{seq}-{len(bodies) + 1}.body"))
        for number, body in enumerate(bodies, start=1):
            header = Header(
                v=VERSION,
                min=VERSION,
                sender=sender.device,
                to=to,
                epoch=epoch,
                seq=seq,
                part=(number, len(bodies)),
                prev=prev,
                len=body.size,
                sha256=body.sha256,
            )
            parts.append(_assemble(header, body, sender, folder))
            prev = parts[-1].header_hash
        return parts
    except BaseException:
        for part in parts:
            part.path.unlink(missing_ok=True)
        raise
    finally:
        for body in bodies:
            body.path.unlink(missing_ok=True)


def line(kind: str, raw: bytes) -> bytes:
    """One line of a bundle around a value that is already JSON."""
    return b'{"%b":%b}' % (kind.encode(), raw)


class Lines(NamedTuple):
    """Several lines, joined already."""

    text: bytes
    many: int


def many_lines(kind: str, raws: Sequence[bytes]) -> Lines:
    """As `line`, for many values of one kind at once."""
    start = b'{"%b":' % kind.encode()
    text = start + (b"}\n" + start).join(raws) + b"}" if raws else b""
    if raws and (max(map(len, raws)) + len(start) + 1 > MAX_LINE or text.count(b"\n") != len(raws) - 1):
        raise ValueError("a line is too long or not one line")
    return Lines(text, len(raws))


def file_name(header: Header) -> str:
    """Short, valid on FAT, and silent about place and day."""
    return f"RD1-{header.sender[:8]}-{header.seq}-{header.part[0]}.RDB"


class _Body(NamedTuple):
    path: Path
    size: int
    sha256: str


def _blocks(about: bytes, lines: Iterable[bytes | Lines], *, most: int) -> Iterator[bytes]:
    """Blocks of whole lines, each line with its newline: the first line, those given, the closing line."""
    digest = hashlib.sha256()
    limit = min(_BLOCK, most)
    waiting, size, count = [about], len(about), 1
    for one in lines:
        text, many = (one, 1) if isinstance(one, bytes) else one
        if not many:
            continue
        if many == 1 and (len(text) > MAX_LINE or b"\n" in text):
            raise ValueError("a line is too long or not one line")
        if size + len(text) > limit:
            block = b"\n".join(waiting) + b"\n"
            digest.update(block)
            yield block
            waiting.clear()
            size = 0
        waiting.append(text)
        size += len(text) + 1
        count += many
    block = b"\n".join(waiting) + b"\n"
    digest.update(block)
    yield block
    yield canonical({"count": count, "sha256": digest.hexdigest()}) + b"\n"


def _pack(blocks: Iterable[bytes], most: int) -> Iterator[bytearray]:
    """The plain text of each part: u64 n, one zstd frame of whole lines, zeros. None longer than `most`,
    unless a single block is."""
    import zstandard

    parameters = zstandard.ZstdCompressionParameters.from_level(LEVEL, threads=THREADS, job_size=JOB)
    packer = zstandard.ZstdCompressor(compression_params=parameters)
    out, frame, taken, uncounted = bytearray(8), packer.compressobj(), 0, 0
    for block in blocks:
        room = len(block) + len(block) // 128 + 1024
        if taken and len(out) + uncounted + room > most:
            out += frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
            uncounted = 0
            if len(out) + room > most:
                yield _finish(out, frame.flush(), taken)
                out, frame, taken = bytearray(8), packer.compressobj(), 0
        out += frame.compress(block)
        taken += len(block)
        uncounted += room
    yield _finish(out, frame.flush(), taken)


def _finish(out: bytearray, rest: bytes, taken: int) -> bytearray:
    out += rest
    packed = len(out) - 8
    struct.pack_into(">Q", out, 0, packed)
    if taken > MAX_LINES_SIZE:
        raise ValueError("more than a bundle may hold")
    out += bytes(padme(max(len(out), taken // MAX_GROWTH + 1)) - len(out))
    return out


def padme(size: int) -> int:
    """The padded size for `size` bytes: at most 12 % more, and few different sizes, so that a size tells little."""
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    kept = exponent - exponent.bit_length()
    mask = (1 << max(kept, 0)) - 1
    return (size + mask) & ~mask


def _most_packed(max_part: int, recipients: Sequence[str]) -> int:
    """How long a part's plain text may be before padding, so that its file stays within `max_part`."""
    around = len(MAGIC) + 4 + MAX_HEADER + _SIGNATURE + 1024 + 200 * len(recipients)
    most = max(max_part - around - 16 * (max_part // (64 * 1024) + 1), 1)
    while padme(most) > max_part - around:
        most -= most // 64 + 1
    return most


class _Stream:
    """A file under pyrage's hands. It counts and hashes what is written; and because pyrage tells every
    failure as one of its own, the first thing that really went wrong is kept."""

    def __init__(self, file: IO[bytes], *, most: int = MAX_PART) -> None:
        self._file, self._most = file, most
        self.size, self.digest = 0, hashlib.sha256()
        self.failed: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        with self._watching():
            return self._file.read(size)

    def write(self, data: bytes) -> int:
        with self._watching():
            if self.size + len(data) > self._most:
                raise Refused("bad_contents", what="size")
            self._file.write(data)
            self.digest.update(data)
            self.size += len(data)
            return len(data)

    def flush(self) -> None:
        with self._watching():
            self._file.flush()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.failed = self.failed or error
            raise


def _seal_body(packed: bytearray, recipients: Sequence[str], path: Path) -> _Body:
    import pyrage

    to = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    with spool_file(path) as file:
        stream = _Stream(file, most=2 * MAX_PART)
        try:
            pyrage.encrypt_io(io.BytesIO(packed), stream, to)
        except pyrage.EncryptError as error:
            raise stream.failed or error from None
    return _Body(path, stream.size, stream.digest.hexdigest())


def _assemble(header: Header, body: _Body, sender: DeviceKeys, folder: Path) -> SealedPart:
    text = canonical(header)
    front = MAGIC + struct.pack(">I", len(text)) + text + sender.sign.sign(_PURPOSE + text)
    path = folder / file_name(header)
    with spool_file(path) as file, body.path.open("rb") as sealed:
        stream = _Stream(file, most=2 * MAX_PART)
        stream.write(front)
        while block := sealed.read(_BLOCK):
            stream.write(block)
    return SealedPart(path, path.name, stream.size, stream.digest.hexdigest(), hashlib.sha256(text).hexdigest(), header)


@contextmanager
def spool_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file of the spool, for its owner alone. What the disk says against it is told in our words."""
    try:
        path.unlink(missing_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(fd, "wb") as file:
            yield file
    except BaseException as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise in_words(error) from error
        raise


# Opening --------------------------------------------------------------------------------------------


def looks_like_bundle(start: bytes) -> bool:
    """Whether a file beginning so is a bundle, whatever its name."""
    return start.startswith(MAGIC)


def check(path: Path, *, known: Callable[[str], str | None]) -> Verified:
    """Everything that can be said about a spooled file before it is opened.

    `known` gives the public signing key of a device, or None. Refused, in the order of the checks:
    `too_large`, `not_a_bundle`, `bad_header`, `update_needed` (made for a newer reader: keep the file),
    `unknown_sender`, `bad_signature`, `damaged` (cut, longer than it says, or another body).
    """
    try:
        with path.open("rb") as file:
            return _check_file(file, path, known)
    except OSError as error:
        raise in_words(error) from error


def header_of(file: io.BufferedReader, *, known: Callable[[str], str | None]) -> Header:
    """The header of an open file, its signature checked, its body not. Refused as `check` does."""
    return _front(file, known)[0]


def _check_file(file: io.BufferedReader, path: Path, known: Callable[[str], str | None]) -> Verified:
    size = os.fstat(file.fileno()).st_size
    if size > MAX_PART:
        raise Refused("too_large", size=size)
    header, text = _front(file, known)
    body_at = file.tell()
    if size - body_at != header.len or hashlib.file_digest(file, "sha256").hexdigest() != header.sha256:
        raise Refused("damaged", sender=header.sender, seq=header.seq)
    return Verified(path, header, hashlib.sha256(text).hexdigest(), body_at)


def _front(file: io.BufferedReader, known: Callable[[str], str | None]) -> tuple[Header, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise Refused("not_a_bundle")
    text = _header_text(file)
    header = _read_header(text)
    signature = file.read(_SIGNATURE)
    public = known(header.sender)
    if public is None:
        raise Refused("unknown_sender", sender=header.sender, epoch=header.epoch)
    if not verify(public, signature, _PURPOSE + text):
        raise Refused("bad_signature", sender=header.sender)
    return header, text


def _header_text(file: IO[bytes]) -> bytes:
    prefix = file.read(4)
    length = int.from_bytes(prefix, "big")
    text = file.read(length) if len(prefix) == 4 and 2 <= length <= MAX_HEADER else b""
    if not text or len(text) != length:
        raise Refused("bad_header")
    return text


def _read_header(text: bytes) -> Header:
    try:
        found = strict_object(text)
    except NotStrict:
        raise Refused("bad_header") from None
    needed = found.get("min")
    if type(needed) is int and VERSION < needed <= MAX_INTEGER:
        raise Refused("update_needed", needed=needed)
    if found.get("v") != VERSION:  # a later format that we may read: what it adds to the header is not for us
        found = {name: found[name] for name in Header.__struct_fields__ if name in found}
    elif canonical(found) != text:
        raise Refused("bad_header")
    try:
        header = msgspec.convert(found, Header)
    except msgspec.ValidationError:
        raise Refused("bad_header") from None
    number, of = header.part
    if number > of or of > MAX_PARTS or header.min > header.v:
        raise Refused("bad_header")
    return header


def unseal(parts: Sequence[Verified], *, identities: Sequence[str], addressed: Collection[str]) -> Opened:
    """Opens the parts of one bundle, in any order given. `identities` are age identities, newest first;
    `addressed` the ids whose bundles this reader takes in.

    Refused `not_for_me` (counted, nothing wrong), `part_missing` (details: the numbers), `parts_differ` (not
    of one bundle), `sealed_for_another` (addressed here, sealed for somebody else), `bad_contents` (details `what`).
    """
    first = _check_parts(parts)
    if first.to not in addressed:
        raise Refused("not_for_me", to=first.to)
    opened = Opened([*sorted(parts, key=lambda part: part.header.part[0])], list(identities))
    opened.read_about()
    return opened


def _check_parts(parts: Sequence[Verified]) -> Header:
    first = min((part.header for part in parts), key=lambda header: header.part[0])
    ordered = sorted(parts, key=lambda part: part.header.part[0])
    for before, part in zip([None, *ordered], ordered, strict=False):
        header = part.header
        if (header.sender, header.epoch, header.seq, header.to, header.part[1], header.v) != (
            first.sender, first.epoch, first.seq, first.to, first.part[1], first.v,
        ):  # fmt: skip
            raise Refused("parts_differ", sender=first.sender, seq=first.seq)
        follows = before is not None and before.header.part[0] + 1 == header.part[0]
        if before is not None and follows and header.prev != before.header_hash:
            raise Refused("parts_differ", sender=first.sender, seq=first.seq)
    numbers = [part.header.part[0] for part in ordered]
    if len(set(numbers)) != len(numbers):
        raise Refused("parts_differ", sender=first.sender, seq=first.seq)
    missing = sorted(set(range(1, first.part[1] + 1)) - set(numbers))
    if missing:
        raise Refused("part_missing", sender=first.sender, seq=first.seq, missing=missing)
    return first


class Opened:
    """A bundle open for reading. `header` is its first part's, `about` the facts of its first line."""

    def __init__(self, parts: list[Verified], identities: list[str]) -> None:
        self.header = parts[0].header
        self.last_header_hash = parts[-1].header_hash
        self.about: dict[str, Any] = {}
        self._parts = parts
        self._identities = identities
        self._plain: Callable[[bytes], Any] = lambda _: None
        self._lines = self._read()

    def read_about(self) -> None:
        first = next(self._lines, None)
        if first is None or first.kind != "about" or not isinstance(first.value, dict):
            raise Refused("bad_contents", what="about")
        own = {name: first.value.get(name) for name in ("sender", "epoch", "seq", "to")}
        header = self.header
        said = {"sender": header.sender, "epoch": header.epoch, "seq": header.seq, "to": header.to}
        if own != said or type(own["seq"]) is not int:
            raise Refused("bad_contents", what="not the header's")
        self.about = first.value

    def lines(self, *, plain: Callable[[bytes], Any] = lambda _: None) -> Iterator[Line]:
        """Every line after the first and before the last, once. `plain` may read an operation at once: what it
        answers, unless None, is the line's value; it must refuse what two readers could understand differently.
        Raises Refused `bad_contents` at whatever
        place something is wrong, the count and hash at the end included: a reader keeps nothing of a bundle
        whose lines did not all come."""
        self._plain = plain
        return self._lines

    def _read(self) -> Iterator[Line]:
        digest, count = hashlib.sha256(), 0
        held: bytes | None = None
        for block in self._blocks():
            for text in block:
                if held is not None:
                    digest.update(held + b"\n")
                    count += 1
                    yield _read_line(held, self._plain)
                held = text
        if held is None or _read_closing(held) != (count, digest.hexdigest()):
            raise Refused("bad_contents", what="closing line")

    def _blocks(self) -> Iterator[list[bytes]]:
        """Whole lines, a block at a time."""
        total = 0
        for part in self._parts:
            packed, cap = _open_body(part, self._identities)
            cap = min(cap, MAX_LINES_SIZE - total)
            rest = b""
            for block in _unpack(packed, cap):
                total += len(block)
                lines = (rest + block).split(b"\n")
                rest = lines.pop()
                if len(rest) > MAX_LINE:
                    raise Refused("bad_contents", what="long line")
                yield lines
            if rest:
                raise Refused("bad_contents", what="last newline")


def _read_line(text: bytes, plain: Callable[[bytes], Any]) -> Line:
    if len(text) > MAX_LINE:
        raise Refused("bad_contents", what="long line")
    if text.startswith(b'{"op":{') and text.endswith(b"}}"):
        raw = text[6:-1]
        value = plain(raw)
        if value is not None:
            return Line("op", raw, value)
    try:
        value = strict_object(text)
    except NotStrict as error:
        raise Refused("bad_contents", what=str(error)) from None
    if len(value) != 1:
        raise Refused("bad_contents", what="line")
    [(kind, inner)] = value.items()
    start = b'{"%b":' % kind.encode()
    if text.startswith(start) and text[len(start)] in b'{["' and text.endswith(b"}"):
        return Line(kind, text[len(start) : -1], inner)
    return Line(kind, bytes(msgspec.json.decode(text, type=dict[str, msgspec.Raw])[kind]), inner)


def _read_closing(text: bytes) -> tuple[Any, Any]:
    try:
        found = strict_object(text) if len(text) <= MAX_LINE else {}
    except NotStrict:
        raise Refused("bad_contents", what="closing line") from None
    count = found.get("count")
    return (count if type(count) is int else None, found.get("sha256"))


def _open_body(part: Verified, identities: list[str]) -> tuple[memoryview, int]:
    """The zstd frame of a part, and how large its lines may be."""
    import pyrage

    plain = io.BytesIO()
    out = _Stream(plain)
    try:
        with part.path.open("rb") as file:
            file.seek(part.body_at)
            source = _Stream(file)
            try:
                pyrage.decrypt_io(source, out, age_identities(identities))
            except (pyrage.DecryptError, OSError):
                raise source.failed or out.failed or _not_ours(part) from None
    except OSError as error:
        raise in_words(error) from error
    view = memoryview(plain.getvalue())  # not its buffer, which must not outlive it; nothing is copied
    packed = int.from_bytes(view[:8], "big")
    if len(view) < 8 or not 1 <= packed <= len(view) - 8 or (view[8 + packed :].nbytes and any(view[8 + packed :])):
        raise Refused("bad_contents", what="padding")
    return view[8 : 8 + packed], min(MAX_LINES_SIZE, MAX_GROWTH * len(view))


def _not_ours(part: Verified) -> Refused:
    return Refused("sealed_for_another", sender=part.header.sender, seq=part.header.seq)


def _unpack(packed: memoryview, cap: int) -> Iterator[bytes]:
    """The lines' text in blocks. One frame, no dictionary, a small window, not more than `cap`."""
    import zstandard

    try:
        _check_frame(packed)
        reader = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).stream_reader(packed, read_size=_BLOCK)
        while block := reader.read(_BLOCK):
            cap -= len(block)
            if cap < 0:
                raise Refused("bad_contents", what="growth")
            yield block
    except zstandard.ZstdError:
        raise Refused("bad_contents", what="zstd") from None


def _check_frame(packed: memoryview) -> None:
    """The bytes are exactly one whole zstd frame (RFC 8878, 3.1.1), so that nothing hides behind it."""
    import zstandard

    if packed[:4] != _ZSTD_MAGIC:
        raise Refused("bad_contents", what="zstd")
    frame = zstandard.get_frame_parameters(packed)
    if frame.dict_id or frame.window_size > MAX_WINDOW:
        raise Refused("bad_contents", what="zstd")
    at, last = zstandard.frame_header_size(packed), 0
    while not last:
        block = int.from_bytes(packed[at : at + 3], "little")
        last, kind, size = block & 1, block >> 1 & 3, block >> 3
        at += 3 + (1 if kind == 1 else size)
        if kind == 3 or at > len(packed):
            raise Refused("bad_contents", what="zstd")
    if at + 4 * frame.has_checksum != len(packed):
        raise Refused("bad_contents", what="zstd")
