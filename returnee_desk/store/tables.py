"""The plain tables: a reading copy of what the registers show. They can be dropped and made again at any time.

`Tables.take` is told what an operation made and changed and keeps the rows of new records back until `flush`, so
that an import writes them in bulk. Order of arrival never matters: a row is a function of the shown values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from returnee_desk.acts.operation import Operation, Write
from returnee_desk.errors import Refused
from returnee_desk.records.dates import Born, local_day
from returnee_desk.records.kinds import is_minor, kind_of_family
from returnee_desk.records.people import Document, Person
from returnee_desk.store import search
from returnee_desk.store.registers import Applied, Registers, found_in, text_of

Row = tuple[Any, ...]
Values = Mapping[str, Any]


def _blob(value: Any) -> bytes | None:
    try:
        return bytes.fromhex(value) if value else None
    except (TypeError, ValueError):
        return None


def _part(values: Values, field: str) -> Values:
    value = values.get(field)
    return value if isinstance(value, dict) else {}


def moment(text: Any) -> datetime | None:
    """A time as it came in an operation, None where it is no time with a zone, or out of all calendars."""
    try:
        at = datetime.fromisoformat(text)
        local_day(at)
    except (TypeError, ValueError, OverflowError):
        return None
    return at


def _day(text: Any) -> str | None:
    at = moment(text)
    return local_day(at).isoformat() if at else None


def _arrival(v: Values, by: str) -> Row:
    return (v.get("place"), v.get("mode"), v.get("label"), v.get("country"), v.get("at"), _day(v.get("at")),
            v.get("headcount"), v.get("others", 0), v.get("state"))  # fmt: skip


def _row(v: Values, by: str) -> Row:
    state = _part(v, "state")
    return (_blob(v.get("owner")), v.get("number"), v.get("mark"), state.get("state", "counted"), state.get("to"))


def _family(v: Values, by: str) -> Row:
    origin, destination, consent = _part(v, "origin"), _part(v, "destination"), _part(v, "consent")
    registered = _part(v, "registered")
    return (v.get("code"), _blob(v.get("arrival")), v.get("status"), origin.get("municipality"), origin.get("place"),
            destination.get("municipality"), destination.get("place"), v.get("language"), v.get("spanish"),
            v.get("interpreter"), _blob(v.get("contact")), consent.get("register"), consent.get("share"),
            consent.get("asked_in"), consent.get("how"), registered.get("at"), registered.get("by"))  # fmt: skip


def _person(v: Values, by: str) -> Row:
    name, membership = _part(v, "name"), _part(v, "membership")
    text = text_of(v["born"]) if isinstance(v.get("born"), dict) else None
    born = born_of(text)
    low, high = (born.earliest().isoformat(), born.latest().isoformat()) if born else (None, None)
    return (_blob(membership.get("family")), membership.get("number"), name.get("given") or "",
            name.get("surnames") or "", name.get("married"), v.get("sex"), text if born else None, low, high,
            v.get("role"), v.get("nationality"), v.get("mother_tongue"), v.get("status", "active"))  # fmt: skip


@lru_cache(maxsize=4096)
def born_of(text: str | None) -> Born | None:
    """A birth as it stands in the table; None for what is no birth (a newer program's, a hostile one's)."""
    try:
        return Born.from_json(json.loads(text)) if text else None
    except (Refused, ValueError, TypeError, KeyError, OverflowError):
        return None


def _document(v: Values, by: str) -> Row:
    paper = _part(v, "paper")
    return (
        _blob(v.get("owner")),
        paper.get("kind"),
        paper.get("number"),
        bool(paper.get("unverified")),
        v.get("state"),
    )


def _need(v: Values, by: str) -> Row:
    return (_blob(v.get("owner")), v.get("code"), v.get("state"))


def _phone(v: Values, by: str) -> Row:
    return (_blob(v.get("owner")), v.get("number"), v.get("state"))


def _service(v: Values, by: str) -> Row:
    given = _part(v, "given")
    override = _part(given, "override")
    return (_blob(v.get("owner")), _blob(given.get("person")), given.get("code"), given.get("quantity", 1),
            given.get("at"), _day(given.get("at")), given.get("slip"), _blob(given.get("arrival")),
            override.get("reason"), override.get("second"), by if "given" in v else "")  # fmt: skip


def _reversal(v: Values, by: str) -> Row:
    return (_blob(v.get("owner")), v.get("at"))


def _note(v: Values, by: str) -> Row:
    said = _part(v, "said")
    return (
        _blob(v.get("owner")),
        _blob(said.get("person")),
        said.get("text"),
        said.get("at"),
        by if "said" in v else "",
    )


def _link(v: Values, by: str) -> Row:
    pair = _part(v, "pair")
    return (pair.get("kind"), _blob(pair.get("a")), _blob(pair.get("b")), v.get("state"))


def _staff(v: Values, by: str) -> Row:
    return (v.get("name"), v.get("role"), v.get("state", "active"))


_COLUMNS: dict[str, tuple[str, Callable[[Values, str], Row]]] = {
    "arrival": ("place mode label country at day headcount others state", _arrival),
    "row": ("arrival number mark state handed_to", _row),
    "family": (
        """code arrival status origin origin_place destination destination_place language spanish interpreter contact
        consent_register consent_share consent_language consent_how registered_at registered_by""",
        _family,
    ),
    "person": (
        "family number given surnames married sex born born_low born_high role nationality mother_tongue status",
        _person,
    ),
    "document": ("person kind number unverified state", _document),
    "need": ("person code state", _need),
    "phone": ("family number state", _phone),
    "service": ("family person code quantity at day slip arrival override second staff", _service),
    "reversal": ("service at", _reversal),
    "note": ("family person text at staff", _note),
    "link": ("kind a b state", _link),
    "staff": ("name role state", _staff),
}


TABLES = tuple(_COLUMNS)
_NUMBERS = frozenset(
    ["headcount", "others", "number", "interpreter", "consent_register", "consent_share", "unverified", "quantity"]
)
_AGES = "minor = ?, age_uncertain = ?, age_low = ?, age_high = ?"
_NO_AGES = (None, None, None, None)


def _fitting(entity: str, row: Row) -> Row:
    """The row with nothing in a column that cannot be there. Operations are checked when they are read, but what
    a record holds may come from several, of which one called it something else."""
    kinds = _KINDS[entity]
    if all(map(isinstance, row, kinds)):
        return row
    return tuple(value if isinstance(value, kind) else None for value, kind in zip(row, kinds, strict=True))


def _is_number(entity: str, column: str) -> bool:
    """The number of a row or a person is one; that of a document or a telephone is text."""
    return column in _NUMBERS and not (column == "number" and entity in ("document", "phone"))


_KINDS = {
    entity: [
        (int, type(None)) if _is_number(entity, column) else (str, bytes, type(None)) for column in columns.split()
    ]
    for entity, (columns, _) in _COLUMNS.items()
}


_COMPUTED = {"family": "kind separated day mode country place", "person": "minor age_uncertain age_low age_high"}
"""Columns made from several rows: a family's kind and its arrival, a person's age on the arrival's day."""


def _insert(entity: str) -> str:
    columns = ["n", "id", *_COLUMNS[entity][0].split()]
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns[2:])
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {entity} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {updates}"


def _insert_whole(entity: str) -> str:
    columns = ["n", "id", *_COLUMNS[entity][0].split(), *_COMPUTED[entity].split()]
    return f"INSERT INTO {entity} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


_INSERT = {entity: _insert(entity) for entity in _COLUMNS}
_INSERT_WHOLE = {entity: _insert_whole(entity) for entity in _COMPUTED}


class _About(NamedTuple):
    """What a family's arrival says of it."""

    day: str | None
    mode: str | None
    country: str | None
    place: str | None


class Tables:
    """The plain tables of one open file. Every call belongs to the caller's transaction."""

    def __init__(self, connection: Any, registers: Registers) -> None:
        self._connection = connection
        self._run = connection.execute
        self._registers = registers
        self._rows: dict[str, list[Row]] = {}
        self._whole: dict[str, list[Row]] = {"family": [], "person": []}
        self._words: list[search.Words] = []
        self._families: dict[bytes, None] = {}
        self._people: dict[bytes, None] = {}
        self._arrivals: dict[bytes, bool] = {}
        self._about: dict[bytes, _About] = {}
        self._next_person = 0
        self._waiting = 0
        self._asked: set[bytes] = set()
        self._met: set[bytes] = set()

    def take(self, operation: Operation, applied: Applied) -> None:
        """Note what an operation did. Rows reach the tables at the next `flush`."""
        created = [write for write in applied.created if write.entity in _COLUMNS and write.values]
        whole = {write.id for write in created if write.entity == "family" and self._is_whole(write, created)}
        for write in created:
            if write.id in whole:
                self._put_family(write, created)
            elif not (write.entity == "person" and _part(write.values, "membership").get("family") in whole):
                self._put(write.entity, write.id, write.values, operation.by, created=True, known=bool(whole))
        if applied.gone:
            self.forget(applied.gone)
        if applied.changed:
            self.flush()
            for entity, record in applied.changed:
                key = bytes.fromhex(record)
                values, by = self._registers.told(key)
                if not values:
                    self.forget([(entity, record)])
                elif entity in _COLUMNS:
                    self._touch(entity, key)
                    self._put(entity, record, values, by)
        self._waiting += 1
        if self._waiting >= 500:
            self.flush()

    def _put(
        self, entity: str, record: str, values: Values, by: str, *, created: bool = False, known: bool = False
    ) -> None:
        row = _fitting(entity, _COLUMNS[entity][1](values, by))
        key = bytes.fromhex(record)
        self._rows.setdefault(entity, []).append((None, key, *row))
        if entity == "family":
            self._families[key] = None
        elif entity == "person":
            self._people[key] = None
            if row[0]:
                self._families[row[0]] = None
        elif entity == "arrival":
            self._arrivals[key] = created
            self._about[key] = _About(row[5], row[1], row[3], row[0])
        elif known:
            return  # what came with a new family was looked at with it
        elif entity in ("document", "need") and row[0]:
            self._people[row[0]] = None
        elif entity == "phone" and row[0]:
            self._families[row[0]] = None

    # a new family, whole in one operation: everything is known, nothing is read back

    def _is_whole(self, family: Write, created: list[Write]) -> bool:
        """Whether all there is of this family came with this operation: its arrival known, nobody and nothing put
        in it before, by an operation that came too early."""
        arrival = _blob(family.values.get("arrival"))
        for write in created:
            if write.entity == "arrival" and write.id == family.values.get("arrival"):
                row = _arrival(write.values, "")
                self._about[bytes.fromhex(write.id)] = _About(row[5], row[1], row[3], row[0])
        if arrival is None or self._about_arrival(arrival) is None:
            return False
        key = bytes.fromhex(family.id)
        people = [bytes.fromhex(write.id) for write in created if write.entity == "person"]
        if key in self._families or not self._people.keys().isdisjoint(people):
            return False
        if key in self._asked:
            return self._met.isdisjoint([key, *people])
        return not self._run(
            "SELECT EXISTS (SELECT 1 FROM person WHERE family = ?1) OR EXISTS (SELECT 1 FROM phone WHERE family = ?1)"
            f" OR EXISTS (SELECT 1 FROM document WHERE person IN ({', '.join('?' * len(people))}))",
            (key, *people),
        ).fetchone()[0]

    def look_ahead(self, operations: Iterable[Operation]) -> None:
        """Ask at once what `take` would ask for each of these operations, which make records and change none."""
        writes = [write for operation in operations for write in operation.writes]
        families = [bytes.fromhex(write.id) for write in writes if write.entity == "family"]
        people = [bytes.fromhex(write.id) for write in writes if write.entity == "person"]
        self._asked, self._met = set(families), set()
        for table, column, ids in (("person", "family", families), ("phone", "family", families),
                                   ("document", "person", people)):  # fmt: skip
            self._met |= found_in(self._connection, table, column, ids)

    def _about_arrival(self, arrival: bytes) -> _About | None:
        if arrival not in self._about:
            row = self._run("SELECT day, mode, country, place FROM arrival WHERE id = ?", (arrival,)).fetchone()
            if row is None or row[0] is None:
                return None
            if len(self._about) > 1_000:
                self._about.clear()
            self._about[arrival] = _About(*row)
        return self._about[arrival]

    def _put_family(self, family: Write, created: list[Write]) -> None:
        row = _family(family.values, "")
        about = self._about[row[1]]
        day = date.fromisoformat(about.day) if about.day else None
        papers: dict[str, tuple[Document, ...]] = {}
        phones: list[str] = []
        for write in created:
            if write.values.get("state") != "active":
                continue
            if write.entity == "document":
                paper = _part(write.values, "paper")
                document = Document(kind=paper.get("kind") or "", number=paper.get("number") or "")
                owner = write.values.get("owner") or ""
                papers[owner] = (*papers.get(owner, ()), document)
            elif write.entity == "phone" and write.values.get("owner") == family.id:
                phones += filter(None, [write.values.get("number")])
        members: list[Person] = []
        for write in created:
            if write.entity != "person" or _part(write.values, "membership").get("family") != family.id:
                continue
            line = (bytes.fromhex(write.id), *_person(write.values, ""))
            person = person_of((line[0], *line[2:7], line[7], line[10], line[13]), papers.get(write.id, ()))
            number = self._new_person_number()
            told = ages(person, day) if day else _NO_AGES
            self._whole["person"].append((number, *line, *told))
            if person.state != "void":
                self._words.append(
                    search.words(number, person, code=row[0] or "", phones=phones, municipality=row[3] or row[5])
                )
            if person.state == "active":
                members.append(person)
        kind, separated = _kind(members, day)
        self._whole["family"].append((None, bytes.fromhex(family.id), *row, kind, separated, *about))

    def _new_person_number(self) -> int:
        if not self._next_person:
            self._next_person = int(self._run("SELECT coalesce(max(n), 0) + 1 FROM person").fetchone()[0])
        self._next_person += 1
        return self._next_person - 1

    def _touch(self, entity: str, record: bytes) -> None:
        """What is computed from this row, as it stands before a change, is computed anew afterwards: a person who
        moves changes the family left behind too."""
        waiting = {"person": self._families, "phone": self._families, "document": self._people, "need": self._people}
        if entity == "family":
            self._families[record] = None
        elif entity == "arrival":
            self._arrivals[record] = False
        elif entity in waiting:
            column = "person" if waiting[entity] is self._people else "family"
            row = self._run(f"SELECT {column} FROM {entity} WHERE id = ?", (record,)).fetchone()
            if row and row[0]:
                waiting[entity][row[0]] = None

    def flush(self) -> None:
        """Write what waits: rows first, then what is computed from several rows (kind, ages, search)."""
        for entity, group in self._whole.items():
            if group:
                self._connection.executemany(_INSERT_WHOLE[entity], group)
        if self._words:
            search.add(self._connection, self._words)
        rows = self._rows
        self._whole, self._words, self._rows = {"family": [], "person": []}, [], {}
        self._next_person = self._waiting = 0
        self._asked.clear()
        for entity, group in rows.items():
            self._connection.executemany(_INSERT[entity], group)
        self._mark_undone([row[2] for row in rows.get("reversal", ())])
        if self._undone_before():
            self._mark_undone([row[1] for row in rows.get("service", ())])
        for family in self._touched():
            self._compute_family(family)

    def _undone_before(self) -> bool:
        """Whether anything was ever taken back: a service may arrive after the event that undid it."""
        return bool(self._run("SELECT EXISTS (SELECT 1 FROM reversal)").fetchone()[0])

    def _mark_undone(self, services: Iterable[bytes | None]) -> None:
        self._connection.executemany(
            "UPDATE service SET undone = 1 WHERE id = ?1 AND undone = 0"
            " AND EXISTS (SELECT 1 FROM reversal WHERE service = ?1)",
            [(service,) for service in services if service],
        )

    def _touched(self) -> Iterable[bytes]:
        """The families whose computed columns may have changed."""
        arrivals, families, people = self._arrivals, self._families, self._people
        self._arrivals, self._families, self._people = {}, {}, {}
        for arrival, created in arrivals.items():
            waiting = " AND day IS NULL" if created else ""  # its families came before it
            for (family,) in self._run(f"SELECT id FROM family WHERE arrival = ?{waiting}", (arrival,)).fetchall():
                families[family] = None
        for person in people:
            row = self._run("SELECT family, n FROM person WHERE id = ?", (person,)).fetchone()
            if row and row[0]:
                families[row[0]] = None
            elif row:
                self._without_family(row[1])
        return families

    def _without_family(self, person: int) -> None:
        """A person whose family is not known yet: no arrival, so no age on its day, and nothing to find."""
        self._run(f"UPDATE person SET {_AGES} WHERE n = ?", (*_NO_AGES, person))
        search.unindex(self._connection, person)

    def _compute_family(self, family: bytes) -> None:
        about = self._run(
            "SELECT f.n, f.code, f.destination, f.origin, f.consent_register, a.day, a.mode, a.country, a.place"
            " FROM family f LEFT JOIN arrival a ON a.id = f.arrival WHERE f.id = ?",
            (family,),
        ).fetchone()
        if about is None:
            for (person,) in self._run("SELECT n FROM person WHERE family = ?", (family,)).fetchall():
                self._without_family(person)
            return
        day = date.fromisoformat(about[5]) if about[5] else None
        documents = self._documents(family)
        rows = self._run("SELECT number FROM phone WHERE family = ? AND state = 'active' ORDER BY id", (family,))
        phones = [number for (number,) in rows if number]
        members: list[Person] = []
        for row in self._run(_FAMILY_PEOPLE, (family,)).fetchall():
            person = person_of(row[1:10], documents.get(row[1], ()))
            told = ages(person, day) if day else _NO_AGES
            if told != row[10:]:
                self._run(f"UPDATE person SET {_AGES} WHERE n = ?", (*told, row[0]))
            if person.state == "active":
                members.append(person)
            if person.state == "void":
                search.unindex(self._connection, row[0])
                continue
            if about[4] == 0:  # no longer agreed to, though somebody named them elsewhere meanwhile
                person, phones = unnamed(person), []
            search.index_person(
                self._connection, row[0], person, code=about[1] or "", phones=phones, municipality=about[3] or about[2]
            )
        self._run(
            "UPDATE family SET kind = ?, separated = ?, day = ?, mode = ?, country = ?, place = ? WHERE id = ?",
            (*_kind(members, day), *about[5:9], family),
        )

    def _documents(self, family: bytes) -> dict[bytes, tuple[Document, ...]]:
        found: dict[bytes, tuple[Document, ...]] = {}
        for person, kind, number in self._run(
            "SELECT d.person, d.kind, d.number FROM person p JOIN document d ON d.person = p.id"
            " WHERE p.family = ? AND d.state = 'active' ORDER BY d.id",
            (family,),
        ):
            found[person] = (*found.get(person, ()), Document(kind=kind or "", number=number or ""))
        return found

    def forget(self, gone: list[tuple[str, str]]) -> None:
        """Remove the rows of erased records, and what was computed from them."""
        self.flush()
        for entity, record in gone:
            key = bytes.fromhex(record)
            self._about.pop(key, None)
            self._touch(entity, key)
            person = self._run("SELECT n FROM person WHERE id = ?", (key,)).fetchone()
            if person:
                search.unindex(self._connection, person[0])
            given_back = self._run("SELECT service FROM reversal WHERE id = ?", (key,)).fetchone()
            for table in _COLUMNS:
                self._run(f"DELETE FROM {table} WHERE id = ?", (key,))
            if given_back and given_back[0]:
                self._run(
                    "UPDATE service SET undone = EXISTS (SELECT 1 FROM reversal WHERE service = ?1) WHERE id = ?1",
                    given_back,
                )
        self.flush()

    def rebuild(self) -> None:
        """Make every row again from the registers."""
        for table in _COLUMNS:
            self._run(f"DELETE FROM {table}")
        search.clear(self._connection)
        for record, entity in self._run("SELECT id, entity FROM record ORDER BY operation, id").fetchall():
            if entity in _COLUMNS:
                values, by = self._registers.told(record)
                if values:
                    self._put(entity, record.hex(), values, by)
                self._waiting += 1
                if self._waiting >= 500:
                    self.flush()
        self.flush()


def _kind(members: list[Person], day: date | None) -> tuple[str | None, str]:
    """The kind of family and, as a JSON list of ids, its separated children."""
    kind = kind_of_family(members, day) if day and members else None
    separated = [person.id for person in members if kind and person.n in kind.separated]
    return (kind.kind if kind else None), json.dumps(separated)


_FAMILY_PEOPLE = """SELECT n, id, number, given, surnames, married, sex, born, role, status, minor, age_uncertain,
 age_low, age_high FROM person WHERE family = ? ORDER BY number, id"""


def person_of(row: Row, documents: tuple[Document, ...] = ()) -> Person:
    """A Person from (id, number, given, surnames, married, sex, born, role, status)."""
    return Person(
        id=row[0].hex(), n=row[1] or 0, given_names=row[2] or "", surnames=row[3] or "", married_surname=row[4],
        sex=row[5] or "X", born=born_of(row[6]), role=row[7] or "DESC",
        state=row[8] or "active", documents=documents,
    )  # fmt: skip


def unnamed(person: Person) -> Person:
    """The person as shown where the family did not agree to be registered."""
    return replace(person, given_names="", surnames="", married_surname=None, documents=())


def ages(person: Person, day: date) -> tuple[int, int, int | None, int | None]:
    """(minor, uncertain, youngest, oldest) in whole years on a local day; the years None where there is no age."""
    if person.born is None:
        return int(is_minor(person, day)), 0, None, None
    return (
        int(person.born.is_minor_on(day)), int(person.born.minor_uncertain_on(day)), *person.born.ages_on(day)
    )  # fmt: skip
