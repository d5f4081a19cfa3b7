"""Reading records back from the plain tables: families, arrivals, services, staff.

What hangs on a family is read in the order of ids, the same at every desk; row numbers tell only what came first
here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from returnee_desk.errors import Refused
from returnee_desk.records.arrivals import Arrival, Row
from returnee_desk.records.codes import parse_code, readings
from returnee_desk.records.families import Consent, Family, Note, Whereabouts
from returnee_desk.records.people import Document, Person
from returnee_desk.records.services import Service
from returnee_desk.records.staff import Staff
from returnee_desk.store.tables import moment, person_of, unnamed

_ID = re.compile("[0-9a-f]{32}")
_FAMILY = """SELECT id, code, arrival, status, origin, origin_place, destination, destination_place, language, spanish,
 interpreter, contact, consent_register, consent_share, consent_language, consent_how, registered_at, registered_by
 FROM family WHERE id = ?"""
_PERSON = """SELECT id, number, given, surnames, married, sex, born, role, status, nationality, mother_tongue
 FROM person WHERE family = ? ORDER BY number, id"""
_ARRIVAL = """SELECT id, place, mode, label, country, at, headcount, others, state FROM arrival"""
_COUNTS = """SELECT (SELECT count(*) FROM person p JOIN family f ON f.id = p.family
   WHERE f.arrival = ?1 AND f.status = 'active' AND p.status = 'active'),
 (SELECT count(*) FROM family f WHERE f.arrival = ?1 AND f.status = 'active'),
 (SELECT count(*) FROM family f WHERE f.arrival = ?1 AND f.status = 'active'
   AND EXISTS (SELECT 1 FROM service s WHERE s.family = f.id AND s.undone = 0))"""
_LINE = """SELECT f.id, f.code, f.kind, f.status, f.arrival, f.day,
 (SELECT count(*) FROM person p WHERE p.family = f.id AND p.status = 'active'),
 (SELECT coalesce(sum(p.minor), 0) FROM person p WHERE p.family = f.id AND p.status = 'active'),
 (SELECT count(*) FROM service s WHERE s.family = f.id AND s.undone = 0),
 (SELECT trim(p.given || ' ' || p.surnames) FROM person p WHERE p.family = f.id AND p.status = 'active'
   AND f.consent_register IS NOT 0 ORDER BY p.id IS NOT f.contact, p.number LIMIT 1), f.registered_at
 FROM family f"""


_NO_TIME = datetime.fromisoformat("1970-01-01T12:00-06:00")


class FamilyLine(NamedTuple):
    """A family as a line of a list. `name` is the contact person's, empty without consent."""

    id: str
    code: str
    kind: str
    state: str
    arrival: str
    day: str
    persons: int
    minors: int
    services: int
    name: str
    registered_at: str


def _hex(value: bytes | None) -> str:
    return value.hex() if value else ""


class Reader:
    """Records as the tables show them. Reads only; inside a transaction it sees that transaction."""

    def __init__(self, connection: Any) -> None:
        self._run = connection.execute

    # families

    def family(self, code: str) -> Family:
        """By the code on paper, however it is written, or by the record's id (32 hex digits, which no code has): two
        families may bear one code. Refused `invalid_code`, `unknown_code`, `ambiguous_code`."""
        if _ID.fullmatch(code):
            return self.family_by_id(code)
        paper = parse_code(code).text
        for reading in readings(code):
            rows = self._run("SELECT id FROM family WHERE code = ? ORDER BY id", (reading.text,))
            if ids := [row[0] for row in rows]:
                break
        else:
            raise Refused("unknown_code", code=paper)
        if len(ids) > 1:
            raise Refused("ambiguous_code", code=paper, ids=[one.hex() for one in ids])
        return self.family_by_id(ids[0].hex())

    def family_by_id(self, family_id: str) -> Family:
        key = _key(family_id, "unknown_family")
        row = self._run(_FAMILY, (key,)).fetchone()
        if row is None:
            raise Refused("unknown_family", id=family_id)
        people = [self._person(line) for line in self._run(_PERSON, (key,)).fetchall()]
        numbers = {person.id: person.n for person in people}
        contact = numbers.get(_hex(row[11]))
        phone = self._run(
            "SELECT number FROM phone WHERE family = ? AND state = 'active' ORDER BY id LIMIT 1", (key,)
        ).fetchone()
        consent = None
        if row[12] is not None:
            consent = Consent(register=bool(row[12]), share=bool(row[13]), asked_in=row[14] or "", how=row[15] or "")
        if consent is not None and not consent.register:  # nothing is named, whatever another desk wrote meanwhile
            people = [unnamed(person) for person in people]
            row, phone = (*row[:5], "", row[6], "", *row[8:]), None
        active = tuple(person for person in people if person.state == "active")
        return Family(
            id=family_id, code=row[1] or "", arrival=self._arrival_of(row[2]), members=active,
            gone=tuple(person for person in people if person.state != "active"),
            origin=Whereabouts(municipality=row[4], place=row[5] or ""),
            destination=Whereabouts(municipality=row[6], place=row[7] or ""),
            phone=phone[0] if phone else None, language=row[8], spanish=row[9],
            interpreter=None if row[10] is None else bool(row[10]), consent=consent,
            contact=contact if contact is not None else (active[0].n if active else None),
            state=row[3] or "active", services=self._services(key, numbers), notes=self._notes(key, numbers),
            registered_at=_time(row[16]), registered_by=row[17] or "", doubts=self._doubts(key, people),
        )  # fmt: skip

    def _person(self, line: Any) -> Person:
        person = person_of(line)
        documents = tuple(
            Document(id=row[0].hex(), kind=row[1] or "", number=row[2] or "", unverified=bool(row[3]))
            for row in self._run(
                "SELECT id, kind, number, unverified FROM document WHERE person = ? AND state = 'active' ORDER BY id",
                (line[0],),
            )
        )
        needs = tuple(
            dict.fromkeys(
                row[0]
                for row in self._run(
                    "SELECT code FROM need WHERE person = ? AND state = 'active' ORDER BY id", (line[0],)
                )
            )
        )
        return Person(
            id=person.id, n=person.n, given_names=person.given_names, surnames=person.surnames,
            married_surname=person.married_surname, sex=person.sex, born=person.born, role=person.role,
            state=person.state, nationality=line[9] or "GTM", mother_tongue=line[10], documents=documents, needs=needs,
        )  # fmt: skip

    def _services(self, family: bytes, numbers: dict[str, int]) -> tuple[Service, ...]:
        """What the family and its people received. What a person received goes with the person."""
        rows = self._run(
            "SELECT id, code, person, quantity, at, slip, staff, arrival, undone, override FROM service"
            " WHERE (person IS NULL AND family = ?1) OR person IN (SELECT id FROM person WHERE family = ?1)"
            " ORDER BY id",
            (family,),
        ).fetchall()
        return tuple(_service(row, numbers) for row in rows)

    def service(self, service_id: str) -> tuple[Service, Family]:
        row = self._run("SELECT family FROM service WHERE id = ?", (_key(service_id, "unknown_service"),)).fetchone()
        if row is None:
            raise Refused("unknown_service", id=service_id)
        family = self.family_by_id(row[0].hex())
        return next(service for service in family.services if service.id == service_id), family

    def _notes(self, family: bytes, numbers: dict[str, int]) -> tuple[Note, ...]:
        rows = self._run("SELECT id, text, person, at, staff FROM note WHERE family = ? ORDER BY id", (family,))
        return tuple(
            Note(
                id=row[0].hex(), text=row[1] or "", person=numbers.get(_hex(row[2])), at=_time(row[3]), by=row[4] or ""
            )
            for row in rows
        )

    def _doubts(self, family: bytes, people: Iterable[Person]) -> tuple[str, ...]:
        found = []
        for record in (family, *(bytes.fromhex(person.id) for person in people)):
            found += [row[0] for row in self._run("SELECT field FROM doubt WHERE record = ?", (record,))]
        return tuple(dict.fromkeys(found))

    def families(
        self, arrival: str | None = None, *, from_date: date | None = None, to_date: date | None = None, limit: int = -1
    ) -> list[FamilyLine]:
        """Families by the local day of their arrival, the newest first. Void families are listed as such."""
        wanted, values = ["1"], list[Any]()
        if arrival:
            wanted.append("f.arrival = ?")
            values.append(_key(arrival, "unknown_arrival"))
        if from_date:
            wanted.append("f.day >= ?")
            values.append(from_date.isoformat())
        if to_date:
            wanted.append("f.day <= ?")
            values.append(to_date.isoformat())
        rows = self._run(f"{_LINE} WHERE {' AND '.join(wanted)} ORDER BY f.n DESC LIMIT ?", (*values, limit))
        return [
            FamilyLine(
                id=row[0].hex(), code=row[1] or "", kind=row[2] or "", state=row[3] or "", arrival=_hex(row[4]),
                day=row[5] or "", persons=row[6], minors=row[7], services=row[8], name=row[9] or "",
                registered_at=row[10] or "",
            )
            for row in rows
        ]  # fmt: skip

    def group(self, person_id: str) -> list[tuple[str, int]]:
        """The records joined with this one by active `same` links, however far: family code and number."""
        rows = self._run(
            "WITH RECURSIVE joined (id) AS (VALUES (?1) UNION SELECT CASE WHEN l.a = j.id THEN l.b ELSE l.a END"
            " FROM joined j JOIN link l ON l.a = j.id OR l.b = j.id WHERE l.kind = 'same' AND l.state = 'active')"
            " SELECT f.code, p.number FROM joined j JOIN person p ON p.id = j.id JOIN family f ON f.id = p.family"
            " ORDER BY f.code, p.number",
            (_key(person_id, "unknown_member"),),
        )
        return [(row[0] or "", row[1] or 0) for row in rows]

    # arrivals

    def arrival(self, arrival_id: str) -> Arrival:
        row = self._run(f"{_ARRIVAL} WHERE id = ?", (_key(arrival_id, "unknown_arrival"),)).fetchone()
        if row is None:
            raise Refused("unknown_arrival", id=arrival_id)
        return self._arrival(row)

    def arrivals(self, *, open_only: bool = False, limit: int = -1) -> list[Arrival]:
        """The newest first."""
        where = " WHERE state = 'open'" if open_only else ""
        return [
            self._arrival(row) for row in self._run(f"{_ARRIVAL}{where} ORDER BY n DESC LIMIT ?", (limit,)).fetchall()
        ]

    def _arrival_of(self, key: bytes | None) -> Arrival:
        row = self._run(f"{_ARRIVAL} WHERE id = ?", (key,)).fetchone()
        if row is None:  # its operation is still on the way
            return Arrival(mode="land", label="", country="", at=_NO_TIME, headcount=0, id=_hex(key), state="unknown")
        return self._arrival(row)

    def _arrival(self, row: Any) -> Arrival:
        registered, families, served = self._run(_COUNTS, (row[0],)).fetchone()
        rows = tuple(
            Row(id=line[0].hex(), number=line[1] or 0, mark=line[2], state=line[3] or "counted", to=line[4])
            for line in self._run(
                "SELECT id, number, mark, state, handed_to FROM row WHERE arrival = ? ORDER BY number, id", (row[0],)
            )
        )
        return Arrival(
            id=row[0].hex(), place=row[1] or "", mode=row[2] or "land", label=row[3] or "", country=row[4] or "",
            at=_time(row[5]) or _NO_TIME, headcount=row[6] or 0, others=row[7] or 0,
            state=row[8] or "open", rows=rows, registered=registered, families=families, served=served,
        )  # fmt: skip

    # staff

    def staff(self) -> list[Staff]:
        return [
            Staff(id=row[0].hex(), name=row[1] or "", role=row[2] or "", active=row[3] == "active")
            for row in self._run("SELECT id, name, role, state FROM staff ORDER BY n")
        ]


def _service(row: Any, numbers: dict[str, int]) -> Service:
    return Service(
        id=row[0].hex(), code=row[1] or "", person=numbers.get(_hex(row[2])), quantity=row[3] or 1,
        at=_time(row[4]) or _NO_TIME, slip=row[5] or "", by=row[6] or "",
        arrival=_hex(row[7]), undone=bool(row[8]), override=row[9],
    )  # fmt: skip


def _time(text: str | None) -> datetime | None:
    return moment(text)


def _key(record: str, code: str) -> bytes:
    """The 16 bytes of a record id as typed. Refused with the given code where it is none."""
    try:
        key = bytes.fromhex(record)
    except ValueError:
        key = b""
    if len(key) != 16:
        raise Refused(code, id=record[:40])
    return key
