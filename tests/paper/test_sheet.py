from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from returnee_desk.paper import Printed
from returnee_desk.paper.sheet import TOLD_IN_PRIVATE, sheet_pdf
from returnee_desk.records.dates import Born
from returnee_desk.records.families import Consent, Family, Note, Whereabouts
from returnee_desk.records.identity import DOCUMENT_KINDS
from returnee_desk.records.kinds import kind_of_family
from returnee_desk.records.lists import lists
from returnee_desk.records.people import Document
from returnee_desk.words import set_language
from tests.paper.families import (
    ARRIVAL,
    AT,
    CODE,
    DAY,
    SLIP,
    STAFF,
    child_alone,
    eleven,
    flat,
    given,
    make_person,
    mother_and_child,
    text_of,
    without_consent,
)


def sheet(family: Family, **options: bool | str) -> Printed:
    kind = kind_of_family(family.members, family.arrival.day)
    return sheet_pdf(family, kind, place_name="Tecún Umán I", staff=STAFF, **options)  # type: ignore[arg-type]


def read(family: Family, **options: bool | str) -> str:
    return flat(text_of(sheet(family, **options).pdf))


def lined(family: Family) -> str:
    """As laid out, so that a label stands over or beside its value."""
    return text_of(sheet(family).pdf, "-layout")


def test_a_sheet_holds_everything_kept_about_a_family() -> None:
    made = sheet(mother_and_child())
    text = flat(text_of(made.pdf))
    assert made.pages == 1
    assert made.numbers == (SLIP,)
    for said in (
        "Hoja de ingreso · Tecún Umán I", CODE, "Registrada: 22/11/2026, 15:02 · Lucía Ajcot",
        "22/11/2026, 14:20", "Por tierra · Bus 3", "México", "45",
        "Unidad familiar (UFAMI): niñez con madre o padre",
        "María Elena Xiloj Tzul", "5551 2345",
        "Caserío Chnoj, Todos Santos Cuchumatán, Huehuetenango", "Aldea La Independencia, Ayutla, San Marcos",
        "Mam", "Poco", "Sí",
        "Madre", "Mujer", "2/05/1994", "32 años", "Guatemala", "José Xiloj", "Hijo", "Hombre", "4 años",
        "Documentos: CUI 2345 67899 1217, Pasaporte G01234567", "Documentos: ninguno",
        "Necesidades: Mujer lactante, Deuda por el viaje",
        f"Boleta {SLIP} · 22/11/2026, 15:02 · entregó Lucía Ajcot", "Kit de higiene", "María Elena y José", "×2",
        "22/11/2026, 14:50 · Lucía Ajcot", "Pide llamar a su hermana en Malacatán.",
        "se preguntó en Mam, leído en voz alta", "¿Acepta que guardemos", "¿Acepta que los compartamos",
        "Los servicios se dan igual, sea cual sea la respuesta.", "ver, corregir o actualizar",
        "Contacto: firma o huella", "Registró: firma", "Interpretó: nombre y firma",
        f"{CODE} · hoja 1 de 1", "Contiene datos personales",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize(
    ("consent", "ticks"),
    [
        (Consent(register=True, share=False), ("× Sí No", "Sí × No")),
        (Consent(register=True, share=True), ("× Sí No", "× Sí No")),
        (Consent(register=False), ("Sí × No", "Sí × No")),
        (None, ("Sí No", "Sí No")),
    ],
)
def test_each_answer_is_ticked_as_it_was_given_and_none_before_it_was(
    consent: Consent | None, ticks: tuple[str, str]
) -> None:
    lines = [flat(line) for line in lined(mother_and_child(consent=consent)).splitlines()]
    for question, tick in zip(("¿Acepta que guardemos", "¿Acepta que los compartamos"), ticks, strict=True):
        (line,) = (line for line in lines if question in line)
        assert line.endswith(f"? {tick}")


def test_unanswered_consent_says_that_it_must_be_asked() -> None:
    assert "Todavía no consta que se haya preguntado." in read(mother_and_child(consent=None))


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ("spoken", "de palabra"),
        ("read aloud", "leído en voz alta"),
        ("written", "por escrito"),
        ("interpreter", "por medio de intérprete"),
    ],
)
def test_it_is_said_how_and_in_which_language_consent_was_asked(how: str, word: str) -> None:
    consent = Consent(register=True, asked_in="quc", how=how)
    assert f"se preguntó en K’iche’, {word}:" in read(mother_and_child(consent=consent))


def test_without_consent_the_sheet_counts_and_names_nobody() -> None:
    named = mother_and_child()
    family = without_consent(
        members=(*named.members, *without_consent().members),
        origin=named.origin,
        destination=named.destination,
        phone=named.phone,
        notes=named.notes,
    )
    text = read(family)
    assert "La familia no aceptó que se registren sus datos." in text
    assert "Madre Mujer adulta 2" in text
    assert "Hijo Hombre niño 3" in text
    for absent in (
        "María", "José", "Xiloj", "2345", "G01234567", "5551", "Chnoj", "Ayutla", "Malacatán", "1994", "32 años",
        "lactante", "Deuda", "Persona de contacto", "Teléfono", "NOTAS",
    ):  # fmt: skip
        assert absent not in text
    assert "Persona 1" not in read(without_consent())


def test_without_consent_services_are_still_accounted_for() -> None:
    text = read(without_consent())
    assert f"Boleta {SLIP}" in text
    assert "Kit de higiene Las 3 personas ×3" in text
    assert "Llamada telefónica nacional La familia ×1" in text


def test_children_without_parents_are_handed_to_pgn_and_sbs_on_paper() -> None:
    text = read(child_alone())
    assert "Niñez sin madre, padre, tutor ni tutora" in text
    assert "La PGN y la SBS deben hacerse cargo ahora de Brenda y Luz." in text
    assert "Entregado a" in text
    assert "Recibe por la PGN o la SBS: nombre y firma" in text
    assert "Contacto: firma" not in text


def test_a_separated_child_and_a_mother_under_age_are_named() -> None:
    members = (
        make_person(1, "Ana", "Pop", sex="F", age=16, role="MADRE"),
        make_person(2, "Luz", "Pop", sex="F", age=0, role="HIJA"),
        make_person(3, "Beto", "Caal", sex="M", age=9, role="SOBRINO"),
    )
    text = read(mother_and_child(members=members, services=()))
    assert "Sin su madre ni su padre en el grupo: Beto. La PGN y la SBS deben hacerse cargo ahora." in text
    assert "Menor de edad con una hija o un hijo, y sin su propia madre ni su padre aquí: Ana." in text


@pytest.mark.parametrize(
    ("roles", "kind"),
    [
        ((("TUTOR", 40), ("NO_FAM", 8)), "Niñez con tutor o tutora legal, sin madre ni padre"),
        ((("MADRE", 40), ("HIJA", 20)), "Solo personas adultas"),
    ],
)
def test_the_kind_of_family_is_said_in_words(roles: tuple[tuple[str, int], ...], kind: str) -> None:
    members = tuple(make_person(n, f"Ana{n}", sex="F", age=age, role=role) for n, (role, age) in enumerate(roles, 1))
    assert kind in read(mother_and_child(members=members, services=()))


def test_doubts_and_ages_in_doubt_are_said_before_anybody_signs() -> None:
    members = (
        make_person(1, "Ana", sex="F", age=40, role="MADRE"),
        make_person(2, "Luz", sex="F", edtf="2008", role="HIJA"),
    )
    text = read(mother_and_child(members=members, services=(), doubts=("language", "phone")))
    assert "2 datos tienen dos respuestas" in text
    assert "No se sabe si ya había cumplido 18 años, y se atiende como menor de edad: Luz." in text


def test_partial_births_and_ages_stay_as_they_were_told() -> None:
    born = ("1994", "1994-05", "1980~", "1994-05-02")
    members = (
        *(make_person(n, "Ana", sex="F", role="TIA", edtf=text) for n, text in enumerate(born, 1)),
        make_person(5, "Luz", sex="F", role="HIJA", born=Born(age=13, unit="months", on=DAY)),
        make_person(6, "Eva", sex="F", role="MADRE"),
    )
    lines = lined(mother_and_child(members=members, services=())).splitlines()
    rows = {n: flat(next(line for line in lines if line.strip().startswith(f"{n} "))) for n in range(1, 7)}
    assert rows[1].startswith("1 Ana Tía Mujer 1994 31 a 32 años Guatemala")
    assert "mayo 1994 32 años" in rows[2]
    assert "hacia 1980 44 a 47 años" in rows[3]
    assert "2/05/1994 32 años" in rows[4]
    assert rows[5].startswith("5 Luz Hija Mujer — 13 meses")
    assert rows[6].startswith("6 Eva Madre Mujer — — Guatemala")


def test_every_kind_of_document_is_called_by_its_name_and_doubt_is_shown() -> None:
    papers = tuple(Document(kind=kind, number="0801199012345", unverified=kind == "DUI") for kind in DOCUMENT_KINDS)
    text = read(
        mother_and_child(members=(make_person(1, "Ana", sex="F", role="MADRE", documents=papers),), services=())
    )
    assert "DNI de Honduras 0801-1990-12345" in text
    assert "DUI de El Salvador 08011990-12345 (sin verificar)" in text
    for kind in DOCUMENT_KINDS:
        assert kind == "CUI" or kind == "DUI" or kind == "CURP" or kind not in text


def test_what_was_told_in_private_is_counted_not_named() -> None:
    """The sheet is read aloud before the whole family."""
    for code, need in lists().needs.items():
        assert (code in TOLD_IN_PRIVATE) or "in private" not in need.definition
    person = make_person(1, "Ana", sex="F", age=30, role="MADRE", needs=("LACT", "VIO_ORI", "TRATA"))
    text = read(mother_and_child(members=(person,), services=()))
    assert "Necesidades: Mujer lactante, 2 reservadas" in text
    assert "violencia" not in text.lower()


def test_services_stand_under_the_slip_and_the_hand_they_came_with() -> None:
    later = {"slip": "TUM1-A3-S00018-K", "at": AT + timedelta(hours=3), "by": "c2"}
    family = mother_and_child(
        services=(
            given("KIT_HIG", 1, undone=True),
            given("LLAM_NAC", **later),
            given("ALIM", 2, **later, override="Viaja de noche"),
            given("PSICO", by="gone"),
        )
    )
    made = sheet(family)
    text = flat(text_of(made.pdf))
    assert made.numbers == (SLIP, "TUM1-A3-S00018-K")
    assert "Boleta TUM1-A3-S00018-K · 22/11/2026, 17:20 · entregó Marvin Pérez" in text
    assert "anulado" in text
    assert "Por excepción: Viaja de noche" in text
    assert "entregó —" in text
    assert "gone" not in text


def test_those_who_left_are_named_and_those_entered_by_mistake_are_not() -> None:
    gone = (
        replace(make_person(3, "Luis", "Xiloj"), state="left"),
        replace(make_person(4, "Error", "Xiloj"), state="void"),
    )
    text = read(mother_and_child(gone=gone, services=(given("KIT_HIG", 3),)))
    assert "Ya no están en el grupo: Luis Xiloj." in text
    assert "Error" not in text


def test_what_is_not_known_is_a_dash_to_fill_by_hand() -> None:
    family = Family(id="f" * 32, code=CODE, arrival=ARRIVAL, members=(make_person(1, sex="F", role="MADRE"),))
    text = read(family)
    assert "Persona 1" in text
    assert "Ninguno hasta ahora." in text
    assert "—" in text


def test_a_municipality_the_list_lacks_keeps_its_department() -> None:
    text = read(mother_and_child(destination=Whereabouts(municipality="1299", place="Aldea Nueva")))
    assert "Aldea Nueva, 1299, San Marcos" in text


def test_a_note_about_a_member_says_so() -> None:
    family = mother_and_child(notes=(Note(text="Duerme mal.", person=2, at=AT, by="c2"),))
    assert "22/11/2026, 14:20 · Marvin Pérez · sobre José Duerme mal." in read(family)


def test_pages_repeat_whose_they_are_and_signatures_stay_with_the_consent() -> None:
    made = sheet(eleven(), copy=True)
    assert made.pages > 1
    pages = [flat(text_of(made.pdf, "-f", str(n), "-l", str(n))) for n in range(1, made.pages + 1)]
    for n, page in enumerate(pages, 1):
        assert "COPIA" in page
        assert f"{CODE} · hoja {n} de {made.pages}" in page
    assert "N.º Nombre Parentesco" in pages[1]
    (signed,) = (page for page in pages if "FIRMAS" in page)
    assert "CONSENTIMIENTO" in signed


def test_a_practice_sheet_says_so_at_head_and_foot_of_every_page() -> None:
    made = sheet(eleven(), practice=True)
    assert text_of(made.pdf).count("PRÁCTICA") == 2 * made.pages


def test_a_sheet_speaks_its_own_language_whatever_the_screen_speaks() -> None:
    member = make_person(1, "Ana", sex="F", edtf="1994-05", role="MADRE")
    family = mother_and_child(members=(member,), services=())
    spanish = sheet(family)
    set_language("en")
    assert sheet(family) == spanish
    assert "mayo 1994" in flat(text_of(spanish.pdf))
    assert "Mother" in read(family, language="en")
