"""One save as a fact: which act, by whom, and the field values it writes and replaces (plain frozen data)."""

from __future__ import annotations

from typing import Any

import msgspec

MAX_LAMPORT = 2**53 - 1


class Write(msgspec.Struct, frozen=True, array_like=True):
    """Values for fields of one record. `replaces` names, per field, the operations whose values were on
    the screen; a field not in it replaces nothing (it is new). Ids are 32 lower-case hex digits."""

    entity: str
    id: str
    values: dict[str, Any]
    replaces: dict[str, list[str]] = {}


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What `sync` carries. `op` is a random UUIDv4 as hex; `device` and `epoch` are 16 hex digits; `at` is
    ISO 8601 with an offset and is for showing only: no rule of merging reads it."""

    op: str
    device: str
    epoch: str
    seq: int
    lamport: int
    at: str
    by: str
    act: str
    key: str | None = None
    reason: str | None = None
    writes: list[Write]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What an act decided: the writes to save and the answer for who asked. No writes: nothing is saved."""

    act: str
    writes: list[Write]
    answer: Any = None
    key: str | None = None
    reason: str | None = None
