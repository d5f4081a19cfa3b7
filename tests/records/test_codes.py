from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from returnee_desk.errors import Refused
from returnee_desk.records.codes import (
    EPOCH_SIGNS,
    PaperCode,
    check_character,
    family_code,
    looks_like_code,
    next_epoch_sign,
    parse_code,
    qr_text,
    read_qr,
    readings,
    slip_number,
)

places = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=3, max_size=4)
letters = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
signs = st.sampled_from(EPOCH_SIGNS)
codes = st.builds(family_code, places, letters, signs, st.integers(1, 99_999))
long_codes = st.builds(family_code, places, letters, signs, st.integers(1, 9_999_999))


def test_a_code_looks_as_it_is_printed_in_the_manual() -> None:
    assert family_code("TUM1", "A", "3", 439) == "TUM1-A3-00439-K"
    assert family_code("D07", "B", "Z", 123456) == "D07-BZ-123456-" + check_character("D07BZ123456")


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20))
def test_check_characters_are_those_of_iso_7064_mod_37_36(text: str) -> None:
    assert check_character(text) == mod_37_36.calc_check_digit(text)


@given(long_codes, st.sampled_from([str.lower, str.upper, str.title]), st.sampled_from(["-", " - ", "–", ".", " "]))
def test_a_code_reads_back_in_any_case_and_with_any_kind_of_hyphen(code: str, case: object, hyphen: str) -> None:
    assert parse_code(case(code).replace("-", hyphen)).text == code  # type: ignore[operator]


@given(codes)
def test_a_code_reads_back_without_hyphens(code: str) -> None:
    assert parse_code(code.replace("-", "").lower()).text == code


@given(long_codes)
def test_without_hyphens_a_long_counter_is_among_the_readings(code: str) -> None:
    found = readings(code.replace("-", ""))
    assert code in [one.text for one in found]
    assert len({one.compact for one in found}) == 1


@given(codes, st.integers(0, 20), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
def test_one_wrong_sign_is_always_noticed(code: str, at: int, sign: str) -> None:
    at %= len(code)
    assume(code[at] not in ("-", sign))
    wrong = code[:at] + sign + code[at + 1 :]
    with pytest.raises(Refused, match="invalid_code"):
        parse_code(wrong)


@given(codes, st.integers(0, 20))
def test_two_neighbours_swapped_are_noticed(code: str, at: int) -> None:
    compact = code.replace("-", "")
    at %= len(compact) - 1
    assume(compact[at] != compact[at + 1])
    swapped = compact[:at] + compact[at + 1] + compact[at] + compact[at + 2 :]
    assert code not in [one.text for one in readings(swapped)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "TUM1",
        "TUM1-A3-00439",
        "TUM1-A3-0439-K",
        "TUM1-A3-000439-K",
        "TUM1-AI-00439-K",
        "TU-A3-00439-K",
        "K" * 70,
        "ñ",
        "TUM1-A3-00000-" + check_character("TUM1A300000"),
        "' OR 1=1 --",
    ],
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(Refused) as no:
        parse_code(text, path="paper_code")
    assert (no.value.code, no.value.path) == ("invalid_code", "paper_code")
    assert not looks_like_code(text)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        assert readings(parse_code(text).text)
    except Refused as no:
        assert no.code == "invalid_code"


@given(codes, st.none() | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=6, max_size=6))
def test_a_qr_gives_back_the_code_and_its_mac(code: str, mac: str | None) -> None:
    assert read_qr(qr_text(code, mac)) == (parse_code(code), mac)
    assert qr_text(code, mac).startswith("RD1:" + code)


@given(codes, st.none() | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=6, max_size=6))
def test_what_a_scanner_types_is_read_wherever_a_code_is(code: str, mac: str | None) -> None:
    assert parse_code(qr_text(code, mac).lower()) == parse_code(code)


def test_a_foreign_qr_is_refused_and_a_bare_code_taken() -> None:
    assert read_qr(" tum1-a3-00439-k ")[0] == PaperCode("TUM1", "A", "3", 439)
    for text in (
        "https://example.org",
        "RD2:TUM1-A3-00439-K",
        "RD1:TUM1-A3-00439-K:12345",
        "RD1:",
        "RD1:TUM1-A3-00439-K:ABCDEF:X",
    ):
        with pytest.raises(Refused, match="invalid_code"):
            read_qr(text)


def test_epoch_signs_follow_each_other_and_end() -> None:
    signs = [next_epoch_sign()]
    while signs[-1] != "Z":
        signs.append(next_epoch_sign(signs[-1]))
    assert "".join(signs) == EPOCH_SIGNS
    assert len(set(signs)) == 33
    assert not {"0", "I", "O"} & set(signs)
    with pytest.raises(Refused, match="no_epoch_sign"):
        next_epoch_sign("Z")


@given(places, letters, signs, st.integers(1, 9_999_999))
def test_a_slip_number_is_never_taken_for_a_familys_code(place: str, letter: str, sign: str, counter: int) -> None:
    number = slip_number(place, letter, sign, counter)
    assert number.startswith(f"{place}-{letter}{sign}-S{counter:05d}-")
    assert readings(number) == ()


@pytest.mark.parametrize(
    "desk",
    [
        ("tum1", "A", "1"),
        ("TUM12", "A", "1"),
        ("TU", "A", "1"),
        ("TUM", "AB", "1"),
        ("TUM", "A", "O"),
        ("TUM", "A", ""),
    ],
)
def test_codes_are_made_only_for_places_letters_and_signs_of_their_form(desk: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="form"):
        family_code(*desk, 1)
