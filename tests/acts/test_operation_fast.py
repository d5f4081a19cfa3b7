"""The fast way of reading an operation accepts nothing that the careful way refuses, and all we write ourselves."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from returnee_desk.acts.operation import (
    SHAPES,
    Operation,
    Write,
    read_operation,
    read_plain,
    write_operation,
)
from returnee_desk.errors import Refused

IDS = st.sampled_from([uuid4().hex for _ in range(4)])
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10_000_002), st.floats(allow_nan=False), st.text(max_size=5),
    st.sampled_from(["x" * 2_000, "x" * 2_001, "", "a\x00b", 2**53, 2**63, 1e300, 1.0]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), IDS,
)  # fmt: skip


def fitting(shape: Any) -> st.SearchStrategy[Any]:
    if isinstance(shape, dict):
        return st.fixed_dictionaries({}, optional={key: fitting(inner) for key, inner in shape.items()}) | ODD
    usual = {"text": st.text(max_size=8), "count": st.integers(0, 10_000_000), "yes": st.booleans()}[shape]
    return usual | st.none() | ODD


def writes() -> st.SearchStrategy[list[Any]]:
    def of(entity: str) -> st.SearchStrategy[list[Any]]:
        fields = {name: fitting(shape) for name, shape in SHAPES.get(entity, {}).items()} | {"owner": IDS | ODD}
        replaces = st.dictionaries(st.sampled_from([*fields, "x"]), st.lists(IDS, max_size=2), max_size=1)
        return st.tuples(
            st.just(entity), IDS, st.fixed_dictionaries({}, optional=fields), replaces
        ).map(list)  # fmt: skip

    return st.lists(st.sampled_from([*SHAPES, "weighing"]).flatmap(of), max_size=3)


def sound(**told: Any) -> dict[str, Any]:
    return {
        "op": "a" * 32, "device": "b" * 16, "epoch": "c" * 16, "seq": 1, "lamport": 0, "at": "2026-11-22T12:00-06:00",
        "by": "d" * 32, "act": "note", "writes": [], **told,
    }  # fmt: skip


@settings(max_examples=600)
@given(writes=writes(), seq=st.integers(-1, 3) | ODD, lamport=st.integers(0, 2) | ODD, key=st.none() | ODD)
def test_what_the_fast_way_accepts_the_careful_way_reads_alike(
    writes: list[Any], seq: Any, lamport: Any, key: Any
) -> None:
    told = sound(writes=writes, seq=seq, lamport=lamport)
    if key is not None:
        told["key"] = key
    line = msgspec.json.encode(told)
    fast = read_plain(line)
    if fast is not None:
        assert fast == read_operation(line)


@settings(max_examples=300)
@given(line=st.binary(max_size=200), at=st.integers(0, 400), sign=st.binary(min_size=1, max_size=3))
def test_no_bytes_make_the_fast_way_fall(line: bytes, at: int, sign: bytes) -> None:
    whole = msgspec.json.encode(sound(writes=[["family", "e" * 32, {"language": "mam"}, {}]]))
    for text in (line, whole[:at] + sign + whole[at + 1 :]):
        fast = read_plain(text)
        if fast is not None:
            assert fast == read_operation(text)


@pytest.mark.parametrize("entity", SHAPES)
def test_our_own_lines_take_the_fast_way(entity: str) -> None:
    def value(shape: Any) -> Any:
        if isinstance(shape, dict):
            return {name: value(inner) for name, inner in shape.items()}
        return {"text": "Xiloj Tz'ul ñ", "count": 3, "yes": True}[shape]

    values = {name: value(shape) for name, shape in SHAPES[entity].items()} | {"owner": "f" * 32}
    field = next(iter(values))
    made = Operation(**sound(writes=[Write(entity, "e" * 32, values, {field: ["a" * 32]})], key="k", reason="because"))
    line = write_operation(made)
    assert read_plain(line) == read_operation(line) == made


def test_a_key_twice_and_half_a_letter_are_left_to_the_careful_way() -> None:
    line = msgspec.json.encode(sound(reason="@"))
    for odd in (line[:-1] + b',"seq":2}', line.replace(b"@", b"\\ud800"), line + b" ", b"\xef\xbb\xbf" + line):
        assert read_plain(odd) is None
    with pytest.raises(Refused):
        read_operation(line.replace(b"@", b"\\ud800"))
