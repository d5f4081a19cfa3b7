"""What short typing means, as tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.errors import Refused
from returnee_desk.records.dates import Born
from returnee_desk.ui.typed import (
    Known,
    first_surname,
    proper,
    read_birth,
    read_documents,
    role_for_sex,
    role_offered,
    surnames_offered,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2/5/94", {"birth_date": "1994-05-02"}),
        ("2-5-1994", {"birth_date": "1994-05-02"}),
        ("02.05.94", {"birth_date": "1994-05-02"}),
        ("020594", {"birth_date": "1994-05-02"}),
        ("02051994", {"birth_date": "1994-05-02"}),
        ("1/1/26", {"birth_date": "2026-01-01"}),
        ("23/11/26", {"birth_date": "1926-11-23"}),
        ("5/1994", {"birth_date": "1994-05"}),
        ("5/94", {"birth_date": "1994-05"}),
        ("1994", {"birth_date": "1994"}),
        ("1980~", {"birth_date": "1980~"}),
        ("c1980", {"birth_date": "1980~"}),
        ("hacia 1980", {"birth_date": "1980~"}),
        ("4", {"age": 4}),
        ("4a", {"age": 4}),
        ("4 años", {"age": 4}),
        ("3m", {"age_months": 3}),
        ("11 meses", {"age_months": 11}),
        ("29/2/2004", {"birth_date": "2004-02-29"}),
        ("", {}),
        ("  ", {}),
    ],
)
def test_a_birth_date_or_an_age_is_understood(typed: str, meant: dict[str, Any]) -> None:
    assert read_birth(typed, TODAY) == meant


@pytest.mark.parametrize(
    "typed", ["31/2/1994", "13/1994", "2/5/", "mayo", "1994-05-02-01", "99999", "2099", "1/1/19994"]
)
def test_what_can_mean_nothing_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="invalid_date"):
        read_birth(typed, TODAY)


@given(st.text(max_size=20))
def test_any_text_is_understood_or_refused_and_what_is_understood_can_be_kept(typed: str) -> None:
    try:
        told = read_birth(typed, TODAY)
        if told:
            Born.read(**told, on=TODAY)
    except Refused:
        pass


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2345678991217", [{"kind": "CUI", "number": "2345678991217"}]),
        ("2345 67899 1217", [{"kind": "CUI", "number": "2345 67899 1217"}]),
        ("2345 67899 1217!", [{"kind": "CUI", "number": "2345 67899 1217", "unverified": True}]),
        ("p A1234567", [{"kind": "PASSPORT", "number": "A1234567"}]),
        ("A1234567", [{"kind": "PASSPORT", "number": "A1234567"}]),
        ("dni 0801199912345", [{"kind": "DNI_HND", "number": "0801199912345"}]),
        ("01234567-8", [{"kind": "DUI", "number": "01234567-8"}]),
        ("partida 4511-2015", [{"kind": "BIRTH_RECORD", "number": "4511-2015"}]),
        ("GOAP780710MOCMRL04", [{"kind": "CURP", "number": "GOAP780710MOCMRL04"}]),
        ("constancia", [{"kind": "OTHER", "number": "constancia"}]),
        ("CURP ABC; otro 7", [{"kind": "CURP", "number": "ABC"}, {"kind": "OTHER", "number": "7"}]),
        (" ; ", []),
    ],
)  # fmt: skip
def test_papers_are_told_by_their_word_or_their_form(typed: str, meant: list[dict[str, Any]]) -> None:
    assert read_documents(typed) == meant


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("maría elena", "María Elena"),
        ("DE LA CRUZ PÉREZ", "de la Cruz Pérez"),
        ("de león", "de León"),
        ("McArthur de Paz", "McArthur de Paz"),
        ("ana-lucía", "Ana-Lucía"),
        ("tz'unun", "Tz'unun"),
        ("", ""),
    ],
)
def test_names_typed_in_one_case_are_written_properly(typed: str, written: str) -> None:
    assert proper(typed) == written


def test_the_first_surname_keeps_its_particles() -> None:
    assert first_surname("de la Cruz Pérez") == "de la Cruz"
    assert first_surname("Xiloj Tzul") == "Xiloj"
    assert first_surname("de") == "de"
    assert first_surname("") == ""


def test_a_child_is_offered_the_surnames_of_guatemalan_rules() -> None:
    mother = Known(surnames="de León Xiloj", sex="F", role="MADRE")
    father = Known(surnames="Tzul Batz", sex="M", role="PADRE")
    assert surnames_offered([mother, father]) == "Tzul de León"
    assert surnames_offered([mother]) == "de León Xiloj"
    assert surnames_offered([father]) == "Tzul"
    assert surnames_offered([Known(surnames="Choc Caal", role="HIJO")]) == "Choc Caal"
    assert surnames_offered([]) == ""


def test_the_role_is_offered_from_sex_age_and_who_is_there() -> None:
    mother = Known(sex="F", role="MADRE", years=32)
    assert role_offered(Known(sex="F"), []) == "MADRE"
    assert role_offered(Known(sex="M", years=9), []) == "HIJO"
    assert role_offered(Known(sex="M", years=4), [mother]) == "HIJO"
    assert role_offered(Known(sex="M", years=34), [mother]) == "PADRE"
    assert role_offered(Known(sex="M", years=18), [mother]) == "HIJO"
    assert role_offered(Known(sex="F", years=60), [mother]) == "HIJA"
    assert role_offered(Known(sex="X"), [mother]) == ""


def test_a_role_follows_a_corrected_sex() -> None:
    assert role_for_sex("HIJO", "F") == "HIJA"
    assert role_for_sex("ABUELA", "M") == "ABUELO"
    assert role_for_sex("TUTOR", "F") == "TUTOR"
