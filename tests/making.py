"""What tests are made of: invented families, real desks in temporary folders, a clock that is told the time.

`make_family(size=5)` gives a family in the shape `register` takes; name only what matters to the test. Founding a
desk costs Argon2id, so `Founding` founds each desk once and hands out copies of its folder.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from returnee_desk import acts
from returnee_desk.errors import DeskError
from returnee_desk.records.dates import LOCAL
from returnee_desk.store.desk import DATABASE, Desk
from returnee_desk.store.file import connect
from returnee_desk.store.lock import Lock
from returnee_desk.store.slots import Slots
from returnee_desk.sync.founding import found_desk

USER, PASSPHRASE = "Ana Lucía", "café con leche 7"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=LOCAL)
BUS = {"mode": "land", "label": "Bus 1", "from": "MEX", "at": "2026-11-22T11:30-06:00", "headcount": 40}

_CHILDREN = (("Brenda", "F", 6), ("Kevin", "M", 4), ("Dulce", "F", 9), ("Josué", "M", 1), ("Ixchel", "F", 12))


class Clock:
    """A clock that stands until it is moved: what a test gives a desk instead of the PC's."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def set(self, text: str) -> None:
        self.at = datetime.fromisoformat(text)

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def make_member(given: str = "Marta", surnames: str = "Xiloj Tzul", **told: Any) -> dict[str, Any]:
    """One member; without more, a mother of 28."""
    told = {"sex": "F", "role": "MADRE", **told}
    if not {"age", "age_months", "birth_date"} & told.keys():
        told["age"] = 28
    return {"given_names": given, "surnames": surnames, **told}


def make_child(n: int = 0, **told: Any) -> dict[str, Any]:
    given, sex, age = _CHILDREN[n % len(_CHILDREN)]
    if not {"age", "age_months", "birth_date"} & told.keys():
        told["age"] = age
    told = {"given": given, "surnames": "Pérez Xiloj", "sex": sex, "role": "HIJA" if sex == "F" else "HIJO"} | told
    return make_member(told.pop("given"), told.pop("surnames"), **told)


def make_family(size: int = 2, **told: Any) -> dict[str, Any]:
    """A mother and her children. With `told`, any key of a `register` line; None takes a key away."""
    family = {
        "members": [make_member(), *(make_child(n) for n in range(size - 1))],
        "destination": {"municipality": "1217"},
        "consent": {"register": True, "asked_in": "spa", "how": "spoken"},
        "language": "spa",
    } | told
    return {key: value for key, value in family.items() if value is not None}


def refusal(act: Callable[..., Any], *args: Any, **asked: Any) -> str:
    """The code an act is refused with."""
    with pytest.raises(DeskError) as caught:
        act(*args, **asked)
    return caught.value.code


def everything_of(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to see that nothing at all was written."""
    names = [row[0] for row in desk.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    names.remove("likeness")  # keeps no rows to read, only the tables behind it
    return {name: sorted(desk.db.execute(f"SELECT * FROM [{name}]").fetchall(), key=repr) for name in sorted(names)}


@contextlib.contextmanager
def nothing_written(desk: Desk) -> Iterator[None]:
    """Whatever happens inside, the file holds afterwards what it held before."""
    before = everything_of(desk)
    yield
    assert everything_of(desk) == before


def lines_of(desk: Desk) -> list[bytes]:
    """The operations of a desk's log as they travel, in the order they came."""
    return [row[0] for row in desk.db.execute("SELECT body FROM operation WHERE body IS NOT NULL ORDER BY n")]


def receive(desk: Desk, *lines: bytes) -> int:
    """Take operations in as one bundle. Returns how many were new."""
    with desk.receiving() as intake:
        for line in lines:
            intake.operation(line)
    return intake.new


def exchange(*desks: Desk) -> None:
    """Every desk gets what every other has."""
    for lines in [lines_of(desk) for desk in desks]:
        for desk in desks:
            receive(desk, *lines)


def open_bus(desk: Desk, **told: Any) -> str:
    return str(desk.do(acts.open_arrival, BUS | told)["arrival_id"])


def register(desk: Desk, **told: Any) -> dict[str, Any]:
    """Register a family on the open bus; opens one where there is none."""
    if not desk.arrivals(open_only=True) and "arrival" not in told:
        told["arrival"] = BUS
    answer: dict[str, Any] = desk.do(acts.register_family, make_family(**told))
    return answer


def make_desk(folder: Path, *, letter: str = "A", **told: Any) -> Desk:
    """A desk founded for real, at Tecún Umán unless told otherwise; its clock stands at noon."""
    told = {"kind": "post", "place": "TUM1", "user": USER, "passphrase": PASSPHRASE, "practice": True} | told
    desk = found_desk(folder, letter=letter, **told).desk
    desk.clock = Clock()
    return desk


class Founding:
    """Desks founded once, each under its letter (and what else it was told), and opened as copies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: dict[str, bytes] = {}

    def copy(self, into: Path, *, letter: str = "A", clock: Clock | None = None, **told: Any) -> Desk:
        """A fresh desk in a folder `into`, opened with its key (a passphrase costs 0.2 s)."""
        name = "-".join([letter, *(str(value) for _key, value in sorted(told.items()))])
        first = self.folder / name
        if name not in self._keys:
            desk = make_desk(first, letter=letter, **told)
            self._keys[name] = desk._key
            desk.close()
        shutil.copytree(first, into)
        return self.open(into, self._keys[name], clock=clock)

    @staticmethod
    def open(folder: Path, key: bytes, *, clock: Clock | None = None) -> Desk:
        """An existing desk folder, by its key."""
        lock = Lock.take(folder, wait=0)
        database = connect(folder / DATABASE, key)
        desk = Desk(folder, database, lock, key=key, slots=Slots.open(folder), clock=clock or Clock())
        desk.me = desk.staff()[0]
        return desk


def reopened(desk: Desk) -> Desk:
    """The same desk after its program ended and began again."""
    clock, key = desk.clock, desk._key
    desk.close()
    assert isinstance(clock, Clock)
    return Founding.open(desk.folder, key, clock=clock)
