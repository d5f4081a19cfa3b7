"""One save as a fact: which act, by whom, and the field values it writes and replaces (plain frozen data)."""

from __future__ import annotations

import re
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any

import msgspec

from returnee_desk.errors import Refused

MAX_LAMPORT = 2**53 - 1
MAX_WRITES = 2_000
MAX_FIELDS = 64
MAX_LINE = 1 << 20
MAX_COUNT = 10_000_000

_ID = re.compile(r"[0-9a-f]{32}\Z")
_DEVICE = re.compile(r"[0-9a-f]{16}\Z")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


class Write(msgspec.Struct, frozen=True, array_like=True):
    """Values for fields of one record. `replaces` names, per field, the operations whose values were on
    the screen; a field not in it replaces nothing (it is new). Ids are 32 lower-case hex digits."""

    entity: str
    id: str
    values: dict[str, Any]
    replaces: dict[str, list[str]] = {}


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `sync` carries. `op` is a random UUIDv4 as hex; `device` and `epoch` are 16 hex digits; `at` is
    ISO 8601 with an offset and is for showing only: no rule of merging reads it. `asked` is a digest of what
    was asked under `key`, so that a repeat can be told from another request."""

    op: str
    device: str
    epoch: str
    seq: int
    lamport: int
    at: str
    by: str
    act: str
    writes: list[Write]
    key: str | None = None
    reason: str | None = None
    asked: str | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What an act decided: the writes to save and the answer for who asked. No writes: nothing is saved."""

    act: str
    writes: list[Write]
    answer: Any = None
    key: str | None = None
    reason: str | None = None
    asked: str | None = None


_decoder = msgspec.json.Decoder(Operation)
_encoder = msgspec.json.Encoder()


def write_operation(operation: Operation) -> bytes:
    """One line of JSON, no newline; what the log keeps and bundles carry."""
    return _encoder.encode(operation)


def decode_operation(line: bytes) -> Operation:
    """A line that was checked before (our own log), without checking it again."""
    return _decoder.decode(line)


def read_operation(line: bytes) -> Operation:
    """A line from outside. Unknown fields pass (the line itself is kept as it came); what breaks the form of
    an operation is Refused `malformed_operation` with what is wrong in `details["what"]`."""
    if len(line) > MAX_LINE:
        raise Refused("malformed_operation", what="too_long")
    try:
        operation = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("malformed_operation", what="shape") from error
    what = _flaw(operation)
    if what:
        raise Refused("malformed_operation", what=what)
    return operation


def read_plain(line: bytes) -> Operation | None:
    """The fast way for a line as this version writes it, with no field or entity it does not know. None says only
    that the line must be looked at with `read_operation`."""
    try:
        operation = _decoder.decode(line)
        if len(line) > MAX_LINE or _encoder.encode(operation) != line:
            return None
        _shapes().decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if len({write.id for write in operation.writes}) < len(operation.writes):
        return None
    for write in operation.writes:
        if write.values.get("owner") == write.id or not write.replaces.keys() <= write.values.keys():
            return None
    return operation


@cache
def _shapes() -> msgspec.json.Decoder[Any]:
    """The same checks as `_flaw`, done while decoding: every entity a type of its own, named by the first word of a
    write. Whatever it does not know it refuses."""
    record, text = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")], _bounded(2_000)
    device, word = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}\Z")], r"^[a-z][a-z0-9_]{0,39}\Z"
    plain = {_TEXT: text, _COUNT: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)], _YES: bool}

    def kind(name: str, shape: Any) -> Any:
        return (values(name, shape) if isinstance(shape, dict) else plain[shape]) | None

    def values(name: str, shape: dict[str, Any], *more: Any) -> Any:
        fields = [(field, kind(f"{name}_{field}", inner), None) for field, inner in shape.items()]
        return msgspec.defstruct(name, [*more, *fields], forbid_unknown_fields=True)

    def write(entity: str, shape: dict[str, Any]) -> Any:
        fields: list[Any] = [
            ("id", record),
            ("values", values(f"{entity}_values", shape, ("owner", record | None, None))),
            ("replaces", dict[str, list[record]], {}),  # type: ignore[valid-type]
        ]
        return msgspec.defstruct(f"{entity}_write", fields, array_like=True, tag=entity, forbid_unknown_fields=True)

    several: Any = reduce(or_, [write(entity, shape) for entity, shape in SHAPES.items()])
    fields: list[Any] = [
        ("op", record), ("device", device), ("epoch", device), ("at", _bounded(40)), ("by", _bounded(64)),
        ("seq", Annotated[int, msgspec.Meta(ge=1, le=MAX_LAMPORT)]),
        ("lamport", Annotated[int, msgspec.Meta(ge=0, le=MAX_LAMPORT)]),
        ("act", Annotated[str, msgspec.Meta(pattern=word)]),
        ("writes", Annotated[list[several], msgspec.Meta(max_length=MAX_WRITES)]),
        ("key", _bounded(64) | None, None), ("reason", _bounded(2_000) | None, None), ("asked", str | None, None),
    ]  # fmt: skip
    return msgspec.json.Decoder(msgspec.defstruct("OperationShape", fields, forbid_unknown_fields=True))


def _bounded(length: int) -> Any:
    return Annotated[str, msgspec.Meta(max_length=length)]


def _flaw(operation: Operation) -> str | None:
    """What breaks the form, or None."""
    if not _ID.match(operation.op):
        return "op"
    if not (_DEVICE.match(operation.device) and _DEVICE.match(operation.epoch)):
        return "device"
    if not 0 <= operation.lamport <= MAX_LAMPORT or not 1 <= operation.seq <= MAX_LAMPORT:
        return "number"
    if not _WORD.match(operation.act) or len(operation.at) > 40 or len(operation.by) > 64:
        return "act"
    if len(operation.key or "") > 64 or len(operation.reason or "") > 2_000:
        return "text"
    if len(operation.writes) > MAX_WRITES:
        return "writes"
    if len({write.id for write in operation.writes}) < len(operation.writes):
        return "record_twice"
    for write in operation.writes:
        if not (_ID.match(write.id) and _WORD.match(write.entity)):
            return "record"
        if len(write.values) > MAX_FIELDS or not all(map(_WORD.match, write.values)):
            return "field"
        if not write.replaces.keys() <= write.values.keys():
            return "replaces"
        if not all(_ID.match(op) for ops in write.replaces.values() for op in ops):
            return "replaces"
        flaw = _content_flaw(write)
        if flaw:
            return flaw
    return None


def _content_flaw(write: Write) -> str | None:
    """Values of fields that this version knows must have their shape; an unknown field may hold anything."""
    owner = write.values.get("owner")
    if owner is not None and not (isinstance(owner, str) and _ID.match(owner) and owner != write.id):
        return "owner"
    expected = SHAPES.get(write.entity, {})
    for field, value in write.values.items():
        shape = expected.get(field)
        if shape is not None and value is not None and not _fits(value, shape):
            return field
    return None


_TEXT, _COUNT, _YES = "text", "count", "yes"

SHAPES: dict[str, dict[str, Any]] = {
    "arrival": {
        "mode": _TEXT, "label": _TEXT, "country": _TEXT, "at": _TEXT, "headcount": _COUNT, "others": _COUNT,
        "place": _TEXT, "state": _TEXT,
    },
    "row": {"number": _COUNT, "mark": _TEXT, "state": {"state": _TEXT, "to": _TEXT}},
    "family": {
        "code": _TEXT, "arrival": _TEXT, "origin": {"municipality": _TEXT, "place": _TEXT},
        "destination": {"municipality": _TEXT, "place": _TEXT}, "language": _TEXT, "spanish": _TEXT,
        "interpreter": _YES, "contact": _TEXT,
        "consent": {"register": _YES, "share": _YES, "asked_in": _TEXT, "how": _TEXT},
        "status": _TEXT, "registered": {"at": _TEXT, "by": _TEXT},
    },
    "person": {
        "name": {"given": _TEXT, "surnames": _TEXT, "married": _TEXT}, "sex": _TEXT,
        "born": {"edtf": _TEXT, "age": _COUNT, "unit": _TEXT, "on": _TEXT}, "role": _TEXT, "nationality": _TEXT,
        "mother_tongue": _TEXT, "membership": {"family": _TEXT, "number": _COUNT}, "status": _TEXT,
    },
    "document": {"paper": {"kind": _TEXT, "number": _TEXT, "unverified": _YES}, "state": _TEXT},
    "need": {"code": _TEXT, "state": _TEXT},
    "phone": {"number": _TEXT, "state": _TEXT},
    "service": {
        "given": {"code": _TEXT, "person": _TEXT, "quantity": _COUNT, "at": _TEXT, "slip": _TEXT, "arrival": _TEXT,
                  "override": {"reason": _TEXT, "second": _TEXT}},
    },
    "reversal": {"at": _TEXT},
    "note": {"said": {"text": _TEXT, "person": _TEXT, "at": _TEXT}},
    "link": {"pair": {"kind": _TEXT, "a": _TEXT, "b": _TEXT}, "state": _TEXT},
    "staff": {"name": _TEXT, "role": _TEXT, "state": _TEXT},
}  # fmt: skip
"""The fields this version reads, with the shape of each. Times inside are for showing. A field missing here is
kept and forwarded and shown by the version that knows it."""


def _fits(value: Any, shape: Any) -> bool:
    if shape is _TEXT:
        return isinstance(value, str) and len(value) <= 2_000 and not _lone_surrogate(value)
    if shape is _COUNT:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT
    if shape is _YES:
        return isinstance(value, bool)
    return isinstance(value, dict) and all(
        inner is None or key not in shape or _fits(inner, shape[key]) for key, inner in value.items()
    )


def _lone_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)
