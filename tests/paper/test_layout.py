"""What every paper must keep to, measured on the pages as poppler reads them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from returnee_desk.paper import Printed
from returnee_desk.paper.page import MM, Block, paginate
from returnee_desk.paper.sheet import MARGIN as SHEET_MARGIN
from returnee_desk.paper.sheet import sheet_pdf
from returnee_desk.paper.slip import slip_pdf
from returnee_desk.records.families import Consent, Family, Note, Whereabouts
from returnee_desk.records.kinds import kind_of_family
from returnee_desk.records.lists import lists
from returnee_desk.records.people import Document
from tests.paper.families import (
    LONG,
    STAFF,
    UNBROKEN,
    child_alone,
    codes_seen,
    eleven,
    given,
    make_person,
    mother_and_child,
    text_of,
    without_consent,
    words_on,
)


def crowd() -> Family:
    """As much as the forms let in: sixty people, every text at its longest, every service to everybody."""
    members = tuple(
        make_person(
            n,
            (LONG + "x" * 120)[:120],
            (UNBROKEN + "y" * 120)[:120],
            married_surname=(UNBROKEN + "z" * 120)[:120],
            sex="X",
            age=n % 70,
            role="OTRO_FAM",
            documents=tuple(Document(kind="OTHER", number="W" * 40, unverified=True) for _n in range(10)),
            needs=tuple(lists().needs),
        )
        for n in range(1, 61)
    )
    services = tuple(given(code, n, override="M" * 120) for code in lists().services for n in range(1, 60))
    return mother_and_child(
        members=members,
        services=services,
        origin=Whereabouts(municipality="1315", place="W" * 120),
        destination=Whereabouts(municipality="9999", place=(LONG * 2)[:120]),
        notes=(Note(text="nota " * 400), Note(text="W" * 2_000), Note(text="a\n" * 999, person=3)),
        doubts=("language", "phone"),
    )


FAMILIES = {
    "mother and child": mother_and_child,
    "eleven": eleven,
    "without consent": without_consent,
    "children alone": child_alone,
    "a crowd": crowd,
}
SLIPS = ("80mm", "letter")


def printed(
    paper: str, family: Family, *, copy: bool = False, practice: bool = False, place: str = "El Ceibo"
) -> Printed:
    if paper == "sheet":
        kind = kind_of_family(family.members, family.arrival.day)
        return sheet_pdf(family, kind, place_name=place, staff=STAFF, copy=copy, practice=practice)
    return slip_pdf(family, paper=paper, place_name=place, copy=copy, practice=practice)


@pytest.mark.parametrize("paper", [*SLIPS, "sheet"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("marked", [False, True], ids=["plain", "copy in practice"])
def test_every_word_stays_inside_the_margins_and_no_two_touch(paper: str, family: str, marked: bool) -> None:
    made = printed(paper, FAMILIES[family](), copy=marked, practice=marked, place=LONG if marked else "El Ceibo")
    pages = words_on(made.pdf)
    assert len(pages) == made.pages
    margin = SHEET_MARGIN if paper == "sheet" else 16 * MM if paper == "letter" else 4 * MM
    for width, height, words in pages:
        assert words
        inside = [word for word in words if word.text != "PRÁCTICA"]
        assert min(word.left for word in inside) >= margin - 0.5
        assert max(word.right for word in inside) <= width - margin + 0.5
        assert min(word.top for word in words) >= 0
        assert max(word.bottom for word in words) <= height
        if not marked:
            assert min(word.top for word in words) >= margin - 1.5
            assert max(word.bottom for word in words) <= height - margin + 2.5
        lines = sorted(words, key=lambda word: word.top)
        for n, one in enumerate(lines):
            for other in lines[n + 1 :]:
                if other.top >= one.bottom - 0.4:
                    break
                apart = one.right <= other.left + 0.4 or other.right <= one.left + 0.4
                assert apart, f"{one.text} over {other.text}"


@pytest.mark.parametrize("paper", [*SLIPS, "sheet"])
@pytest.mark.parametrize("family", FAMILIES)
def test_none_is_never_printed(paper: str, family: str) -> None:
    assert "None" not in text_of(printed(paper, FAMILIES[family]()).pdf)


@pytest.mark.parametrize("paper", [*SLIPS, "sheet"])
def test_the_same_family_gives_the_same_bytes(paper: str) -> None:
    assert printed(paper, eleven()).pdf == printed(paper, eleven()).pdf
    assert printed(paper, eleven(), copy=True).pdf != printed(paper, eleven()).pdf


@pytest.mark.parametrize("paper", [*SLIPS, "sheet"])
def test_both_faces_are_embedded_and_nothing_else_is_used(paper: str, tmp_path: Path) -> None:
    file = tmp_path / "p.pdf"
    file.write_bytes(printed(paper, mother_and_child()).pdf)
    fonts = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert len(fonts) == 2
    assert all("DejaVuSans" in line and line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)


@pytest.mark.parametrize("paper", [*SLIPS, "sheet"])
def test_what_the_file_says_of_itself_names_nobody(paper: str, tmp_path: Path) -> None:
    file = tmp_path / "p.pdf"
    file.write_bytes(printed(paper, mother_and_child()).pdf)
    said = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    titles = {"sheet": "Hoja de ingreso"}
    assert f"Title:           {titles.get(paper, 'Boleta de servicios')}\n" in said
    assert not any(word in said for word in ("Xiloj", "María", "00439", "Tecún", "anonymous", "Lucía"))
    assert b"es-GT" in file.read_bytes()


@pytest.mark.parametrize("paper", [*SLIPS, "sheet"])
@pytest.mark.parametrize("mac", [None, "7K2M9P"])
def test_the_code_reads_back_from_the_paper(paper: str, mac: str | None, tmp_path: Path) -> None:
    family = mother_and_child()
    if paper == "sheet":
        made = sheet_pdf(family, kind_of_family(family.members, family.arrival.day), place_name="El Ceibo", mac=mac)
    else:
        made = slip_pdf(family, paper=paper, place_name="El Ceibo", mac=mac)
    assert codes_seen(made.pdf, tmp_path) == ["RD1:TUM1-A3-00439-K" + (f":{mac}" if mac else "")]


def test_the_code_reads_back_as_a_thermal_printer_draws_it(tmp_path: Path) -> None:
    """203 dots an inch, black or white."""
    made = slip_pdf(mother_and_child(), place_name="El Ceibo", mac="7K2M9P", copy=True)
    subprocess.run(["pdftoppm", "-r", "203", "-mono", "-", str(tmp_path / "p")], input=made.pdf, check=True)
    (image,) = tmp_path.glob("p*")
    read = subprocess.run(["zbarimg", "-q", "--raw", str(image)], capture_output=True, text=True, check=True)
    assert read.stdout.split() == ["RD1:TUM1-A3-00439-K:7K2M9P"]


HOSTILE = (
    '<img src="http://127.0.0.1:9/x.png"/>',
    "<b>sin cerrar",
    "&lt;i&gt; &amp; <para>",
    "%s {names} {0} %(x)d",
    "(a) \\ ) Tj ET Q",
    "مرحبا שלום",
    "Jo\u202eesoJ\u202c\x00\ud800",
    "👩‍👩‍👧 漢字",
    "a" + "\u0335\u0301" * 2_000,
    "ʼ ꞌ ’ ä ë ñ",
    "x" * 200_000,
    "x y " * 50_000,
    "   ",
)


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text)[:24] for text in HOSTILE])
@pytest.mark.parametrize("paper", [*SLIPS, "sheet"])
def test_text_from_outside_is_only_ever_text(text: str, paper: str) -> None:
    hostile = make_person(
        1, text, text, married_surname=text, sex="F", role="MADRE", mother_tongue=text, nationality=text
    )
    family = mother_and_child(
        members=(hostile, make_person(2, "José", sex="M", role=text, needs=(text,))),
        origin=Whereabouts(municipality=text, place=text),
        phone=text,
        language=text,
        spanish=text,
        consent=Consent(register=True, asked_in=text, how=text),
        services=(given(text, 1, slip=text, by=text, override=text), given("ALIM", None)),
        notes=(Note(text=text, by=text),),
        registered_by=text,
    )
    made = printed(paper, family, place=text)
    assert made.pages == len(words_on(made.pdf))
    if text.startswith("<"):
        read = "".join(text_of(made.pdf).split())
        assert text.replace(" ", "") in read


def test_a_note_of_many_lines_flows_over_pages() -> None:
    family = mother_and_child(notes=(Note(text="\n".join(f"renglón {n}" for n in range(250))),))
    made = printed("sheet", family)
    assert made.pages > 3
    read = text_of(made.pdf)
    assert all(f"renglón {n}" in read for n in (0, 124, 249))
    assert f"Familia {family.code} · hoja 2 de {made.pages}" in read


def test_a_heading_never_stands_alone_at_the_foot() -> None:
    def block(name: str, height: float, *, keep: bool = False) -> Block:
        return Block(height, lambda pen, top: None, keep=keep)

    heading, body = block("h", 20, keep=True), block("b", 50)
    pages = paginate([block("x", 60), heading, body], 100, 100)
    assert [len(page) for page in pages] == [1, 2]
    assert [len(page) for page in paginate([heading, body, block("x", 30)], 100, 100)] == [3]
    assert paginate([], 100, 100) == [[]]


def test_the_head_of_a_table_is_said_again_on_the_next_page() -> None:
    head = Block(10, lambda pen, top: None, keep=True)
    rows = [Block(40, lambda pen, top: None, head=head) for _n in range(4)]
    pages = paginate([head, *rows], 100, 100)
    assert [page[0] for page in pages] == [head, head]
    assert all(sum(block.height for block in page) <= 100 for page in pages)
