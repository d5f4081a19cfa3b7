"""Invented families for practice: names put together by chance, documents that belong to nobody.

The same seed gives the same families. Shapes follow what posts see (`families` says how often each comes): a
mother with one small child first of all, and every kind that needs another hand: brothers and sisters alone, an
aunt with a nephew, a legal guardian, an adolescent mother, people who do not agree to be registered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from returnee_desk.records.lists import lists

WOMEN = (
    "María", "Ana", "Juana", "Rosa", "Marta", "Elena", "Catarina", "Micaela", "Petrona", "Dominga", "Lucía", "Carmen",
    "Sandra", "Gladys", "Ingrid", "Heidy", "Yesenia", "Magdalena", "Francisca", "Candelaria", "Eulalia", "Olga",
    "Angélica", "Griselda", "Vilma", "Blanca", "Telma", "Irma", "Fabiola", "Wendy", "Sheny", "Mayra",
)  # fmt: skip
MEN = (
    "José", "Juan", "Pedro", "Diego", "Sebastián", "Domingo", "Mateo", "Andrés", "Tomás", "Marcos", "Miguel", "Santos",
    "Gaspar", "Baltazar", "Wilmer", "Elmer", "Byron", "Edgar", "Mynor", "Óscar", "Selvin", "Rigoberto", "Abelardo",
    "Nery", "Otto", "Erick", "Marvin", "Lucas", "Manuel", "Francisco", "Rolando", "Esteban",
)  # fmt: skip
SURNAMES = (
    "Xiloj", "Tzul", "Ixcoy", "Caal", "Pop", "Choc", "Ajú", "Tzoc", "Coc", "Ramírez", "López", "Pérez", "García",
    "Hernández", "Domingo", "Pascual", "Mendoza", "Velásquez", "Morales", "Ordóñez", "Chávez", "Castillo", "de León",
    "Aguilar", "Cardona", "Us", "Brito", "Raymundo", "Cobo", "Chub", "Ical", "Ba", "Quej", "Sis", "Xol", "Tut",
    "Ixchop", "Batz", "Cux", "Gómez", "Jiménez", "Matías", "Bámaca", "Ortiz", "Fuentes", "Barrios", "Escobar", "Sac",
    "Xec", "Ma’", "Ch’oc", "Tum", "Ajanel", "Vicente", "Baltazar", "Miguel", "Juárez", "Monzón", "Orozco", "de la Cruz",
)  # fmt: skip
PLACES = ("Aldea El Progreso", "Caserío La Esperanza", "Aldea San Antonio", "Barrio Nuevo", "Cantón Central",
          "Aldea Las Flores", "Caserío Buena Vista", "Zona 2")  # fmt: skip
HOMES = (
    ("13", "mam"), ("13", "kjb"), ("13", "spa"), ("12", "mam"), ("12", "spa"), ("14", "quc"), ("14", "ixl"),
    ("09", "mam"), ("09", "spa"), ("08", "quc"), ("16", "kek"), ("16", "spa"), ("15", "acr"), ("17", "kek"),
    ("10", "spa"), ("01", "spa"), ("07", "cak"), ("20", "spa"), ("22", "spa"), ("18", "kek"),
)  # fmt: skip
MOTHERS_NEEDS = ("LACT", "EMB", "SIN_VIV", "DEUDA")
CHILDREN_NEEDS = ("NO_ESC", "DESNUT")
NEEDS = ("ENF_CRO", "SIN_DOC", "DEUDA", "SIN_VIV")


@dataclass
class Invented:
    """A source of families: `next` draws them one by one."""

    seed: int
    chance: Random = field(init=False)
    drawn: int = 0
    before: list[list[dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    # people

    def surname(self) -> str:
        return self.chance.choice(SURNAMES)

    def given(self, sex: str) -> str:
        names = WOMEN if sex == "F" else MEN
        first, second = self.chance.sample(names, 2)
        return first if self.chance.random() < 0.3 else f"{first} {second}"

    def born(self, day: date, low: int, high: int) -> dict[str, Any]:
        """An age between two, in whole years: mostly a whole birth date, sometimes a year or an age alone."""
        years, draw = self.chance.randint(low, high), self.chance.random()
        exact = day - timedelta(days=years * 366 + self.chance.randint(0, 300))
        if draw < 0.08:
            return {"age": years}
        if draw < 0.12 and low >= 20:
            return {"birth_date": f"{exact.year}~"}
        return {"birth_date": exact.isoformat()}

    def cui(self, municipality: str) -> str:
        """A CUI that fits its check digit; whether anybody bears it is chance."""
        while True:
            digits = [self.chance.randint(1, 9), *(self.chance.randint(0, 9) for _ in range(7))]
            check = sum(digit * place for place, digit in enumerate(digits, 2)) % 11
            if check < 10:
                return f"{''.join(map(str, digits))}{check}{municipality}"

    def person(self, role: str, sex: str, surnames: str, day: date, ages: tuple[int, int], home: str) -> dict[str, Any]:
        told: dict[str, Any] = {"given_names": self.given(sex), "surnames": surnames, "sex": sex,
                                **self.born(day, *ages), "role": role, "nationality": "GTM"}  # fmt: skip
        if self.chance.random() < 0.7:
            told["documents"] = [{"kind": "CUI", "number": self.cui(home)}]
        if self.chance.random() < 0.12:
            needs = MOTHERS_NEEDS if role == "MADRE" else CHILDREN_NEEDS if ages[1] < 18 else NEEDS
            told["needs"] = [self.chance.choice(needs)]
        return told

    # families

    def family(self, shape: str, day: date) -> dict[str, Any]:
        """One family of a shape of `SHAPES`, as `register` takes it, without its arrival."""
        department, language = self.chance.choice(HOMES)
        home = self.chance.choice([code for code in lists().municipalities if code.startswith(department)])
        spanish = "fluent" if language == "spa" else self.chance.choice(("none", "some", "some", "fluent"))
        members = self.members(shape, day, home)
        for member in members:
            member["mother_tongue"] = language
        agreed = shape != "unregistered"
        told: dict[str, Any] = {
            "destination": {"municipality": home, "place": self.chance.choice(PLACES)},
            "language": language if spanish != "fluent" else "spa",
            "spanish": spanish,
            "interpreter": spanish == "none",
            "consent": {"asked_in": language, "how": "read aloud", "register": agreed,
                        "share": agreed and self.chance.random() < 0.5},
            "members": members,
            "services": self.services(members, day),
        }  # fmt: skip
        if self.chance.random() < 0.6:
            told["phone"] = f"{self.chance.choice('345')}{self.chance.randint(0, 9_999_999):07d}"
        return told

    def members(self, shape: str, day: date, home: str) -> list[dict[str, Any]]:
        father, mother = self.surname(), self.surname()
        children = f"{father} {mother}"
        own, his = f"{mother} {self.surname()}", f"{father} {self.surname()}"

        def adult(role: str, sex: str, surnames: str, ages: tuple[int, int] = (19, 39)) -> dict[str, Any]:
            return self.person(role, sex, surnames, day, ages, home)

        def child(ages: tuple[int, int] = (0, 12), roles: tuple[str, str] = ("HIJA", "HIJO")) -> dict[str, Any]:
            sex = self.chance.choice("FM")
            return self.person(roles["FM".index(sex)], sex, children, day, ages, home)

        match shape:
            case "mother":
                return [adult("MADRE", "F", own), child()]
            case "mother_of_more":
                return [adult("MADRE", "F", own), *(child() for _ in range(self.chance.randint(2, 4)))]
            case "couple":
                return [adult("MADRE", "F", own), adult("PADRE", "M", his),
                        *(child() for _ in range(self.chance.randint(1, 3)))]  # fmt: skip
            case "father":
                return [adult("PADRE", "M", his), child((4, 15))]
            case "grandmother":
                return [adult("MADRE", "F", own), child((0, 4)), adult("ABUELA", "F", mother, (48, 66))]
            case "adolescent":
                return [adult("MADRE", "F", own, (15, 16)), child((0, 0))]
            case "with_nephew":
                nephew = self.person("SOBRINO", "M", his, day, (9, 14), home)
                return [adult("MADRE", "F", own), child(), nephew]
            case "siblings":
                return [self.person("HERMANA", "F", children, day, (11, 14), home),
                        self.person("HERMANO", "M", children, day, (1, 6), home)]  # fmt: skip
            case "aunt":
                return [adult("TIA", "F", own), self.person("SOBRINO", "M", children, day, (6, 13), home)]
            case "guardian":
                return [adult("TUTOR", "F", own, (35, 60)), self.person("OTRO_FAM", "M", children, day, (6, 15), home)]
            case "adults":
                return [adult("CONYUGE", "F", own), adult("CONYUGE", "M", his)]
            case "unregistered":
                return [adult("MADRE", "F", own), child((1, 8))]
        raise ValueError(f"no family of shape {shape!r}")

    def services(self, members: list[dict[str, Any]], day: date) -> list[Any]:
        given: list[Any] = ["KIT_HIG", "ALIM"]
        if any(member["role"] in ("HIJA", "HIJO") for member in members) and self.chance.random() < 0.4:
            given.append("KIT_LUD")
        given += [code for code in ("LLAM_NAC", "TRANS_TER", "ORIENT", "PSICO") if self.chance.random() < 0.4]
        return given

    def next(self, day: date, *, again: bool = False) -> dict[str, Any]:
        """The next family of an arrival on that day. Once in a while, or where asked, one comes again."""
        shape = _shape(self.drawn, self.chance)
        again = again or (self.drawn >= len(SHAPES) and self.chance.random() < 0.03)
        self.drawn += 1
        told = self.family(shape, day)
        if again:
            return self.again(told)
        if told["consent"]["register"]:
            self.before.append(told["members"])
        return told

    def again(self, told: dict[str, Any]) -> dict[str, Any]:
        """The same arrival's particulars with the people of an earlier family."""
        members = [dict(member) for member in self.chance.choice(self.before[-400:])]
        return {
            **told,
            "consent": {**told["consent"], "register": True},
            "members": members,
            "services": ["KIT_HIG", "ALIM"],
        }


SHAPES = (
    "mother", "couple", "siblings", "mother_of_more", "aunt", "father", "with_nephew", "mother", "grandmother",
    "unregistered", "adolescent", "guardian", "adults",
)  # fmt: skip
"""One of each, in the order in which a practice day shows them."""
_COMMON = ("mother", "mother_of_more", "couple", "father", "grandmother")
_WEIGHTS = (60, 14, 14, 6, 3)


def _shape(number: int, chance: Random) -> str:
    """The first families show every shape; then they come as often as they do at a post, the rare ones in a hundred."""
    if number < len(SHAPES):
        return SHAPES[number]
    if chance.random() < 0.04:
        return chance.choice(SHAPES)
    return chance.choices(_COMMON, _WEIGHTS)[0]
