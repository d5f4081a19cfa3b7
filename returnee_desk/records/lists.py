"""The code lists, read once and only when asked for. They are data: a place may get another one, codes stay.

Each file of `resources/lists` becomes a mapping from code to a frozen record with the file's columns, in the
file's order, which is the order shown. Sources and credits stand beside the files.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from returnee_desk.records.names import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """One of the 22 departments. `code` is INE's, two digits."""

    code: str
    name: str
    iso_3166_2: str
    capital: str
    municipality_count: int

    def label(self, language: str = "es") -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """One of the 340 municipalities. `code` is INE's, four digits: department, then municipality."""

    code: str
    name: str
    also_known_as: str
    department_code: str

    def label(self, language: str = "es") -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    code: str
    name_es: str
    name_en: str

    def label(self, language: str = "es") -> str:
        """The name in the language of a screen or a paper; Spanish where there is no other."""
        return self.name_en if language == "en" and self.name_en else self.name_es


@dataclass(frozen=True, slots=True, kw_only=True)
class Country(Named):
    """A country or territory by its ISO 3166-1 alpha-3 code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(Named):
    """A language somebody speaks or is interviewed in. `endonym` is what its speakers call it."""

    iso639_3: str
    endonym: str
    family: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRule(Named):
    """A service and when it may be given.

    `per` is `person` or `family`; `limit` how many (0: no limit) within `window` (`arrival`, `day`, or
    empty); `only` is `minor`, `adult` or empty; `excluded_by` names services after which this one may not be
    given. `counting`: `stock` (things on a shelf), `count` (times), `amount` (the quantity is an amount of
    `unit`, so that the limit counts the times, not the amount).
    """

    unit: str
    counting: str
    per: str
    limit: int
    window: str
    only: str
    excluded_by: tuple[str, ...]
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(Named):
    """A need or risk that somebody told or that was seen. `level`: `person` or `family`."""

    unhcr_code: str
    definition: str
    level: str
    refer_to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Named):
    """What somebody is in the family. `group`: parent, child, partner, relative, guardian, other."""

    group: str
    may_hold_parental_authority: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Named):
    """A SOSEP programme a family may be referred to; ages in whole years, None where open."""

    directorate: str
    target: str
    min_age: int | None
    max_age: int | None
    sex: str
    economic_condition: str
    other_criteria: str
    benefit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A border post or reception centre. `kind`: land, air, sea. `neighbour_iso3` is empty at an airport."""

    code: str
    name: str
    department_code: str
    municipality_code: str
    municipality: str
    neighbour_iso3: str
    kind: str
    opposite_side: str
    reception_centre: str
    receives_returnees: str

    def label(self, language: str = "es") -> str:
        return self.name


class Lists:
    """All lists. Each is read from its file the first time it is used."""

    @cached_property
    def departments(self) -> dict[str, Department]:
        return {
            row["ine_code"]: Department(
                code=row["ine_code"],
                name=row["name"],
                iso_3166_2=row["iso_3166_2"],
                capital=row["capital"],
                municipality_count=int(row["municipality_count"]),
            )
            for row in _rows("departments")
        }

    @cached_property
    def municipalities(self) -> dict[str, Municipality]:
        return {
            row["ine_code"]: Municipality(
                code=row["ine_code"],
                name=row["name"],
                also_known_as=row["also_known_as"],
                department_code=row["department_code"],
            )
            for row in _rows("municipalities")
        }

    @cached_property
    def languages(self) -> dict[str, Language]:
        return {
            row["code"]: Language(
                code=row["code"],
                iso639_3=row["iso639_3"],
                name_es=row["name_es"],
                name_en=row["name_en"],
                endonym=row["endonym"],
                family=row["family"],
            )
            for row in _rows("languages")
        }

    @cached_property
    def services(self) -> dict[str, ServiceRule]:
        return {
            row["code"]: ServiceRule(
                code=row["code"],
                name_es=row["name_es"],
                name_en=row["name_en"],
                unit=row["unit"],
                counting=row["counting"],
                per=row["per"],
                limit=int(row["limit"]),
                window=row["window"],
                only=row["only"],
                excluded_by=_several(row["excluded_by"]),
                provider=row["provider"],
            )
            for row in _rows("services")
        }

    @cached_property
    def needs(self) -> dict[str, Need]:
        return {
            row["code"]: Need(
                code=row["code"],
                name_es=row["name_es"],
                name_en=row["name_en"],
                unhcr_code=row["unhcr_code"],
                definition=row["definition"],
                level=row["level"],
                refer_to=_several(row["refer_to"]),
            )
            for row in _rows("vulnerabilities")
        }

    @cached_property
    def roles(self) -> dict[str, Role]:
        return {
            row["code"]: Role(
                code=row["code"],
                name_es=row["name_es"],
                name_en=row["name_en"],
                group=row["group"],
                may_hold_parental_authority=row["may_hold_parental_authority"] == "yes",
            )
            for row in _rows("relationships")
        }

    @cached_property
    def programmes(self) -> dict[str, Programme]:
        return {
            row["code"]: Programme(
                code=row["code"],
                name_es=row["name_es"],
                name_en=row["name_en"],
                directorate=row["directorate"],
                target=row["target"],
                min_age=int(row["min_age"]) if row["min_age"] else None,
                max_age=int(row["max_age"]) if row["max_age"] else None,
                sex=row["sex"],
                economic_condition=row["economic_condition"],
                other_criteria=row["other_criteria"],
                benefit=row["benefit"],
            )
            for row in _rows("programmes")
        }

    @cached_property
    def places(self) -> dict[str, Place]:
        return {
            row["code"]: Place(
                code=row["code"],
                name=row["name"],
                department_code=row["department_code"],
                municipality_code=row["municipality_code"],
                municipality=row["municipality"],
                neighbour_iso3=row["neighbour_iso3"],
                kind=row["kind"],
                opposite_side=row["opposite_side"],
                reception_centre=row["reception_centre"],
                receives_returnees=row["receives_returnees"],
            )
            for row in _rows("border_posts")
        }

    @cached_property
    def countries(self) -> dict[str, Country]:
        return {
            row["code"]: Country(code=row["code"], name_es=row["name_es"], name_en=row["name_en"])
            for row in _rows("countries")
        }

    def municipality(self, code: str) -> Municipality | None:
        """By INE's four digits; None where the list has none (new municipalities are founded)."""
        return self.municipalities.get(code)

    def department_of(self, municipality: str) -> Department | None:
        """The department a municipality's code begins with, also where the list lacks the municipality."""
        return self.departments.get(municipality[:2])

    def municipalities_like(self, text: str, limit: int = 8) -> list[Municipality]:
        """Municipalities by any part of their own, their common or their department's name, best first.

        Case, accents and apostrophes do not matter; every word typed must be found. A name that begins with
        the text comes before one with a word that does, before one that only holds it; a code finds its own.
        """
        words = fold(text).split()
        if not words or limit < 1:
            return []
        ranked = [
            (rank, entry.name, code)
            for code, entry, own, department in self._municipality_index
            if (rank := _rank(words, own, department, code)) is not None
        ]
        return [self.municipalities[code] for _rank_, _name, code in sorted(ranked)[:limit]]

    @cached_property
    def _municipality_index(self) -> list[tuple[str, Municipality, tuple[str, ...], str]]:
        return [
            (
                code,
                entry,
                tuple(fold(name) for name in (entry.name, entry.also_known_as) if name),
                fold(self.departments[entry.department_code].name),
            )
            for code, entry in self.municipalities.items()
        ]


@cache
def lists() -> Lists:
    """The lists of this installation."""
    return Lists()


def _rank(words: list[str], own: tuple[str, ...], department: str, code: str) -> int | None:
    if words == [code]:
        return 0
    together = " ".join((*own, department))
    if not all(word in together for word in words):
        return None
    typed = " ".join(words)
    if typed in own:
        return 0
    if any(name.startswith(typed) for name in own):
        return 1
    starts = [part for name in own for part in name.split()]
    if all(any(part.startswith(word) for part in starts) for word in words):
        return 2
    if all(any(word in name for name in own) for word in words):
        return 3
    if any(any(word in name for name in own) for word in words):
        return 4
    return 5


def _rows(name: str) -> Iterator[dict[str, str]]:
    source = files("returnee_desk.resources") / "lists" / f"{name}.csv"
    yield from csv.DictReader(source.read_text("utf-8").splitlines())


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in cell.replace(";", ",").split(",")) if part)
