"""Whether two records may be one person: a sound key for Spanish and Mayan names, keys to search by, a score
with its reasons. The program proposes, a person decides.

**Sound.** Letters people at a desk confuse become one: b/v, s/z/c before e and i, x/sh/ch, ll/y, g/j before e
and i, k/qu/c, gu/hu/w, doubled letters; h is silent, accents and apostrophes drop. Particles (de, la, del …)
do not count. Short forms stand for the name (Chepe = José); given names written like an English one sound
like the usual one.

**Keys.** A record has at most eight keys, short hashes meant for an index: whoever shares one is looked at. Names
give narrow keys (both given names and a surname, both surnames and a given name) and, as far as there is room, wide
ones (one of each), all with the year of birth; then come municipality, telephone and paper. A searcher who may look
at so many takes the rarest first.
**Score.** Agreements and disagreements add points (Fellegi and Sunter's idea, with weights set by hand); the
bands follow from rules that keep fathers and sons of one name, and twins, below `almost_certain`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from math import exp

from returnee_desk.records.dates import Born
from returnee_desk.records.identity import DOCUMENT_KINDS, document_key
from returnee_desk.records.names import fold, tokens
from returnee_desk.records.people import Document, Person

BANDS = ("almost_certain", "likely", "possible")
MOST_KEYS = 8

REASONS = (
    "same_document",
    "same_names",
    "names_sound_alike",
    "names_alike",
    "part_of_names",
    "same_birth",
    "birth_year_close",
    "same_phone",
    "same_municipality",
    "different_surnames",
    "different_birth",
    "different_sex",
    "different_document",
)
"""Every code `Likeness.why` may hold, in the order they are given."""

_PARTICLES = frozenset(["de", "la", "las", "los", "lo", "el", "del", "y", "e", "da", "do", "dos", "di"])

_SHORT_FORMS = {
    "alberto": "beto",
    "alejandra": "ale jandra",
    "alejandro": "alex jandro",
    "antonia": "tona tonita",
    "antonio": "tono tonito",
    "armando": "mando",
    "asuncion": "chona",
    "brian": "bryan brayan braian",
    "carlos": "carlitos",
    "concepcion": "concha conchita",
    "consuelo": "chelo",
    "cristina": "tina",
    "dolores": "lola lolita",
    "domingo": "mingo",
    "dominga": "minga",
    "eduardo": "lalo guayo",
    "elizabeth": "elisabet elisabeth lisbeth lizbeth",
    "encarnacion": "chon",
    "enrique": "kike quique",
    "felipe": "lipe",
    "fernando": "nando",
    "francisca": "paca pancha panchita paquita",
    "francisco": "paco pancho panchito paquito chico",
    "gerardo": "yayo",
    "graciela": "chela",
    "gregoria": "goya",
    "gregorio": "goyo",
    "guadalupe": "lupe lupita lupito",
    "guillermina": "mina",
    "guillermo": "memo",
    "ignacio": "nacho nachito",
    "isabel": "chabela chabelita chavela",
    "jason": "yeison jeison jeyson yeyson",
    "javier": "xavier",
    "jennifer": "jenifer jeniffer yenifer yeniffer yennifer yenyfer",
    "jessica": "jesica yesica yessica jessika yesika",
    "jesus": "chus chusito chuy chucho",
    "jimena": "ximena gimena",
    "john": "jhon yon jon",
    "jonathan": "jonatan jhonatan yonatan yonathan",
    "jose": "chepe chepito pepe pepito",
    "josefa": "chepa chepita pepa pepita",
    "juan": "juanito",
    "juana": "juanita",
    "leticia": "lety",
    "lorenza": "lencha",
    "lorenzo": "lencho",
    "luis": "luisito lucho guicho",
    "magdalena": "malena",
    "manuel": "manolo",
    "manuela": "mela nela",
    "margarita": "mago",
    "maria": "ma mari maruca",
    "mercedes": "meches menches",
    "micaela": "mica",
    "michael": "maikel maicol maikol",
    "miguel": "miguelito",
    "nicolas": "colas",
    "patricia": "paty",
    "pedro": "pedrito",
    "rafael": "rafa",
    "ramon": "moncho",
    "rigoberto": "rigo",
    "rosario": "chayo chayito charo",
    "salvador": "chava",
    "santiago": "chago",
    "sebastian": "chano",
    "soledad": "chole",
    "teresa": "tere teresita",
    "trinidad": "trini",
    "veronica": "vero",
    "vicenta": "chenta",
    "vicente": "chente",
    "victoria": "toya",
    "yesenia": "yessenia jesenia jessenia gesenia",
}
"""Names as they are called at home, and spellings further from the name than the sound rules reach."""

_SHORT = {short: name for name, shorts in _SHORT_FORMS.items() for short in shorts.split()}

_SOUNDS = tuple(
    (re.compile(pattern), heard)
    for pattern, heard in (
        (r"ph", "f"),
        (r"th", "t"),
        (r"ch(?=r)", "k"),
        (r"sch|sh|ch|x", "S"),
        (r"ck", "k"),
        (r"qu(?=[ei])|q", "k"),
        (r"c(?=[eiy])|z", "s"),
        (r"c", "k"),
        (r"gu(?=[ei])", "G"),
        (r"gu(?=[ao])|hu(?=[aeio])|w", "W"),
        (r"g(?=[eiy])", "j"),
        (r"G", "g"),
        (r"ll", "y"),
        (r"v", "b"),
        (r"h", ""),
        (r"y(?![aeiou])", "i"),
        (r"(?:^|(?<=[aeiou]))i(?=[aeou])", "y"),
        (r"n(?=[bp])", "m"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=32768)
def sound(word: str) -> str:
    """How one name sounds, in a few signs; equal for spellings that are mistaken for one another."""
    heard = fold(word)
    for pattern, sign in _SOUNDS:
        heard = pattern.sub(sign, heard)
    return heard


@dataclass(frozen=True, slots=True)
class Word:
    """One name of a person: as folded, as its short form says, and how that sounds."""

    written: str
    meant: str
    heard: str


@lru_cache(maxsize=8192)
def given_words(text: str) -> tuple[Word, ...]:
    """Given names without particles, short forms resolved."""
    return tuple(
        Word(word, meant := _SHORT.get(word, word), sound(meant)) for word in tokens(text) if word not in _PARTICLES
    )


@lru_cache(maxsize=8192)
def surname_words(text: str) -> tuple[Word, ...]:
    """Surnames without particles: "de León" is León."""
    return tuple(Word(word, word, sound(word)) for word in tokens(text) if word not in _PARTICLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is compared of one person. Make it with `of`; a candidate's is as good as a draft's."""

    given: tuple[Word, ...]
    surnames: tuple[Word, ...]
    married: tuple[Word, ...] = ()
    sex: str = "X"
    born: Born | None = None
    documents: tuple[str, ...] = ()
    """`document_key` of each; `verified` names those whose check digit holds."""
    verified: frozenset[str] = frozenset()
    municipality: str | None = None
    phone: str | None = None

    @classmethod
    def of(cls, person: Person, *, municipality: str | None = None, phone: str | None = None) -> Profile:
        """`municipality` and `phone` are the family's: where it comes from, and E.164."""
        given, surnames = given_words(person.given_names), surname_words(person.surnames)
        if not surnames and len(given) > 1:
            last = -2 if len(given) > 3 else -1
            given, surnames = given[:last], surname_words(" ".join(word.written for word in given[last:]))
        ranked = sorted(person.documents, key=_rank)
        papers = [(document_key(document), document.unverified) for document in ranked]
        return cls(
            given=given,
            surnames=surnames,
            married=surname_words(person.married_surname or ""),
            sex=person.sex,
            born=person.born,
            documents=tuple(key for key, _unverified in papers),
            verified=frozenset(key for key, unverified in papers if not unverified),
            municipality=municipality,
            phone=phone,
        )

    @property
    def too_little(self) -> bool:
        """No name, or one name alone with neither date nor paper: nothing to judge by."""
        names = len(self.given) + len(self.surnames)
        return names == 0 or (names == 1 and self.born is None and not self.documents)


def _rank(document: Document) -> int:
    """The kinds in their order; one that only a newer program knows comes last."""
    return DOCUMENT_KINDS.index(document.kind) if document.kind in DOCUMENT_KINDS else len(DOCUMENT_KINDS)


def keys(person: Person, *, municipality: str | None = None, phone: str | None = None) -> set[str]:
    """At most `MOST_KEYS` short hashes under which a record is found again. Empty where too little is kept.

    Name keys hold the middle year of birth; a search must also ask for the years beside it: `search_keys`.
    """
    profile = Profile.of(person, municipality=municipality, phone=phone)
    narrow = _narrow_keys(profile, (0,))
    return narrow | set(_wide_keys(profile, (0,))[: MOST_KEYS - len(narrow)])


def search_keys(person: Person, *, municipality: str | None = None, phone: str | None = None) -> set[str]:
    """The keys to look under for somebody's earlier records: `keys` with the years before and after."""
    profile = Profile.of(person, municipality=municipality, phone=phone)
    wide = _wide_keys(profile, (-1, 0, 1))
    return _narrow_keys(profile, (-1, 0, 1)) | set(wide) | keys(person, municipality=municipality, phone=phone)


def _narrow_keys(profile: Profile, years: tuple[int, ...]) -> set[str]:
    """At most six for one year: paper, telephone, municipality, and names with most of what is known."""
    if profile.too_little:
        return set()
    given, surnames = _heard(profile)
    found = {_key("d", document) for document in profile.documents[:1]}
    if profile.phone:
        found.add(_key("p", profile.phone))
    if profile.municipality and profile.given and profile.surnames:
        found.add(_key("m", given[0], surnames[0], profile.municipality))
    for year in _years(profile.born, years):
        if len(given) > 1:
            found.add(_key("g", *sorted(given), surnames[0], year))
        if len(surnames) > 1:
            found |= {_key("s", one, *sorted(surnames), year) for one in given}
    return found


def _wide_keys(profile: Profile, years: tuple[int, ...]) -> list[str]:
    """One given name and one surname, the likeliest pair to be told first."""
    if profile.too_little:
        return []
    given, surnames = _heard(profile)
    pairs = [(one, surname) for surname in surnames for one in given][: 4 if len(years) == 1 else 3]
    return [_key("n", one, surname, year) for one, surname in pairs for year in _years(profile.born, years)]


def _heard(profile: Profile) -> tuple[list[str], list[str]]:
    """The first two given names and surnames as they sound; one empty text where there is none."""
    return [word.heard for word in profile.given[:2]] or [""], [word.heard for word in profile.surnames[:2]] or [""]


@lru_cache(maxsize=4096)
def _years(born: Born | None, shifts: tuple[int, ...]) -> tuple[str, ...]:
    """The middle year of birth, shifted; one empty text where nothing is known."""
    if born is None:
        return ("",)
    earliest, latest = born.span()
    middle = (earliest + (latest - earliest) / 2).year
    return tuple(str(middle + shift) for shift in shifts)


def _key(kind: str, *parts: str) -> str:
    return kind + blake2b("|".join(parts).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two records are one person: `score` 0–1, `band` of `BANDS`, and the reasons for and against."""

    score: float
    band: str
    why: tuple[str, ...]


SAME, HEARD, ALIKE, INITIAL = 1.0, 0.95, 0.8, 0.6
"""How alike two single names are: written alike, heard alike, a slip apart, or an initial."""


def score(a: Profile, b: Profile) -> Likeness | None:
    """None where the two are not worth showing together, or there is too little to judge by. Symmetric."""
    if a.too_little or b.too_little:
        return None
    same_document = bool(a.documents and b.documents) and not set(a.documents).isdisjoint(b.documents)
    given = _agreement(a.given, b.given)
    if given.count and given.best < INITIAL and not same_document:
        return None
    birth = _birth(a.born, b.born)
    if given.worst < INITIAL and not same_document and birth != "same_birth":
        return None
    surnames = _agreement(a.surnames, b.surnames)
    points, why = _names(a, b, given, surnames)
    points += _BIRTH_POINTS[birth]
    different_document = not same_document and _other_cui(a, b)
    facts = {
        "same_document": (same_document, 10.0),
        birth: (birth != "unknown", 0.0),
        "same_phone": (a.phone is not None and a.phone == b.phone, 3.0),
        "same_municipality": (a.municipality is not None and a.municipality == b.municipality, 1.5),
        "different_sex": (a.sex != b.sex and "X" not in (a.sex, b.sex), -4.0),
        "different_document": (different_document, -8.0),
    }
    holds = {fact for fact, (true, _weight) in facts.items() if true} | set(why)
    points += sum(weight for true, weight in facts.values() if true)
    band = _band(points, holds, given, surnames, birth)
    if band is None:
        return None
    low, high = {"almost_certain": (0.95, 1.0), "likely": (0.7, 0.95), "possible": (0.3, 0.7)}[band]
    return Likeness(
        round(low + (high - low) / (1 + exp((12 - points) / 4)), 4),
        band,
        tuple(code for code in REASONS if code in holds),
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two lists of names agree, in any order. `worst` and `best` over the shorter list's names, each with
    its best partner; `whole`: as many names on both sides; `count`: how many were compared."""

    worst: float
    best: float
    whole: bool
    count: int


@lru_cache(maxsize=65536)
def _agreement(a: tuple[Word, ...], b: tuple[Word, ...]) -> Agreement:
    fewer, more = sorted((a, b), key=lambda words: (len(words), [word.written for word in words]))
    if not fewer:
        return Agreement(0.0, 0.0, not more, 0)
    left = list(more)
    found: list[float] = []
    for word in fewer:
        degrees = [_alike(word, other) for other in left]
        if not degrees:
            break
        best = max(range(len(degrees)), key=degrees.__getitem__)
        found.append(degrees[best])
        if degrees[best]:
            left.pop(best)
    return Agreement(min(found), max(found), len(a) == len(b), len(fewer))


def _alike(a: Word, b: Word) -> float:
    if a.written == b.written:
        return SAME
    if a.heard == b.heard:
        return HEARD
    if len(a.written) == 1 or len(b.written) == 1:
        return INITIAL if a.written[0] == b.written[0] else 0.0
    if min(len(a.heard), len(b.heard)) < 4 or abs(len(a.heard) - len(b.heard)) > 3:
        return 0.0
    return _slip(*sorted((a.heard, b.heard)), *sorted((a.meant, b.meant)))


@lru_cache(maxsize=65536)
def _slip(heard: str, other_heard: str, meant: str, other_meant: str) -> float:
    """Whether two longer names are a slip of the pen apart: one letter lost, added, wrong or swapped."""
    osa, jaro_winkler = _distances()
    return ALIKE if osa(heard, other_heard) <= 1 or jaro_winkler(meant, other_meant) >= 0.94 else 0.0


@cache
def _distances() -> tuple[Callable[[str, str], int], Callable[[str, str], float]]:
    """From rapidfuzz, loaded when the first names are compared."""
    from rapidfuzz.distance import OSA, JaroWinkler

    return OSA.distance, JaroWinkler.similarity


def _names(a: Profile, b: Profile, given: Agreement, surnames: Agreement) -> tuple[float, list[str]]:
    """Points for the names, and what is to be said of them."""
    points = 0.0
    if given.count:
        if given.worst >= INITIAL:
            points += 5.0 if given.whole else 3.5
            points -= 0.0 if given.worst == SAME else 0.5 if given.worst >= HEARD else 1.5
        elif given.best < INITIAL:
            points -= 6.0
    married = not surnames.best and _agreement(a.surnames + a.married, b.surnames + b.married).best >= HEARD
    if surnames.count:
        if surnames.worst >= ALIKE:
            points += 7.0 if surnames.whole and surnames.count > 1 else 4.0 if surnames.whole else 3.5
            points -= 0.0 if surnames.worst == SAME else 0.5 if surnames.worst >= HEARD else 1.5
        elif surnames.best >= ALIKE:
            points += 0.5
        else:
            points -= 1.0 if married else 6.0
    if surnames.count and not surnames.best and not married:
        return points, ["different_surnames"]
    worst = min([part.worst for part in (given, surnames) if part.count], default=0.0)
    if worst == SAME and given.whole and surnames.whole:
        return points, ["same_names"]
    if worst >= HEARD and given.whole and surnames.whole:
        return points, ["names_sound_alike"]
    if worst >= ALIKE and given.whole and surnames.whole:
        return points, ["names_alike"]
    if max(given.best, surnames.best) < INITIAL:
        return points, []
    partly = ["part_of_names"]
    if worst >= HEARD and worst < SAME:
        partly.insert(0, "names_sound_alike")
    return points, partly


_BIRTH_POINTS = {"same_birth": 6.0, "birth_year_close": 2.0, "different_birth": -6.0, "unknown": 0.0}


def _birth(a: Born | None, b: Born | None) -> str:
    """`same_birth`: one full date. `birth_year_close`: it may be the same, or is within a year or a slip of
    the pen (day and month swapped, one part of the date wrong). Else `different_birth`."""
    if a is None or b is None:
        return "unknown"
    one, other = a.exact, b.exact
    if one and other:
        if one == other:
            return "same_birth"
        agreeing = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
        swapped = one.year == other.year and (one.month, one.day) == (other.day, other.month)
        slip = agreeing == 2 and abs(one.year - other.year) in (0, 1, 10)
        near = abs((one - other).days) <= 366
        return "birth_year_close" if swapped or slip or near else "different_birth"
    (low, high), (from_, to) = a.span(), b.span()
    gap = max((from_ - high).days, (low - to).days, 0)
    return "birth_year_close" if gap <= 366 else "different_birth"


def _other_cui(a: Profile, b: Profile) -> bool:
    """Both have a CUI whose check digit holds, and not the same: two people, unless one was copied wrong."""
    mine = {key for key in a.verified if key.startswith("CUI:")}
    theirs = {key for key in b.verified if key.startswith("CUI:")}
    return bool(mine and theirs and mine.isdisjoint(theirs))


def _band(points: float, holds: set[str], given: Agreement, surnames: Agreement, birth: str) -> str | None:
    against = not holds.isdisjoint({"different_birth", "different_sex", "different_document"})
    named = given.worst >= HEARD and given.whole and surnames.worst >= HEARD and surnames.whole
    if not against:
        if "same_document" in holds and max(given.worst, surnames.worst) >= ALIKE:
            return "almost_certain"
        if named and birth == "same_birth":
            nearby = not holds.isdisjoint({"same_municipality", "same_phone"})
            if surnames.count > 1 or (surnames.count == 1 and nearby):
                return "almost_certain"
    if "same_document" in holds:
        return "likely" if points >= 8 else "possible"
    if points < 6:
        return None
    supported = birth in ("same_birth", "birth_year_close") or "same_phone" in holds or "same_municipality" in holds
    sure_names = given.worst >= ALIKE and surnames.best >= ALIKE
    return "likely" if points >= 9.5 and supported and sure_names and not against else "possible"
