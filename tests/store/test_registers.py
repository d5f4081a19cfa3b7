"""What stands follows from the set of operations: not from their order, their number, or anybody's clock."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from returnee_desk import acts
from returnee_desk.acts.operation import MAX_LAMPORT, MAX_LINE, SHAPES, read_operation
from returnee_desk.errors import Refused
from returnee_desk.records.families import Consent
from returnee_desk.records.form import family_json
from returnee_desk.store.desk import Desk
from tests.making import (
    BUS,
    Clock,
    Founding,
    everything_of,
    exchange,
    lines_of,
    make_child,
    make_member,
    nothing_written,
    open_bus,
    receive,
    refusal,
    register,
)
from tests.store.history import craft, digests, erase, op_of, record, shown, wander

FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
CLOCKS = ("1970-01-01T00:00Z", "2099-12-31T23:59-06:00", "2026-11-22T08:00-06:00", "0001-01-02T00:00Z")
NEEDS = {"G01234567": "LACT", "G07654321": "DEUDA"}
_folders = itertools.count()


class Post:
    """Desks of one post, each a copy made in a moment, closed at the end."""

    def __init__(self, founding: Founding, folder: Path) -> None:
        self.founding, self.folder = founding, folder
        self.open: list[Desk] = []

    def desk(self, letter: str = "A", clock: Clock | None = None) -> Desk:
        self.open.append(self.founding.copy(self.folder / str(next(_folders)), letter=letter, clock=clock))
        return self.open[-1]

    def close(self) -> None:
        while self.open:
            self.open.pop().close()


@pytest.fixture
def post(founding: Founding, tmp_path: Path) -> Iterator[Post]:
    post = Post(founding, tmp_path)
    yield post
    post.close()


@given(seed=st.integers(0, 2**32))
@FEW
def test_any_order_repetition_and_subset_first_come_to_the_same(post: Post, seed: int) -> None:
    chance = random.Random(seed)
    a, b = post.desk("A"), post.desk("B")
    wander([a, b], chance, 30)
    exchange(a, b)
    assert digests(a) == digests(b)
    assert shown(a) == shown(b)
    assert a.status()["doubts"] == b.status()["doubts"]
    lines = lines_of(a)
    found = []
    for _ in range(3):
        late = post.desk("C")
        order = [*lines, *chance.choices(lines, k=5)]
        chance.shuffle(order)
        cut = chance.randrange(len(order))
        receive(late, *order[:cut])
        receive(late, *order[cut:])
        found.append((digests(late), late.status()["doubts"], shown(late)[0], late.history_digest()))
        before = digests(late)
        late.rebuild()
        assert digests(late) == before
        assert late.check() == []
    assert found[0] == found[1] == found[2]
    assert found[0][2] == shown(a)[0]
    post.close()


@given(seed=st.integers(0, 2**32), clocks=st.lists(st.sampled_from(CLOCKS), min_size=2, max_size=5))
@settings(FEW, max_examples=6)
def test_no_clock_has_a_say(post: Post, seed: int, clocks: list[str]) -> None:
    """The same operations, stamped and taken in by desks whose clocks are years apart and jump back."""
    chance = random.Random(seed)
    a, b = post.desk("A"), post.desk("B")
    for desk, wrong in zip((a, b), clocks, strict=False):
        desk.clock.set(wrong)  # type: ignore[attr-defined]
    wander([a, b], chance, 25)
    exchange(a, b)
    assert digests(a) == digests(b)
    found = []
    for wrong in clocks:
        stamped = [json.dumps(json.loads(line) | {"at": chance.choice(clocks)}).encode() for line in lines_of(a)]
        desk = post.desk("C")
        desk.clock.set(wrong)  # type: ignore[attr-defined]
        receive(desk, *stamped)
        found.append((digests(desk), shown(desk)[0]))
    assert all(one == found[0] for one in found)
    post.close()


def test_the_later_correction_counts_though_its_clock_went_back(post: Post) -> None:
    desk = post.desk()
    code = register(desk)["code"]
    assert isinstance(desk.clock, Clock)
    for when, name in (("2099-01-01T00:00Z", "Rosa"), ("1970-01-01T00:00Z", "Olga"), ("1969-12-31T23:00Z", "Irma")):
        desk.clock.set(when)
        desk.do(acts.correct_family, code, {"given_names": name}, person=1, reason="r")
        assert desk.family(code).members[0].given_names == name
    other = post.desk("B")
    receive(other, *reversed(lines_of(desk)))
    assert other.family(code).members[0].given_names == "Irma"
    assert other.status()["doubts"] == 0


# two answers


def correct(desk: Desk, code: str, changes: dict[str, Any], person: int | str | None = None) -> None:
    desk.do(acts.correct_family, code, changes, person=person, reason="r")


def test_two_answers_stand_until_somebody_chooses(post: Post) -> None:
    a, b = post.desk("A"), post.desk("B")
    code = register(a)["code"]
    exchange(a, b)
    correct(a, code, {"language": "mam"})
    correct(b, code, {"language": "quc"})
    exchange(a, b)
    assert a.family(code).doubts == b.family(code).doubts == ("language",)
    assert a.family(code).language == b.family(code).language
    assert a.status()["doubts"] == b.status()["doubts"] == 1
    correct(a, code, {"spanish": "none"})  # another field decides nothing
    assert a.family(code).doubts == ("language",)
    loser = ({"mam", "quc"} - {a.family(code).language}).pop()
    correct(a, code, {"language": loser})
    assert (a.family(code).language, a.family(code).doubts) == (loser, ())
    exchange(a, b)
    assert (b.family(code).language, b.family(code).doubts) == (loser, ())
    assert digests(a) == digests(b)


def test_the_same_answer_twice_is_no_doubt_and_different_fields_are_both_kept(post: Post) -> None:
    a, b = post.desk("A"), post.desk("B")
    code = register(a)["code"]
    exchange(a, b)
    for desk in (a, b):
        correct(desk, code, {"language": "mam"})
    correct(a, code, {"spanish": "some"})
    correct(b, code, {"interpreter": True})
    exchange(a, b)
    family = b.family(code)
    assert (family.language, family.spanish, family.interpreter, family.doubts) == ("mam", "some", True, ())
    assert a.family(code) == family


def test_what_two_desks_add_is_all_kept_and_two_of_one_number_are_told_apart(post: Post) -> None:
    a, b = post.desk("A"), post.desk("B")
    code = register(a, size=1)["code"]
    exchange(a, b)
    a.do(acts.add_member, code, make_child(0))
    b.do(acts.add_member, code, make_child(1))
    for desk, number in ((a, "G01234567"), (b, "G07654321")):
        correct(desk, code, {"documents": [{"kind": "PASSPORT", "number": number}], "needs": [NEEDS[number]]}, 1)
        correct(desk, code, {"phone": f"5551 23{number[-2:]}"})
        desk.do(acts.note, code, number)
    exchange(a, b)
    family = a.family(code)
    assert b.family(code) == family  # to the order of papers and the phone that is shown
    assert [one.n for one in family.members] == [1, 2, 2]
    assert {one.number for one in family.members[0].documents} == {"G01234567", "G07654321"}
    with nothing_written(a):
        assert refusal(correct, a, code, {"age": 3}, 2) == "ambiguous_member"
        assert refusal(a.do, acts.same, f"{code}#2", f"{code}#1") == "ambiguous_member"
        assert refusal(a.do, acts.deliver, code, "KIT_LUD", person=2) == "ambiguous_member"
    _mother, first, second = family.members
    correct(a, code, {"age": 3}, second.id)
    a.do(acts.deliver, code, "KIT_LUD", person=second.id)
    assert a.do(acts.same, f"{code}#{first.id}", f"{code}#1") == [first.id, family.members[0].id]
    a.do(acts.unlink, f"{code}#{first.id}", f"{code}#1")
    told = next(one for one in a.family(code).members if one.id == second.id)
    assert told.born is not None and told.born.age == 3
    assert [one.get("id") for one in family_json(a.family(code))["members"]] == [None, first.id, second.id]
    a.do(acts.add_member, code, make_child(2))
    assert [one.n for one in a.family(code).members] == [1, 2, 2, 3]


def test_a_person_moved_to_two_families_is_in_one_and_flagged(post: Post) -> None:
    a, b = post.desk("A"), post.desk("B")
    codes = [register(a, size=3)["code"] for _ in range(3)]
    exchange(a, b)
    a.do(acts.move_member, codes[0], 2, codes[1])
    b.do(acts.move_member, codes[0], 2, codes[2])
    exchange(a, b)
    assert shown(a) == shown(b)
    assert sorted(len(a.family(code).members) for code in codes) == [2, 3, 4]
    home = next(code for code in codes if len(a.family(code).members) == 4)
    assert a.family(home).doubts == ("membership",)
    a.do(acts.add_member, next(code for code in codes[1:] if code != home), make_child(4))
    away = a.family(next(code for code in codes[1:] if code != home))
    assert [one.n for one in away.members] == [1, 2, 3, 5]  # 4 was given to the one who is shown elsewhere


@given(
    lamports=st.tuples(st.integers(0, 5), st.integers(0, 5)), devices=st.permutations(["1" * 16, "2" * 16]),
    first=st.booleans(),
)  # fmt: skip
@settings(FEW, max_examples=8)
@pytest.mark.parametrize(
    ("entity", "field", "safer", "other"),
    [
        ("family", "consent", {"register": False, "share": False}, {"register": True, "share": True}),
        ("family", "consent", {"register": True, "share": False}, {"register": True, "share": True}),
        ("need", "state", "active", "retracted"),
        ("link", "state", "retracted", "active"),
        ("person", "born", {"edtf": "2010-05"}, {"edtf": "2008"}),
        ("person", "born", {"age": 17, "unit": "years", "on": "2026-11-22"}, {"edtf": "1990-01-01"}),
        ("person", "born", {"edtf": "1990"}, {"edtf": "not a date"}),
    ],
)
def test_of_two_answers_the_safer_is_shown(
    post: Post, entity: str, field: str, safer: Any, other: Any, lamports: tuple[int, int], devices: list[str],
    first: bool,
) -> None:  # fmt: skip
    desk = post.desk()
    one = record()
    base = craft([entity, one, {field: other}])
    edits = [
        craft([entity, one, {field: value}, {field: [op_of(base)]}], lamport=lamport, device=device)
        for value, lamport, device in zip((safer, other), lamports, devices, strict=True)
    ]
    receive(desk, base, *(edits if first else reversed(edits)))
    assert desk._registers.shown(bytes.fromhex(one))[field] == safer
    post.close()


def test_consent_refused_at_one_desk_counts_at_both_until_somebody_chooses(post: Post) -> None:
    a, b = post.desk("A"), post.desk("B")
    code = register(a)["code"]
    exchange(a, b)
    a.do(acts.consent, code, {"register": True, "share": True})
    correct(a, code, {"given_names": "Rosa", "documents": [{"kind": "PASSPORT", "number": "G01234567"}]}, 1)
    correct(a, code, {"phone": "5551 2345", "destination": {"municipality": "1217", "place": "Aldea Sibinal"}})
    a.do(acts.add_member, code, make_child(3))
    b.do(acts.consent, code, {"register": False})
    exchange(a, b)
    for desk in (a, b):  # what was named at the other desk meanwhile is not shown either
        family = desk.family(code)
        assert {(one.given_names, one.documents) for one in family.members} == {("", ())}
        assert (family.phone, family.destination.place, desk.families()[0].name) == (None, "", "")
        assert [desk.find(text) for text in ("Rosa", "G01234567", "55512345", "Josué")] == [[], [], [], []]
        assert {hit.name for hit in desk.find(code)} == {""}
        assert desk.check() == []
    assert a.family(code).consent == b.family(code).consent == Consent(register=False)
    assert "consent" in a.family(code).doubts
    a.do(acts.consent, code, {"register": True, "share": True})
    exchange(a, b)
    assert b.family(code).consent == Consent(register=True, share=True)
    assert "consent" not in b.family(code).doubts


# later than expected


def test_an_edit_may_come_before_what_it_edits(post: Post) -> None:
    a = post.desk("A")
    code = register(a, phone="5551 2345")["code"]
    correct(a, code, {"given_names": "Rosa", "documents": [{"kind": "PASSPORT", "number": "G01234567"}]}, 1)
    correct(a, code, {"phone": "4444 1111"})
    service = a.do(acts.deliver, code, "VIVERES")["service_id"]
    a.do(acts.undo, service)
    desks = []
    for order in itertools.islice(itertools.permutations(lines_of(a)[1:]), 0, 120, 7):
        late = post.desk("C")
        for line in order:
            receive(late, line)
            assert late.check() == []
        assert late.family(code) == a.family(code)
        assert [hit.code for hit in late.find("Rosa")] == [code]
        assert [hit.code for hit in late.find("G01234567")] == [code]
        assert late.find("Marta") == [] and late.find("55512345") == []
        desks.append(digests(late))
        post.open.pop().close()
    assert len(set(desks)) == 1


def test_what_this_program_does_not_know_is_kept_and_passed_on_letter_by_letter(post: Post) -> None:
    a, b = post.desk("A"), post.desk("B")
    code = register(a)["code"]
    family = a.family(code)
    lines = [
        craft(["assessment", record(), {"owner": family.id, "score": {"b": 1, "a": [2.50, None, "ñ"]}}], act="assess"),
        craft(["person", family.members[0].id, {"height": 153, "role": "COMADRE"}], lamport=9, mood="calm"),
        craft(["family", family.id, {"blood": {"type": "O"}}, {"blood": [record()]}, "later"], act="future_act"),
    ]
    receive(a, *lines)
    exchange(a, b)
    for desk in (a, b):
        assert set(lines) <= set(lines_of(desk))
        assert desk.family(code).members[0].role == "COMADRE"  # a role of a newer list
        correct(desk, code, {"given_names": "Rosa"}, 1)
    exchange(a, b)
    assert digests(a) == digests(b)
    values = b._registers.shown(bytes.fromhex(family.members[0].id))
    assert (values["height"], values["name"]["given"]) == (153, "Rosa")
    assert b._registers.shown(bytes.fromhex(family.id))["blood"] == {"type": "O"}
    assert b.check() == []


# forgetting


def erasable(desk: Desk) -> tuple[str, str]:
    """A family with all that may hang on it. Returns its code and the canary's person id."""
    code = register(
        desk, phone="5551 2345", notes=["Canaria llora"], services=["VIVERES"],
        members=[make_member("Canaria", "Canarita", documents=[{"kind": "PASSPORT", "number": "CANARIO77"}],
                             needs=["LACT"]), make_child()],
    )["code"]  # fmt: skip
    correct(desk, code, {"surnames": "Canaridez"}, 1)
    correct(desk, code, {"documents": [{"kind": "PASSPORT", "number": "CANARIO99"}], "needs": []}, 1)
    desk.do(acts.undo, desk.family(code).services[0].id)
    return code, desk.family(code).members[0].id


def no_canary(desk: Desk) -> None:
    kept = repr(everything_of(desk)).casefold()
    assert "canari" not in kept
    for word in ("Canaria", "Canaridez", "CANARIO77", "CANARIO99"):
        assert desk.find(word) == []


def test_an_erased_person_has_no_cell_no_logged_value_and_no_search_word(post: Post) -> None:
    desk = post.desk()
    code, person = erasable(desk)
    history = desk.history_digest()
    desk.db.execute("DELETE FROM note")  # what was written about the family is not the person's record
    erase(desk, person)
    kept = {name: rows for name, rows in everything_of(desk).items() if name not in ("operation", "note")}
    assert "canari" not in repr(kept).casefold()
    assert not any(b"Canarit" in line or b"Canaridez" in line or b"CANARIO" in line for line in lines_of(desk))
    assert [one.n for one in desk.family(code).members] == [2]
    assert [desk.find(word) for word in ("Canarita", "CANARIO99", "CANARIO77")] == [[], [], []]
    assert desk.history_digest() == history
    desk.rebuild()
    assert desk.check() == []
    with nothing_written(desk):
        erase(desk, person)


@given(seed=st.integers(0, 2**32), of_family=st.booleans())
@FEW
@example(seed=1, of_family=True)
def test_erased_stays_erased_whenever_what_was_erased_or_hung_on_it_arrives(
    post: Post, seed: int, of_family: bool
) -> None:
    chance = random.Random(seed)
    a = post.desk("A")
    code, person = erasable(a)
    family = a.family(code)
    gone = [one.id for one in (*family.members, family)] if of_family else [person]
    lines = lines_of(a)[1:]
    if not of_family:
        lines = [line.replace(b"Canaria llora", b"nada") for line in lines]
    erase(a, *gone)
    found = set()
    for _ in range(4):
        late = post.desk("C")
        events: list[bytes | str] = [*lines, *gone, chance.choice(lines)]
        chance.shuffle(events)
        for event in events:
            if isinstance(event, bytes):
                receive(late, event)
            else:
                erase(late, event)
        no_canary(late)
        assert late.check() == []
        found.add(digests(late))
        if of_family:
            assert (late.families(), late.status()["persons"]) == ([], 0)
        last = post.desk("C")  # who gets it all from a desk that has forgotten comes to the same
        passed_on = lines_of(late)[1:]
        chance.shuffle(passed_on)
        if chance.random() < 0.5:
            erase(last, *gone)
        receive(last, *passed_on)
        erase(last, *gone)
        found.add(digests(last))
    assert len(found) == 1
    post.close()


def test_a_document_erased_alone_is_no_longer_found_and_a_reversal_erased_alone_gives_back(post: Post) -> None:
    desk = post.desk()
    code, _person = erasable(desk)
    erase(desk, desk.family(code).members[0].documents[0].id)
    assert desk.find("CANARIO99") == []
    assert [hit.n for hit in desk.find("Canaridez")] == [1]
    (reversal,) = (row[0].hex() for row in desk.db.execute("SELECT id FROM reversal"))
    erase(desk, reversal)
    assert [one.undone for one in desk.family(code).services] == [False]
    assert desk.check() == []


def test_an_erased_arrival_leaves_its_families_without_a_day(post: Post) -> None:
    desk = post.desk()
    code = register(desk)["code"]
    erase(desk, desk.arrivals()[0].id)
    assert (desk.families()[0].day, desk.family(code).arrival.state) == ("", "unknown")
    assert desk.check() == []


def test_a_key_of_an_erased_family_is_neither_told_nor_taken_again(post: Post) -> None:
    desk = post.desk()
    bus = open_bus(desk)
    answer = register(desk, arrival=bus, key="hoja 1")
    erase(desk, answer["id"])
    with nothing_written(desk):
        assert refusal(register, desk, arrival=bus, key="hoja 1") == "unknown_family"


# hostile operations


def test_a_rogue_number_does_not_spread_and_cannot_stop_corrections(post: Post) -> None:
    desk = post.desk()
    code = register(desk)["code"]
    family = desk.family(code)
    live = [value.op.hex() for value in desk._registers.cell(bytes.fromhex(family.id), "language")]
    receive(desk, craft(["family", family.id, {"language": "quc"}, {"language": live}], lamport=MAX_LAMPORT))
    assert desk.family(code).language == "quc"
    correct(desk, code, {"language": "mam"})
    assert desk.family(code).language == "mam"
    assert read_operation(lines_of(desk)[-1]).lamport == MAX_LAMPORT
    correct(desk, code, {"spanish": "some"})
    assert read_operation(lines_of(desk)[-1]).lamport == 0


def test_records_that_hang_on_each_other_in_a_ring_stop_nothing(post: Post) -> None:
    desk = post.desk()
    one, other, third = record(), record(), record()
    erase(desk, record())
    receive(
        desk, craft(["note", one, {"owner": other}]), craft(["note", other, {"owner": one}]),
        craft(["note", third, {"owner": one}]), craft(["note", one, {"said": {"text": "x"}}]),
    )  # fmt: skip
    erase(desk, other)
    assert desk._registers.shown(bytes.fromhex(third)) == {}
    assert desk.check() == []


def test_a_record_called_two_things_is_one_thing_at_every_desk(post: Post) -> None:
    one, family = record(), record()
    lines = [
        craft(["zzz", one, {"name": [1, {"x": None}], "sex": {"a": 1}, "status": 7, "membership": "here"}]),
        craft(["person", one, {"role": "HIJO", "membership": {"family": family, "number": 1}}]),
        craft(["family", family, {"code": "TUM1-A1-00001-V", "interpreter": True}]),
        craft(["note", family, {"said": {"text": "not a family"}}]),
    ]
    found = set()
    for order in itertools.permutations(lines):
        desk = post.desk("C")
        receive(desk, *order)
        found.add(digests(desk))
        assert desk.check() == []
        post.open.pop().close()
    assert len(found) == 1


ID = "a" * 32
_DEEP = json.dumps(["note", ID, {"said": {"text": "x"}}]).replace('"x"', "[" * 5_000 + "]" * 5_000)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"", "shape"),
        (b"{}", "shape"),
        (b"[]", "shape"),
        (b"\xff\xfe", "shape"),
        (b"\xef\xbb\xbf" + craft(), "shape"),
        (craft()[:-1], "shape"),
        (craft() + b"x", "shape"),
        (craft(op=7), "shape"),
        (craft(op=ID.upper()), "op"),
        (craft(op="a" * 31), "op"),
        (craft(op=ID + "\n"), "op"),
        (craft(device="x"), "device"),
        (craft(epoch="E" * 16), "device"),
        (craft(seq=0), "number"),
        (craft(seq=2**63), "number"),
        (craft(seq=1.5), "shape"),
        (craft(lamport=-1), "number"),
        (craft(lamport=2**53), "number"),
        (craft(lamport=10**400), None),
        (craft(act="Do It"), "act"),
        (craft(act="x" * 41), "act"),
        (craft(at="x" * 41), "act"),
        (craft(by="x" * 65), "act"),
        (craft(key="x" * 65), "text"),
        (craft(reason="x" * 2001), "text"),
        (craft(writes=None), "shape"),
        (craft(writes={}), "shape"),
        (craft(*([["note", f"{n:032x}", {}] for n in range(2001)])), "writes"),
        (craft(["note", ID, {}], ["note", ID, {}]), "record_twice"),
        (craft(["note"]), "shape"),
        (craft(["note", ID]), "shape"),
        (craft(["note", "x", {}]), "record"),
        (craft(["Note", ID, {}]), "record"),
        (craft(["note", ID, {"a b": 1}]), "field"),
        (craft(["note", ID, {"x" * 41: 1}]), "field"),
        (craft(["note", ID, {f"f{n}": 1 for n in range(65)}]), "field"),
        (craft(["note", ID, {"a": 1}, {"b": [ID]}]), "replaces"),
        (craft(["note", ID, {"a": 1}, {"a": ["x"]}]), "replaces"),
        (craft(["note", ID, {"a": 1}, {"a": ID}]), "shape"),
        (craft(["note", ID, {"owner": "x"}]), "owner"),
        (craft(["note", ID, {"owner": 7}]), "owner"),
        (craft(["note", ID, {"owner": ID}]), "owner"),
        (craft(["service", ID, {"given": {"quantity": -1}}]), "given"),
        (craft(["service", ID, {"given": {"quantity": True}}]), "given"),
        (craft(["arrival", ID, {"headcount": 10**9}]), "headcount"),
        (craft(["person", ID, {"name": "Ana"}]), "name"),
        (craft(["person", ID, {"name": {"given": "x" * 2001}}]), "name"),
        (craft(["person", ID, {"name": {"given": ["Ana"]}}]), "name"),
        (craft(["family", ID, {"consent": {"register": 1}}]), "consent"),
        (craft(["note", ID, {"said": {"text": "x"}}]).replace(b'"x"', b'"\\ud800"'), "shape"),
        (craft(["note", ID, {"n": 1}]).replace(b'"n": 1', b'"n": 1e999'), "shape"),
        (craft(["note", ID, {"n": 1}]).replace(b'"n": 1', b'"n": NaN'), "shape"),
        (craft(reason="x", padding="x" * MAX_LINE), "too_long"),
        (craft()[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", None),
    ],
)  # fmt: skip
def test_a_malformed_operation_is_refused_with_all_that_came_with_it(desk: Desk, line: bytes, what: str | None) -> None:
    sound = craft(["note", record(), {"said": {"text": "x"}}])
    with nothing_written(desk), pytest.raises(Refused) as caught:
        receive(desk, sound, line, sound)
    assert caught.value.code == "malformed_operation"
    assert what is None or caught.value.details["what"] == what


_ODD = (
    "", " ", "a" * 32, "A" * 32, "ab", "active", "void", "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59",
    "2026-11-22", "2026-11-22T10:00", "1980~", "MADRE", "TUM1-A1-00001-V", "\u0000", "ñ\u202e", "'--",
)  # fmt: skip
_hostile = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(_ODD),
    st.text(max_size=12),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.none(), max_size=2),
)
_born = st.fixed_dictionaries(
    {},
    optional={
        "edtf": _hostile,
        "age": st.integers(-1, 10_000_001) | _hostile,
        "unit": st.sampled_from(["years", "months", "x"]),
        "on": st.sampled_from(["2026-11-22", "0001-01-01", "9999-12-31", "x"]),
    },
)


def _value(shape: Any) -> st.SearchStrategy[Any]:
    if isinstance(shape, dict):
        return st.fixed_dictionaries({}, optional={key: _value(inner) for key, inner in shape.items()}) | _hostile
    return _hostile


def _values(fields: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    told = {field: _born if field == "born" else _value(shape) for field, shape in fields.items()}
    return st.fixed_dictionaries({}, optional={"owner": st.integers(0, 3), "extra": _hostile, **told})


_writes = st.one_of(
    [st.tuples(st.just(entity), st.integers(0, 3), _values(fields)) for entity, fields in SHAPES.items()]
)


@given(operations=st.lists(st.lists(_writes, min_size=1, max_size=3), min_size=1, max_size=4))
@example(operations=[[("service", 3, {"owner": 0})]])
@settings(FEW, max_examples=60)
def test_whatever_is_sent_is_refused_or_can_be_read_checked_and_rebuilt(
    post: Post, operations: list[list[tuple[str, int, dict[str, Any]]]]
) -> None:
    desk = post.desk()
    register(desk)
    known = [desk.families()[0].id, desk.arrivals()[0].id, desk.family_by_id(desk.families()[0].id).members[0].id, ID]
    for writes in operations:
        written = [
            [entity, known[which], {**values, **({"owner": known[values["owner"]]} if "owner" in values else {})}]
            for entity, which, values in writes
        ]
        before = digests(desk)
        try:
            receive(desk, craft(*written))
        except Refused:
            assert digests(desk) == before
    for line in desk.families():
        family = desk.family_by_id(line.id)
        assert family.arrival.day and family.arrival.missing_rows is not None
    assert desk.arrivals() and desk.staff() is not None
    desk.find("Marta")
    after = digests(desk)
    desk.rebuild()
    assert digests(desk) == after
    register(desk, arrival=BUS)
    assert desk.check() == []
    post.close()
