"""Corrections, notes, consent and mistakes: only what was named changes, with a reason, and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from returnee_desk import acts
from returnee_desk.errors import Refused
from returnee_desk.records.families import Consent
from returnee_desk.store.desk import Desk
from tests.making import (
    BUS,
    NOON,
    Clock,
    everything_of,
    lines_of,
    make_child,
    make_member,
    nothing_written,
    refusal,
    register,
)

CUI = {"kind": "CUI", "number": "2345678991217"}
PASSPORT = {"kind": "PASSPORT", "number": "G01234567"}


def correct(desk: Desk, code: str, changes: dict[str, Any], person: int | None = None) -> None:
    desk.do(acts.correct_family, code, changes, person=person, reason="se leyó mal")


def last_writes(desk: Desk) -> list[tuple[str, list[str]]]:
    """What the last operation wrote: entity and fields."""
    return [(write[0], sorted(write[2])) for write in json.loads(lines_of(desk)[-1])["writes"]]


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("destination", {"municipality": "1215", "place": "Aldea Sibinal"}, ("1215", "Aldea Sibinal")),
        ("origin", {"municipality": "1301"}, ("1301", "")),
        ("language", "mam", "mam"),
        ("spanish", "none", "none"),
        ("interpreter", True, True),
        ("contact", 2, 2),
        ("phone", "5551 2345", "+50255512345"),
    ],
)
def test_each_field_of_a_family_is_corrected_alone(desk: Desk, field: str, value: Any, shown: Any) -> None:
    code = register(desk, size=3)["code"]
    correct(desk, code, {field: value})
    now = getattr(desk.family(code), field)
    assert (now if not isinstance(shown, tuple) else (now.municipality, now.place)) == shown
    assert last_writes(desk) == [("phone", ["number", "owner", "state"]) if field == "phone" else ("family", [field])]
    assert json.loads(lines_of(desk)[-1])["reason"] == "se leyó mal"
    with nothing_written(desk):
        correct(desk, code, {field: value})


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [
        ("given_names", "Rosa", "name"),
        ("surnames", "Ajú", "name"),
        ("married_surname", "Pérez", "name"),
        ("sex", "X", "sex"),
        ("birth_date", "1998-02", "born"),
        ("age", 31, "born"),
        ("age_months", 11, "born"),
        ("role", "TUTOR", "role"),
        ("nationality", "MEX", "nationality"),
        ("mother_tongue", "mam", "mother_tongue"),
    ],
)
def test_each_field_of_a_member_is_corrected_alone(desk: Desk, field: str, value: Any, written: str) -> None:
    code = register(desk, size=3)["code"]
    before = desk.family(code)
    correct(desk, code, {field: value}, person=1)
    assert last_writes(desk) == [("person", [written])]
    assert desk.family(code).members[1:] == before.members[1:]
    assert desk.family(code).members[0] != before.members[0]
    with nothing_written(desk):
        correct(desk, code, {field: value}, person=1)


def test_a_birth_may_be_told_another_way(desk: Desk) -> None:
    code = register(desk, members=[make_member(age=28), make_child(age=None, age_months=3)])["code"]
    correct(desk, code, {"birth_date": "1980~"}, person=1)
    correct(desk, code, {"age": 2}, person=2)
    mother, child = desk.family(code).members
    assert mother.born is not None and mother.born.edtf == "1980~"
    assert child.born is not None and (child.born.age, child.born.unit) == (2, "years")
    correct(desk, code, {"birth_date": None}, person=2)
    assert desk.family(code).members[1].born is None
    with nothing_written(desk):
        assert refusal(correct, desk, code, {"birth_date": "1990", "age": 3}, 1) == "two_ages"


def test_an_age_told_for_another_day_stays_when_the_name_is_corrected(desk: Desk) -> None:
    code = register(desk)["code"]
    bus = desk.arrivals()[0].id
    desk.do(acts.correct_arrival, bus, {"at": "2026-11-25T08:00-06:00"}, reason="otro día")
    born = desk.family(code).members[1].born
    correct(desk, code, {"given_names": "Lupe"}, person=2)
    assert last_writes(desk) == [("person", ["name"])]
    assert desk.family(code).members[1].born == born


def test_documents_and_needs_are_added_and_taken_back_one_by_one(desk: Desk) -> None:
    code = register(desk, members=[make_member(documents=[CUI], needs=["LACT", "DEUDA"]), make_child()])["code"]
    correct(desk, code, {"documents": [CUI, PASSPORT], "needs": ["DEUDA", "EMB"]}, person=1)
    assert last_writes(desk) == [
        ("document", ["owner", "paper", "state"]), ("need", ["state"]), ("need", ["code", "owner", "state"]),
    ]  # fmt: skip
    mother = desk.family(code).members[0]
    assert [one.number for one in mother.documents] == ["2345678991217", "G01234567"]
    assert mother.needs == ("DEUDA", "EMB")
    correct(desk, code, {"documents": [PASSPORT], "needs": []}, person=1)
    mother = desk.family(code).members[0]
    assert ([one.kind for one in mother.documents], mother.needs) == (["PASSPORT"], ())
    correct(desk, code, {"documents": [CUI]}, person=1)  # back again is a new record: the first stays retracted
    assert [one.kind for one in desk.family(code).members[0].documents] == ["CUI"]
    assert [hit.code for hit in desk.find("2345678991217")] == [code]
    assert desk.find("G01234567") == []
    assert desk.check() == []


def test_a_phone_is_replaced_and_taken_away(desk: Desk) -> None:
    code = register(desk, phone="5551 2345")["code"]
    correct(desk, code, {"phone": "4444 1111"})
    assert desk.family(code).phone == "+50244441111"
    assert desk.find("55512345") == []
    correct(desk, code, {"phone": None})
    assert desk.family(code).phone is None
    with nothing_written(desk):
        correct(desk, code, {"phone": None})


def test_the_former_value_stays_in_the_history(desk: Desk) -> None:
    code = register(desk)["code"]
    correct(desk, code, {"given_names": "Rosa"}, person=1)
    assert any(b"Marta" in line for line in lines_of(desk))
    assert desk.family(code).members[0].given_names == "Rosa"


@pytest.mark.parametrize(
    ("changes", "person", "refused"),
    [
        ({"given_names": "Rosa"}, None, "unknown_key"),
        ({"phone": "55512345"}, 1, "unknown_key"),
        ({"code": "x"}, None, "unknown_key"),
        ({"contact": 9}, None, "unknown_member"),
        ({"contact": "1"}, None, "wrong_type"),
        ({"contact": True}, None, "wrong_type"),
        ({"phone": "12"}, None, "invalid_phone"),
        ({"language": "latin"}, None, "unknown_code"),
        ({"destination": {"municipality": "9999"}}, None, "unknown_code"),
        ({"given_names": "Rosa"}, 9, "unknown_member"),
        ({"role": "REINA"}, 1, "unknown_code"),
        ({"role": None}, 1, "missing"),
        ({"given_names": "", "surnames": ""}, 1, "missing"),
        ({"birth_date": "2026-11-23"}, 1, "invalid_date"),
        ({"age": 121}, 1, "invalid_age"),
        ({"needs": ["SUEÑO"]}, 1, "unknown_code"),
        ({"documents": [{"kind": "CUI", "number": "2345678981217"}]}, 1, "invalid_document"),
    ],
)
def test_a_correction_told_wrongly_changes_nothing(desk: Desk, changes: dict, person: int | None, refused: str) -> None:
    code = register(desk)["code"]
    with nothing_written(desk):
        assert refusal(correct, desk, code, changes, person) == refused


def test_a_correction_needs_a_reason_and_a_family(desk: Desk) -> None:
    code = register(desk)["code"]
    with nothing_written(desk):
        for reason in ("", "  ", None):
            assert refusal(desk.do, acts.correct_family, code, {"language": "mam"}, reason=reason) == "reason_needed"
        assert refusal(desk.do, acts.correct_family, code, {}, reason="x" * 501) == "text_too_long"
        assert refusal(correct, desk, "TUM1-A1-00099-0", {}) == "invalid_code"
        assert refusal(correct, desk, "TUM1-A1-00099-S", {}) in ("invalid_code", "unknown_code")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    field=st.sampled_from((*acts.changing.FAMILY_FIELDS, *acts.changing.PERSON_FIELDS)),
    person=st.sampled_from((None, 1)),
    value=_json,
)
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_json_corrects_or_is_refused(desk: Desk, field: str, person: int | None, value: Any) -> None:
    code = desk.families()[0].code if desk.families() else register(desk)["code"]
    before = desk.status()["own"]
    try:
        correct(desk, code, {field: value}, person)
    except Refused:
        assert desk.status()["own"] == before
    assert desk.family(code).members


def test_notes_are_added_to_a_family_or_a_member(desk: Desk) -> None:
    code = register(desk)["code"]
    desk.do(acts.note, code, "  Viajan\nde noche ")
    assert isinstance(desk.clock, Clock)
    desk.clock.move(minutes=5)
    desk.do(acts.note, code, "Tiene fiebre", person=2)
    first, second = desk.family(code).notes
    assert (first.text, first.person, first.at, first.by) == ("Viajan\nde noche", None, NOON, desk.me.id)
    assert (second.text, second.person) == ("Tiene fiebre", 2)
    with nothing_written(desk):
        assert refusal(desk.do, acts.note, code, " \n ") == "missing"
        assert refusal(desk.do, acts.note, code, 7) == "wrong_type"
        assert refusal(desk.do, acts.note, code, "x" * 2001) == "text_too_long"
        assert refusal(desk.do, acts.note, code, "x", person=5) == "unknown_member"


def test_who_no_longer_agrees_is_no_longer_named_anywhere_it_is_shown(desk: Desk) -> None:
    code = register(
        desk, phone="5551 2345", destination={"municipality": "1217", "place": "Caserío Canario"},
        members=[make_member("Zoila", "Canaria", documents=[CUI]), make_child(), make_child(1)],
    )["code"]  # fmt: skip
    desk.do(acts.remove_member, code, 3, reason="error")
    desk.do(acts.consent, code, {"register": False, "asked_in": "mam", "how": "interpreter"})
    family = desk.family(code)
    assert family.consent == Consent(register=False, asked_in="mam", how="interpreter")
    assert {(one.given_names, one.surnames, one.documents) for one in (*family.members, *family.gone)} == {("", "", ())}
    assert (family.phone, family.destination.place, family.destination.municipality) == (None, "", "1217")
    assert [desk.find(text) for text in ("Zoila", "Canaria", "2345678991217", "55512345")] == [[], [], [], []]
    shown = {table: rows for table, rows in everything_of(desk).items() if table in ("family", "person")}
    assert "Canari" not in repr(shown)
    with nothing_written(desk):
        desk.do(acts.consent, code, {"register": False, "asked_in": "mam", "how": "interpreter"})
        assert refusal(correct, desk, code, {"given_names": "Zoila"}, 1) == "no_consent"
        assert refusal(correct, desk, code, {"documents": [CUI]}, 1) == "no_consent"
        assert refusal(correct, desk, code, {"phone": "55512345"}) == "no_consent"
        assert refusal(correct, desk, code, {"destination": {"municipality": "1217", "place": "X"}}) == "no_consent"
    correct(desk, code, {"sex": "X"}, person=1)
    desk.do(acts.consent, code, {"register": True, "share": True})
    correct(desk, code, {"given_names": "Zoila"}, person=1)
    assert [hit.n for hit in desk.find("Zoila")] == [1]
    assert desk.check() == []


@pytest.mark.parametrize("data", [None, [], {}, {"register": "no"}, {"register": True, "how": "shouted"}, {"agree": 1}])
def test_consent_told_wrongly_is_refused(desk: Desk, data: Any) -> None:
    code = register(desk)["code"]
    with nothing_written(desk):
        assert refusal(desk.do, acts.consent, code, data) in ("wrong_type", "missing", "unknown_code", "unknown_key")


def test_a_family_entered_by_mistake_no_longer_counts_and_is_still_there(desk: Desk) -> None:
    bus = register(desk)
    code = bus["code"]
    desk.do(acts.void, code, reason="dos veces")
    assert desk.family(code).state == "void"
    assert desk.status()["families"] == desk.status()["persons"] == desk.arrivals()[0].registered == 0
    assert [line.state for line in desk.families()] == ["void"]
    with nothing_written(desk):
        desk.do(acts.void, code, reason="otra vez")
        assert refusal(desk.do, acts.void, code, reason="") == "reason_needed"
        assert refusal(desk.do, acts.deliver, code, "VIVERES") == "family_void"
        assert refusal(desk.do, acts.add_member, code, make_child()) == "family_void"
        assert refusal(desk.do, acts.void, "f" * 32, reason="x") == "unknown_service"
    assert desk.find("Marta") == []


def test_a_family_put_on_the_wrong_bus_is_put_on_the_right_one(desk: Desk) -> None:
    code = register(desk, members=[make_member(), make_child(birth_date="2008-11-23")], services=["KIT_HIG"])["code"]
    wrong = desk.family(code).arrival.id
    right = desk.do(acts.open_arrival, {**BUS, "label": "Bus 2", "at": "2026-11-23T06:00-06:00"})["arrival_id"]
    assert desk.family(code).state == "active" and [one.minors for one in desk.families()] == [1]
    correct(desk, code, {"arrival": right})
    assert last_writes(desk) == [("family", ["arrival"])]
    (line,) = desk.families(arrival=right)
    assert (line.day, line.minors, line.kind) == ("2026-11-23", 0, "adults_only")  # eighteen on that day
    assert desk.families(arrival=wrong) == [] and desk.arrival(right).registered == 2
    with nothing_written(desk):
        correct(desk, code, {"arrival": right})
        assert refusal(acts_deliver_again, desk, code) == "service_limit"
    assert desk.check() == []


def acts_deliver_again(desk: Desk, code: str) -> None:
    desk.do(acts.deliver, code, "KIT_HIG", person=1)


def test_a_family_is_put_on_an_open_bus_only(desk: Desk) -> None:
    code = register(desk)["code"]
    closed = desk.do(acts.open_arrival, {**BUS, "label": "Bus 3", "headcount": 0})["arrival_id"]
    desk.do(acts.close_arrival, closed)
    with nothing_written(desk):
        assert refusal(correct, desk, code, {"arrival": closed}) == "arrival_closed"
        assert refusal(correct, desk, code, {"arrival": "00" * 16}) == "unknown_arrival"
        assert refusal(correct, desk, code, {"arrival": None}) == "wrong_type"
