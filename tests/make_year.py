"""The published year as families: `python -m tests.make_year FOLDER` writes one file of JSON lines a post.

SOSEP published for 2022: 6,595 families, 1,279 men, 5,983 women and 8,444 minors (15,706 people); 13,190 services
make two a family. People are invented; the sums are exact, at whatever scale: `make_year(scale=0.01)` keeps the
proportions. By air and by land, in every month, at three posts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from returnee_desk.cli.invented import Invented
from returnee_desk.records.dates import LOCAL

FAMILIES, MEN, WOMEN, MINORS, SERVICES = 6_595, 1_279, 5_983, 8_444, 13_190
WITH_GRANDMOTHER = 100
COUPLES = MEN + WOMEN - WITH_GRANDMOTHER - FAMILIES
GIVEN = ("LLAM_NAC", "ORIENT")
"""Both are given once to a family, so that two a family make the year's services."""

POSTS = {"FAG": ("air", "USA", 18, 115), "TUM1": ("land", "MEX", 8, 36), "ECE": ("land", "MEX", 8, 36)}
"""Mode, country, families aboard, people aboard."""
SHARES = {"FAG": 0.87, "TUM1": 0.09, "ECE": 0.04}
MONTHS = (4, 5, 7, 8, 9, 9, 10, 12, 10, 9, 9, 8)


@dataclass(frozen=True)
class Year:
    """What a year holds. `made` at full size gives the published sums."""

    families: int = FAMILIES
    men: int = MEN
    women: int = WOMEN
    minors: int = MINORS
    grandmothers: int = WITH_GRANDMOTHER

    @classmethod
    def scaled(cls, scale: float) -> Year:
        """About that part of the year, with sums that fit each other."""
        if scale == 1:
            return cls()
        families, men = max(6, round(FAMILIES * scale)), max(2, round(MEN * scale))
        couples, grandmothers = max(1, round(COUPLES * scale)), round(WITH_GRANDMOTHER * scale)
        women = families - (men - couples) + grandmothers
        return cls(families, men, women, families + round((MINORS - FAMILIES) * scale), grandmothers)

    @property
    def persons(self) -> int:
        return self.men + self.women + self.minors

    @property
    def couples(self) -> int:
        """Families = couples + mothers alone + fathers alone; men = couples + fathers alone; so the rest follows."""
        return self.men + self.women - self.grandmothers - self.families

    def shapes(self, chance: Random) -> list[tuple[str, int]]:
        """Each family's adults, and how many children beside the first. Shuffled."""
        fathers = self.men - self.couples
        mothers = self.families - self.couples - fathers
        adults = (
            ["couple"] * self.couples
            + ["father"] * fathers
            + ["grandmother"] * self.grandmothers
            + ["mother"] * (mothers - self.grandmothers)
        )
        chance.shuffle(adults)
        more = [0] * self.families
        for _ in range(self.minors - self.families):
            more[chance.randrange(self.families)] += 1
        return list(zip(adults, more, strict=True))


def make_year(*, seed: int = 2022, scale: float = 1, year: int = 2022) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, family as `register` takes it with its arrival described), post by post in the order of time."""
    chance = Random(seed)
    source = Invented(seed)
    what = Year.scaled(scale)
    shapes = what.shapes(chance)
    places = list(POSTS)
    shared = {place: int(len(shapes) * SHARES[place]) for place in places}
    shared[places[0]] += len(shapes) - sum(shared.values())
    number = 0
    for place in places:
        days = sorted(_moments(chance, shared[place], POSTS[place][2], year))
        for at in days:
            for seat in range(min(POSTS[place][2], shared[place])):
                yield place, _family(source, shapes[number], place, at, seat, key=f"{place}-{number}")
                number += 1
            shared[place] -= min(POSTS[place][2], shared[place])


def _moments(chance: Random, families: int, aboard: int, year: int) -> list[datetime]:
    """When each bus or flight came: more in some months, at any hour, every month of a full year among them."""
    count = -(-families // aboard)
    months = [month % 12 + 1 for month in range(min(count, 12))]
    months += chance.choices(range(1, 13), MONTHS, k=count - len(months))
    found: set[datetime] = set()
    for month in months:
        while True:
            at = datetime(year, month, chance.randint(1, 28), chance.randrange(24), chance.randrange(60), tzinfo=LOCAL)
            if at not in found:
                found.add(at)
                break
    return list(found)


def _family(
    source: Invented, shape: tuple[str, int], place: str, at: datetime, seat: int, *, key: str
) -> dict[str, Any]:
    mode, country, _, headcount = POSTS[place]
    told = source.family(shape[0], at.date())
    children = [member for member in told["members"] if member["role"] in ("HIJA", "HIJO")]
    others = [member for member in told["members"] if member["role"] not in ("HIJA", "HIJO")]
    while len(children) > 1 + shape[1]:
        children.pop()
    while len(children) < 1 + shape[1]:
        sex = source.chance.choice("FM")
        home = told["destination"]["municipality"]
        role = "HIJA" if sex == "F" else "HIJO"
        children.append(source.person(role, sex, children[0]["surnames"], at.date(), (0, 12), home))
    label = f"{'Vuelo' if mode == 'air' else 'Bus'} {at:%j-%H%M}"
    return {
        **told,
        "key": key,
        "members": others + children,
        "services": list(GIVEN),
        "arrival": {"mode": mode, "label": label, "from": country, "at": at.isoformat(), "headcount": headcount},
        "registered_at": (at + timedelta(minutes=5 + 3 * seat)).isoformat(),
    }


def write_year(folder: Path, *, seed: int = 2022, scale: float = 1) -> dict[str, Path]:
    """A file of JSON lines for each post. Answers their paths by place."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {place: [] for place in POSTS}
    for place, family in make_year(seed=seed, scale=scale):
        lines[place].append(json.dumps(family, ensure_ascii=False) + "\n")
    paths = {place: folder / f"{place}.ndjson" for place in POSTS}
    for place, path in paths.items():
        path.write_text("".join(lines[place]), encoding="utf-8")
    return paths


if __name__ == "__main__":
    for place, path in write_year(Path(sys.argv[1])).items():
        print(place, path)
