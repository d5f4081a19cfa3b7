from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.errors import Refused
from returnee_desk.records.names import APOSTROPHES, clean, fold, full_name, list_name, tokens
from returnee_desk.records.people import Person

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=120)


def person(given_names: str = "", surnames: str = "", married: str | None = None) -> Person:
    return Person(given_names=given_names, surnames=surnames, married_surname=married)


@pytest.mark.parametrize(
    ("given_names", "surnames", "married", "full", "listed"),
    [
        ("María Elena", "Xiloj Tzul", None, "María Elena Xiloj Tzul", "Xiloj Tzul, María Elena"),
        ("María", "Xiloj Tzul", "Pérez", "María Xiloj Tzul de Pérez", "Xiloj Tzul de Pérez, María"),
        ("María", "Xiloj", "de Pérez", "María Xiloj de Pérez", "Xiloj de Pérez, María"),
        ("María", "Xiloj", "De León", "María Xiloj de León", "Xiloj de León, María"),
        ("María", "Xiloj", "de la Cruz", "María Xiloj de la Cruz", "Xiloj de la Cruz, María"),
        ("María", "Xiloj", "La Cruz", "María Xiloj de la Cruz", "Xiloj de la Cruz, María"),
        ("María", "Xiloj", "del Cid", "María Xiloj del Cid", "Xiloj del Cid, María"),
        ("María", "Xiloj de", "Pérez", "María Xiloj de Pérez", "Xiloj de Pérez, María"),
        ("Ana", "", None, "Ana", "Ana"),
        ("", "Tzul", None, "Tzul", "Tzul"),
        ("", "", None, "", ""),
        ("Ana", "de León de la Cruz Pop", "de", "Ana de León de la Cruz Pop", "de León de la Cruz Pop, Ana"),
        ("  Ana  ", " Pop ", "  ", "Ana Pop", "Pop, Ana"),
    ],
)
def test_names_are_written_as_people_in_guatemala_write_them(
    given_names: str, surnames: str, married: str | None, full: str, listed: str
) -> None:
    assert full_name(person(given_names, surnames, married)) == full
    assert list_name(person(given_names, surnames, married)) == listed


@given(any_text, any_text, st.none() | any_text)
def test_no_name_ever_shows_none_or_double_spaces(given_names: str, surnames: str, married: str | None) -> None:
    one = person(clean(given_names), clean(surnames), None if married is None else clean(married))
    for text in (full_name(one), list_name(one)):
        assert "  " not in text
        assert text == text.strip()
        assert "None" not in text.replace(one.given_names, "").replace(one.surnames, "").replace(married or "\0", "")


@given(any_text)
def test_cleaning_is_done_once_and_leaves_nothing_invisible(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.normalize("NFC", cleaned) == cleaned
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for letter in cleaned)
    cleaned.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("José\u0000 \u202eLuis\u202c", "José Luis"),
        ("Jose\u0301", "José"),
        ("Jose\u200d\u0301", "José"),
        ("An\u200ba\ufeff", "Ana"),
        ("Ana\ud800", "Ana"),
        ("\u2066Ana\u2069\u00a0María\t Pop\r\n", "Ana María Pop"),
        ("\u3164", ""),
        ("Q\u02bcanil Ch\u2019en \ua78c", "Q\u02bcanil Ch\u2019en \ua78c"),
        ("  ", ""),
    ],
)
def test_what_cannot_be_seen_is_taken_out_and_the_rest_kept_as_written(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_too_long_a_text_is_refused_and_never_cut() -> None:
    assert len(clean("x" * 120)) == 120
    for long in ("x" * 121, "x" * 5000, "a" + "\u0301" * 2000, "ñ" * 10_000_000):
        with pytest.raises(Refused) as no:
            clean(long, path="members[0].given_names")
        assert (no.value.code, no.value.path) == ("text_too_long", "members[0].given_names")
        assert no.value.details["limit"] == 120
    assert len(clean("x" * 2000, limit=2000)) == 2000


def test_marks_piled_on_a_letter_are_thinned() -> None:
    assert len(clean("a" + "\u0300\u0316" * 40)) <= 4


def test_notes_keep_their_lines() -> None:
    assert clean("uno \r\n dos\n\n tres\u2028x", lines=True, limit=2000) == "uno\ndos\n\ntres x"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Q’eqchi’", "qeqchi"),
        ("Tz'utujil", "TZʼUTUJIL"),
        ("Muñoz", "munoz"),
        ("PÉREZ  lópez", "Perez Lopez"),
        ("Güinac", "guinac"),
        ("Jose\u0301", "jose"),
        ("Straße", "strasse"),
    ],
)
def test_case_accents_and_apostrophes_do_not_matter_when_searching(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_every_apostrophe_is_one_when_searching() -> None:
    assert {fold(f"ch{apostrophe}en") for apostrophe in APOSTROPHES} == {"chen"}


def test_words_are_parted_by_anything_that_is_no_letter_or_digit() -> None:
    assert tokens('  Pérez-López, Ana_María (Q\'anil) "x" NEAR(y* %') == (
        "perez",
        "lopez",
        "ana",
        "maria",
        "qanil",
        "x",
        "near",
        "y",
    )
    assert tokens("';--") == ()


@given(any_text)
def test_folding_is_done_once_and_agrees_with_cleaning(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert tokens(clean(text)) == tokens(fold(clean(text)))
