from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.exceptions import ValidationError
from stdnum.mx import curp

from returnee_desk.errors import Refused
from returnee_desk.records.identity import (
    DOCUMENT_KINDS,
    check_document,
    check_phone,
    document_key,
    document_text,
    phone_text,
)

VECTORS = list(csv.DictReader((Path(__file__).parent / "cui_test_vectors.csv").read_text("utf-8").splitlines()))
REASONS = {"check_value_10": "check_digit", "non_digit": "characters"}
digits = st.text("0123456789", min_size=8, max_size=8)


def reason(kind: str, number: str, *, unverified: bool = False) -> str | None:
    try:
        check_document(kind, number, unverified=unverified)
    except Refused as no:
        assert no.code == "invalid_document"
        assert number not in str(no) or not number
        return str(no.details["reason"])
    return None


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['reason'] or 'valid'}-{vector['cui']}")
def test_every_known_cui_is_judged_as_it_should_be(vector: dict[str, str]) -> None:
    for number in {vector["cui"], vector["formatted"] or vector["cui"], vector["cui"].replace("0", "-0")}:
        if vector["expected"] == "invalid":
            assert reason("CUI", number) == REASONS.get(vector["reason"], vector["reason"])
            continue
        document, warnings = check_document("CUI", number)
        assert document.number == vector["cui"]
        assert warnings == (("cui_municipality",) if vector["expected"] == "warn" else ())


def test_a_wrong_check_digit_alone_is_kept_when_somebody_looked_at_the_paper() -> None:
    document, _warnings = check_document("CUI", "1234 56780 0101", unverified=True)
    assert (document.number, document.unverified) == ("1234567800101", True)
    assert reason("CUI", "1933585519901", unverified=True) == "department"
    assert reason("CUI", "193358551010", unverified=True) == "length"
    assert reason("CUI", "", unverified=True) == "empty"
    assert reason("DUI", "04827152-1", unverified=True) is None


@given(digits)
def test_a_cui_has_at_most_one_check_digit_and_every_wrong_one_is_refused(serial: str) -> None:
    right = [digit for digit in "0123456789" if reason("CUI", f"{serial}{digit}1217") is None]
    rest = sum(int(sign) * factor for sign, factor in zip(serial, range(2, 10), strict=True)) % 11
    assert right == ([] if rest == 10 else [str(rest)])


@given(digits)
def test_a_dui_has_exactly_one_check_digit(serial: str) -> None:
    assert len([digit for digit in "0123456789" if reason("DUI", f"{serial}-{digit}") is None]) == 1


def test_dui_forms_and_reasons() -> None:
    document, _warnings = check_document("DUI", "00016297-5")
    assert (document.number, document_text(document)) == ("000162975", "00016297-5")
    assert reason("DUI", "00016297-4") == "check_digit"
    assert reason("DUI", "0001629-5") == "length"
    assert reason("DUI", "0001629A5") == "characters"


def test_a_honduran_number_has_thirteen_digits_and_no_check_we_know_of() -> None:
    document, _warnings = check_document("DNI_HND", "0801-1990-12345")
    assert (document.number, document_text(document)) == ("0801199012345", "0801-1990-12345")
    assert reason("DNI_HND", "0801-1990-1234") == "length"
    assert reason("DNI_HND", "O801199012345") == "characters"


def test_curps_agree_with_another_implementation() -> None:
    assert reason("CURP", "BOXW310820HNERXN09") is None
    assert reason("CURP", "boxw-310820-hnerxn09") is None
    assert reason("CURP", "BOXW310820HNERXN08") == "check_digit"
    assert reason("CURP", "BOXW310820HNERXN0") == "length"
    assert reason("CURP", "BOXW311320HNERXN09") == "characters"
    assert reason("CURP", "1234567890ABCDEFGH") == "characters"


@given(
    st.from_regex(
        r"[A-PR-Z]{4}[5-9][0-9](0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[HM](DF|CS|VZ|JC)[B-DF-HJ-NP-TV-Z]{3}[0-9]{2}",
        fullmatch=True,
    )
)
def test_curp_check_digits_agree_with_another_implementation(number: str) -> None:
    try:
        curp.validate(number)
    except ValidationError as no:
        if "checksum" in str(no).lower() or "check digit" in str(no).lower():
            assert reason("CURP", number) == "check_digit"
        return
    assert reason("CURP", number) is None


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("123456789", None),
        ("g 1234567", None),
        ("A12345", None),
        ("12345", "length"),
        ("1" * 16, "length"),
        ("ABCDEF", "characters"),
        ("12345Ñ78", "characters"),
        ("", "empty"),
        ("---", "empty"),
        ("x" * 5000, "length"),
    ],
)
def test_passports_are_capitals_and_digits_of_a_likely_length(number: str, why: str | None) -> None:
    assert reason("PASSPORT", number) == why


@pytest.mark.parametrize("kind", ["BIRTH_RECORD", "CONSULAR_ID", "OTHER"])
def test_other_papers_keep_their_text_up_to_forty_characters(kind: str) -> None:
    document, _warnings = check_document(kind, "  Partida 12,\u202e folio 3 ")
    assert document.number == "Partida 12, folio 3"
    assert reason(kind, "x" * 41) == "length"
    assert reason(kind, "x" * 40) is None
    assert reason(kind, " \u200b ") == "empty"
    assert reason(kind, "--") == "characters"


def test_another_kind_of_paper_is_no_code_of_ours() -> None:
    with pytest.raises(Refused) as no:
        check_document("DPI", "1", path="members[0].documents[1]")
    assert (no.value.code, no.value.path) == ("unknown_code", "members[0].documents[1].kind")


def test_a_refusal_names_the_field_and_never_the_number() -> None:
    with pytest.raises(Refused) as no:
        check_document("CUI", "1234567800101", path="members[0].documents[1]")
    assert no.value.path == "members[0].documents[1].number"
    assert no.value.details == {"kind": "CUI", "reason": "check_digit"}
    assert "12345678" not in str(no.value)


@given(st.sampled_from(DOCUMENT_KINDS), st.text(max_size=60))
def test_any_text_is_a_number_or_refused_and_a_number_kept_reads_the_same_again(kind: str, text: str) -> None:
    try:
        document, warnings = check_document(kind, text)
    except Refused as no:
        assert no.code == "invalid_document"
        return
    assert check_document(kind, document.number) == (document, warnings)
    assert check_document(kind, document_text(document))[0] == document
    assert document_key(document).startswith(kind + ":")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("5551 2345", "+50255512345"),
        ("5551-2345", "+50255512345"),
        ("+502 5551 2345", "+50255512345"),
        ("(502) 55512345", "+50255512345"),
        ("00502 5551.2345", "+50255512345"),
        ("2232-1234", "+50222321234"),
        ("+1 (213) 373-4253", "+12133734253"),
        ("001 213 373 4253", "+12133734253"),
        ("+52 962 123 4567", "+529621234567"),
        ("+503 2222 3333", "+50322223333"),
        ("５５５１２３４５", "+50255512345"),
    ],
)
def test_telephones_become_one_form(typed: str, kept: str) -> None:
    assert check_phone(typed) == kept
    assert check_phone(kept) == kept
    assert check_phone(phone_text(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("5551234", "length"),
        ("555123456", "length"),
        ("1551 2345", "length"),
        ("+502 5551 234", "length"),
        ("+502 9551 2345", "length"),
        ("1-800-FLOWERS", "characters"),
        ("5551 2345 ext 3", "characters"),
        ("+", "characters"),
        ("+999 1234567", "length"),
        ("5" * 200, "length"),
        ("2133734253", "length"),
    ],
)
def test_what_is_no_telephone_is_refused_with_its_reason(typed: str, why: str) -> None:
    with pytest.raises(Refused) as no:
        check_phone(typed, path="phone")
    assert (no.value.code, no.value.path, no.value.details["reason"]) == ("invalid_phone", "phone", why)


def test_numbers_of_guatemala_need_no_telephone_library() -> None:
    code = (
        "import sys; from returnee_desk.records.identity import check_phone; check_phone('5551 2345');"
        "import returnee_desk.records.form, returnee_desk.records.likeness;"
        "assert not {'phonenumbers', 'rapidfuzz'} & set(sys.modules), 'imported too early'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
