"""Invented families for papers, and the programs that read papers back."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.dates import LOCAL, Born
from returnee_desk.records.families import Consent, Family, Note, Whereabouts
from returnee_desk.records.lists import lists
from returnee_desk.records.people import Document, Person
from returnee_desk.records.services import Service

AT = datetime(2026, 11, 22, 14, 20, tzinfo=LOCAL)
DAY = AT.date()
CODE = "TUM1-A3-00439-K"
SLIP = "TUM1-A3-S00017-M"
STAFF = {"c1": "Lucía Ajcot", "c2": "Marvin Pérez"}
ARRIVAL = Arrival(mode="land", label="Bus 3", country="MEX", at=AT, headcount=45, others=31, place="TUM1", id="a" * 32)


def make_person(n: int, given: str = "", surnames: str = "", **known: Any) -> Person:
    if "age" in known:
        known["born"] = Born(age=known.pop("age"), unit="years", on=DAY)
    if "edtf" in known:
        known["born"] = Born(edtf=known.pop("edtf"))
    return Person(n=n, given_names=given, surnames=surnames, id=f"{n:032x}", **known)


def given(code: str, person: int | None = None, **known: Any) -> Service:
    told: dict[str, Any] = {"quantity": 1, "slip": SLIP, "by": "c1", "at": AT + timedelta(minutes=42)}
    return Service(code=code, person=person, **{**told, **known})


def mother_and_child(**changes: Any) -> Family:
    mother = make_person(
        1,
        "María Elena",
        "Xiloj Tzul",
        sex="F",
        edtf="1994-05-02",
        role="MADRE",
        mother_tongue="mam",
        documents=(Document(kind="CUI", number="2345678991217"), Document(kind="PASSPORT", number="G01234567")),
        needs=("LACT", "DEUDA"),
    )
    child = make_person(2, "José", "Xiloj", sex="M", age=4, role="HIJO", nationality="MEX")
    told: dict[str, Any] = {
        "id": "f" * 32,
        "code": CODE,
        "arrival": ARRIVAL,
        "members": (mother, child),
        "origin": Whereabouts(municipality="1315", place="Caserío Chnoj"),
        "destination": Whereabouts(municipality="1217", place="Aldea La Independencia"),
        "phone": "+50255512345",
        "language": "mam",
        "spanish": "some",
        "interpreter": True,
        "consent": Consent(register=True, share=False, asked_in="mam", how="read aloud"),
        "contact": 1,
        "services": (
            given("KIT_HIG", 1),
            given("KIT_HIG", 2),
            given("ALIM", 1),
            given("ALIM", 2),
            given("TRANS_TER", 1),
        ),
        "notes": (Note(text="Pide llamar a su hermana en Malacatán.", at=AT + timedelta(minutes=30), by="c1"),),
        "registered_at": AT + timedelta(minutes=42),
        "registered_by": "c1",
    }
    return Family(**{**told, **changes})


LONG = (
    "Bartolomé Wenceslao de la Santísima Trinidad y de los Santos Ángeles Custodios "
    "del Quiché Maximiliano Xicotencatl Ru"
)
"""A name of nearly 120 letters."""
UNBROKEN = "Xʼ" + "Ajquejayixtamalchupiqʼel" * 5
"""As long, without a space."""


def eleven(**changes: Any) -> Family:
    first = ("Ana", "Juan", "Rosa", "Pedro", "Lucía", "Tomás", "Elena", "Mateo", "Irma")
    members = (
        make_person(1, LONG, "Güisquil Ñandú", sex="F", edtf="1980~", role="MADRE", married_surname="Tzʼutujil"),
        make_person(2, UNBROKEN, UNBROKEN, sex="M", edtf="1979-03", role="PADRE"),
        *(
            make_person(
                n,
                name,
                "Tzʼutujil Güisquil",
                sex="FM"[n % 2],
                age=18 - n,
                role="HIJA" if n % 2 == 0 else "HIJO",
                needs=("NO_ESC", "DESNUT") if n > 8 else (),
            )
            for n, name in enumerate(first, 3)
        ),
    )
    codes = [code for code in lists().services if code not in ("TRANS_COM", "PRH_CAR", "SEG_TEL", "SEG_VIS")]
    services = tuple(
        given(code, n, quantity=1250 if code == "APOYO_ECO" else 1)
        for place, code in enumerate(codes)
        for n in (range(1, 12) if place % 5 == 0 else (2, 7) if place % 3 == 0 else (None,))
    )
    return mother_and_child(members=members, services=services, **changes)


def without_consent(**changes: Any) -> Family:
    members = (
        make_person(1, sex="F", age=29, role="MADRE"),
        make_person(2, sex="M", age=7, role="HIJO"),
        make_person(3, sex="M", age=5, role="HIJO"),
    )
    told: dict[str, Any] = {
        "members": members,
        "origin": Whereabouts(),
        "destination": Whereabouts(),
        "phone": None,
        "notes": (),
        "consent": Consent(register=False, asked_in="quc", how="interpreter"),
        "services": (given("KIT_HIG", 1), given("KIT_HIG", 2), given("KIT_HIG", 3), given("LLAM_NAC")),
    }
    return mother_and_child(**{**told, **changes})


def child_alone(**changes: Any) -> Family:
    members = (
        make_person(
            1, "Brenda", "Caal", sex="F", edtf="2015", role="HERMANA", mother_tongue="kek", needs=("NNA_NA", "CUID_NNA")
        ),
        make_person(2, "Luz", "Caal", sex="F", role="HERMANA", born=Born(age=13, unit="months", on=DAY)),
    )
    return mother_and_child(members=members, services=(given("MED_NNA", 2), given("ALIM", 1)), **changes)


def text_of(pdf: bytes, *options: str) -> str:
    """What poppler reads on the pages."""
    read = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return read.stdout.decode("utf-8")


def flat(text: str) -> str:
    """One line, so that a sentence is found however it was broken."""
    return " ".join(text.split())


def codes_seen(pdf: bytes, folder: Path, *, dpi: int = 150) -> list[str]:
    """What zbar reads on the first page."""
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-l", "1", "-gray", "-png", "-", str(folder / "p")], input=pdf, check=True
    )
    images = sorted(folder.glob("p*.png"))
    read = subprocess.run(["zbarimg", "-q", "--raw", *map(str, images)], capture_output=True, text=True, check=True)
    return read.stdout.split()


class Word:
    """One word on a page with its box in points from the top left."""

    def __init__(self, left: str, top: str, right: str, bottom: str, text: str) -> None:
        self.left, self.top, self.right, self.bottom = map(float, (left, top, right, bottom))
        self.text = text


def words_on(pdf: bytes) -> list[tuple[float, float, list[Word]]]:
    """Per page its width, height and words."""
    pages = []
    for page in re.split(r"(?=<page )", text_of(pdf, "-bbox"))[1:]:
        size = re.match(r'<page width="([\d.]+)" height="([\d.]+)"', page)
        assert size
        boxes = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', page)
        pages.append((float(size[1]), float(size[2]), [Word(*box) for box in boxes]))
    return pages
