from __future__ import annotations

import copy
import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.errors import Refused
from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.dates import LOCAL, Born
from returnee_desk.records.families import ArrivalAsked, Consent, Family, Note, Whereabouts
from returnee_desk.records.form import (
    arrival_of,
    family_json,
    problems,
    read_consent,
    read_family,
    read_member,
    read_services,
    role_sex,
    warnings,
)
from returnee_desk.records.identity import check_document
from returnee_desk.records.lists import lists
from returnee_desk.records.people import Document, Person
from returnee_desk.records.services import Service, ServiceAsked

DAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 15, 2, tzinfo=LOCAL)

SHEET: dict[str, Any] = {
    "key": "sheet-0412",
    "arrival": "0123456789abcdef0123456789abcdef",
    "destination": {"municipality": "1217", "place": "Aldea La Independencia"},
    "origin": {"municipality": "1217"},
    "phone": "5551 2345",
    "language": "mam",
    "spanish": "some",
    "interpreter": False,
    "consent": {"asked_in": "mam", "how": "read aloud", "register": True, "share": False},
    "members": [
        {
            "given_names": "María Elena",
            "surnames": "Xiloj Tzul",
            "married_surname": None,
            "sex": "F",
            "birth_date": "1994-05-02",
            "role": "MADRE",
            "nationality": "GTM",
            "documents": [{"kind": "CUI", "number": "2345 67899 1217"}],
            "needs": ["LACT"],
            "mother_tongue": "mam",
        },
        {"given_names": "José", "surnames": "Xiloj", "sex": "M", "age": 4, "role": "HIJO"},
    ],
    "services": ["KIT_HIG", {"code": "ALIM", "persons": [1], "quantity": 1}],
    "registered_at": "2026-11-22T15:02-06:00",
    "paper_code": None,
    "notes": [],
}


def sheet(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(SHEET) | changes


def at(data: Any, path: str, value: Any) -> Any:
    """A copy of the data with the field at `members[0].sex` set to a value; `...` takes it out."""
    data = copy.deepcopy(data)
    *steps, last = path.replace("[", ".[").split(".")
    place = data
    for step in steps:
        place = place[int(step[1:-1])] if step.startswith("[") else place[step]
    key: Any = int(last[1:-1]) if last.startswith("[") else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return data


def test_the_sheet_in_the_manual_reads_as_it_says() -> None:
    family = read_family(SHEET, day=DAY)
    mother, child = family.members
    assert mother == Person(
        given_names="María Elena",
        surnames="Xiloj Tzul",
        sex="F",
        born=Born(edtf="1994-05-02"),
        role="MADRE",
        documents=(Document(kind="CUI", number="2345678991217"),),
        needs=("LACT",),
        mother_tongue="mam",
    )
    assert child.born == Born(age=4, unit="years", on=DAY)
    assert family.arrival == SHEET["arrival"]
    assert family.destination == Whereabouts(municipality="1217", place="Aldea La Independencia")
    assert family.phone == "+50255512345"
    assert family.consent == Consent(register=True, share=False, asked_in="mam", how="read aloud")
    assert family.services == (ServiceAsked(code="KIT_HIG"), ServiceAsked(code="ALIM", persons=(1,)))
    assert family.registered_at == AT
    assert family.key == "sheet-0412"
    assert problems(SHEET, day=DAY) == []
    assert warnings(family.members, DAY) == []


def test_members_alone_are_enough() -> None:
    family = read_family({"members": [{"surnames": "Pop", "sex": "X", "role": "MADRE"}]}, day=DAY)
    assert family.members == (Person(surnames="Pop", sex="X", role="MADRE"),)
    assert (family.arrival, family.consent, family.phone, family.services, family.registered_at) == (None,) * 3 + (
        (),
        None,
    )


def test_origin_defaults_to_the_destinations_municipality() -> None:
    assert read_family(sheet(origin=None), day=DAY).origin == Whereabouts(municipality="1217")
    assert read_family(sheet(origin={"place": "Caserío"}), day=DAY).origin == Whereabouts(
        municipality="1217", place="Caserío"
    )
    assert read_family(sheet(origin={"municipality": "0101"}), day=DAY).origin == Whereabouts(municipality="0101")


def test_a_paper_code_is_kept_as_printed() -> None:
    assert read_family(sheet(paper_code="tum1 a300439k"), day=DAY).paper_code == "TUM1-A3-00439-K"


@pytest.mark.parametrize(
    ("path", "value", "code", "named"),
    [
        ("colour", "red", "unknown_key", "colour"),
        ("members[0].Sex", "F", "unknown_key", "members[0].Sex"),
        ("members[0].documents[0].issued", "x", "unknown_key", "members[0].documents[0].issued"),
        ("destination.address", "x", "unknown_key", "destination.address"),
        ("consent.photo", True, "unknown_key", "consent.photo"),
        ("services[1].n", 1, "unknown_key", "services[1].n"),
        ("members", ..., "missing", "members"),
        ("members", [], "missing", "members"),
        ("members", None, "missing", "members"),
        ("members", {}, "wrong_type", "members"),
        ("members", [1], "wrong_type", "members[0]"),
        ("members[0].sex", ..., "missing", "members[0].sex"),
        ("members[1].sex", "m", "unknown_code", "members[1].sex"),
        ("members[1].sex", 1, "wrong_type", "members[1].sex"),
        ("members[0].role", ..., "missing", "members[0].role"),
        ("members[0].role", "MAMA", "unknown_code", "members[0].role"),
        ("members[0].role", ["MADRE"], "wrong_type", "members[0].role"),
        ("members[0].given_names", 5, "wrong_type", "members[0].given_names"),
        ("members[0].given_names", "x" * 121, "text_too_long", "members[0].given_names"),
        ("members[0].married_surname", "x" * 121, "text_too_long", "members[0].married_surname"),
        ("members[0].birth_date", "1994-02-30", "invalid_date", "members[0].birth_date"),
        ("members[0].birth_date", "2/5/1994", "invalid_date", "members[0].birth_date"),
        ("members[0].birth_date", "2026-11-23", "invalid_date", "members[0].birth_date"),
        ("members[0].birth_date", 1994, "wrong_type", "members[0].birth_date"),
        ("members[0].age", 32, "two_ages", "members[0].age"),
        ("members[1].age", "4", "wrong_type", "members[1].age"),
        ("members[1].age", 4.0, "wrong_type", "members[1].age"),
        ("members[1].age", True, "wrong_type", "members[1].age"),
        ("members[1].age", 121, "invalid_age", "members[1].age"),
        ("members[1].age_months", -1, "two_ages", "members[1].age_months"),
        ("members[0].nationality", "GUA", "unknown_code", "members[0].nationality"),
        ("members[0].mother_tongue", "maya", "unknown_code", "members[0].mother_tongue"),
        ("members[0].needs", "LACT", "wrong_type", "members[0].needs"),
        ("members[0].needs", ["LACT", "XYZ"], "unknown_code", "members[0].needs[1]"),
        ("members[0].needs", [None], "missing", "members[0].needs[0]"),
        ("members[0].documents", {}, "wrong_type", "members[0].documents"),
        ("members[0].documents[0]", "CUI", "wrong_type", "members[0].documents[0]"),
        ("members[0].documents[0].kind", "DPI", "unknown_code", "members[0].documents[0].kind"),
        ("members[0].documents[0].kind", ..., "missing", "members[0].documents[0].kind"),
        ("members[0].documents[0].number", ..., "missing", "members[0].documents[0].number"),
        ("members[0].documents[0].number", 2345678991217, "wrong_type", "members[0].documents[0].number"),
        ("members[0].documents[0].number", "2345 67898 1217", "invalid_document", "members[0].documents[0].number"),
        ("members[0].documents[0].unverified", "yes", "wrong_type", "members[0].documents[0].unverified"),
        ("arrival", 7, "wrong_type", "arrival"),
        ("arrival", {"mode": "sea"}, "missing", "arrival.at"),
        ("destination", "1217", "wrong_type", "destination"),
        ("destination.municipality", "9999", "unknown_code", "destination.municipality"),
        ("destination.municipality", 1217, "wrong_type", "destination.municipality"),
        ("destination.place", "x" * 121, "text_too_long", "destination.place"),
        ("phone", "12", "invalid_phone", "phone"),
        ("phone", 55512345, "wrong_type", "phone"),
        ("language", "xx", "unknown_code", "language"),
        ("spanish", "much", "unknown_code", "spanish"),
        ("interpreter", "no", "wrong_type", "interpreter"),
        ("interpreter", 0, "wrong_type", "interpreter"),
        ("consent", True, "wrong_type", "consent"),
        ("consent.register", ..., "missing", "consent.register"),
        ("consent.register", 1, "wrong_type", "consent.register"),
        ("consent.how", "shouted", "unknown_code", "consent.how"),
        ("consent.asked_in", "xx", "unknown_code", "consent.asked_in"),
        ("contact", 3, "out_of_range", "contact"),
        ("contact", True, "wrong_type", "contact"),
        ("services", "KIT_HIG", "wrong_type", "services"),
        ("services[0]", "KIT", "unknown_code", "services[0]"),
        ("services[0]", 3, "wrong_type", "services[0]"),
        ("services[1].code", "KIT", "unknown_code", "services[1].code"),
        ("services[1].code", ..., "missing", "services[1].code"),
        ("services[1].persons", [3], "out_of_range", "services[1].persons[0]"),
        ("services[1].persons", [], "missing", "services[1].persons"),
        ("services[1].persons", 1, "wrong_type", "services[1].persons"),
        ("services[1].quantity", 0, "out_of_range", "services[1].quantity"),
        ("services[1].quantity", True, "wrong_type", "services[1].quantity"),
        ("services[1].quantity", 1.5, "wrong_type", "services[1].quantity"),
        ("registered_at", "2026-11-22T15:02", "time_without_zone", "registered_at"),
        ("registered_at", "yesterday", "invalid_time", "registered_at"),
        ("registered_at", 5, "wrong_type", "registered_at"),
        ("paper_code", "TUM1-A3-00439-X", "invalid_code", "paper_code"),
        ("key", "k" * 65, "text_too_long", "key"),
        ("key", 5, "wrong_type", "key"),
        ("key", "\ud800", "wrong_type", "key"),
        ("notes", "x", "wrong_type", "notes"),
        ("notes", ["x" * 2001], "text_too_long", "notes[0]"),
        ("notes", [{}], "wrong_type", "notes[0]"),
        ("members", [SHEET["members"][1]] * 61, "too_many", "members"),
        ("members[0].documents", [SHEET["members"][0]["documents"][0]] * 11, "too_many", "members[0].documents"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(path: str, value: Any, code: str, named: str) -> None:
    wrong = at(SHEET, path, value)
    with pytest.raises(Refused) as no:
        read_family(wrong, day=DAY)
    assert (no.value.code, no.value.path) == (code, named)
    assert (code, named) in [(problem.code, problem.path) for problem in problems(wrong, day=DAY)]


@pytest.mark.parametrize("data", [None, [], "family", 3])
def test_what_is_no_object_is_refused(data: Any) -> None:
    for read in (lambda: read_family(data, day=DAY), lambda: arrival_of(data)):
        with pytest.raises(Refused, match="wrong_type"):
            read()
    assert next(problem.code for problem in problems(data, day=DAY)) == "wrong_type"


def test_everything_wrong_is_told_at_once() -> None:
    wrong = at(at(at(SHEET, "members[0].documents[0].number", "1"), "members[1].age", 300), "phone", "x")
    assert [(problem.code, problem.path) for problem in problems(wrong, day=DAY)] == [
        ("invalid_document", "members[0].documents[0].number"),
        ("invalid_age", "members[1].age"),
        ("invalid_phone", "phone"),
    ]
    with pytest.raises(Refused, match="invalid_document"):
        read_family(wrong, day=DAY)


def test_a_name_is_needed_one_way_or_the_other_and_spaces_are_none() -> None:
    nameless = {"sex": "F", "role": "MADRE", "given_names": "  ", "surnames": "\u200b"}
    for member in (nameless, {"sex": "F", "role": "MADRE"}):
        assert [(no.code, no.path) for no in problems({"members": [member]}, day=DAY)] == [
            ("missing", "members[0].given_names")
        ]
    too_long = {"sex": "F", "role": "MADRE", "given_names": "x" * 500}
    assert [no.code for no in problems({"members": [too_long]}, day=DAY)] == ["text_too_long"]


def test_without_an_age_the_role_must_tell() -> None:
    for role in lists().roles:
        found = problems({"members": [{"surnames": "Pop", "sex": "X", "role": role}]}, day=DAY)
        told = role in ("MADRE", "PADRE", "HIJA", "HIJO")
        assert [(no.code, no.path) for no in found] == ([] if told else [("age_needed", "members[0].birth_date")])


def test_without_consent_names_papers_phone_and_place_are_left_out() -> None:
    refusing = sheet(consent={"asked_in": "mam", "how": "spoken", "register": False}, notes=["x"])
    refusing["members"][0]["documents"] = [{"kind": "CUI", "number": "not even read"}]
    family = read_family(refusing, day=DAY)
    mother = family.members[0]
    assert (mother.given_names, mother.surnames, mother.married_surname, mother.documents) == ("", "", None, ())
    assert (mother.sex, mother.born, mother.role, mother.needs) == ("F", Born(edtf="1994-05-02"), "MADRE", ("LACT",))
    assert family.phone is None
    assert family.destination == family.origin == Whereabouts(municipality="1217")
    assert len(family.services) == 2
    assert "Xiloj" not in repr(family) and "Independencia" not in repr(family)
    nameless = at(at(refusing, "members[0].given_names", ...), "members[0].surnames", ...)
    assert read_family(nameless, day=DAY) == family


def test_hidden_signs_are_taken_out_of_names_and_notes() -> None:
    data = at(sheet(notes=["a\u202eb\n\nc\u0000"]), "members[0].given_names", " Mari\u0301a\u200b  Elena\u0000 ")
    family = read_family(data, day=DAY)
    assert family.members[0].given_names == "María Elena"
    assert family.notes == ("ab\n\nc",)


def test_an_arrival_is_read_before_the_rest_and_gives_the_day() -> None:
    bus = {"mode": "land", "label": "Bus 3", "from": "MEX", "at": "2026-11-23T05:30:00Z", "headcount": 36}
    asked = arrival_of({"arrival": bus})
    assert isinstance(asked, ArrivalAsked)
    assert (asked.mode, asked.label, asked.country, asked.headcount) == ("land", "Bus 3", "MEX", 36)
    assert read_family(sheet(arrival=bus)).members[1].born == Born(age=4, unit="years", on=DAY)
    assert arrival_of({}) is None
    assert arrival_of({"arrival": " abc "}) == "abc"
    with pytest.raises(Refused, match="arrival_needed"):
        read_family(sheet(arrival=None))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("mode", "sea", "unknown_code"),
        ("mode", None, "missing"),
        ("label", " ", "missing"),
        ("from", "Mexico", "unknown_code"),
        ("at", "2026-11-22T10:00", "time_without_zone"),
        ("headcount", 0, "out_of_range"),
        ("headcount", "36", "wrong_type"),
        ("headcount", None, "missing"),
        ("driver", "x", "unknown_key"),
    ],
)
def test_an_arrival_described_badly_is_refused(field: str, value: Any, code: str) -> None:
    bus = {"mode": "land", "label": "Bus 3", "from": "MEX", "at": "2026-11-22T10:00-06:00", "headcount": 36} | {
        field: value
    }
    with pytest.raises(Refused) as no:
        arrival_of({"arrival": bus})
    assert (no.value.code, no.value.path) == (code, f"arrival.{field}")


def test_parts_can_be_read_alone() -> None:
    assert read_member({"surnames": "Pop", "sex": "F", "role": "TIA", "age_months": 400}, day=DAY).role == "TIA"
    with pytest.raises(Refused) as no:
        read_member({"surnames": "Pop", "sex": "F", "role": "TIA"}, day=DAY)
    assert no.value.path == "birth_date"
    assert read_consent({"register": False}) == Consent(register=False)
    assert read_services(["ALIM", "ALIM"], members=1) == (ServiceAsked(code="ALIM"), ServiceAsked(code="ALIM"))


def test_a_language_of_the_interview_stands_in_for_the_consents() -> None:
    family = read_family(sheet(consent={"register": True}), day=DAY)
    assert family.consent == Consent(register=True, asked_in="mam", how="spoken")


def test_odd_things_are_warned_of_and_stop_nothing() -> None:
    data = sheet()
    data["members"] = [
        {"surnames": "Pop", "sex": "M", "role": "MADRE", "documents": [{"kind": "CUI", "number": "1234567891111"}]},
        {"surnames": "Pop", "sex": "X", "role": "HIJA", "birth_date": "2008"},
        {
            "surnames": "Pop",
            "sex": "F",
            "role": "HIJA",
            "age": 3,
            "documents": [{"kind": "CUI", "number": "1234567891111"}],
        },
        {"surnames": "Caal", "sex": "M", "role": "SOBRINO", "age": 9},
    ]
    found = warnings(read_family(data, day=DAY).members, DAY)
    assert [(one["code"], one["path"]) for one in found] == [
        ("sex_against_role", "members[0].sex"),
        ("cui_municipality", "members[0].documents[0].number"),
        ("cui_municipality", "members[2].documents[0].number"),
        ("document_elsewhere", "members[2].documents[0].number"),
        ("separated_child", "members[3]"),
        ("age_uncertain", "members[1]"),
    ]


def test_a_roles_sex_is_what_its_name_says() -> None:
    assert (role_sex("MADRE"), role_sex("HIJO"), role_sex("CONYUGE"), role_sex("TUTOR")) == ("F", "M", None, None)
    endings = {role: role_sex(role) for role in lists().roles if role_sex(role)}
    assert len(endings) == 24
    assert set(endings) <= set(lists().roles)


# What `show` writes


def register_shape(shown: dict[str, Any]) -> dict[str, Any]:
    """What `register` would take of what `show` gave."""
    extra = ("code", "id", "kind", "separated", "handover", "state", "warnings", "registered_by", "gone", "doubts")
    data = {key: value for key, value in shown.items() if key not in extra}
    data["members"] = [
        {key: value for key, value in member.items() if key not in ("n", "id")} for member in data["members"]
    ]
    data["services"] = [{key: service[key] for key in ("code", "persons", "quantity")} for service in data["services"]]
    return data


def test_a_family_is_shown_in_the_shape_it_was_registered_in() -> None:
    bus = Arrival(mode="land", label="Bus 3", country="MEX", at=AT, headcount=36, id="a1")
    mother = Person(
        given_names="Ana",
        surnames="Pop",
        sex="F",
        born=Born(edtf="1980~"),
        role="MADRE",
        n=1,
        documents=(Document(kind="CUI", number="1234567800101", unverified=True),),
    )
    child = Person(
        given_names="José",
        surnames="Pop",
        sex="M",
        born=Born(age=3, unit="months", on=date(2026, 11, 21)),
        role="HIJO",
        n=4,
    )
    family = Family(
        id="f1",
        code="TUM1-A3-00439-K",
        arrival=bus,
        members=(mother, child),
        gone=(Person(surnames="Caal", sex="M", role="TIO", born=Born(edtf="1990"), n=2, state="left"),),
        services=(
            Service(code="ALIM", person=1, quantity=2, at=AT, slip="S1", id="s1", undone=True),
            Service(code="PSICO", person=None, quantity=1, at=AT, slip="S1", id="s2", override="reason"),
        ),
        notes=(Note(text="hola"),),
        consent=Consent(register=True, share=True, asked_in="spa", how="spoken"),
        registered_at=AT,
        registered_by="u1",
        doubts=("phone",),
    )
    shown = json.loads(json.dumps(family_json(family, warnings=[{"code": "x", "path": "y"}])))
    assert (shown["code"], shown["id"], shown["kind"], shown["state"], shown["arrival"]) == (
        "TUM1-A3-00439-K",
        "f1",
        "family_unit",
        "active",
        "a1",
    )
    assert [member["n"] for member in shown["members"]] == [1, 4]
    assert shown["members"][0]["documents"] == [{"kind": "CUI", "number": "1234567800101", "unverified": True}]
    assert (shown["members"][1]["age_months"], shown["members"][1]["age_on"]) == (3, "2026-11-21")
    assert shown["services"][0] == {
        "code": "ALIM",
        "persons": [1],
        "quantity": 2,
        "id": "s1",
        "slip": "S1",
        "at": "2026-11-22T15:02:00-06:00",
        "undone": True,
    }
    assert shown["services"][1]["persons"] is None
    assert shown["services"][1]["override"] == "reason"
    assert shown["registered_at"] == "2026-11-22T15:02:00-06:00"
    assert shown["notes"] == ["hola"]
    assert shown["warnings"] == [{"code": "x", "path": "y"}]
    assert [(member["n"], member["state"]) for member in shown["gone"]] == [(2, "left")]
    assert shown["doubts"] == ["phone"]


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def code_of(codes: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(codes))


found = lists()
texts = st.text("ABCdefñéü’ʼ -", min_size=1, max_size=20).filter(lambda text: text.strip())
ages = st.one_of(
    st.just({}),
    st.builds(lambda n: {"age": n}, st.integers(0, 120)),
    st.builds(lambda n: {"age_months": n}, st.integers(0, 30)),
    st.builds(
        lambda text: {"birth_date": text}, st.sampled_from(["1994", "1994-05", "1994-05-02", "1980~", "2026-11-22"])
    ),
)
papers = st.sampled_from(
    [
        {"kind": "CUI", "number": "2345 67899 1217"},
        {"kind": "CUI", "number": "1234 56780 0101", "unverified": True},
        {"kind": "PASSPORT", "number": "a-1234567"},
        {"kind": "BIRTH_RECORD", "number": "Partida 3, folio 4"},
    ]
)
members = st.builds(
    lambda age, **rest: rest | (age if age or rest["role"] in ("MADRE", "PADRE", "HIJA", "HIJO") else {"age": 30}),
    ages,
    given_names=texts,
    surnames=optional(texts),
    married_surname=optional(texts),
    sex=st.sampled_from("FMX"),
    role=code_of(found.roles),
    nationality=optional(code_of(found.countries)),
    documents=optional(st.lists(papers, max_size=3)),
    needs=optional(st.lists(code_of(found.needs), max_size=4)),
    mother_tongue=optional(code_of(found.languages)),
)
places = st.fixed_dictionaries(
    {}, optional={"municipality": optional(code_of(found.municipalities)), "place": optional(texts)}
)
consents = st.fixed_dictionaries(
    {"register": st.booleans()},
    optional={
        "share": st.booleans(),
        "asked_in": code_of(found.languages),
        "how": st.sampled_from(["spoken", "read aloud", "written"]),
    },
)
families = st.fixed_dictionaries(
    {"members": st.lists(members, min_size=1, max_size=6), "arrival": st.just("a1")},
    optional={
        "destination": optional(places),
        "origin": optional(places),
        "phone": optional(st.sampled_from(["5551 2345", "+1 213 373 4253", ""])),
        "language": optional(code_of(found.languages)),
        "spanish": optional(st.sampled_from(["none", "some", "fluent"])),
        "interpreter": optional(st.booleans()),
        "consent": optional(consents),
        "contact": optional(st.just(1)),
        "services": optional(st.lists(st.sampled_from(["PSICO", "CONECT"]), max_size=3)),
        "registered_at": optional(st.just("2026-11-22T15:02:00-06:00")),
        "notes": optional(st.lists(texts, max_size=3)),
    },
)


@given(families)
def test_what_is_shown_registers_again_as_the_same_family(data: dict[str, Any]) -> None:
    draft = read_family(data, day=DAY)
    bus = Arrival(mode="land", label="Bus 3", country="MEX", at=AT, headcount=36, id="a1")
    kept = {
        name: getattr(draft, name)
        for name in (
            "origin",
            "destination",
            "phone",
            "language",
            "spanish",
            "interpreter",
            "consent",
            "contact",
            "registered_at",
        )
    }
    family = Family(
        id="f1",
        code="TUM1-A3-00439-K",
        arrival=bus,
        members=draft.members,
        services=tuple(Service(code=one.code, person=None, quantity=1, at=AT, slip="") for one in draft.services),
        notes=tuple(Note(text=text) for text in draft.notes),
        **kept,
    )
    again = read_family(register_shape(json.loads(json.dumps(family_json(family)))), day=DAY)
    assert again == draft
    assert problems(data, day=DAY) == []


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SHEET, *SHEET["members"][0], "code", "kind", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*SHEET, "contact", "x"]), anything, max_size=6))
def test_any_json_is_read_or_refused_and_its_first_problem_is_the_refusal(data: dict[str, Any]) -> None:
    told = problems(data, day=DAY)
    try:
        read_family(data, day=DAY)
    except Refused as no:
        assert (no.code, no.path) == (told[0].code, told[0].path)
    else:
        assert told == []


@given(families, st.sampled_from([*SHEET["members"][0], "age", "x"]), anything)
def test_any_value_in_a_members_field_is_read_or_refused(data: dict[str, Any], field: str, value: Any) -> None:
    data = copy.deepcopy(data)
    data["members"][0][field] = value
    for no in problems(data, day=DAY):
        assert no.code and no.path


def test_a_draft_still_without_an_arrival_is_checked_as_far_as_it_goes() -> None:
    data = {"members": [{"surnames": "Pop", "sex": "F", "role": "TIA", "age": 500}]}
    assert [no.code for no in problems(data)] == ["arrival_needed"]


def test_papers_in_the_tables_above_are_what_they_seem() -> None:
    assert check_document("CUI", "1234567891111")[1] == ("cui_municipality",)
