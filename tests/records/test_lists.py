from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.records.lists import Lists, lists
from returnee_desk.records.names import fold


def like(text: str, limit: int = 8) -> list[str]:
    return [f"{one.code} {one.name}" for one in lists().municipalities_like(text, limit)]


def test_every_list_is_there_whole() -> None:
    found = lists()
    assert len(found.departments) == 22
    assert len(found.municipalities) == 340
    assert len(found.languages) == 27
    assert len(found.services) == 34
    assert len(found.needs) == 47
    assert len(found.roles) == 31
    assert len(found.programmes) == 4
    assert len(found.places) == 23
    assert len(found.countries) == 249


def test_lists_are_read_only_when_asked_for() -> None:
    fresh = Lists()
    assert vars(fresh) == {}
    assert fresh.roles["MADRE"].may_hold_parental_authority
    assert list(vars(fresh)) == ["roles"]


def test_columns_have_their_types() -> None:
    found = lists()
    assert found.services["TRANS_TER"].excluded_by == ("TRANS_COM",)
    assert found.services["ALIM"].limit == 3
    assert found.needs["EMB_ADO"].refer_to == ("PGN", "MSPAS")
    assert (found.programmes["HC"].min_age, found.programmes["MAD"].max_age) == (0, None)
    assert found.departments["14"].municipality_count == 21
    assert not found.roles["TIA"].may_hold_parental_authority
    assert found.places["TUM1"].municipality_code == "1217"


def test_names_come_in_both_languages() -> None:
    found = lists()
    assert (found.roles["HIJA"].label(), found.roles["HIJA"].label("en")) == ("Hija", "Daughter")
    assert (found.countries["USA"].label(), found.countries["USA"].label("en")) == ("Estados Unidos", "United States")
    assert found.municipalities["1217"].label("en") == "Ayutla"
    assert found.languages["mam"].label() == "Mam"


def test_countries_are_iso_codes_with_both_names() -> None:
    for code, country in lists().countries.items():
        assert len(code) == 3 and code.isascii() and code.isupper()
        assert country.name_es and country.name_en
    names = [country.name_es for country in lists().countries.values()]
    assert len(set(names)) == len(names)
    assert list(lists().countries)[:3] == ["GTM", "USA", "MEX"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("tecun", "1217 Ayutla"),
        ("AYUT", "1217 Ayutla"),
        ("barillas", "1326 Santa Cruz Barillas"),
        ("chichi", "1406 Santo Tomás Chichicastenango"),
        ("nebaj quiche", "1413 Santa María Nebaj"),
        ("sipacate", "0514 Sipacate"),
        ("1333", "1333 Petatán"),
        ("huehuetenango", "1301 Huehuetenango"),
        ("coban", "1601 Cobán"),
        ("la libertad hue", "1311 La Libertad"),
    ],
)
def test_a_municipality_is_found_by_any_part_of_its_name(typed: str, first: str) -> None:
    assert like(typed)[0] == first


def test_a_department_finds_its_municipalities_after_those_of_that_name() -> None:
    found = like("totonicapan", limit=20)
    assert found[0] == "0801 Totonicapán"
    assert len([one for one in found if one.startswith("08")]) == 8


def test_nothing_typed_or_nothing_alike_finds_nothing() -> None:
    assert like("") == like("   ") == like("zzz") == like("tecun", limit=0) == []
    assert len(like("san", limit=5)) == 5


@given(st.sampled_from(sorted(lists().municipalities)), st.data())
def test_each_municipality_is_found_by_each_part_of_its_name(code: str, data: st.DataObject) -> None:
    name = lists().municipalities[code].name
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    if fold(part):
        assert code in [one.code for one in lists().municipalities_like(part, limit=340)]


def test_a_code_of_no_municipality_still_has_a_department() -> None:
    assert lists().municipality("0118") is None
    department = lists().department_of("0118")
    assert department is not None and department.name == "Guatemala"
    assert lists().department_of("9901") is None
