"""Receipts: what the office says it has of a desk's operations, and what its verified backup has.

A number alone proves nothing: two copies of one PC give the same numbers to different operations, and a desk put
back from an old backup gives them again. So a receipt carries, for each author, a digest of the operations' ids
behind its numbers, and the desk believes the numbers only where its own ids give the same digest. Where they do
not, it keeps everything unacknowledged and sends all it has once more; nothing is overwritten anywhere.

The numbers an author gave twice are left out of the ranges and acknowledged id by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from returnee_desk.errors import Refused
from returnee_desk.store.ledger import Author, Range, merged, without
from returnee_desk.sync.documents import MAX_INTEGER, sign_document, unverified_body, verify_document
from returnee_desk.sync.keys import DeviceId, KeyList

if TYPE_CHECKING:
    from returnee_desk.store.desk import Desk, Intake
    from returnee_desk.sync.keys import DeviceKeys

RECEIPT = "receipt"
MOST_IDS = 8_000
"""Ids named in one receipt, so that it stays one line; what is left out is sent again and named in a later one."""

Number = Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]
OperationId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
AuthorName = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}:[0-9a-f]{16}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
STATES = ("imported", "durable")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Operations of one author: those with these numbers, `digest` over their ids, and `ids` named one by one."""

    ranges: Annotated[list[tuple[Number, Number]], msgspec.Meta(max_length=100_000)] = []
    digest: Digest = ""
    ids: list[OperationId] = []


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """What the office has of one author (`imported`) and what its verified backup has (`durable`)."""

    imported: Held = Held()
    durable: Held = Held()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The office's answer to one desk. `number` is its bundle's, in the office's `epoch`; `former` are the epochs
    that the office has left behind; `persons` and `families` what it shows of the desk's place."""

    to: DeviceId
    epoch: DeviceId
    number: Number
    former: list[DeviceId] = []
    authors: dict[AuthorName, Acknowledged] = {}
    key_list: int = 0


class Applied(NamedTuple):
    """What came of a receipt: `note` says why it was ignored (None where it was taken), `alarms` what a person
    should know, `resend` that this desk and the office do not hold the same."""

    note: str | None = None
    alarms: tuple[str, ...] = ()
    resend: bool = False


def author_name(author: Author) -> str:
    return ":".join(author)


def author_of(name: str) -> Author:
    device, _, epoch = name.partition(":")
    return device, epoch


# At any desk: what it has --------------------------------------------------------------------------


class Have(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers a desk has of one author, and the digest over their operations' ids."""

    ranges: Annotated[list[tuple[Number, Number]], msgspec.Meta(max_length=100_000)]
    digest: Digest


def have_of(desk: Desk, authors: Mapping[Author, int]) -> dict[str, Have]:
    """What this desk tells in its bundles about itself."""
    found = {}
    for author, number in sorted(authors.items()):
        ranges = desk.ledger.have(number)
        if ranges:
            found[author_name(author)] = Have(ranges=ranges, digest=desk.ledger.digest(number, ranges))
    return found


def lacking(desk: Desk, author: Author, told: Mapping[str, Have]) -> list[Range]:
    """The numbers of an author that are here and that another desk, by what it told, does not have. All of them
    where its operations under those numbers are not ours: numbers were given twice."""
    number = desk.ledger.authors().get(author)
    if number is None:
        return []
    here = desk.ledger.have(number)
    have = told.get(author_name(author))
    if have is None:
        return here
    common = without(here, without(here, have.ranges))
    if common == merged(have.ranges) and desk.ledger.digest(number, common) != have.digest:
        return here
    return without(here, have.ranges)


# At the office: making one --------------------------------------------------------------------------


def make(
    desk: Desk, keys: DeviceKeys, *, to: str, place_authors: Iterable[Author], told: Mapping[str, Have], number: int,
    key_list: int,
) -> dict[str, Any]:  # fmt: skip
    """The signed receipt for one desk: of its own operations all that is here, of others' (`place_authors`) what
    that desk has by its own telling."""
    row = (desk.local("backed_up") or {}).get("row", 0)
    known = desk.ledger.authors()
    room = MOST_IDS
    authors: dict[str, Acknowledged] = {}
    for author in sorted(place_authors):
        if author not in known:
            continue
        have = told.get(author_name(author))
        within = have.ranges if have else None
        if author[0] != to and within is None:
            continue
        acknowledged = _acknowledged(desk, known[author], within if author[0] != to else None, row=row, room=room)
        room -= len(acknowledged.imported.ids) + len(acknowledged.durable.ids)
        authors[author_name(author)] = acknowledged
    body = Receipt(
        to=to, epoch=desk.settings.epoch, number=number, former=desk.local("former_epochs", []), authors=authors,
        key_list=key_list,
    )  # fmt: skip
    return sign_document(RECEIPT, msgspec.to_builtins(body), keys)


def _acknowledged(desk: Desk, author: int, within: list[Range] | None, *, row: int, room: int) -> Acknowledged:
    ledger = desk.ledger
    twice = ledger.twice(author)
    doubled = [(seq, seq) for seq in twice]
    ids = [op for ops in twice.values() for op in ops][: room // 2]

    def held(have: list[Range], ids: list[bytes]) -> Held:
        ranges = without(have, doubled)
        if within is not None:
            ranges = without(ranges, without(ranges, within))
        return Held(ranges=ranges, digest=ledger.digest(author, ranges), ids=[op.hex() for op in ids])

    return Acknowledged(
        imported=held(ledger.have(author), ids),
        durable=held(ledger.have(author, upto_row=row), ledger.of_first_rows(ids, row)),
    )


# At a desk: reading one -----------------------------------------------------------------------------


def read(document: Any, key_list: KeyList) -> Receipt | None:
    """A receipt signed by the office, None for anything else."""
    body = None
    for public in key_list.office.online:
        try:
            unverified_body(RECEIPT, document)
            body = verify_document(RECEIPT, document, public)
            break
        except Refused:
            continue
    if body is None:
        return None
    try:
        return msgspec.convert(body, Receipt)
    except msgspec.ValidationError:
        return None


def apply(desk: Desk, intake: Intake, document: Any, key_list: KeyList) -> Applied:
    """Take what a receipt says. Ignored, with a note: `receipt_forged`, `receipt_not_mine`, `receipt_older`."""
    receipt = read(document, key_list)
    if receipt is None:
        return Applied("receipt_forged")
    if receipt.to != desk.settings.device:
        return Applied("receipt_not_mine")
    last = desk.local("receipt") or {"epoch": receipt.epoch, "number": 0, "former": []}
    if receipt.epoch in last["former"] or (receipt.epoch == last["epoch"] and receipt.number <= last["number"]):
        return Applied("receipt_older")
    if receipt.epoch != last["epoch"]:
        for device, epoch in desk.ledger.authors():  # the office was put back: what it had since may be lost to it
            intake.withdraw(device, epoch, "imported")
    alarms: set[str] = set()
    resend = False
    for name, acknowledged in receipt.authors.items():
        differs = _apply_author(desk, intake, author_of(name), acknowledged, alarms)
        resend = resend or differs
    if _lost(desk, receipt):
        alarms.add("office_lost")
        resend = True
    former = sorted({*last["former"], *receipt.former, *({last["epoch"]} - {receipt.epoch})})
    intake.put_local("receipt", {
        "epoch": receipt.epoch, "number": receipt.number, "former": former,
        "at": desk.clock().isoformat(timespec="seconds"),
    })  # fmt: skip
    intake.put_local("resend", resend)
    return Applied(alarms=tuple(sorted(alarms)), resend=resend)


def _apply_author(desk: Desk, intake: Intake, author: Author, acknowledged: Acknowledged, alarms: set[str]) -> bool:
    """Whether what the office holds of this author differs from what is here, of our own operations."""
    device, epoch = author
    own = device == desk.settings.device
    number = desk.ledger.authors().get(author)
    if number is None:
        if own and acknowledged.imported.ranges:
            alarms.add("receipt_ahead")
        return own and bool(acknowledged.imported.ranges)
    differs = False
    ledger = desk.ledger
    doubled = [(seq, seq) for seq in ledger.twice(number)]
    for state in STATES:
        held: Held = getattr(acknowledged, state)
        ranges = merged(held.ranges)
        if ranges and ledger.digest(number, ranges) == held.digest:
            intake.acknowledge(device, epoch, state, without(ranges, doubled))
        elif ranges and own:
            # Either this file was put back and the office holds what it has forgotten, or the office lacks something
            # it has under the same numbers. A new epoch for this desk begins here once desks can be restored.
            last = ledger.have(number)[-1][1]
            alarms.add("receipt_ahead" if ranges[-1][1] > last else "history_differs")
            differs = True
        named = set(held.ids)
        if named:
            intake.acknowledge(device, epoch, state, _wholly_named(desk, number, named))
    return differs


def _lost(desk: Desk, receipt: Receipt) -> bool:
    """Whether the office no longer has what its backup was said to have, of this desk's own operations."""
    ledger = desk.ledger
    for (device, epoch), number in ledger.authors().items():
        if device == desk.settings.device:
            imported = receipt.authors.get(author_name((device, epoch)), Acknowledged()).imported
            doubled = [(seq, seq) for seq in ledger.twice(number)]
            named = _wholly_named(desk, number, set(imported.ids))
            if without(ledger.ranges(number, "durable"), [*imported.ranges, *named, *doubled]):
                return True
    return False


def _wholly_named(desk: Desk, author: int, named: set[str]) -> list[Range]:
    """The numbers all of whose operations here are named."""
    seqs = desk.ledger.numbers_of(author, [bytes.fromhex(op) for op in named])
    return [(seq, seq) for seq in seqs if all(op.hex() in named for op in desk.ledger.ids_at(author, seq))]
