"""A family between JSON and records: the one reader for the window's drafts and the command line's lines.

The shape is `cli.md`'s ("A family to `register`"). Reading is strict: an unknown key, another type or a code
that is on no list is refused with the path of the field (`members[0].documents[1].number`). Ages count on the
arrival's local day, so `read_family` needs that day; `arrival_of` reads the arrival alone, to find it first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from returnee_desk.errors import Refused
from returnee_desk.records.codes import parse_code
from returnee_desk.records.dates import LOCAL, Born, local_day, read_time
from returnee_desk.records.families import ArrivalAsked, Consent, Family, FamilyDraft, Whereabouts
from returnee_desk.records.identity import check_document, check_phone, document_key
from returnee_desk.records.kinds import CHILDREN, PARENTS, Kind, kind_of_family
from returnee_desk.records.lists import lists
from returnee_desk.records.names import LONGEST_NOTE, LONGEST_TEXT, clean
from returnee_desk.records.people import Document, Person
from returnee_desk.records.services import Service, ServiceAsked

SEXES = ("F", "M", "X")
SPANISH_LEVELS = ("none", "some", "fluent")
CONSENT_WAYS = ("spoken", "read aloud", "written", "interpreter")
MODES = ("land", "air")

MOST_MEMBERS = 60
MOST_DOCUMENTS = 10
MOST_NEEDS = 60
MOST_SERVICES = 200
MOST_NOTES = 50
MOST_ABOARD = 2000
MOST_QUANTITY = 100_000
LONGEST_KEY = 64

_PAIRS = (
    ("MADRE", "PADRE"),
    ("HIJA", "HIJO"),
    ("HERMANA", "HERMANO"),
    ("ABUELA", "ABUELO"),
    ("NIETA", "NIETO"),
    ("TIA", "TIO"),
    ("SOBRINA", "SOBRINO"),
    ("PRIMA", "PRIMO"),
    ("MADRASTRA", "PADRASTRO"),
    ("HIJASTRA", "HIJASTRO"),
    ("CUNADA", "CUNADO"),
    ("SUEGRA", "SUEGRO"),
)
_ROLE_SEX = {role: sex for pair in _PAIRS for role, sex in zip(pair, "FM", strict=True)}

_FAMILY_KEYS = frozenset(
    {
        "key",
        "arrival",
        "destination",
        "origin",
        "phone",
        "language",
        "spanish",
        "interpreter",
        "consent",
        "contact",
        "members",
        "services",
        "registered_at",
        "paper_code",
        "notes",
    }
)
_MEMBER_KEYS = frozenset(
    {
        "given_names",
        "surnames",
        "married_surname",
        "sex",
        "birth_date",
        "age",
        "age_months",
        "role",
        "nationality",
        "documents",
        "needs",
        "mother_tongue",
    }
)
_Read = TypeVar("_Read")


def role_sex(role: str) -> str | None:
    """The sex a role's name says, F or M; None where it says none."""
    return _ROLE_SEX.get(role)


# Reading


def read_family(data: Any, *, day: date | None = None) -> FamilyDraft:
    """The family a `register` line or a window's draft holds. `day` is its arrival's local day.

    Without `day` the arrival must be described in the data itself, else `arrival_needed`. Refuses the first
    problem found, in the order of `problems`. Without consent to register, names, documents, phone and
    place names are left out, whatever was sent.
    """
    return _Reader().family(data, day)


def problems(data: Any, *, day: date | None = None) -> list[Refused]:
    """Everything that still stops this draft from becoming a family, each with its path. Empty means ready."""
    found: list[Refused] = []
    _Reader(found).family(data, day)
    return found


def arrival_of(data: Any) -> str | ArrivalAsked | None:
    """The arrival a line asks for: an id, a description, or none; read before the rest, whose ages need it."""
    _table(data, "")
    return read_arrival(data.get("arrival"))


def read_arrival(value: Any, *, path: str = "arrival") -> str | ArrivalAsked | None:
    """An arrival's id as text, or `{mode, label, from, at, headcount}`; None when there is nothing."""
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value, limit=LONGEST_KEY, path=path) or None
    return _Reader().arrival(value, path)


def read_key(value: Any) -> str | None:
    """The sender's own key as it came, None where there is none."""
    return _key(value)


def read_member(data: Any, *, day: date, path: str = "", named: bool = True) -> Person:
    """One member. `path` is put before the field's name in refusals; `named` False leaves names and documents."""
    return _Reader().member(data, day, path, named)


def read_document(data: Any, *, path: str = "") -> Document:
    """`{kind, number, unverified}`, checked."""
    return _Reader().document(data, path)


def read_consent(data: Any, *, path: str = "consent", asked_in: str = "spa") -> Consent:
    """What was agreed to. `register` must be said; `asked_in` stands in for the language when it is not."""
    return _Reader().consent(data, path, asked_in)


def read_whereabouts(data: Any, *, path: str) -> Whereabouts:
    """`{municipality, place}`; either may be missing."""
    return _Reader().whereabouts(data, path)


def read_services(data: Any, *, members: int, path: str = "services") -> tuple[ServiceAsked, ...]:
    """Services asked for: codes, or `{code, persons, quantity}` with members by number from 1 to `members`."""
    return _Reader().services(data, members, path)


def read_particulars(data: dict[str, Any]) -> dict[str, Any]:
    """Checked values of what is told of a whole family: `destination` and `origin` (Whereabouts), `phone`,
    `language`, `spanish`, `interpreter`. Only what is in `data`; anything else is refused `unknown_key`."""
    read: dict[str, Callable[[Any], Any]] = {
        "destination": lambda value: read_whereabouts(value, path="destination"),
        "origin": lambda value: read_whereabouts(value, path="origin"),
        "phone": _phone,
        "language": lambda value: _code(value, "language", lists().languages),
        "spanish": lambda value: _code(value, "spanish", SPANISH_LEVELS),
        "interpreter": lambda value: _yes_no(value, "interpreter"),
    }
    for key in data:
        if key not in read:
            raise Refused("unknown_key", path=str(key)[:LONGEST_KEY])
    return {key: read[key](value) for key, value in data.items()}


def read_note(value: Any, *, path: str = "text") -> str:
    """The text of a note, up to 2,000 characters, lines kept. Refused `missing` where there is none."""
    if not (text := _text(value, path, limit=LONGEST_NOTE, lines=True)):
        raise Refused("missing", path=path)
    return text


class _Reader:
    """Reads field by field. With a list to fill, it goes on after a problem and leaves that field empty."""

    def __init__(self, found: list[Refused] | None = None) -> None:
        self.found = found

    def refuse(self, problem: Refused) -> None:
        if self.found is None:
            raise problem
        self.found.append(problem)

    def take(self, read: Callable[[], _Read], otherwise: _Read) -> _Read:
        try:
            return read()
        except Refused as problem:
            self.refuse(problem)
            return otherwise

    def table(self, data: Any, keys: Collection[str], path: str) -> dict[str, Any]:
        """A JSON object with these keys alone."""
        if not isinstance(data, dict):
            self.refuse(_wrong_type(path, "object"))
            return {}
        for key in data:
            if key not in keys:
                self.refuse(Refused("unknown_key", path=_under(path, _printable(str(key)))))
        return data

    def several(self, value: Any, path: str, most: int) -> list[Any]:
        """A JSON list of at most so many; nothing is an empty one."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(_wrong_type(path, "list"))
            return []
        if len(value) > most:
            self.refuse(Refused("too_many", path=path, most=most))
        return value[:most]

    def family(self, data: Any, day: date | None) -> FamilyDraft:
        data = self.table(data, _FAMILY_KEYS, "")
        arrival = self.take(lambda: read_arrival(data.get("arrival")), None)
        if day is None and isinstance(arrival, ArrivalAsked):
            day = local_day(arrival.at)
        if day is None:
            self.refuse(Refused("arrival_needed", path="arrival"))
        language = self.take(lambda: _code(data.get("language"), "language", lists().languages), None)
        consent = self.take(lambda: self._consent_or_none(data.get("consent"), language), None)
        named = consent is None or consent.register
        members = self.members(data.get("members"), day, named)
        destination = self.take(lambda: self.whereabouts(data.get("destination"), "destination"), Whereabouts())
        origin = self.take(lambda: self.whereabouts(data.get("origin"), "origin"), Whereabouts())
        if origin.municipality is None:
            origin = Whereabouts(municipality=destination.municipality, place=origin.place)
        return FamilyDraft(
            members=members,
            arrival=arrival,
            origin=origin if named else Whereabouts(municipality=origin.municipality),
            destination=destination if named else Whereabouts(municipality=destination.municipality),
            phone=self.take(lambda: _phone(data.get("phone")), None) if named else None,
            language=language,
            spanish=self.take(lambda: _code(data.get("spanish"), "spanish", SPANISH_LEVELS), None),
            interpreter=self.take(lambda: _yes_no(data.get("interpreter"), "interpreter"), None),
            consent=consent,
            contact=self.take(lambda: _number(data.get("contact"), "contact", len(members)), None),
            services=self.services(data.get("services"), len(members), "services"),
            notes=self.notes(data.get("notes")),
            registered_at=self.take(lambda: _time(data.get("registered_at"), "registered_at"), None),
            paper_code=self.take(lambda: _paper_code(data.get("paper_code")), None),
            key=self.take(lambda: _key(data.get("key")), None),
        )

    def _consent_or_none(self, value: Any, language: str | None) -> Consent | None:
        return None if value is None else self.consent(value, "consent", language or "spa")

    def arrival(self, value: Any, path: str) -> ArrivalAsked:
        if not isinstance(value, dict):
            raise _wrong_type(path, "id or object")
        self.table(value, ("mode", "label", "from", "at", "headcount"), path)
        at = _time(value.get("at"), f"{path}.at")
        if at is None:
            raise Refused("missing", path=f"{path}.at")
        return ArrivalAsked(
            mode=_needed(value.get("mode"), f"{path}.mode", MODES),
            label=_needed_text(value.get("label"), f"{path}.label"),
            country=_needed(value.get("from"), f"{path}.from", lists().countries),
            at=at,
            headcount=_headcount(value.get("headcount"), f"{path}.headcount"),
        )

    def members(self, value: Any, day: date | None, named: bool) -> tuple[Person, ...]:
        told = self.several(value, "members", MOST_MEMBERS)
        if not told and (value is None or value == []):
            self.refuse(Refused("missing", path="members"))
        return tuple(self.member(one, day, f"members[{place}]", named) for place, one in enumerate(told))

    def member(self, data: Any, day: date | None, path: str, named: bool) -> Person:
        if not isinstance(data, dict):
            self.refuse(_wrong_type(path, "object"))
            return Person()
        data = self.table(data, _MEMBER_KEYS, path)
        given, surnames, married = self.names(data, path) if named else ("", "", None)
        documents = self.documents(data.get("documents"), _under(path, "documents")) if named else ()
        sex = self.take(lambda: _needed(data.get("sex"), _under(path, "sex"), SEXES), "X")
        role = self.take(lambda: _needed(data.get("role"), _under(path, "role"), lists().roles), "")
        return Person(
            given_names=given,
            surnames=surnames,
            married_surname=married,
            sex=sex,
            born=None if day is None else self.take(lambda: _born(data, day, role, path), None),
            role=role or "DESC",
            nationality=self.take(
                lambda: _code(data.get("nationality"), _under(path, "nationality"), lists().countries) or "GTM", "GTM"
            ),
            documents=documents,
            needs=self.needs(data.get("needs"), _under(path, "needs")),
            mother_tongue=self.take(
                lambda: _code(data.get("mother_tongue"), _under(path, "mother_tongue"), lists().languages), None
            ),
        )

    def names(self, data: dict[str, Any], path: str) -> tuple[str, str, str | None]:
        """Given names, surnames, married surname. One of the first two is needed."""
        before = len(self.found or ())
        given, surnames, married = (
            self.take(partial(_text, data.get(name), _under(path, name)), "")
            for name in ("given_names", "surnames", "married_surname")
        )
        if not given and not surnames and len(self.found or ()) == before:
            self.refuse(Refused("missing", path=_under(path, "given_names")))
        return given, surnames, married or None

    def documents(self, value: Any, path: str) -> tuple[Document, ...]:
        read: list[Document] = []
        for place, one in enumerate(self.several(value, path, MOST_DOCUMENTS)):
            document = self.take(partial(self.document, one, f"{path}[{place}]"), None)
            if document is not None and document not in read:
                read.append(document)
        return tuple(read)

    def document(self, data: Any, path: str) -> Document:
        if not isinstance(data, dict):
            raise _wrong_type(path, "object")
        self.table(data, ("kind", "number", "unverified"), path)
        kind, number = data.get("kind"), data.get("number")
        for name, value in (("kind", kind), ("number", number)):
            if value is None:
                raise Refused("missing", path=_under(path, name))
            if not isinstance(value, str):
                raise _wrong_type(_under(path, name), "text")
        unverified = _yes_no(data.get("unverified"), _under(path, "unverified")) or False
        return check_document(str(kind), str(number), unverified=unverified, path=path)[0]

    def needs(self, value: Any, path: str) -> tuple[str, ...]:
        told = self.several(value, path, MOST_NEEDS)
        codes = (
            self.take(partial(_needed, one, f"{path}[{place}]", lists().needs), "") for place, one in enumerate(told)
        )
        return tuple(dict.fromkeys(code for code in codes if code))

    def whereabouts(self, value: Any, path: str) -> Whereabouts:
        if value is None:
            return Whereabouts()
        if not isinstance(value, dict):
            raise _wrong_type(path, "object")
        self.table(value, ("municipality", "place"), path)
        return Whereabouts(
            municipality=_code(value.get("municipality"), f"{path}.municipality", lists().municipalities),
            place=_text(value.get("place"), f"{path}.place"),
        )

    def consent(self, value: Any, path: str, asked_in: str) -> Consent:
        if not isinstance(value, dict):
            raise _wrong_type(path, "object")
        self.table(value, ("asked_in", "how", "register", "share"), path)
        register = _yes_no(value.get("register"), f"{path}.register")
        if register is None:
            raise Refused("missing", path=f"{path}.register")
        return Consent(
            register=register,
            share=_yes_no(value.get("share"), f"{path}.share") or False,
            asked_in=_code(value.get("asked_in"), f"{path}.asked_in", lists().languages) or asked_in,
            how=_code(value.get("how"), f"{path}.how", CONSENT_WAYS) or "spoken",
        )

    def services(self, value: Any, members: int, path: str) -> tuple[ServiceAsked, ...]:
        told = self.several(value, path, MOST_SERVICES)
        read = (
            self.take(partial(self.service, one, members, f"{path}[{place}]"), None) for place, one in enumerate(told)
        )
        return tuple(service for service in read if service is not None)

    def service(self, value: Any, members: int, path: str) -> ServiceAsked:
        if isinstance(value, str):
            return ServiceAsked(code=_needed(value, path, lists().services))
        if not isinstance(value, dict):
            raise _wrong_type(path, "code or object")
        self.table(value, ("code", "persons", "quantity"), path)
        persons = self.several(value.get("persons"), f"{path}.persons", MOST_MEMBERS)
        numbers = [_number(one, f"{path}.persons[{place}]", members) for place, one in enumerate(persons)]
        if persons == [] and value.get("persons") is not None:
            raise Refused("missing", path=f"{path}.persons")
        quantity = _number(value.get("quantity"), f"{path}.quantity", MOST_QUANTITY)
        return ServiceAsked(
            code=_needed(value.get("code"), f"{path}.code", lists().services),
            persons=tuple(dict.fromkeys(n for n in numbers if n is not None)) or None,
            quantity=1 if quantity is None else quantity,
        )

    def notes(self, value: Any) -> tuple[str, ...]:
        told = self.several(value, "notes", MOST_NOTES)
        read = (
            self.take(partial(_text, one, f"notes[{place}]", limit=LONGEST_NOTE, lines=True), "")
            for place, one in enumerate(told)
        )
        return tuple(note for note in read if note)


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _printable(key: str) -> str:
    return "".join(letter for letter in key[:LONGEST_KEY] if letter.isprintable())


def _wrong_type(path: str, expected: str) -> Refused:
    return Refused("wrong_type", path=path or None, expected=expected)


def _table(data: Any, path: str) -> None:
    if not isinstance(data, dict):
        raise _wrong_type(path, "object")


def _text(value: Any, path: str, *, limit: int = LONGEST_TEXT, lines: bool = False) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong_type(path, "text")
    return clean(value, limit=limit, lines=lines, path=path)


def _needed_text(value: Any, path: str) -> str:
    if not (text := _text(value, path)):
        raise Refused("missing", path=path)
    return text


def _code(value: Any, path: str, codes: Collection[str]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong_type(path, "text")
    if value not in codes:
        raise Refused("unknown_code", path=path)
    return value


def _needed(value: Any, path: str, codes: Collection[str]) -> str:
    code = _code(value, path, codes)
    if code is None:
        raise Refused("missing", path=path)
    return code


def _yes_no(value: Any, path: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise _wrong_type(path, "true or false")


def _whole(value: Any, path: str) -> int | None:
    if value is None or type(value) is int:
        return value
    raise _wrong_type(path, "whole number")


def _number(value: Any, path: str, most: int) -> int | None:
    number = _whole(value, path)
    if number is not None and not 1 <= number <= most:
        raise Refused("out_of_range", path=path, least=1, most=most)
    return number


def _headcount(value: Any, path: str) -> int:
    number = _number(value, path, MOST_ABOARD)
    if number is None:
        raise Refused("missing", path=path)
    return number


def _time(value: Any, path: str) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong_type(path, "text")
    return read_time(value, path=path)


def _phone(value: Any) -> str | None:
    return check_phone(text, path="phone") if (text := _text(value, "phone")) else None


def _paper_code(value: Any) -> str | None:
    return parse_code(text, path="paper_code").text if (text := _text(value, "paper_code")) else None


def _key(value: Any) -> str | None:
    """The sender's own key as it came: two keys are one only where every letter is."""
    if value is None:
        return None
    if not isinstance(value, str) or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _wrong_type("key", "text")
    if len(value) > LONGEST_KEY:
        raise Refused("text_too_long", path="key", limit=LONGEST_KEY, length=len(value))
    return value or None


def _born(data: dict[str, Any], day: date, role: str, path: str) -> Born | None:
    birth_date = data.get("birth_date")
    if birth_date is not None and not isinstance(birth_date, str):
        raise _wrong_type(_under(path, "birth_date"), "text")
    born = Born.read(
        birth_date=birth_date or None,
        age=_whole(data.get("age"), _under(path, "age")),
        age_months=_whole(data.get("age_months"), _under(path, "age_months")),
        on=day,
        path=path or None,
    )
    if born is None and role and role not in PARENTS | CHILDREN:
        raise Refused("age_needed", path=_under(path, "birth_date"))
    return born


# Warning


def warnings(members: Sequence[Person], day: date, kind: Kind | None = None) -> list[dict[str, str]]:
    """What somebody should look at, none of which stops anything: `[{code, path}]`.

    About members: `sex_against_role`, `cui_municipality`, `document_elsewhere` (twice in this family),
    `age_uncertain`; about the family: what `kind_of_family` remarks. `members` as they stand in the JSON.
    """
    kind = kind or kind_of_family(members, day)
    return [{"code": code, "path": path} for code, path in _warned(members, kind)]


def _warned(members: Sequence[Person], kind: Kind) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    places: dict[int, int] = {}
    for place, member in enumerate(members):
        places[member.n or place + 1] = place
        if member.sex in "FM" and role_sex(member.role) not in (None, member.sex):
            yield "sex_against_role", f"members[{place}].sex"
        for index, document in enumerate(member.documents):
            path = f"members[{place}].documents[{index}].number"
            if document.kind == "CUI" and lists().municipality(document.number[9:13]) is None:
                yield "cui_municipality", path
            if (known := document_key(document)) in seen:
                yield "document_elsewhere", path
            seen.add(known)
    for remark in kind.warnings:
        yield remark.code, "members" if remark.n is None else f"members[{places[remark.n]}]"


# Writing


def family_json(
    family: Family, kind: Kind | None = None, *, warnings: Sequence[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The family in `register`'s shape plus what `show` adds: `code`, `id`, `kind`, `separated`, `handover`,
    `state`, `warnings`, `registered_by`, per member `n`, per service `id`, `slip`, `at` (local time).

    Only where there is something to say: `gone` (members who left), `doubts` (fields with two answers), per
    member `age_on` (an age told for another day than the arrival's) and `id` (where two bear one number), per
    service `undone` and `override`.
    """
    day = family.arrival.day
    kind = kind or kind_of_family(family.members, day)
    numbers = [member.n for member in family.members]
    shown = {
        "code": family.code,
        "id": family.id,
        "kind": kind.kind,
        "separated": list(kind.separated),
        "handover": kind.handover,
        "state": family.state,
        "arrival": family.arrival.id,
        "destination": _whereabouts_json(family.destination),
        "origin": _whereabouts_json(family.origin),
        "phone": family.phone,
        "language": family.language,
        "spanish": family.spanish,
        "interpreter": family.interpreter,
        "consent": _consent_json(family.consent),
        "contact": family.contact,
        "members": [
            member_json(member, day) | ({"id": member.id} if numbers.count(member.n) > 1 else {})
            for member in family.members
        ],
        "services": [_service_json(service) for service in family.services],
        "registered_at": family.registered_at and family.registered_at.astimezone(LOCAL).isoformat(),
        "registered_by": family.registered_by,
        "paper_code": None,
        "notes": [note.text for note in family.notes],
        "warnings": list(_own_warnings(family) if warnings is None else warnings),
    }
    if family.gone:
        shown["gone"] = [member_json(member, day) | {"state": member.state} for member in family.gone]
    if family.doubts:
        shown["doubts"] = list(family.doubts)
    return shown


def _own_warnings(family: Family) -> list[dict[str, str]]:
    return warnings(family.members, family.arrival.day)


def member_json(person: Person, day: date) -> dict[str, Any]:
    """One member in `register`'s shape plus `n`. `day` is the arrival's local day, for the age."""
    return {
        "n": person.n,
        "given_names": person.given_names,
        "surnames": person.surnames,
        "married_surname": person.married_surname,
        "sex": person.sex,
        **_born_json(person.born, day),
        "role": person.role,
        "nationality": person.nationality,
        "documents": [
            {"kind": document.kind, "number": document.number} | ({"unverified": True} if document.unverified else {})
            for document in person.documents
        ],
        "needs": list(person.needs),
        "mother_tongue": person.mother_tongue,
    }


def _born_json(born: Born | None, day: date) -> dict[str, Any]:
    if born is None:
        return {"birth_date": None}
    if born.edtf is not None:
        return {"birth_date": born.edtf}
    told: dict[str, Any] = {"age_months" if born.unit == "months" else "age": born.age}
    return told if born.on == day or born.on is None else told | {"age_on": born.on.isoformat()}


def _whereabouts_json(where: Whereabouts) -> dict[str, Any]:
    return {"municipality": where.municipality, "place": where.place or None}


def _consent_json(consent: Consent | None) -> dict[str, Any] | None:
    if consent is None:
        return None
    return {
        "asked_in": consent.asked_in,
        "how": consent.how,
        "register": consent.register,
        "share": consent.share,
    }


def _service_json(service: Service) -> dict[str, Any]:
    return (
        {
            "code": service.code,
            "persons": None if service.person is None else [service.person],
            "quantity": service.quantity,
            "id": service.id,
            "slip": service.slip,
            "at": service.at.astimezone(LOCAL).isoformat(),
        }
        | ({"undone": True} if service.undone else {})
        | ({"override": service.override} if service.override else {})
    )
