from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.records.dates import Born
from returnee_desk.records.likeness import (
    BANDS,
    MOST_KEYS,
    REASONS,
    Likeness,
    Profile,
    given_words,
    keys,
    score,
    search_keys,
    sound,
)
from returnee_desk.records.people import Document, Person

DAY = date(2026, 11, 22)


def person(
    given_names: str = "",
    surnames: str = "",
    born: str | int | None = None,
    sex: str = "F",
    cui: str | None = None,
    **more: str,
) -> Person:
    birth = Born(age=born, unit="years", on=DAY) if isinstance(born, int) else Born(edtf=born) if born else None
    documents = (Document(kind="CUI", number=cui),) if cui else ()
    return Person(
        given_names=given_names,
        surnames=surnames,
        born=birth,
        sex=sex,
        documents=documents,
        married_surname=more.get("married"),
    )


def judged(one: Person, other: Person, *, municipality: str | None = None, phone: str | None = None) -> Likeness | None:
    return score(
        Profile.of(one, municipality=municipality, phone=phone),
        Profile.of(other, municipality=municipality, phone=phone),
    )


def band(one: Person, other: Person, **near: str | None) -> str | None:
    found = judged(one, other, **near)
    return found and found.band


@pytest.mark.parametrize(
    "alike",
    [
        "Vásquez Vasques Bázquez Básques",
        "Xiloj Shiloj Chiloj xiloj",
        "Llamas Yamas",
        "Hernández Ernandes",
        "Girón Jirón",
        "Quiché Kiche Quishe",
        "Q'eqchi' Qeqchi Kekchi Q’eqchi’",
        "Huinac Winac",
        "Zapeta Sapeta",
        "Cecilia Sesilia Zezilia",
        "Ajú Ahjú",
        "Tzoc Tsoc Tzok",
        "Yoc Ioc",
        "Ramirez Rramirez Ramíres",
        "Cúmez Cumes Kumes",
        "Ixcoy Ishkoy Ischcoi",
        "Guarchaj Warchaj",
        "Philip Filip",
        "Christian Cristian Kristian",
        "Maya Maia",
        "Chávez Chabes Xavez",
        "Ortiz Hortis",
        "Pascual Paskual",
        "Ben Ven",
        "Enríquez Enrikes",
        "Sánchez Sánches Zanchez",
        "Convento Combento",
        "Thomas Tomás",
        "Ch'en Chen Xen",
        "Yaxcal Yashcal",
    ],
)
def test_spellings_mistaken_for_one_another_sound_alike(alike: str) -> None:
    assert len({sound(word) for word in alike.split()}) == 1, {word: sound(word) for word in alike.split()}


@pytest.mark.parametrize(
    "apart",
    [
        "Pérez López",
        "Tzul Tzoc",
        "Juan Juana",
        "Mario María",
        "Pop Pap",
        "Choc Chok’al",
        "Xol Sol",
        "Gómez Jómez",
        "Guerra Jerra",
        "Casa Caza Gasa",
        "José Josefa",
        "Luis Luisa",
        "Coc Coj",
        "Rosa Roxa",
        "Caal Cal Coal",
    ],
)
def test_other_names_do_not_sound_alike(apart: str) -> None:
    one, other = apart.split()[0], apart.split()[-1]
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("Chepe", "José"),
        ("Lupe", "Guadalupe"),
        ("Paco", "Francisco"),
        ("Pancho", "Francisco"),
        ("Chayo", "Rosario"),
        ("Concha", "Concepción"),
        ("Nacho", "Ignacio"),
        ("Beto", "Alberto"),
        ("Toño", "Antonio"),
        ("Memo", "Guillermo"),
        ("Lencho", "Lorenzo"),
        ("Chus", "Jesús"),
        ("Meches", "Mercedes"),
        ("Ma.", "María"),
        ("Chente", "Vicente"),
        ("Yeison", "Jason"),
        ("Ximena", "Jimena"),
        ("Brayan", "Bryan"),
    ],
)
def test_short_forms_stand_for_the_name(short: str, name: str) -> None:
    assert given_words(short)[0].heard == given_words(name)[0].heard
    assert (
        band(person(short, "Pérez López", "1990-01-02"), person(name, "Perez Lopes", "1990-01-02")) == "almost_certain"
    )


def test_short_forms_belong_to_given_names_alone() -> None:
    assert band(person("Ana", "Concha Pop", "1990"), person("Ana", "Concepción Pop", "1990")) != "almost_certain"


def test_the_same_names_and_full_date_are_almost_certain_in_any_order_and_spelling() -> None:
    one = person("María Elena", "Xiloj de León", "1994-05-02")
    for other in (
        person("Maria Elena", "de León Shiloj", "1994-05-02"),
        person("ELENA MARÍA", "Xiloj León", "1994-05-02"),
        person("Ma. Elena", "Xilój Leon", "1994-05-02"),
    ):
        assert band(one, other) == "almost_certain"
    found = judged(one, one)
    assert found is not None
    assert found.why == ("same_names", "same_birth")


def test_the_same_paper_and_a_like_name_are_almost_certain() -> None:
    one = person("María", "Xiloj", cui="2345678991217")
    assert judged(one, person("Mary", "Xiloj Tzul", 30, cui="2345678991217")) == Likeness(
        score=pytest.approx(0.985, abs=0.02), band="almost_certain", why=("same_document", "part_of_names")
    )
    stranger = judged(one, person("Pedro", "Caal", sex="M", cui="2345678991217"))
    assert stranger is not None
    assert stranger.band == "possible"
    assert {"same_document", "different_surnames", "different_sex"} <= set(stranger.why)


@pytest.mark.parametrize("near", [{}, {"municipality": "1217"}, {"municipality": "1217", "phone": "+50255512345"}])
def test_a_father_and_his_son_of_one_name_are_never_almost_certain(near: dict[str, str]) -> None:
    father = person("José Luis", "Pérez López", "1980-03-04", sex="M")
    for born in ("2005-06-07", "1999", 20, None):
        assert band(father, person("José Luis", "Pérez López", born, sex="M"), **near) != "almost_certain"
    assert band(person("José", "Pérez", 45, sex="M"), person("José", "Pérez", 20, sex="M"), **near) in (
        None,
        "possible",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Luis", "José Carlos"),
        ("Ana", "Eva"),
        ("María José", "María Jesús"),
        ("José", "José Luis"),
        ("Luis", "Luisa"),
        ("Carlos", "Carla"),
    ],
)
def test_twins_are_never_almost_certain(one: str, other: str) -> None:
    near = {"municipality": "1217", "phone": "+50255512345"}
    first, second = (person(name, "Pérez López", "2015-06-07", sex="X") for name in (one, other))
    assert band(first, second, **near) != "almost_certain"


def test_sisters_who_share_maria_are_not_shown() -> None:
    near = {"municipality": "1217", "phone": "+50255512345"}
    assert (
        band(
            person("María Elena", "Pérez López", "2012-06-07"),
            person("María José", "Pérez López", "2014-08-01"),
            **near,
        )
        is None
    )


def test_two_valid_papers_tell_namesakes_apart() -> None:
    one = person("María Elena", "Xiloj Tzul", "1994-05-02", cui="2345678991217")
    other = person("María Elena", "Xiloj Tzul", "1994-05-02", cui="3907095730101")
    found = judged(one, other)
    assert found is not None
    assert found.band == "possible"
    assert "different_document" in found.why


def test_less_is_less_sure() -> None:
    full = person("María Elena", "Xiloj Tzul", "1994-05-02")
    assert band(full, person("María Elena", "Xiloj Tzul", 32)) == "likely"
    assert band(full, person("María", "Xiloj", "1994")) == "possible"
    assert band(full, person("María", "Xiloj", "1994"), municipality="1217") == "likely"
    assert band(full, person("María Elena", "Xiloj Tzul")) == "possible"
    assert band(full, person("María Elena", "Xiloj Tzul"), municipality="1217") == "likely"
    assert band(full, person("María Elena", "Xiloj Tzul", "1994-02-05")) == "likely"
    assert band(full, person("María Elena", "Xiloj Tzul", "1971-05-02")) == "possible"
    assert band(full, person("María Elena", "Xiloj Tzul", "1994-05-02", sex="M")) in ("possible", "likely")
    assert band(full, person("Pedro", "Caal", "1994-05-02")) is None
    assert band(person("María", "Xiloj", "1994-05-02"), person("María", "Xiloj", "1994-05-02")) == "likely"
    assert (
        band(person("María", "Xiloj", "1994-05-02"), person("María", "Xiloj", "1994-05-02"), municipality="1217")
        == "almost_certain"
    )


def test_a_married_surname_explains_another_surname() -> None:
    before = person("María Elena", "Xiloj", "1994-05-02")
    after = person("María Elena", "Pérez", "1994-05-02")
    married = person("María Elena", "Pérez", "1994-05-02", married="Xiloj")
    plain, explained = judged(before, after, phone="+50255512345"), judged(before, married, phone="+50255512345")
    assert explained is not None
    assert plain is None or plain.score < explained.score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person(), person()),
        (person("María"), person("María")),
        (person("", "Xiloj"), person("", "Xiloj")),
        (person("María Elena", "Xiloj", "1994"), person(born="1994")),
        (person("de la"), person("de la")),
    ],
)
def test_there_is_nothing_where_there_is_too_little_to_judge_by(one: Person, other: Person) -> None:
    assert judged(one, other, municipality="1217", phone="+50255512345") is None


names = st.sampled_from(
    ["", "María", "María Elena", "Elena", "José", "José Luis", "Chepe", "J.", "Luis Alberto José", "Q'anil", "Mª"]
)
surnames = st.sampled_from(
    [
        "",
        "Xiloj",
        "Xiloj Tzul",
        "Tzul Xiloj",
        "Shiloj",
        "de León",
        "Pérez-López",
        "Pop",
        "Pop Pop",
        "de la Cruz Choc Caal",
    ]
)
births = st.sampled_from([None, "1994-05-02", "1994-02-05", "1994", "1995~", "2015-06-07", 32, 4])
persons = st.builds(
    person, names, surnames, births, st.sampled_from("FMX"), st.sampled_from([None, "2345678991217", "3907095730101"])
)
nearness = st.fixed_dictionaries(
    {"municipality": st.sampled_from([None, "1217"]), "phone": st.sampled_from([None, "+50255512345"])}
)


@given(persons, persons, nearness)
def test_likeness_is_mutual_ordered_by_band_and_says_why(
    one: Person, other: Person, near: dict[str, str | None]
) -> None:
    found = judged(one, other, **near)
    assert found == judged(other, one, **near)
    if found is None:
        return
    assert found.why and set(found.why) <= set(REASONS)
    low, high = {"almost_certain": (0.95, 1), "likely": (0.7, 0.95), "possible": (0.3, 0.7)}[found.band]
    assert low <= found.score <= high
    assert BANDS.index(found.band) == sum(found.score < edge for edge in (0.95, 0.7)) or found.score in (0.95, 0.7)


@given(persons, nearness)
def test_a_record_has_few_keys_and_is_found_by_its_own(one: Person, near: dict[str, str | None]) -> None:
    kept = keys(one, **near)
    assert len(kept) <= MOST_KEYS
    assert kept <= search_keys(one, **near)
    assert not any(name in key for key in kept for name in ("Xiloj", "xiloj", "2345678991217", "55512345"))
    if not one.given_names and not one.surnames:
        assert kept == set()


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        (person("María Elena", "Xiloj Tzul", "1994-05-02"), person("Helena", "Tzul", "1994")),
        (person("María Elena", "Xiloj Tzul", "1994-05-02"), person("Ma. Elena", "Shiloj", "1995-05-02")),
        (person("María Elena", "Xiloj Tzul", "1994-05-02"), person("Maria", "Chiloj", 32)),
        (person("José", "Vásquez de León", "1980~", sex="M"), person("Chepe", "León Basques", 46, sex="M")),
        (person("José", "Xiloj", 4, sex="M"), person("José", "Xiloj Tzul", "2022-03-04", sex="M")),
        (person("Ana", "Pop", cui="2345678991217"), person("Rosa", "Caal", cui="2345678991217")),
    ],
)
def test_an_earlier_record_is_found_by_one_of_its_keys(stored: Person, typed: Person) -> None:
    assert keys(stored) & search_keys(typed)


def test_a_wrong_birth_date_is_bridged_by_the_municipality_or_the_telephone() -> None:
    stored, typed = person("Ana", "Pop Caal", "1994-05-02"), person("Ana", "Pop", 20)
    assert not keys(stored) & search_keys(typed)
    assert keys(stored, municipality="1217") & search_keys(typed, municipality="1217")
    assert keys(stored, phone="+50255512345") & search_keys(typed, phone="+50255512345")
