from __future__ import annotations

from itertools import pairwise
from struct import unpack_from

from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.paper.fonts import CUT, MISSING, USUAL, faces, fit, printable, wrap

MAYAN = "Kʼicheʼ, Q’eqchi’, Saqꞌ, Tz'utujil, Wäqë, Ñaxëb, Güisquil ¿sí?"


def test_letters_of_spanish_and_of_the_mayan_languages_print_as_they_are() -> None:
    assert printable(MAYAN) == MAYAN
    assert all(ord(letter) in faces().letters for letter in MAYAN + USUAL)


def test_a_letter_no_face_has_is_seen_to_be_missing() -> None:
    assert printable("Ana 🧸 María") == f"Ana {MISSING} María"
    assert printable("漢") == MISSING
    assert printable("a\ud800b") == f"a{MISSING}b"


def test_directions_controls_and_invisible_signs_do_not_reach_the_paper() -> None:
    assert printable("Jo\u202esé\u200b\x00\x07\ufeff") == "José"
    assert printable(" Ana \t\n\u00a0 Luz ") == "Ana Luz"


def test_letters_are_composed_and_a_heap_of_marks_is_kept_to_three() -> None:
    assert printable("n\u0303") == "ñ"
    assert len(printable("a" + "\u0335" * 500)) == 4


def test_a_text_far_too_long_is_cut_and_says_so() -> None:
    text = printable("x" * 200_000)
    assert text.endswith(CUT)
    assert len(text) == 600 + len(CUT)


@given(st.text(max_size=80))
def test_whatever_is_typed_becomes_letters_the_faces_have(text: str) -> None:
    shown = printable(text)
    assert all(ord(letter) in faces().letters for letter in shown)
    assert shown == shown.strip()
    assert "  " not in shown
    assert printable(shown) == shown


@given(st.text(alphabet=USUAL + "ʼꞌ\u0301", max_size=200), st.floats(40, 400), st.sampled_from((6.0, 9.5, 22.0)))
def test_lines_stay_within_their_width_and_lose_nothing(text: str, width: float, size: float) -> None:
    face = faces().bold
    clean = printable(text)
    lines = wrap(clean, face, size, width)
    assert "".join(lines).replace(" ", "") == clean.replace(" ", "")
    assert all(face.width(line, size) <= width + 0.001 for line in lines)


def test_a_line_is_made_smaller_before_it_is_broken_but_not_too_small() -> None:
    face = faces().regular
    assert fit("TUM1", face, 12, 500, least=6) == 12
    fits = fit("TUM1-A3-00439-K", face, 30, 100, least=6)
    assert 6 < fits < 30
    assert face.width("TUM1-A3-00439-K", fits) <= 100.001
    assert fit("x" * 500, face, 12, 100, least=6) == 6


def test_widths_are_those_reportlab_draws_with() -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    for face in faces()[:2]:
        assert abs(face.width(MAYAN, 11) - stringWidth(MAYAN, face.name, 11)) < 0.01


def test_the_library_has_no_door_left_to_fetch_anything() -> None:
    from reportlab import rl_config

    faces()
    assert rl_config.trustedHosts == []
    assert rl_config.trustedSchemes == []


def test_an_embedded_face_keeps_its_shapes_and_drops_what_no_printer_reads() -> None:
    from reportlab.pdfbase.pdfmetrics import getFont

    faces()
    face = getFont("Desk").face
    font = face.makeSubset([0, *map(ord, "Ñandú ʼ")])
    (count,) = unpack_from(">H", font, 4)
    tables = {
        tag: font[start : start + size]
        for tag, _checksum, start, size in (unpack_from(">4sLLL", font, 12 + 16 * n) for n in range(count))
    }
    assert not {b"name", b"fpgm", b"prep", b"cvt "} & set(tables)
    (long_offsets,) = unpack_from(">H", tables[b"head"], 50)
    step = 4 if long_offsets else 2
    offsets = [
        unpack_from(">L" if long_offsets else ">H", tables[b"loca"], at)[0] * (1 if long_offsets else 2)
        for at in range(0, len(tables[b"loca"]), step)
    ]
    drawn = [tables[b"glyf"][a:b] for a, b in pairwise(offsets) if b > a]
    assert len(drawn) >= 6
    for glyph in drawn:
        (contours,) = unpack_from(">h", glyph)
        if contours >= 0:
            assert unpack_from(">H", glyph, 10 + 2 * contours) == (0,)
