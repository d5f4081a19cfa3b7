"""People are found by any part of what is known of them, and earlier records by likeness; nothing is scanned."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from returnee_desk.records.codes import family_code
from returnee_desk.records.dates import Born
from returnee_desk.records.people import Document, Person
from returnee_desk.store import search
from returnee_desk.store.file import connect
from returnee_desk.store.migrations import schema

KEY = bytes(32)
DAY = date(2026, 11, 22)


class Index:
    """A real encrypted file with people in its tables and in the index."""

    def __init__(self, path: Path) -> None:
        self.db = connect(path, KEY, create=True)
        schema.apply(self.db)
        self.run = self.db.conn.execute
        self.families = 0

    def family(
        self,
        *members: Person,
        phone: str | None = None,
        origin: str | None = None,
        status: str = "active",
        code: str | None = None,
    ) -> str:
        """Stores and indexes a family; returns its code."""
        self.families += 1
        code = code or family_code("TUM1", "A", "3", self.families)
        key = self.families.to_bytes(16, "big")
        self.run("INSERT INTO family (id, code, status, origin) VALUES (?, ?, ?, ?)", (key, code, status, origin))
        if phone:
            self.run("INSERT INTO phone (id, family, number, state) VALUES (?, ?, ?, 'active')", (key, key, phone))
        for number, person in enumerate(members, start=1):
            self._person(key, number, person)
            self.index(self.last, person, code=code, phones=[phone] if phone else [], municipality=origin)
        return code

    def _person(self, family: bytes, number: int, person: Person) -> None:
        key = family[8:] + number.to_bytes(8, "big")
        born = json.dumps(person.born.as_json()) if person.born else None
        self.last = self.run(
            "INSERT INTO person (id, family, number, given, surnames, married, sex, born, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, family, number, person.given_names, person.surnames, person.married_surname, person.sex, born,
             person.state),
        ).lastrowid  # fmt: skip
        for at, paper in enumerate(person.documents):
            self.run(
                "INSERT INTO document (id, person, kind, number, state) VALUES (?, ?, ?, ?, 'active')",
                (key[4:] + at.to_bytes(4, "big"), key, paper.kind, paper.number),
            )

    def index(self, rowid: int, person: Person, **about: Any) -> None:
        search.index_person(self.db.conn, rowid, person, **about)

    def find(self, text: str, limit: int = 50) -> list[search.Hit]:
        return search.find(self.db.conn, text, limit=limit)

    def names(self, text: str) -> list[str]:
        return [hit.name for hit in self.find(text)]

    def likely(self, *members: Person, **about: Any) -> list[search.Likely]:
        return search.likely_earlier(self.db.conn, members, **about)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(tmp_path / "desk.db")
    yield made
    made.db.close()


def person(given: str, surnames: str = "", born: str | None = None, **more: Any) -> Person:
    return Person(
        given_names=given, surnames=surnames, born=Born.read(birth_date=born, on=DAY) if born else None, **more
    )


MARIA = person(
    "María Elena", "Xiloj Tzul", "1994-05-02", sex="F", documents=(Document(kind="CUI", number="2345678991217"),)
)
JOSE = person("José", "Xiloj", "2022", sex="M")


# finding by words


@pytest.mark.parametrize(
    "text",
    [
        "María Elena Xiloj Tzul",
        "maria",
        "MARIA ELENA",
        "xiloj maria",
        "tzul, maría",
        "mar xil",
        "Mari\u0301a",
        "  elena  ",
        "M XILOJ TZUL"[2:],
    ],
)
def test_a_person_is_found_by_any_words_of_the_name_in_any_order(index: Index, text: str) -> None:
    index.family(MARIA)
    index.family(person("Pedro", "Ramírez"))
    assert index.names(text) == ["María Elena Xiloj Tzul"]
    assert index.find(text)[0].why == ("name",)


def test_every_word_has_to_match(index: Index) -> None:
    index.family(MARIA)
    assert index.find("maria perez") == []
    assert index.find("aria") == []


@pytest.mark.parametrize("written", ["Ixq'anil", "Ixqꞌanil", "Ixqʼanil", "Ixq’anil", "ixqanil", "IXQ´ANIL"])
def test_all_ways_to_write_the_apostrophe_of_mayan_names_are_one(index: Index, written: str) -> None:
    index.family(person("Ixqꞌanil", "Ajpuꞌ"))
    assert index.names(written) == ["Ixqꞌanil Ajpuꞌ"]


def test_enye_is_found_with_and_without_its_tilde(index: Index) -> None:
    index.family(person("Begoña", "Núñez"))
    assert index.names("nuñez") == index.names("nunez") == index.names("begona") == ["Begoña Núñez"]


def test_the_married_surname_is_found(index: Index) -> None:
    index.family(person("Ana", "Tum", married_surname="Pérez"))
    assert index.names("ana perez") == ["Ana Tum de Pérez"]


@pytest.mark.parametrize(
    "text",
    [
        "TUM1-A3-00439-K",
        "tum1-a3-00439-k",
        "tum1a300439k",
        "TUM1 A3 00439 K",
        "TUM1-A3-00439",
        "TUM1-A3-439",
        "A3-00439-K",
        "A3-00439",
        "a3-439-k",
        "00439-K",
        "00439K",
        "00439",
        "439",
        "tum1 439",
        "a3439",
        "A300439K",
        "tum1a3439",
    ],
)
def test_a_family_is_found_by_its_code_and_by_parts_of_it(index: Index, text: str) -> None:
    index.family(MARIA, JOSE, code="TUM1-A3-00439-K")
    index.family(person("Otra", "Familia"), code="TUM1-A3-00440-G")
    hits = index.find(text)
    assert {(hit.code, hit.n) for hit in hits} == {("TUM1-A3-00439-K", 1), ("TUM1-A3-00439-K", 2)}
    assert {hit.why for hit in hits} == {("code",)}
    assert hits[0].family_id == (1).to_bytes(16, "big").hex()


def test_a_surname_is_not_taken_for_the_place_of_a_code(index: Index) -> None:
    index.family(person("Ana", "Tum"))
    index.family(person("José", "Paz"))
    assert index.names("tum") == ["Ana Tum"]
    assert index.find("tum9-a3-00001") == index.find("tum1-b3-00001") == index.find("tum1-a3-00001-0") == []


@pytest.mark.parametrize(
    "text", ["2345678991217", "2345 67899 1217", "2345-67899-1217", "2345 6789", "234567", "Xiloj 2345"]
)
def test_a_person_is_found_by_the_document_however_it_is_spaced(index: Index, text: str) -> None:
    index.family(MARIA, JOSE)
    hits = index.find(text)
    assert [hit.n for hit in hits] == [1]
    assert "document" in hits[0].why


@pytest.mark.parametrize("text", ["AB123456", "ab 123456", "AB-123456", "123456", "Li AB 123456"])
def test_a_passport_is_found_with_and_without_its_letters(index: Index, text: str) -> None:
    index.family(person("Li", "Wei", documents=(Document(kind="PASSPORT", number="AB123456"),)))
    assert index.names(text) == ["Li Wei"]


@pytest.mark.parametrize(
    "text", ["55512345", "5551 2345", "5551-2345", "+502 5551 2345", "502 55512345", "5551", "de 5551 2345"]
)
def test_a_family_is_found_by_the_telephone_however_it_is_spaced(index: Index, text: str) -> None:
    index.family(person("Ana", "de Paz"), phone="+50255512345")
    hits = index.find(text)
    assert [hit.name for hit in hits] == ["Ana de Paz"]
    assert "phone" in hits[0].why


def test_a_foreign_telephone_is_found_without_its_country(index: Index) -> None:
    index.family(MARIA, phone="+529611234567")
    assert len(index.find("961 123 4567")) == len(index.find("+52 961 1234567")) == 1


def test_whole_words_come_before_beginnings_and_later_families_before_earlier(index: Index) -> None:
    index.family(person("Mario", "Paz"))
    index.family(person("Mar", "Paz"))
    index.family(person("Mar", "Paz"))
    hits = index.find("mar paz")
    assert [(hit.name, hit.code[8:13]) for hit in hits] == [
        ("Mar Paz", "00003"),
        ("Mar Paz", "00002"),
        ("Mario Paz", "00001"),
    ]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert len(index.find("mar", limit=2)) == 2


def test_a_single_letter_stands_for_itself(index: Index) -> None:
    index.family(person("María", "X"))
    index.family(person("María", "Xol"))
    assert index.names("maria x") == ["María X"]


def test_a_voided_family_is_not_found(index: Index) -> None:
    index.family(MARIA, status="void")
    assert index.find("maria") == []


def test_members_without_a_name_are_found_by_the_code_alone(index: Index) -> None:
    code = index.family(person(""), phone="+50255512345")
    assert [(hit.n, hit.name) for hit in index.find(code)] == [(1, "")]


def test_a_corrected_name_replaces_the_former(index: Index) -> None:
    index.family(MARIA)
    about = {"code": "TUM1-A3-00001-A", "phones": [], "municipality": None}
    index.index(index.last, replace(MARIA, given_names="Marta"), **about)
    assert len(index.find("marta")) == 1
    assert index.find("maria") == []


def test_indexing_the_same_again_writes_nothing(index: Index) -> None:
    index.family(MARIA, phone="+50255512345", origin="1217")
    before = index.db.conn.total_changes
    about = {"code": family_code("TUM1", "A", "3", 1), "phones": ["+50255512345"], "municipality": "1217"}
    index.index(index.last, MARIA, **about)
    assert index.db.conn.total_changes == before


def test_an_unindexed_person_leaves_nothing_behind(index: Index) -> None:
    index.family(MARIA, JOSE, phone="+50255512345", origin="1217")
    for rowid in (1, 2, 2, 99):
        search.unindex(index.db.conn, rowid)
    assert index.find("xiloj") == [] and index.likely(MARIA, municipality="1217") == []
    index.run("CREATE VIRTUAL TABLE temp.left USING fts5vocab (main, likeness, row)")
    assert index.run("SELECT count(*) FROM temp.left").fetchone() == (0,)
    assert index.run("SELECT count(*) FROM search").fetchone() == (0,)
    # Not a word of it is in the index itself any more.
    blocks = b"".join(block for (block,) in index.run("SELECT block FROM search_data"))
    assert b"xiloj" not in blocks and b"iloj" not in blocks and b"2345678991217" not in blocks


def test_the_index_can_be_emptied_and_made_again(index: Index) -> None:
    code = index.family(MARIA, origin="1217")
    search.clear(index.db.conn)
    assert index.find("maria") == [] and index.likely(MARIA) == []
    index.index(index.last, MARIA, code=code, phones=[], municipality="1217")
    assert len(index.find("maria")) == 1 and len(index.likely(MARIA)) == 1
    index.run("INSERT INTO search (search) VALUES ('integrity-check')")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    made = Index(tmp_path_factory.mktemp("desk") / "desk.db")
    made.family(MARIA, JOSE, phone="+50255512345", origin="1217", code="TUM1-A3-00439-K")
    yield made
    made.db.close()


@settings(max_examples=400)
@given(
    text=st.text(st.characters(codec=None), max_size=80) | st.text("aAñ1-\"'*()^:{}+ NEARORDT\0\ud800%_;", max_size=60)
)
@example('"')
@example("NEAR(")
@example("maria*")
@example("name:maria OR 1")
@example("';-- DROP TABLE search")
@example("\0maria")
@example("x" * 5000)
@example("a " * 3000)
@example("- - -")
def test_any_text_may_be_asked(shared: Index, text: str) -> None:
    for hit in shared.find(text):
        assert hit.code == "TUM1-A3-00439-K"
        assert hit.why and 0 < hit.score <= 1


_LETTERS = st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=20)


@settings(max_examples=60)
@given(names=st.lists(_LETTERS, min_size=1, max_size=5), data=st.data())
def test_whoever_is_indexed_is_found_by_each_of_the_words(shared: Index, names: list[str], data: st.DataObject) -> None:
    made = person(" ".join(names))
    search.index_person(shared.db.conn, 777, made, code="ZZZ-Z9-99999-Z", phones=[], municipality=None)
    shared.run("DELETE FROM person WHERE n = 777")
    shared.run(
        "INSERT INTO person (n, id, family, number, given, status)"
        " SELECT 777, ?, id, 9, ?, 'active' FROM family LIMIT 1",
        (bytes(16), made.given_names),
    )
    from returnee_desk.records.names import tokens

    words = tokens(made.given_names)
    if words:
        few = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=3))
        assert 9 in [hit.n for hit in shared.find(" ".join(few))]
    search.unindex(shared.db.conn, 777)
    shared.run("DELETE FROM person WHERE n = 777")


# likely earlier records


def test_someone_who_came_before_is_offered_though_the_name_is_written_otherwise(index: Index) -> None:
    code = index.family(JOSE, MARIA, origin="1217")
    again = person("Maria Elena", "Siloj Tsul", "1994", sex="F")
    found = index.likely(again, municipality="1217")
    assert [(one.code, one.n, one.for_) for one in found] == [(code, 2, 1)]
    assert found[0].band in ("likely", "possible", "almost_certain")
    assert found[0].why


def test_the_same_document_finds_whatever_the_name_says(index: Index) -> None:
    code = index.family(MARIA)
    found = index.likely(JOSE, person("Elena", "Tzul", documents=MARIA.documents))
    assert [(one.code, one.n, one.for_) for one in found] == [(code, 1, 2)]
    assert "same_document" in found[0].why


@pytest.mark.parametrize("year", ["1993", "1994", "1995", "1994~", "1994-05"])
def test_a_year_of_birth_beside_the_one_on_record_still_finds(index: Index, year: str) -> None:
    index.family(person("Petrona", "Ajú Chub", "1994", sex="F"))
    assert len(index.likely(person("Petrona", "Ajú Chub", year, sex="F"))) == 1


def test_the_best_comes_first_and_members_are_told_apart_by_number(index: Index) -> None:
    index.family(person("María", "Xiloj", "1993", sex="F"))
    index.family(replace(MARIA, documents=()), JOSE, origin="1217")
    found = index.likely(replace(MARIA, n=4), replace(JOSE, n=7), municipality="1217")
    assert {one.for_ for one in found} == {4, 7}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert found[0].code.startswith("TUM1-A3-00002")


def test_nobody_is_offered_where_there_is_too_little_to_judge(index: Index) -> None:
    index.family(MARIA, JOSE, person("María"), phone="+50255512345", origin="1217")
    assert index.likely() == []
    assert index.likely(person("")) == []
    assert index.likely(person("María")) == []
    assert index.likely(person("Otro", "Distinto", "1970")) == []


def test_the_family_itself_voided_ones_and_mistakes_are_left_out(index: Index) -> None:
    index.family(MARIA)
    index.family(MARIA, status="void")
    index.family(replace(MARIA, state="void"))
    assert len(index.likely(MARIA)) == 1
    assert index.likely(MARIA, exclude_family=(1).to_bytes(16, "big").hex()) == []


def test_of_very_many_who_share_a_name_a_few_hundred_are_looked_at(index: Index) -> None:
    index.db.conn.execute("BEGIN")
    for _ in range(search.MOST_CANDIDATES + 100):
        index.family(person("Juan", "Pérez López", "1990", sex="M"), origin="0101")
    index.family(person("Juan", "Pérez López", "1990-07-01", sex="M"), phone="+50255512345", origin="0101")
    index.db.conn.execute("COMMIT")
    found = index.likely(
        person("Juan", "Pérez López", "1990-07-01", sex="M"), phone="+50255512345", municipality="0101"
    )
    assert 0 < len(found) <= search.MOST_CANDIDATES
    assert "same_phone" in found[0].why
    assert len(index.find("juan")) == 50


# cost


@pytest.mark.parametrize("statistics", [False, True])
def test_nothing_is_scanned_row_by_row(index: Index, statistics: bool) -> None:
    for n in range(300):
        papers = (Document(kind="PASSPORT", number=f"A{n:06d}"),)
        one = person(f"Nombre{n}", f"Apellido{n}", documents=papers)
        index.family(one, person(f"Otro{n}", f"Distinto{n}"), phone=f"+5025{n:07d}")
    index.family(MARIA, JOSE, phone="+50255512345", origin="1217")
    if statistics:
        index.db.execute("ANALYZE")
    asked: list[str] = []
    index.db.conn.set_trace_callback(asked.append)
    index.find("maria 2345 xiloj")
    index.likely(MARIA, JOSE, municipality="1217", phone="+50255512345", exclude_family="0" * 32)
    about = {"code": "TUM1-A3-00001-A", "phones": [], "municipality": None}
    index.index(601, replace(MARIA, given_names="Marta"), **about)
    search.unindex(index.db.conn, 601)
    index.db.conn.set_trace_callback(None)
    ours = [sql for sql in asked if sql.startswith(("SELECT", "DELETE", "INSERT"))]
    assert len(ours) > 8
    for sql in ours:
        for plan in index.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall():
            step = plan[3]
            # A full-text index is "scanned" by its own plan: M a question, = a row; anything else is every row.
            asks_the_index = re.search(r"INDEX \d+:(M\d+|=)$", step)
            assert not step.startswith("SCAN") or asks_the_index, (sql, step)
            assert "TEMP B-TREE" not in step, (sql, step)


def test_of_many_likely_earlier_records_the_best_few_of_each_member_are_told(index: Index) -> None:
    twin = replace(MARIA, documents=())
    for _ in range(search.MOST_EARLIER + 5):
        index.family(twin)
    best = index.family(MARIA)
    told = index.likely(replace(MARIA, n=1), replace(twin, n=2))
    assert told[0].code == best and told[0].for_ == 1
    assert [sum(one.for_ == n for one in told) for n in (1, 2)] == [search.MOST_EARLIER] * 2
