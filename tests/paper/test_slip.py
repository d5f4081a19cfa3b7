from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from returnee_desk.errors import Refused
from returnee_desk.paper.slip import STATIONS, slip_pdf
from returnee_desk.records.dates import Born
from returnee_desk.records.families import Family
from returnee_desk.records.lists import lists
from returnee_desk.words import set_language
from tests.paper.families import (
    AT,
    CODE,
    DAY,
    LONG,
    SLIP,
    UNBROKEN,
    child_alone,
    eleven,
    flat,
    given,
    make_person,
    mother_and_child,
    text_of,
    without_consent,
    words_on,
)

PLACE = "Tecún Umán I"
PAPERS = ("80mm", "letter")


def read(family: Family, **options: str | bool | None) -> str:
    return flat(text_of(slip_pdf(family, place_name=PLACE, **options).pdf))  # type: ignore[arg-type]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_slip_says_where_when_who_and_what(paper: str) -> None:
    text = read(mother_and_child(), paper=paper)
    for said in (
        PLACE,
        "22/11/2026 · 15:02 h",
        CODE,
        SLIP,
        "Bus 3 · 14:20 h",
        "2 personas",
        "María Elena",
        "adulta",
        "José",
        "niño",
        "Kit de higiene",
        "Alimentación",
        "Transporte a terminal",
        "María Elena y José",
        "×2",
        "×1",
        "AHORA VAYA A Comida → Entrega de kits → Transporte",
        "Muestre esta boleta en cada ventanilla.",
    ):
        assert said in text
    for absent in ("COPIA", "PRÁCTICA", "ANULADA"):
        assert absent not in text


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("make", [mother_and_child, child_alone, eleven])
def test_a_lost_slip_tells_no_surname_birth_document_phone_or_place(paper: str, make: type[Family]) -> None:
    text = read(make(), paper=paper)
    for absent in (
        "Xiloj", "Caal", "Tzʼutujil", "Mam", "Q’eqchi’", "1994", "2015", "1980", "32 años", "4 años", "13 meses",
        "2345", "67899", "G01234567", "5551", "Aldea", "Ayutla", "San Marcos", "Chnoj", "Huehuetenango", "Malacatán",
        "México", "lactante", "acompañado", "PGN", "SBS", "menor", "Deuda", "Lucía Ajcot", "Guatemala",
    ):  # fmt: skip
        assert absent not in text


def test_the_hour_is_guatemalas_whatever_zone_the_record_came_in() -> None:
    from datetime import UTC

    late = AT.replace(hour=21, minute=30)
    family = mother_and_child(services=(given("ALIM", 1, at=late.astimezone(UTC)),))
    assert "22/11/2026 · 21:30 h" in read(family)


def test_a_roll_is_cut_to_the_length_of_the_slip() -> None:
    short, long = (slip_pdf(family, place_name=PLACE) for family in (mother_and_child(), eleven()))
    ((width, height, words),) = words_on(short.pdf)
    ((_w, longer, _words),) = words_on(long.pdf)
    assert short.pages == long.pages == 1
    assert width == pytest.approx(80 * 72 / 25.4, abs=0.01)
    assert 0 < height - max(word.bottom for word in words) < 20
    assert longer > 2 * height > 2 * 1.3 * width - 1


def test_letter_pages_say_whose_they_are_and_how_many() -> None:
    made = slip_pdf(eleven(), place_name=PLACE, paper="letter", copy=True)
    assert made.pages > 1
    for page in range(1, made.pages + 1):
        text = flat(text_of(made.pdf, "-f", str(page), "-l", str(page)))
        assert f"Hoja {page} de {made.pages}" in text
        assert "COPIA" in text
        assert f"Familia {CODE} · hoja {page} de {made.pages}" in text or page == 1


def test_a_long_name_is_whole_among_the_people_and_short_beside_the_services() -> None:
    text = read(eleven(), paper="letter")
    assert LONG in text
    assert UNBROKEN in text.replace(" ", "").replace("adulto", "")
    assert "Persona 2 y Lucía" in text
    assert "Para las 11 personas" in text


def test_two_of_one_name_are_told_apart_by_their_numbers() -> None:
    twins = tuple(make_person(n, "Juan", "Caal", sex="M", age=5, role="HIJO") for n in (1, 2))
    assert "Juan (2)" in read(mother_and_child(members=twins, services=(given("KIT_LUD", 2),)))


def test_unequal_quantities_are_said_one_by_one() -> None:
    family = mother_and_child(services=(given("MEDICAM", 1, quantity=2), given("MEDICAM", 2)))
    text = read(family)
    assert "María Elena ×2, José ×1" in text
    assert "×3" in text


def test_money_is_an_amount_in_quetzales() -> None:
    assert "Q1,250" in read(mother_and_child(services=(given("APOYO_ECO", quantity=1250),)))


def test_one_slip_is_printed_alone_by_its_number() -> None:
    other = "TUM1-A3-S00018-K"
    family = mother_and_child(services=(given("KIT_HIG", 1), given("LLAM_NAC", slip=other, at=AT + timedelta(hours=2))))
    both, second = slip_pdf(family, place_name=PLACE), slip_pdf(family, place_name=PLACE, services=other)
    assert both.numbers == (SLIP, other)
    assert second.numbers == (other,)
    text = flat(text_of(second.pdf))
    assert "Llamada telefónica nacional" in text
    assert "16:20 h" in text
    assert "Kit de higiene" not in text
    assert f"Boleta {SLIP}" in flat(text_of(both.pdf))


def test_a_number_of_another_family_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        slip_pdf(mother_and_child(), place_name=PLACE, services="TUM1-A3-S99999-X")
    assert refused.value.code == "unknown_slip"


def test_what_was_taken_back_is_not_on_a_new_slip_and_struck_on_a_reprint_of_its_own() -> None:
    family = mother_and_child(services=(given("KIT_HIG", 1, undone=True), given("ALIM", 1)))
    assert "Kit de higiene" not in read(family)
    again = read(family, services=SLIP, copy=True)
    assert "Kit de higiene Anulado" in again
    assert "Entrega de kits" not in again


def test_a_reprint_says_copy_and_practice_says_practice() -> None:
    assert "COPIA" in read(mother_and_child(), copy=True)
    practice = slip_pdf(mother_and_child(), place_name=PLACE, practice=True)
    assert flat(text_of(practice.pdf)).count("PRÁCTICA") == 2
    assert "ANULADA" in read(mother_and_child(state="void"))


def test_without_consent_a_slip_bears_numbers_instead_of_names() -> None:
    text = text_of(slip_pdf(without_consent(), place_name=PLACE).pdf, "-layout")
    assert any(line.split() == ["1", "Persona", "1", "adulta"] for line in text.splitlines())
    assert "Para las 3 personas" in text


@pytest.mark.parametrize(
    ("known", "word"),
    [
        ({"sex": "F", "age": 1, "role": "HIJA"}, "bebé"),
        ({"sex": "F", "age": 2, "role": "HIJA"}, "niña"),
        ({"sex": "M", "age": 11, "role": "HIJO"}, "niño"),
        ({"sex": "X", "age": 11, "role": "HIJO"}, "niña o niño"),
        ({"sex": "M", "age": 12, "role": "HIJO"}, "adolescente"),
        ({"sex": "F", "edtf": "2008-11-23", "role": "MADRE"}, "adolescente"),
        ({"sex": "F", "edtf": "2008-11-22", "role": "MADRE"}, "adulta"),
        ({"sex": "F", "edtf": "2008", "role": "TIA"}, "adolescente"),
        ({"sex": "M", "age": 60, "role": "ABUELO"}, "adulto mayor"),
        ({"sex": "X", "age": 30, "role": "DESC"}, "persona adulta"),
        ({"sex": "F", "role": "MADRE"}, "adulta"),
        ({"sex": "M", "role": "HIJO"}, "menor de edad"),
    ],
)
def test_an_age_is_only_ever_a_group(known: dict[str, object], word: str) -> None:
    family = mother_and_child(members=(make_person(1, "Ana", **known),), services=())
    assert f"1 Ana {word} AHORA" in read(family)


def test_a_birth_date_is_counted_on_the_day_of_arrival() -> None:
    eighteen_next_day = replace(make_person(1, "Ana", sex="F", role="HIJA"), born=Born(edtf="2008-11-23"))
    assert DAY.isoformat() == "2026-11-22"
    assert "adolescente" in read(mother_and_child(members=(eighteen_next_day,), services=()))


def test_a_slip_without_services_sends_to_the_window() -> None:
    made = slip_pdf(mother_and_child(services=()), place_name=PLACE)
    text = flat(text_of(made.pdf))
    assert made.numbers == ()
    assert "SERVICIOS" not in text
    assert "AHORA VAYA A Ventanilla de servicios" in text


def test_every_service_of_the_list_has_a_place_to_go_for_it() -> None:
    placed = [code for _station, codes in STATIONS for code in codes]
    assert len(placed) == len(set(placed))
    assert set(placed) == set(lists().services) - {"SEG_TEL", "SEG_VIS"}
    assert "Ventanilla de servicios" in read(mother_and_child(services=(given("NUEVO"),)))


def test_a_paper_or_language_that_is_not_there_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="no slip on paper"):
        slip_pdf(mother_and_child(), place_name=PLACE, paper="a4")
    with pytest.raises(ValueError, match="no words in language"):
        slip_pdf(mother_and_child(), place_name=PLACE, language="mam")


def test_a_slip_speaks_its_own_language_whatever_the_screen_speaks() -> None:
    spanish = slip_pdf(mother_and_child(), place_name=PLACE)
    set_language("en")
    assert slip_pdf(mother_and_child(), place_name=PLACE) == spanish
    assert "Hygiene kit" in read(mother_and_child(), language="en")


def test_where_to_go_is_never_alone_on_a_page() -> None:
    made = slip_pdf(eleven(), place_name=PLACE, paper="letter")
    last = flat(text_of(made.pdf, "-f", str(made.pages)))
    assert ("AHORA VAYA A" in last) == ("Muestre esta boleta" in last)


def test_a_usual_slip_is_small() -> None:
    for paper in PAPERS:
        assert len(slip_pdf(mother_and_child(), place_name=PLACE, paper=paper).pdf) <= 30_000


def test_nothing_heavy_is_imported_before_the_first_page() -> None:
    code = (
        "import sys, returnee_desk.paper.slip, returnee_desk.paper.sheet;"
        "assert not {'reportlab', 'segno', 'PIL', 'PySide6'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
