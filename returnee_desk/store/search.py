"""Finding people: by any part of a name, code, document or telephone; and by likeness, earlier records.

`search` is a full-text index with one row a person (rowid = `person.n`) over words made the same way when
writing and when asking: small letters, no accents, no apostrophes. Whatever is typed becomes quoted words, so
no text is ever a query of its own. Erased words leave the index at once (`secure-delete`).

`likeness` holds short hashes a person may be found by although names were written otherwise (see
`records.likeness.keys`); which hashes are a person's stands beside the words, so that they can be taken away
again. Every function belongs to the caller's transaction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from returnee_desk.records import likeness
from returnee_desk.records.codes import readings
from returnee_desk.records.dates import Born
from returnee_desk.records.names import full_name, joined_name, tokens
from returnee_desk.records.people import Document, Person

if TYPE_CHECKING:
    from sqlite_utils import Database

MOST_CANDIDATES = 400
MOST_EARLIER = 20
"""Likely earlier records told of one member: enough for every return of one person, few enough to read."""
"""How many rows are looked at closely for one question; the latest registered come first."""
_MOST_WORDS = 12
_LONGEST_WORD = 40

NAME, CODE, DOCUMENT, PHONE = "name", "code", "document", "phone"
_PLACE, _DESK = "(?P<place>[a-z][a-z0-9]{2,3})", "(?P<desk>[a-z][1-9a-hj-np-z])"
_COUNTER = "(?P<counter>[0-9]{1,9})(?: ?(?P<check>[a-z0-9]))?"
_PARTS_OF_A_CODE = tuple(
    re.compile(form) for form in (f"{_DESK} ?{_COUNTER}", f"{_PLACE} ?{_DESK} ?{_COUNTER}", f"{_PLACE} {_COUNTER}")
)
_WHY = (NAME, CODE, DOCUMENT, PHONE)


class Hit(NamedTuple):
    """A person found. `score` 0 to 1, best first; `why`: which of name, code, document and phone matched."""

    code: str
    n: int
    name: str
    family_id: str
    score: float
    why: tuple[str, ...]


class Likely(NamedTuple):
    """An earlier record `code`, `n` that may be the member `for_` (its number, or its place from 1 in a draft)."""

    code: str
    n: int
    for_: int
    band: str
    score: float
    why: tuple[str, ...]


def create(db: Database) -> None:
    """The tables of this module, for the first migration."""
    # No positions and no sizes are kept: rows are ranked here, from the few that match. `detail = none` would keep
    # still less, but together with `secure-delete` it leaves taken words in the index and loses others when rows
    # are added and taken in one transaction (SQLite 3.53.4; `test_tables` has the case).
    db.execute(
        "CREATE VIRTUAL TABLE search USING fts5 (name, code, document, phone, likeness UNINDEXED,"
        " tokenize = 'ascii', prefix = '2 3', detail = column, columnsize = 0)"
    )
    db.execute("INSERT INTO search (search, rank) VALUES ('secure-delete', 1)")
    # A plain table of random keys would spread one save over twenty pages; a full-text index gathers them.
    db.execute(
        "CREATE VIRTUAL TABLE likeness USING fts5 (keys, content = '', tokenize = 'ascii', detail = column,"
        " columnsize = 0)"
    )
    db.execute("INSERT INTO likeness (likeness, rank) VALUES ('secure-delete', 1)")


class Words(NamedTuple):
    """What a person is found by: names, code, documents, phones, and the keys for likely earlier records."""

    person: int
    row: tuple[str, str, str, str, str]


def words(rowid: int, person: Person, *, code: str, phones: Sequence[str], municipality: str | None) -> Words:
    """`rowid` is `person.n` in the table; `code` the family's; `phones` in E.164, the family's."""
    phone = phones[0] if phones else None
    row = (
        " ".join(tokens(full_name(person))),
        _code_words(code),
        " ".join(dict.fromkeys(word for one in person.documents for word in _document_words(one.number))),
        " ".join(dict.fromkeys(word for one in phones for word in _phone_words(one))),
        " ".join(sorted(likeness.keys(person, municipality=municipality, phone=phone))),
    )
    return Words(rowid, row)


def add(connection: Any, people: Sequence[Words]) -> None:
    """Makes people findable who are not in the index yet."""
    connection.executemany(
        "INSERT INTO search (rowid, name, code, document, phone, likeness) VALUES (?, ?, ?, ?, ?, ?)",
        [(one.person, *one.row) for one in people],
    )
    connection.executemany(
        "INSERT INTO likeness (rowid, keys) VALUES (?, ?)", [(one.person, one.row[4]) for one in people if one.row[4]]
    )


def index_person(
    connection: Any, rowid: int, person: Person, *, code: str, phones: Sequence[str], municipality: str | None
) -> None:
    """Makes this person findable as it is now; writes nothing where nothing changed."""
    now = words(rowid, person, code=code, phones=phones, municipality=municipality)
    before = connection.execute(
        "SELECT name, code, document, phone, likeness FROM search WHERE rowid = ?", (rowid,)
    ).fetchone()
    if before == now.row:
        return
    if before is not None:
        _drop(connection, rowid, before[4])
    add(connection, [now])


def unindex(connection: Any, rowid: int) -> None:
    """Takes a person out of the index; nothing happens where it is not in it."""
    before = connection.execute("SELECT likeness FROM search WHERE rowid = ?", (rowid,)).fetchone()
    if before is not None:
        _drop(connection, rowid, before[0])


def clear(connection: Any) -> None:
    """Empties the index, before it is made again."""
    connection.execute("DELETE FROM search")
    connection.execute("INSERT INTO likeness (likeness) VALUES ('delete-all')")


def _drop(connection: Any, rowid: int, keys: str) -> None:
    connection.execute("DELETE FROM search WHERE rowid = ?", (rowid,))
    if keys:
        connection.execute("INSERT INTO likeness (likeness, rowid, keys) VALUES ('delete', ?, ?)", (rowid, keys))


# words as they are kept


def _code_words(code: str) -> str:
    """`TUM1-A3-00439-K`: 00439k and 439. Place and desk are compared when asking (`_codes`): as words they would
    stand with everybody, and a surname Tum would find all of TUM1."""
    parts = tokens(code)
    if len(parts) != 4:
        return " ".join(parts)
    _place, _desk, counter, check = parts
    return f"{counter}{check} {counter.lstrip('0') or '0'}"


def _document_words(number: str) -> tuple[str, ...]:
    """The number without separators, and its digits alone where letters stand before them."""
    whole = "".join(tokens(number))
    digits = whole.lstrip("abcdefghijklmnopqrstuvwxyz")
    return (whole, digits) if digits != whole and len(digits) >= 4 else (whole,)


def _phone_words(phone: str) -> tuple[str, ...]:
    """All digits, and the number without its country: Guatemala's eight, others' last ten."""
    digits = "".join(sign for sign in phone if sign in "0123456789")
    local = digits[3:] if digits.startswith("502") and len(digits) == 11 else digits[-10:]
    return tuple(dict.fromkeys((digits, local)))


# asking


def find(connection: Any, text: str, *, limit: int = 50) -> list[Hit]:
    """People who match every word of `text`, in any order, each word from its beginning; best first.

    Codes, documents and telephones are found with or without hyphens and spaces, and by their beginnings.
    Voided families are left out. Any text may be asked; one without letters and digits finds nobody.
    """
    ways, codes = _ways(text), _codes(text)
    if not ways or limit < 1:
        return []
    found = _matches(connection, ways, codes, limit)
    scored = ((*_score(ways, codes, row[6] or "", row[1:5]), row) for row in found)
    ranked = sorted((one for one in scored if one[0]), key=lambda one: (-one[0], -one[2][0]))
    return [
        Hit(
            code=row[6] or "",
            n=row[5] or 0,
            name=joined_name(row[8] or "", row[9] or "", row[10]),
            family_id=row[7].hex(),
            score=round(score, 3),
            why=why,
        )
        for score, why, row in ranked[:limit]
    ]


def _matches(connection: Any, ways: list[tuple[str, ...]], codes: list[_Code], limit: int) -> list[Sequence[Any]]:
    """Rows worth ranking: of those with every word whole and of those with its beginning, the latest of each.

    Reading a row costs more than finding it, so no more are read than may be shown; only a part of a code, whose
    place and desk are compared afterwards, is looked for among many.
    """
    most = max(MOST_CANDIDATES, limit) if codes else limit
    question = " OR ".join(
        ["(" + " AND ".join(_matching(word) for word in way) + ")" for way in ways]
        + [f'"{code.counter}{code.check}"' + ("" if code.check else "*") for code in codes]
    )
    rowids = [row[0] for row in connection.execute(_LATEST, (question, most))]
    if len(rowids) == most:
        whole = " OR ".join("(" + " AND ".join(f'"{word}"' for word in way) + ")" for way in ways)
        rowids += [row[0] for row in connection.execute(_LATEST, (whole, limit))]
    marks = ", ".join("?" * len(rowids))
    rows: list[Sequence[Any]] = connection.execute(
        "SELECT s.rowid, s.name, s.code, s.document, s.phone, p.number, f.code, f.id,"
        " iif(f.consent_register = 0, '', p.given), iif(f.consent_register = 0, '', p.surnames),"
        " iif(f.consent_register = 0, '', p.married)"
        " FROM search s CROSS JOIN person p ON p.n = s.rowid CROSS JOIN family f ON f.id = p.family"
        f" WHERE s.rowid IN ({marks}) AND f.status IS NOT 'void'",
        rowids,
    ).fetchall()
    return rows


_LATEST = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?"


def _ways(text: str) -> list[tuple[str, ...]]:
    """How `text` may be meant, as words that all must match: as typed, and with the parts of one number joined,
    without and with the letters about it (`AB 123456`, `00439 K`)."""
    groups = [group for part in text[:400].split() if (group := tokens(part))]
    typed = [word for group in groups for word in _without_check(group)]
    ways = (typed, _joined(groups, letters=False), _joined(groups, letters=True))
    return list(dict.fromkeys(tuple(word[:_LONGEST_WORD] for word in way[:_MOST_WORDS]) for way in ways if way))


def _joined(groups: list[tuple[str, ...]], *, letters: bool) -> list[str]:
    words: list[str] = []
    before = ""
    for group in groups:
        word = "".join(group)
        kind = "number" if any(sign.isdigit() for sign in word) else "letters" if letters and len(word) <= 2 else ""
        check = letters and before == "number" and len(word) == 1
        if (kind == "number" and before) or check:
            words[-1] += word
        else:
            words += [word] if kind == "number" else group
        before = kind
    return words


def _without_check(group: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a hyphenated code without its check character, which is no word of its own."""
    return group[:-1] if len(group) > 1 and len(group[-1]) == 1 and group[-2].isdigit() else group


class _Code(NamedTuple):
    """A code as asked for: folded parts, empty where they were left out; the counter with its zeros."""

    place: str
    desk: str
    counter: str
    check: str

    def fits(self, code: str) -> float:
        """1 for a whole code, less for parts of it, 0 where a part is another."""
        parts = tokens(code)
        if len(parts) != 4 or any(mine and mine != its for mine, its in zip(self, parts, strict=True)):
            return 0.0
        return 0.8 + 0.05 * sum(map(bool, self))


def _codes(text: str) -> list[_Code]:
    """The codes, or parts of one with its counter, that the whole of `text` may be."""
    whole = [_Code(*tokens(code.text)) for code in readings(text[:64])]
    if whole:
        return whole
    plain = " ".join(tokens(text[:64]))
    parts = [form.groupdict("") for part in _PARTS_OF_A_CODE if (form := part.fullmatch(plain))]
    return [
        _Code(one.get("place", ""), one.get("desk", ""), one["counter"].lstrip("0").zfill(5), one["check"])
        for one in parts
    ]


def _alternatives(word: str) -> tuple[str, ...]:
    """The words of the index that `word` may stand for, each from its beginning. Typing slips belong here."""
    bare = word.lstrip("0")
    return (word, bare) if word.isdigit() and bare and bare != word else (word,)


def _matching(word: str) -> str:
    """A word as a part of a full-text question: quoted, as a beginning; a single letter stands for itself."""
    return "(" + " OR ".join(f'"{one}"' + ("*" if len(one) > 1 else "") for one in _alternatives(word)) + ")"


def _score(
    ways: list[tuple[str, ...]], codes: list[_Code], code: str, columns: Sequence[str]
) -> tuple[float, tuple[str, ...]]:
    """How well a row answers (whole words before beginnings, few further words before many), and by which column."""
    kept = [column.split() for column in columns]
    best, why = max((asked.fits(code) for asked in codes), default=0.0), {CODE}
    for way in ways:
        fits = [_fit(word, kept) for word in way]
        if not all(fit for fit, _at in fits):
            continue
        by = {_WHY[at] for _fit_, at in fits}
        value = sum(fit for fit, _at in fits) / len(way)
        if by == {NAME}:
            value *= 0.8 + 0.2 * min(1.0, len(way) / max(1, len(kept[0])))
        if value > best:
            best, why = value, by
    return best, tuple(reason for reason in _WHY if reason in why)


def _fit(word: str, kept: Sequence[Sequence[str]]) -> tuple[float, int]:
    """How well a word fits (1 whole, less as a beginning, 0 not at all) and in which column, names before the rest."""
    best, place = 0.0, 0
    alternatives = _alternatives(word)
    for at, words in enumerate(kept):
        for other in words:
            for one in alternatives:
                if other == one:
                    return 1.0, at
                if other.startswith(one) and len(one) > 1:
                    fit = 0.5 + 0.4 * len(one) / len(other)
                    if fit > best:
                        best, place = fit, at
    return best, place


# likely earlier records


def likely_earlier(
    connection: Any,
    members: Iterable[Person],
    *,
    municipality: str | None = None,
    phone: str | None = None,
    exclude_family: str | None = None,
) -> list[Likely]:
    """Earlier records that may be the same people as `members` (saved or drafted), best first, one line a pair
    and at most `MOST_EARLIER` a member.

    `municipality` is the family's of origin, `phone` in E.164, `exclude_family` the family's own id. Whoever has
    too little to judge by gets no line. People of voided families and entered by mistake are left out.
    """
    asked = [(member.n or place, member) for place, member in enumerate(members, start=1)]
    keys: dict[str, list[int]] = {}
    for place, (_n, member) in enumerate(asked):
        for key in likeness.search_keys(member, municipality=municipality, phone=phone):
            keys.setdefault(key, []).append(place)
    if not keys:
        return []
    meets = _who_shares(connection, keys)
    if not meets:
        return []
    profiles = [likeness.Profile.of(member, municipality=municipality, phone=phone) for _n, member in asked]
    found: list[Likely] = []
    for rowid, code, n, profile in _candidates(connection, list(meets), exclude_family):
        for place in meets[rowid]:
            alike = likeness.score(profiles[place], profile)
            if alike:
                found.append(Likely(code, n, asked[place][0], alike.band, alike.score, alike.why))
    told: dict[int, int] = {}
    best: list[Likely] = []
    for one in sorted(found, key=lambda one: (-one.score, one.for_, one.code, one.n)):
        told[one.for_] = told.get(one.for_, 0) + 1
        if told[one.for_] <= MOST_EARLIER:
            best.append(one)
    return best


def _who_shares(connection: Any, keys: dict[str, list[int]]) -> dict[int, set[int]]:
    """Rows sharing a key, with the members who share it. Where there are too many, those that share a paper, a
    telephone or most of a name come before those that share one name and one surname (keys with `n`)."""
    meets: dict[int, set[int]] = {}
    for wide in (False, True):
        question = " OR ".join(key for key in keys if key.startswith("n") is wide)
        if not question or len(meets) >= MOST_CANDIDATES:
            continue
        for rowid, kept in connection.execute(
            "SELECT rowid, likeness FROM search WHERE rowid IN"
            " (SELECT rowid FROM likeness WHERE likeness MATCH ? ORDER BY rowid DESC LIMIT ?)",
            (question, MOST_CANDIDATES - len(meets)),
        ):
            meets.setdefault(rowid, set()).update(place for key in kept.split() for place in keys.get(key, ()))
    return meets


def _candidates(
    connection: Any, rowids: Sequence[int], exclude_family: str | None
) -> Iterable[tuple[int, str, int, likeness.Profile]]:
    marks = ", ".join("?" * len(rowids))
    papers: dict[bytes, list[Document]] = {}
    for owner, kind, number, unverified in connection.execute(
        "SELECT d.person, d.kind, d.number, d.unverified FROM person p CROSS JOIN document d ON d.person = p.id"
        f" WHERE p.n IN ({marks}) AND d.state = 'active'",
        rowids,
    ):
        papers.setdefault(owner, []).append(Document(kind=kind, number=number, unverified=bool(unverified)))
    for row in connection.execute(
        "SELECT p.n, p.id, p.number, p.given, p.surnames, p.married, p.sex, p.born, f.code, f.origin, f.destination,"
        " (SELECT t.number FROM phone t WHERE t.family = f.id AND t.state = 'active' LIMIT 1)"
        f" FROM person p CROSS JOIN family f ON f.id = p.family WHERE p.n IN ({marks}) AND p.status IS NOT 'void'"
        " AND f.status IS NOT 'void' AND f.id IS NOT ?",
        (*rowids, bytes.fromhex(exclude_family) if exclude_family else None),
    ):
        person = Person(
            given_names=row[3] or "",
            surnames=row[4] or "",
            married_surname=row[5],
            sex=row[6] or "X",
            born=Born.from_json(json.loads(row[7])) if row[7] else None,
            documents=tuple(papers.get(row[1], ())),
        )
        profile = likeness.Profile.of(person, municipality=row[9] or row[10], phone=row[11])
        yield row[0], row[8] or "", row[2] or 0, profile
