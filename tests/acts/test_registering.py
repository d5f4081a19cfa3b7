"""One save takes a family from what was told to a code on paper: whole, once, or not at all."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from returnee_desk import acts
from returnee_desk.errors import Refused
from returnee_desk.records.codes import family_code
from returnee_desk.store.desk import Desk
from tests.making import (
    BUS,
    Founding,
    everything_of,
    make_child,
    make_family,
    make_member,
    nothing_written,
    open_bus,
    refusal,
    register,
    reopened,
)

CUI = {"kind": "CUI", "number": "2345 67899 1217"}
CANARIES = (
    "Zoila Canaria",
    "Quetzalita",
    "Canaria Ixcoy",
    "de Canario",
    "Caserío Canario",
    "+50255512345",
    "2345678991217",
)


def family_of_canaries(**told: Any) -> dict[str, Any]:
    mother = make_member("Zoila Canaria", "Canaria Ixcoy", married_surname="Canario", documents=[CUI], needs=["LACT"])
    return make_family(
        members=[mother, make_child(given_names="Quetzalita")],
        destination={"municipality": "1217", "place": "Caserío Canario"},
        origin={"municipality": "1315", "place": "Caserío Canario"},
        phone="5551 2345",
        **told,
    )


def test_a_family_is_kept_whole(desk: Desk) -> None:
    bus = open_bus(desk)
    data = family_of_canaries(
        spanish="some", interpreter=True, language="mam", contact=2, notes=["Llegaron con hambre."],
        services=["VIVERES", {"code": "ALIM", "persons": [1, 2], "quantity": 1}, "KIT_LUD"],
    )  # fmt: skip
    answer = desk.do(acts.register_family, data)
    family = desk.family(answer["code"])
    assert answer == {"code": family.code, "id": family.id, "kind": "family_unit", "warnings": [], "repeated": False}
    mother, child = family.members
    assert (mother.n, mother.given_names, mother.surnames, mother.married_surname) == (
        1, "Zoila Canaria", "Canaria Ixcoy", "Canario",
    )  # fmt: skip
    assert [(one.kind, one.number) for one in mother.documents] == [("CUI", "2345678991217")]
    assert (mother.needs, child.n, child.role) == (("LACT",), 2, "HIJA")
    assert (family.phone, family.language, family.spanish, family.interpreter) == ("+50255512345", "mam", "some", True)
    assert (family.origin.municipality, family.destination.place) == ("1315", "Caserío Canario")
    assert (family.contact, family.arrival.id, family.state) == (2, bus, "active")
    assert (family.registered_at, family.registered_by) == (desk.clock(), desk.me.id)
    assert [note.text for note in family.notes] == ["Llegaron con hambre."]
    assert [(one.code, one.person) for one in family.services] == [
        ("VIVERES", None), ("ALIM", 1), ("ALIM", 2), ("KIT_LUD", 2),
    ]  # fmt: skip
    assert len({one.slip for one in family.services}) == 1
    again = reopened(desk)
    assert again.family(answer["code"].lower().replace("-", " ")) == family
    again.close()


def test_without_an_arrival_the_only_open_one_is_meant(desk: Desk) -> None:
    with nothing_written(desk):
        assert refusal(desk.do, acts.register_family, make_family()) == "arrival_needed"
    first = open_bus(desk)
    assert desk.family(register(desk)["code"]).arrival.id == first
    open_bus(desk, label="Bus 2")
    with nothing_written(desk):
        assert refusal(desk.do, acts.register_family, make_family()) == "arrival_needed"
        assert refusal(desk.do, acts.register_family, make_family(arrival="f" * 32)) == "unknown_arrival"
        assert refusal(desk.do, acts.register_family, make_family(arrival="Bus 2")) == "unknown_arrival"


def test_a_described_arrival_is_found_again_and_opened_with_its_first_family(desk: Desk) -> None:
    with nothing_written(desk):
        assert refusal(desk.do, acts.register_family, make_family(arrival=BUS, members=[])) == "missing"
    first = desk.do(acts.register_family, make_family(arrival=BUS))
    second = desk.do(acts.register_family, make_family(arrival=BUS | {"at": "2026-11-22T17:30:00Z", "headcount": 7}))
    other = desk.do(acts.register_family, make_family(arrival=BUS | {"label": "Bus 2"}))
    arrivals = [desk.family(one["code"]).arrival.id for one in (first, second, other)]
    assert arrivals[0] == arrivals[1] != arrivals[2]
    assert desk.arrival(arrivals[0]).headcount == 40


def test_what_is_odd_is_said_and_saved(desk: Desk) -> None:
    open_bus(desk, headcount=3)
    first = register(desk, members=[make_member(documents=[CUI]), make_child()])
    assert first["warnings"] == []
    second = register(desk, members=[make_member(documents=[CUI], sex="M"), make_child(birth_date="2008", age=None)])
    told = {(one["code"], one["path"]) for one in second["warnings"]}
    assert told == {
        ("document_elsewhere", "members[0].documents[0].number"), ("sex_against_role", "members[0].sex"),
        ("age_uncertain", "members[1]"), ("more_than_headcount", "members"),
    }  # fmt: skip
    elsewhere = next(one for one in second["warnings"] if one["code"] == "document_elsewhere")
    assert elsewhere["details"] == {"codes": [first["code"]]}
    desk.do(acts.correct_family, first["code"], {"documents": []}, person=1, reason="no era suya")
    desk.do(acts.void, second["code"], reason="error")
    assert "document_elsewhere" not in {one["code"] for one in register(desk)["warnings"]}


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ([make_member(), make_child()], "family_unit"),
        ([make_member(role="TUTOR"), make_child()], "guardian_unit"),
        ([make_child(), make_child(1)], "child_without_parent"),
        ([make_member(), make_member(role="HERMANA", age=30)], "adults_only"),
    ],
)
def test_no_kind_of_family_is_refused(desk: Desk, members: list, kind: str) -> None:
    answer = register(desk, members=members)
    assert (answer["kind"], desk.families()[0].kind) == (kind, kind)


def test_without_consent_names_documents_phone_and_place_are_nowhere_in_the_file(desk: Desk, tmp_path: Path) -> None:
    open_bus(desk)
    answer = desk.do(acts.register_family, family_of_canaries(consent={"register": False}, services=["KIT_HIG"]))
    desk.do(acts.add_member, answer["code"], make_child(2, given_names="Quetzalita", documents=[CUI]))
    kept = repr(everything_of(desk))
    for canary in (*CANARIES, "zoila", "quetzalita", "55512345", "Canari", "canari"):
        assert canary not in kept
    family = desk.family(answer["code"])
    assert [(one.given_names, one.documents, one.sex, one.role) for one in family.members] == [
        ("", (), "F", "MADRE"), ("", (), "F", "HIJA"), ("", (), "F", "HIJA"),
    ]  # fmt: skip
    assert (family.destination.municipality, family.destination.place, family.phone) == ("1217", "", None)
    assert family.members[0].needs == ("LACT",)
    assert len(family.services) == 2
    line = desk.families()[0]
    assert (line.name, line.persons, line.minors) == ("", 3, 2)
    assert desk.find("Canaria") == []


def test_the_same_key_and_content_answers_the_first_code_and_writes_nothing(desk: Desk) -> None:
    open_bus(desk)
    data = make_family(key="hoja-0412")
    first = desk.do(acts.register_family, data)
    other_order = json.loads(json.dumps(data, sort_keys=True))
    other_order["members"] = [dict(reversed(one.items())) for one in other_order["members"]]
    with nothing_written(desk):
        again = desk.do(acts.register_family, other_order)
    assert again == first | {"repeated": True}
    for change in ({"language": "mam"}, {"members": [make_member()]}, {"notes": ["x"]}):
        with nothing_written(desk):
            assert refusal(desk.do, acts.register_family, data | change) == "key_reused"
    assert desk.do(acts.register_family, data | {"key": "HOJA-0412"})["code"] != first["code"]


def test_a_key_holds_over_a_closed_bus_and_a_new_life_of_the_file(desk: Desk) -> None:
    bus = open_bus(desk, headcount=2)
    first = desk.do(acts.register_family, make_family(key="k"))
    desk.do(acts.close_arrival, bus)
    again = desk.do(acts.register_family, make_family(key="k"))
    assert again["repeated"] and again["code"] == first["code"]
    desk.set_local("settings", desk.local("settings") | {"epoch": "0" * 16, "epoch_sign": "2"})
    with nothing_written(desk):
        assert desk.do(acts.register_family, make_family(key="k"))["code"] == first["code"]
    desk.do(acts.open_arrival, BUS | {"label": "Bus 9"})
    assert desk.do(acts.register_family, make_family())["code"].startswith("TUM1-A2-00001-")


@pytest.mark.parametrize("key", ["k" * 65, 7, ["k"], "\ud800", {"k": 1}])
def test_a_key_that_is_none_is_refused(desk: Desk, key: Any) -> None:
    open_bus(desk)
    with nothing_written(desk):
        assert refusal(desk.do, acts.register_family, make_family(key=key)) in ("wrong_type", "text_too_long")


def test_codes_are_counted_without_holes_though_saves_are_refused(desk: Desk) -> None:
    open_bus(desk)
    codes = []
    for _ in range(3):
        codes.append(register(desk, services=["VIVERES"])["code"])
        with nothing_written(desk):
            assert refusal(register, desk, services=["VIVERES", "VIVERES"]) == "service_limit"
            assert refusal(register, desk, members=[make_child(role="TIO", age=None)]) == "age_needed"
    assert codes == [family_code("TUM1", "A", "1", n) for n in (1, 2, 3)]
    slips = sorted(service.slip for code in codes for service in desk.family(code).services)
    assert [slip.split("-")[2] for slip in slips] == ["S00001", "S00002", "S00003"]


def test_a_code_printed_on_a_blank_sheet_is_taken_once(desk: Desk) -> None:
    own, others = family_code("TUM1", "A", "1", 1), family_code("TUM1", "B", "1", 77)
    open_bus(desk)
    assert register(desk, paper_code=own.lower())["code"] == own
    answer = register(desk, paper_code=others.replace("-", ""))
    assert (answer["code"], [one["code"] for one in answer["warnings"]]) == (others, ["code_of_another_desk"])
    with nothing_written(desk):
        assert refusal(register, desk, paper_code=own) == "code_used"
        assert refusal(register, desk, paper_code=family_code("CRM1", "A", "1", 1)) == "code_of_another_place"
        assert refusal(register, desk, paper_code="TUM1-A1-00001-0") == "invalid_code"
    assert register(desk)["code"] == family_code("TUM1", "A", "1", 2)


@pytest.mark.parametrize(("kind", "place"), [("office", "OFFICE"), ("delegation", "D12")])
def test_only_a_post_registers(founding: Founding, tmp_path: Path, kind: str, place: str) -> None:
    with founding.copy(tmp_path / kind, kind=kind, place=place) as other, nothing_written(other):
        assert refusal(other.do, acts.register_family, make_family(arrival=BUS)) == "wrong_desk_kind"


@pytest.mark.parametrize(
    ("told", "code", "path"),
    [
        ({"member": []}, "unknown_key", "member"),
        ({"members": None}, "missing", "members"),
        ({"destination": {"municipality": "9999"}}, "unknown_code", "destination.municipality"),
        ({"language": "latin"}, "unknown_code", "language"),
        ({"consent": {}}, "missing", "consent.register"),
        ({"phone": "12"}, "invalid_phone", "phone"),
        ({"services": ["CASA"]}, "unknown_code", "services[0]"),
        ({"services": ["KIT_LUD"], "members": [make_member()]}, "service_suits_nobody", "services[0]"),
        ({"services": [{"code": "VIVERES", "persons": [1]}]}, "service_per_family", "services[0].persons"),
        ({"services": [{"code": "ALIM", "persons": [3]}]}, "out_of_range", "services[0].persons[0]"),
        ({"services": ["VIVERES", "VIVERES"]}, "service_limit", "services[1]"),
        ({"registered_at": "2026-11-22T15:02"}, "time_without_zone", "registered_at"),
        ({"notes": ["x" * 2001]}, "text_too_long", "notes[0]"),
        ({"members": [make_member("x" * 121)]}, "text_too_long", "members[0].given_names"),
        ({"members": [make_member(documents=[{"kind": "CUI", "number": "2345678981217"}])]}, "invalid_document",
         "members[0].documents[0].number"),
        ({"members": [make_member(age=28, birth_date="1994")]}, "two_ages", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_field_and_nothing_is_kept(
    desk: Desk, told: dict, code: str, path: str | None
) -> None:
    open_bus(desk)
    with nothing_written(desk), pytest.raises(Refused) as caught:
        desk.do(acts.register_family, make_family() | told)
    assert caught.value.code == code
    assert path is None or caught.value.path == path


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ("key", "arrival", "destination", "origin", "phone", "language", "consent", "contact", "members", "services",
           "registered_at", "paper_code", "notes", "spanish", "interpreter")  # fmt: skip
_MEMBER = ("given_names", "surnames", "sex", "birth_date", "age", "role", "documents", "needs", "mother_tongue")


@given(field=st.sampled_from(_FIELDS), member=st.sampled_from((None, *_MEMBER)), value=_json)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_json_is_a_family_or_refused_never_our_own_error(
    desk: Desk, field: str, member: str | None, value: Any
) -> None:
    data = make_family(arrival=BUS)
    place = data if member is None else copy.deepcopy(data["members"])[0]
    if member is None:
        data[field] = value
    else:
        data["members"] = [place, data["members"][1]]
        place[member] = value
    try:
        code = desk.do(acts.register_family, data)["code"]
    except Refused:
        return
    assert desk.family(code).members
    assert desk.do(acts.void, code, reason="prueba")


@pytest.mark.parametrize("data", [None, [], "familia", 7, {}])
def test_what_is_no_object_is_refused(desk: Desk, data: Any) -> None:
    open_bus(desk)
    with nothing_written(desk):
        assert refusal(desk.do, acts.register_family, data) in ("wrong_type", "missing")


@pytest.mark.parametrize(
    "name",
    [
        "Ana María " * 11, "'; DROP TABLE person;--", "NEAR(a b)", "B’alam Q’eqchi’", "Ñusta", "<b>Ana", "a\u0301" * 30,
        "=cmd|' /C calc'!A0", "Ana\u202eairaM", "Ana\x00Luisa", "👩\u200d👧", "O",
    ],
)  # fmt: skip
def test_hostile_names_are_saved_found_and_shown(desk: Desk, name: str) -> None:
    code = register(desk, members=[make_member(name, "Tzul"), make_child()])["code"]
    again = reopened(desk)
    kept = again.family(code).members[0].given_names
    assert "\u202e" not in kept and "\x00" not in kept
    assert [hit.code for hit in again.find("Tzul")] == [code]
    again.find(name)
    assert again.check() == []
    again.close()
