"""How people, ages, services and times are called on paper, in the paper's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from returnee_desk.records.dates import LOCAL, day_text
from returnee_desk.records.families import Family, Whereabouts
from returnee_desk.records.kinds import is_minor
from returnee_desk.records.lists import lists
from returnee_desk.records.people import Person
from returnee_desk.words import translator

SHORT = 26
"""Letters of a name that fit into running text on the narrowest paper."""


class Wording:
    """Words of one paper. `_` and `ngettext` are those of its language, not of the screen's.

    Raises `ValueError` for a language we have no words in.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = translator(language)
        self._ = self.words.gettext
        self.ngettext = self.words.ngettext

    def day(self, at: datetime) -> str:
        return day_text(at.astimezone(LOCAL).date())

    def hour(self, at: datetime) -> str:
        return f"{at.astimezone(LOCAL):%H:%M}"

    def moment(self, at: datetime) -> str:
        """A local day and time: 22/11/2026, 15:02."""
        return f"{self.day(at)}, {self.hour(at)}"

    def age_group(self, person: Person, day: date) -> str:
        """A rough age in a word, for papers that pass through many hands."""
        _ = self._
        age = person.born.ages_on(day)[0] if person.born else None
        woman, man = person.sex == "F", person.sex == "M"
        if is_minor(person, day):
            if age is None:
                return _("menor de edad")
            if age < 2:
                return _("bebé")
            if age < 12:
                return _("niña") if woman else _("niño") if man else _("niña o niño")
            return _("adolescente")
        if age is not None and age >= 60:
            return _("adulta mayor") if woman else _("adulto mayor") if man else _("persona mayor")
        return _("adulta") if woman else _("adulto") if man else _("persona adulta")

    def called(self, person: Person) -> str:
        """Given names, else surnames, else the number: what one calls across the room."""
        return person.given_names or person.surnames or self._("Persona {n}").format(n=person.n)

    def called_short(self, family: Family) -> dict[int, str]:
        """What each member is called in running text, by number. Their list gives the whole name beside the
        number, so a long name is its first word and the number, and two of one name get their numbers."""
        _ = self._
        called = {person.n: self.called(person) for person in (*family.gone, *family.members)}
        names = list(called.values())
        short: dict[int, str] = {}
        for n, name in called.items():
            first = name.split(" ")[0]
            if len(name) <= SHORT:
                short[n] = f"{name} ({n})" if names.count(name) > 1 else name
            else:
                short[n] = f"{first} ({n})" if len(first) <= SHORT else _("Persona {n}").format(n=n)
        return short

    def sex(self, code: str) -> str:
        _ = self._
        return {"F": _("Mujer"), "M": _("Hombre")}.get(code, _("No se sabe"))

    def service(self, code: str) -> str:
        known = lists().services.get(code)
        return known.label(self.language) if known else code

    def quantity(self, code: str, quantity: int) -> str:
        """`×2`, or an amount in quetzales: `Q1,250`."""
        known = lists().services.get(code)
        return f"Q{quantity:,}" if known and known.counting == "amount" else f"×{quantity:,}"

    def role(self, code: str) -> str:
        known = lists().roles.get(code)
        return known.label(self.language) if known else code

    def need(self, code: str) -> str:
        known = lists().needs.get(code)
        return known.label(self.language) if known else code

    def tongue(self, code: str | None) -> str:
        known = lists().languages.get(code or "")
        return known.label(self.language) if known else code or ""

    def country(self, code: str) -> str:
        known = lists().countries.get(code)
        return known.label(self.language) if known else code

    def whereabouts(self, where: Whereabouts) -> str:
        """`Aldea La Independencia, Ayutla, San Marcos`; empty where nothing is known."""
        known = lists()
        code = where.municipality or ""
        municipality = known.municipality(code)
        department = known.department_of(code) if code else None
        parts = [
            where.place,
            municipality.label(self.language) if municipality else code,
            department.label(self.language) if department else "",
        ]
        return ", ".join(part for part in parts if part)

    def several(self, names: Sequence[str]) -> str:
        """`María, José y Ana`."""
        if len(names) < 2:
            return "".join(names)
        return self._("{names} y {last}").format(names=", ".join(names[:-1]), last=names[-1])
