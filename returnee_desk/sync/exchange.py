"""Sticks out and in: what a desk sends, what it takes, and what it believes of what it is told.

A desk's stick holds every operation of its place that the office's backup does not hold yet, so that any one stick
that survives is enough. The office answers each desk with a receipt, the key list, what was erased, and its own
decisions. A bundle is taken in whole or not at all, from a copy in the spool that holds sealed bytes only.

Authority travels with the thing: key lists, tombstones, receipts and the office's own operations carry the office's
signature and are ignored without it, whoever brings them. Everything else in a bundle must be of desks of its
sender's place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from returnee_desk import __version__
from returnee_desk.acts.operation import Operation, read_operation, read_plain
from returnee_desk.errors import DeskError, Refused, Unavailable
from returnee_desk.records.desks import says_practice
from returnee_desk.store.desk import SPOOL, Desk, Intake
from returnee_desk.store.file import make_folder
from returnee_desk.store.ledger import Author, Range
from returnee_desk.store.migrations import schema
from returnee_desk.sync import receipts, stick
from returnee_desk.sync.bundle import Lines, Opened, SealedPart, Verified, check, line, many_lines, seal, unseal
from returnee_desk.sync.documents import canonical, verify_document
from returnee_desk.sync.founding import device_keys_of, key_list_of
from returnee_desk.sync.keys import Device, DeviceKeys, KeyList, verify, verify_key_list
from returnee_desk.sync.receipts import AuthorName, Have, OperationId

TOMBSTONE = "tombstone"
WAITING = "waiting"
MOST_WAITING = 64
MOST_NAMED = 1_000
TOGETHER = 200
"""Operations taken into the file at a time."""
_OFFICE_OPERATION = b"returnee-desk/office-operation/v1\0"

Progress = Callable[[int, int], None]
"""Told how far the work is, as (done, of). What it raises stops the work; what was begun is left undone."""


class Exported(NamedTuple):
    """What went out: bundles, operations in them, families among those."""

    bundles: int
    operations: int
    families: int


class Imported(NamedTuple):
    """What came in.

    `bundles`, `operations` and `families` are new here. `refused` lists files not taken, {file, code} and facts;
    `gaps` numbers that never came, {device, epoch, from, to} with place and letter; `doubts` what a person should
    look at ({code, …}: `two_answers`, `foreign_record`, `quarantined`, and alarms); `notes` what was ignored inside a
    bundle that was taken, {file, code}. `not_for_me` and `repeated` count bundles for others and bundles known.
    """

    bundles: int
    operations: int
    families: int
    refused: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    doubts: list[dict[str, Any]]
    not_for_me: int
    repeated: int
    quarantined: int
    notes: list[dict[str, Any]]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a desk says of itself in the first line of a bundle. `erased` are the records it has erased, `operations`
    how many follow, `desk_time` its clock, for showing how far off it is."""

    kind: Annotated[str, msgspec.Meta(max_length=16)]
    schema: Annotated[str, msgspec.Meta(max_length=120)] = ""
    app: Annotated[str, msgspec.Meta(max_length=40)] = ""
    desk_time: Annotated[str, msgspec.Meta(max_length=40)] = ""
    practice: bool = False
    operations: int = 0
    key_list: int = 0
    history: Annotated[str, msgspec.Meta(max_length=64)] = ""
    have: dict[AuthorName, Have] = {}
    erased: list[OperationId] = []


# Out ------------------------------------------------------------------------------------------------


def export(desk: Desk, folder: Path, *, progress: Progress | None = None) -> Exported:
    """Make a stick. When this returns, the stick was read back and may be taken out.

    A post or delegation writes one bundle for the office, which other desks of its place can open too; an office
    one for each desk in use. With nothing new a bundle goes all the same: the rhythm tells nothing. Refused
    `not_enrolled`; Unavailable as in `stick.write`, and then nothing counts as sent that was not read back.
    """
    keys, known = _identity(desk)
    with _spool(desk) as spool:
        if desk.settings.kind == "office":
            readers = [one for one in known.devices if one.active and one.device != keys.device]
            made = [_seal(desk, spool, _for_desk(desk, keys, known, one)) for one in readers]
        else:
            made = [_seal(desk, spool, _for_office(desk, keys, known))]
        total = 2 * sum(part.size for one in made for part in one.parts)
        done = 0
        for one in made:
            stick.write(one.parts, folder, progress=_after(progress, done, total))
            done += 2 * sum(part.size for part in one.parts)
            with desk.receiving() as intake:
                for (device, epoch), ranges in one.wanted.items():
                    intake.acknowledge(device, epoch, "sent", ranges)
            stick.keep_last(folder, one.parts[-1].header, public=keys.sign.public)
    desk.set_mark()
    return Exported(len(made), sum(one.operations for one in made), sum(one.families for one in made))


def _after(progress: Progress | None, before: int, total: int) -> Progress | None:
    return None if progress is None else lambda done, _: progress(before + done, total)


def _identity(desk: Desk) -> tuple[DeviceKeys, KeyList]:
    known = key_list_of(desk)
    if known is None or not desk.settings.enrolled:
        raise Refused("not_enrolled")
    return device_keys_of(desk), known


class _Letter(NamedTuple):
    """What is to be sealed for one reader, read in one transaction when `lines` is called with the bundle number."""

    keys: DeviceKeys
    to: str
    recipients: list[str]
    kind: str
    key_list: int
    authors: Callable[[], dict[Author, int]]
    wanted: Callable[[], dict[Author, list[Range]]]
    lines: Callable[[int, dict[Author, list[Range]], Counter[str]], Iterator[bytes | Lines]]


_MAKES_A_FAMILY = ("register_family", "split_family")


class _Sealed(NamedTuple):
    parts: list[SealedPart]
    wanted: dict[Author, list[Range]]
    operations: int
    families: int


def _seal(desk: Desk, spool: Path, letter: _Letter) -> _Sealed:
    """Seal one bundle into the spool and remember its number, so that no other bundle will ever bear it."""
    device, epoch = letter.keys.device, desk.settings.epoch
    with desk.reading():
        last, prev = desk.ledger.last_bundle("out", device, epoch)
        wanted = letter.wanted()
        operations, acts = desk.ledger.count(wanted), Counter[str]()
        about = About(
            kind=letter.kind, schema=schema._migrations[-1].name, app=__version__,
            desk_time=desk.clock().isoformat(timespec="seconds"), practice=desk.settings.practice,
            operations=operations, key_list=letter.key_list,
            have=receipts.have_of(desk, letter.authors()), erased=desk.ledger.erased(),
        )  # fmt: skip
        parts = seal(
            letter.lines(last + 1, wanted, acts), spool, sender=letter.keys, to=letter.to, recipients=letter.recipients,
            epoch=epoch, seq=last + 1, prev=prev, about=msgspec.to_builtins(about),
        )  # fmt: skip
    with desk.receiving() as intake:
        intake.bundle(
            device=device, epoch=epoch, seq=last + 1, way="out", operations=operations, header=parts[-1].header_hash
        )
    return _Sealed(parts, wanted, operations, sum(acts[one] for one in _MAKES_A_FAMILY))


def _for_office(desk: Desk, keys: DeviceKeys, known: KeyList) -> _Letter:
    settings = desk.settings
    peers = [one.age for one in known.of_place(settings.place) if one.device != keys.device]
    place = {one.device for one in known.devices if one.place == settings.place} | {keys.device}

    def wanted() -> dict[Author, list[Range]]:
        if desk.local("resend"):
            everything = {pair: desk.ledger.have(number) for pair, number in desk.ledger.authors().items()}
        else:
            everything = desk.ledger.not_durable()
        return _of(everything, lambda device: device in place)

    def lines(number: int, wanted: dict[Author, list[Range]], acts: Counter[str]) -> Iterator[bytes | Lines]:
        yield from _authority(desk)
        others = _of(desk.ledger.not_durable(), lambda device: device not in place)
        for body, by, signature in desk.ledger.signed_lines(others):
            yield line("office_op", _with_signature(body, by, signature))
        for bodies in desk.ledger.outgoing_batches(wanted, acts):
            yield many_lines("op", bodies)
        for body in desk.ledger.kept_aside(place):
            yield line("op", body)

    return _Letter(
        keys=keys, to=known.office.device, recipients=[*known.office.recipients, *peers], kind="up",
        key_list=known.version, authors=desk.ledger.authors, wanted=wanted, lines=lines,
    )  # fmt: skip


def _for_desk(desk: Desk, keys: DeviceKeys, known: KeyList, reader: Device) -> _Letter:
    told = msgspec.convert((desk.local(f"desk:{reader.device}") or {}).get("have", {}), dict[str, Have])
    own = keys.device

    def authors() -> dict[Author, int]:
        return {pair: number for pair, number in desk.ledger.authors().items() if pair[0] == own}

    def wanted() -> dict[Author, list[Range]]:
        """The office's own operations that this desk lacks; and the desk's own, if it was put back and lost some."""
        mine = [pair for pair in desk.ledger.authors() if pair[0] == own or (pair[0] == reader.device and told)]
        found = {pair: receipts.lacking(desk, pair, told) for pair in mine}
        return {pair: ranges for pair, ranges in found.items() if ranges}

    def lines(number: int, wanted: dict[Author, list[Range]], acts: Counter[str]) -> Iterator[bytes | Lines]:
        yield from _authority(desk)
        place = {one.device for one in known.devices if one.place == reader.place} | {own}
        document = receipts.make(
            desk, keys, to=reader.device, place_authors=[pair for pair in desk.ledger.authors() if pair[0] in place],
            told=told, number=number, key_list=known.version,
        )  # fmt: skip
        yield line("receipt", canonical(document))
        for bodies in desk.ledger.outgoing_batches(_of(wanted, lambda device: device == own), acts):
            yield many_lines("office_op", [_signed_operation(keys, body) for body in bodies])
        for bodies in desk.ledger.outgoing_batches(_of(wanted, lambda device: device != own), acts):
            yield many_lines("op", bodies)

    return _Letter(
        keys=keys, to=reader.device, recipients=[reader.age], kind="down", key_list=known.version, authors=authors,
        wanted=wanted, lines=lines,
    )  # fmt: skip


def _of(wanted: dict[Author, list[Range]], which: Callable[[str], bool]) -> dict[Author, list[Range]]:
    return {(device, epoch): ranges for (device, epoch), ranges in wanted.items() if which(device)}


def _authority(desk: Desk) -> Iterator[bytes]:
    """The key list and the tombstones, as the office signed them: whoever meets this bundle learns of them."""
    yield line("key_list", canonical(desk.local("key_list")))
    for signed in desk.ledger.tombstones():
        yield line("tombstone", signed)


def _signed_operation(keys: DeviceKeys, body: bytes) -> bytes:
    """An operation of the office with its signature, the operation's bytes untouched."""
    return _with_signature(body, keys.sign.public, keys.sign.sign(_OFFICE_OPERATION + body).hex())


def _with_signature(body: bytes, by: str, signature: str) -> bytes:
    return b'{"op":%b,"by":"%b","signature":"%b"}' % (body, by.encode(), signature.encode())


@contextmanager
def _spool(desk: Desk) -> Iterator[Path]:
    """The desk's spool, empty before and after. It only ever holds sealed bytes."""
    spool = desk.folder / SPOOL
    make_folder(spool)
    _sweep(spool)
    try:
        yield spool
    finally:
        _sweep(spool)


def _sweep(spool: Path) -> None:
    for pattern in ("in-*.rdb", "*.body", "RD1-*.RDB"):
        for left in spool.glob(pattern):
            with suppress(OSError):
                left.unlink()


# In -------------------------------------------------------------------------------------------------


def import_(desk: Desk, folder: Path, *, progress: Progress | None = None) -> Imported:
    """Read a stick. Each bundle is taken in whole or refused whole; a refused one stops no other.

    Unavailable `stick_gone` when nothing of it can be read, `disk_full`; Refused `not_enrolled`.
    """
    _identity(desk)
    found = stick.bundles_on(folder)
    with _spool(desk) as spool:
        reading = _Reading(desk, spool, progress)
        reading.refused += [{"file": name, "code": code} for name, code in found.refused]
        reading.read([*found.files, *_waiting(desk)])
        return reading.answer()


class _Copy(NamedTuple):
    """A file's copy in the spool and what its outside says."""

    taken: stick.Taken
    verified: Verified


@dataclass(slots=True)
class _Reading:
    """One stick on its way in."""

    desk: Desk
    spool: Path
    progress: Progress | None
    bundles: int = 0
    operations: int = 0
    families: int = 0
    not_for_me: int = 0
    repeated: int = 0
    quarantined: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    done: int = 0
    total: int = 0

    def read(self, files: list[stick.OnStick]) -> None:
        self.total = 2 * sum(file.size for file in files) + 1
        before = self.desk.ledger.doubts()
        strangers = self._take_in([taken for file in files if (taken := self._take(file))])
        version = 0
        while strangers and version < (version := self._known().version):
            # Among what was just read may be the list that names them.
            strangers = self._take_in(strangers)
        for taken in strangers:
            self._refuse(taken, Refused("unknown_sender"))
        for record, name in sorted(self.desk.ledger.doubts() - before):
            self.doubts.append({"code": "two_answers", "record": record.hex(), "field": name})

    def answer(self) -> Imported:
        return Imported(
            self.bundles, self.operations, self.families, self.refused, self._gaps(), self.doubts, self.not_for_me,
            self.repeated, self.quarantined, self.notes,
        )  # fmt: skip

    def _known(self) -> KeyList:
        return _identity(self.desk)[1]

    def _tell(self, done: int) -> None:
        if self.progress is not None:
            self.progress(min(self.done + done, self.total), self.total)

    # from the stick to the spool

    def _take(self, file: stick.OnStick) -> stick.Taken | None:
        try:
            taken = stick.take(file, self.spool, progress=lambda done, _: self._tell(done))
        except Refused as refused:
            self.refused.append({"file": file.name, "code": refused.code})
            return None
        except Unavailable as error:
            if error.code != "stick_gone":
                raise
            self.refused.append({"file": file.name, "code": "unreadable" if file.path.parent.is_dir() else error.code})
            return None
        self.done += file.size
        return taken

    def _take_in(self, taken: list[stick.Taken]) -> list[stick.Taken]:
        """Check and take in these copies; answers those whose sender is not known."""
        known = self._known()
        strangers: list[stick.Taken] = []
        copies: list[_Copy] = []
        for one in taken:
            try:
                copies.append(_Copy(one, check(one.path, known=lambda device: _signs(known, device))))
            except Refused as refused:
                if refused.code == "unknown_sender" and not _other_world(self.desk, refused.details.get("epoch", "")):
                    strangers.append(one)
                else:
                    self._refuse(one, refused)
        for copies_of_one in _bundles(copies, known):
            self._take_bundle(copies_of_one)
        return strangers

    def _refuse(self, taken: stick.Taken, refused: DeskError) -> None:
        code = refused.code
        if code == "unknown_sender" and _other_world(self.desk, refused.details.get("epoch", "")):
            code = "practice_data"
        waited = taken.name.startswith(f"{WAITING}/")
        if code == "update_needed":
            _keep_waiting(self.desk, taken)
        elif waited:
            _waited(self.desk, taken).unlink(missing_ok=True)
        told = ("operations", "missing", "needed")
        facts: dict[str, Any] = {name: refused.details[name] for name in told if name in refused.details}
        if not (waited and code == "update_needed"):  # it was told when it came
            self.refused.append({"file": taken.name, "code": code, **facts})
        self.done += taken.size
        taken.path.unlink(missing_ok=True)

    # one bundle

    def _take_bundle(self, copies: list[_Copy]) -> None:
        parts = [copy.verified for copy in copies]
        header, last = parts[0].header, parts[-1].header_hash
        known = self._known()
        try:
            sender = known.device(header.sender)
            if sender is None:  # pragma: no cover - `check` found it on the same list
                raise Refused("unknown_sender")
            headers = self.desk.ledger.headers("in", header.sender, header.epoch, header.seq)
            if last in headers and len(parts) == header.part[1]:
                self.repeated += 1
                self.places.add(sender.place)
            elif header.sender == self.desk.settings.device:
                self.not_for_me += 1
            else:
                self._open(parts, sender, known, copies[0].taken.name, fork=bool(headers))
        except Refused as refused:
            if refused.code == "not_for_me":
                self.not_for_me += 1
            else:
                for copy in copies:
                    self._refuse(copy.taken, refused)
                return
        for copy in copies:
            self.done += copy.taken.size
            copy.taken.path.unlink(missing_ok=True)
            _waited(self.desk, copy.taken).unlink(missing_ok=True)
        self._tell(0)

    def _open(self, parts: list[Verified], sender: Device, known: KeyList, name: str, *, fork: bool) -> None:
        """Unseal a bundle and take it in, in one transaction."""
        desk = self.desk
        addressed = {desk.settings.device}
        if sender.place == desk.settings.place:
            addressed.add(known.office.device)
        try:
            opened = unseal(parts, identities=_identities(desk), addressed=addressed)
        except Refused as refused:
            if refused.code == "sealed_for_another" and parts[0].header.to != desk.settings.device:
                raise Refused("not_for_me") from None  # written before the sender knew this desk
            raise
        size = sum(part.header.len for part in parts)
        with desk.receiving() as intake:
            taking = _Taking(desk, intake, opened, sender, known)
            taking.take_all(lambda share: self._tell(int(size * share)))
            if fork:
                taking.alarm("two_copies", opened.header.sender, opened.header.epoch)
            taking.finish()
        self.bundles += 1
        self.operations += intake.new
        self.families += taking.families
        self.quarantined += taking.quarantined
        self.doubts += taking.doubts
        self.notes += [{"file": name, "code": code} for code in taking.notes]
        self.places.add(sender.place)

    def _gaps(self) -> list[dict[str, Any]]:
        """The numbers that never came, of the desks of the places whose sticks were read."""
        known = self._known()
        found = []
        for (device, epoch), number in sorted(self.desk.ledger.authors().items()):
            author = known.device(device)
            if author is None or author.place not in self.places or device == self.desk.settings.device:
                continue
            for low, high in self.desk.ledger.gaps(number):
                found.append({
                    "device": device, "epoch": epoch, "place": author.place, "letter": author.letter, "from": low,
                    "to": high,
                })  # fmt: skip
        return found


def _signs(known: KeyList, device: str) -> str | None:
    found = known.device(device)
    return found.sign if found else None


def _identities(desk: Desk) -> list[str]:
    """What this desk can open with: its own key, then those it had before."""
    return [device_keys_of(desk).age, *desk.local("secrets").get("former_age", [])]


def _other_world(desk: Desk, epoch: str) -> bool:
    """Whether an epoch is a practice desk's where this one is real, or the other way round."""
    return bool(epoch) and says_practice(epoch) != desk.settings.practice


def _bundles(copies: Iterable[_Copy], known: KeyList) -> list[list[_Copy]]:
    """The copies grouped into bundles: the office's first (they may bring a new key list), then each sender's in
    the order of their numbers. Parts are told apart by their chain, so that two bundles of one number stay two; a
    file copied twice counts once."""
    groups: dict[tuple[Any, ...], dict[str, _Copy]] = {}
    for copy in copies:
        header = copy.verified.header
        key = (header.sender != known.office.device, header.sender, header.epoch, header.seq, header.to, header.part[1])
        groups.setdefault(key, {}).setdefault(copy.verified.header_hash, copy)
    bundles: list[list[_Copy]] = []
    for key in sorted(groups):
        left = sorted(groups[key].values(), key=lambda copy: copy.verified.header.part[0])
        chains = [[copy] for copy in left if copy.verified.header.part[0] == 1]
        rest = []
        for copy in left:
            header = copy.verified.header
            if header.part[0] == 1:
                continue
            before = [chain for chain in chains if chain[-1].verified.header_hash == header.prev]
            if before:
                before[0].append(copy)
            else:
                rest.append([copy])
        bundles += chains + rest
    return bundles


# What a newer program made waits here ----------------------------------------------------------------


def _waiting(desk: Desk) -> list[stick.OnStick]:
    """Files kept because this program was too old for them: perhaps it no longer is."""
    folder = desk.folder / WAITING
    if not folder.is_dir():
        return []
    return [file._replace(name=f"{WAITING}/{file.name}") for file in stick.bundles_on(folder).files]


def _keep_waiting(desk: Desk, taken: stick.Taken) -> None:
    target = _waited(desk, taken)
    make_folder(target.parent)
    with suppress(OSError):
        if not target.exists() and len(list(target.parent.iterdir())) < MOST_WAITING:
            taken.path.replace(target)


def _waited(desk: Desk, taken: stick.Taken) -> Path:
    return desk.folder / WAITING / f"{taken.sha256}.RDB"


# Inside a bundle --------------------------------------------------------------------------------------


class _SignedOperation(msgspec.Struct, frozen=True):
    op: msgspec.Raw
    by: str
    signature: str


_read_signed = msgspec.json.Decoder(_SignedOperation).decode


class _Taking:
    """The lines of one bundle on their way into the file."""

    def __init__(self, desk: Desk, intake: Intake, opened: Opened, sender: Device, known: KeyList) -> None:
        self._desk, self._intake, self._opened, self._sender, self._known = desk, intake, opened, sender, known
        try:
            self._about = msgspec.convert(opened.about, About)
        except msgspec.ValidationError:
            raise Refused("bad_contents", what="about") from None
        if self._about.practice != desk.settings.practice:
            raise Refused("practice_data")
        self._office = sender.device == known.office.device
        self._malformed: list[str] = []
        self._families_before = desk.ledger.families()
        self.families = 0
        self.quarantined = 0
        self.notes: list[str] = []
        self.doubts: list[dict[str, Any]] = []
        self._foreign: set[tuple[str, str]] = set()
        self._waiting: list[tuple[Operation, bytes]] = []
        self._receipts: list[Any] = []

    def take_all(self, told: Callable[[float], None]) -> None:
        count, of = 0, max(self._about.operations, 1)
        for one in self._opened.lines(plain=read_plain):
            take = self._LINES.get(one.kind)
            if take is None:
                continue  # of a later version: not for us
            if take is not _TAKE_OPERATION:
                self._take_waiting()
            take(self, one.raw, one.value)
            count += 1
            if count % 256 == 0:
                told(min(count / of, 1.0))
        if self._malformed:
            raise Refused("malformed_operation", operations=self._malformed)
        self._take_waiting()

    def finish(self) -> None:
        """What is known after the last line: two copies of one PC, edits of another place's records, the desk's
        own account of itself."""
        desk, header = self._desk, self._opened.header
        self._intake.settle()
        self.families = desk.ledger.families() - self._families_before
        for device, epoch in sorted(self._intake.numbers_given_again()):
            self.alarm("two_copies", device, epoch)
        for value in self._receipts:
            self._apply_receipt(value)
        self.doubts += [
            {"code": "foreign_record", "record": record, "device": device} for record, device in sorted(self._foreign)
        ]
        if self.quarantined:
            self.doubts.append({"code": "quarantined", "operations": self.quarantined})
        if header.seq >= desk.ledger.last_bundle("in", header.sender, header.epoch)[0]:
            self._intake.put_local(f"desk:{header.sender}", self._told())
        self._intake.bundle(
            device=header.sender, epoch=header.epoch, seq=header.seq, way="in", operations=self._intake.new,
            header=self._opened.last_header_hash,
        )  # fmt: skip

    def _told(self) -> dict[str, Any]:
        """What the sender said of itself, for the receipt and the office's list of desks."""
        about, header = self._about, self._opened.header
        now = self._desk.clock()
        offset = None
        with suppress(ValueError, TypeError, OverflowError):
            offset = round((datetime.fromisoformat(about.desk_time) - now).total_seconds())
        return {
            "epoch": header.epoch, "bundle": header.seq, "at": now.isoformat(timespec="seconds"), "offset": offset,
            "app": about.app, "key_list": about.key_list, "erased": len(about.erased),
            "have": msgspec.to_builtins(about.have),
        }  # fmt: skip

    def alarm(self, code: str, device: str, epoch: str) -> None:
        """Something a person must know of a desk; told once."""
        alarms = self._desk.local("alarms", [])
        found = {"code": code, "device": device, "epoch": epoch}
        if not any({name: one.get(name) for name in found} == found for one in alarms):
            at = self._desk.clock().isoformat(timespec="seconds")
            self._intake.put_local("alarms", [*alarms, {**found, "at": at}])
            self.doubts.append(found)

    # line by line

    def _operation(self, raw: bytes, value: Any) -> None:
        operation = self._read(raw, value)
        if operation is None:
            return
        device = self._known.device(operation.device)
        if not self._office and (device is None or device.place != self._sender.place):
            raise Refused("foreign_operations")
        if device is None:
            raise Refused("foreign_operations")
        self._apply(operation, raw, device)

    def _office_operation(self, raw: bytes, value: Any) -> None:
        """One of the office's own, by whomever it is brought."""
        try:
            signed = _read_signed(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._malformed.append(f"line {len(self._malformed) + 1}")
            return
        body = bytes(signed.op)
        operation = self._read(body, value.get("op"))
        if operation is None:
            return
        device = self._known.device(operation.device)
        try:
            signature = bytes.fromhex(signed.signature)
        except ValueError:
            signature = b""
        genuine = self._known.speaks_for_office(signed.by) and verify(signed.by, signature, _OFFICE_OPERATION + body)
        if device is None or device.kind != "office" or not genuine:
            self.notes.append("office_operation_forged")
            return
        self._intake.sign(operation.op, by=signed.by, signature=signed.signature)
        self._apply(operation, body, device)

    def _read(self, raw: bytes, value: Any) -> Operation | None:
        """The operation, None where it is malformed: then the rest is only looked at, to name every bad one."""
        try:
            operation = value if isinstance(value, Operation) else read_operation(raw)
        except Refused:
            if len(self._malformed) < MOST_NAMED:
                named = value.get("op") if isinstance(value, dict) else None
                self._malformed.append(named if isinstance(named, str) and _is_id(named) else "?")
            return None
        if says_practice(operation.epoch) and not self._desk.settings.practice:
            raise Refused("practice_data")
        return None if self._malformed else operation

    def _apply(self, operation: Operation, raw: bytes, author: Device) -> None:
        if not author.accepts(operation.epoch, operation.seq):
            self.quarantined += self._intake.quarantine(operation, raw)
            return
        self._waiting.append((operation, raw))
        if len(self._waiting) >= TOGETHER:
            self._take_waiting()

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for operation, changed in self._intake.take_many(waiting) if waiting else ():
            author = self._known.device(operation.device) if changed else None
            if author is not None and author.kind != "office":
                self._look_for_foreign(changed, author)

    def _look_for_foreign(self, changed: list[tuple[str, str]], author: Device) -> None:
        for _, record in changed:
            maker = self._known.device(self._desk.ledger.maker(record) or "")
            if maker is not None and maker.place != author.place:
                self._foreign.add((record, author.device))

    def _tombstone(self, raw: bytes, value: Any) -> None:
        body = self._signed_by_office(TOMBSTONE, value)
        try:
            stone = msgspec.convert(body, Tombstone)
        except msgspec.ValidationError:
            self.notes.append("tombstone_forged")
            return
        self._intake.tombstone(stone.id, stone.op, stone.reason, raw)

    def _signed_by_office(self, purpose: str, document: Any) -> dict[str, Any] | None:
        for public in self._known.office.online:
            with suppress(Refused):
                return verify_document(purpose, document, public)
        return None

    def _keep_receipt(self, raw: bytes, value: Any) -> None:
        """Receipts are read last: what they acknowledge may come in with them."""
        self._receipts.append(value)

    def _apply_receipt(self, value: Any) -> None:
        done = receipts.apply(self._desk, self._intake, value, self._known)
        if done.note:
            self.notes.append(done.note)
        for code in done.alarms:
            self.alarm(code, self._desk.settings.device, self._desk.settings.epoch)

    def _key_list(self, raw: bytes, value: Any) -> None:
        """A newer list takes effect at once, for the lines after it too."""
        try:
            offered = verify_key_list(value, root=self._desk.local("root"))
        except Refused:
            self.notes.append("key_list_forged")
            return
        if offered.practice != self._desk.settings.practice:
            raise Refused("practice_data")
        if offered.version > self._known.version:
            self._intake.put_local("key_list", value)
            self._known = offered
        elif offered.version < self._known.version:
            self.notes.append("key_list_older")
        elif offered != self._known:
            self.alarm("key_lists_differ", self._opened.header.sender, self._opened.header.epoch)

    _LINES: Mapping[str, Callable[[_Taking, bytes, Any], None]] = {
        "op": _operation,
        "office_op": _office_operation,
        "tombstone": _tombstone,
        "receipt": _keep_receipt,
        "key_list": _key_list,
    }


_TAKE_OPERATION = _Taking._LINES["op"]


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A record erased for ever. `op` is this decision's own id, `reason` a code."""

    id: OperationId
    op: OperationId
    reason: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,40}\Z")]


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(sign in "0123456789abcdef" for sign in text)
