"""The office's list of desks, after real sticks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from returnee_desk.errors import Refused
from returnee_desk.office.desks import alarms, desks
from returnee_desk.sync.bundle import line
from tests.making import Clock, lines_of, register
from tests.world import OFFICE, Enrolled, World


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Enrolled:
    return Enrolled(tmp_path_factory.mktemp("enrolled"))


@pytest.fixture
def world(enrolled: Enrolled, tmp_path: Path) -> Iterator[World]:
    with enrolled.copy(tmp_path / "world") as world:
        yield world


def test_a_desk_never_heard_of_stands_in_the_list_with_nothing(world: World) -> None:
    found = desks(world.office)
    assert [(one.place, one.letter) for one in found] == [("ECE", "A"), ("ECE", "B"), ("TUM1", "A"), ("TUM1", "B")]
    assert {(one.heard, one.operations, one.missing, one.aside) for one in found} == {(None, 0, 0, 0)}


def test_the_list_tells_what_came_what_is_safe_and_what_is_missing(world: World) -> None:
    clock = world["A"].clock
    assert isinstance(clock, Clock)
    clock.move(hours=3)
    register(world["A"])
    world.carry("A", OFFICE)
    world.back_up()
    register(world["A"])
    register(world["A"])
    last = lines_of(world["A"])[-1]
    world.read(OFFICE, world.craft("A", [line("op", last)], desk_time=clock.at.isoformat(), key_list=6))
    [one] = [one for one in desks(world.office) if one.device == world["A"].settings.device]
    assert (one.operations, one.durable, one.missing, one.clock_off, one.list_version) == (3, 2, 1, 3 * 3600, 6)
    assert one.heard == world.office.clock().replace(microsecond=0)


def test_the_list_tells_how_far_an_erasure_has_come(world: World) -> None:
    family = register(world["A"])
    world.round("A")
    world.erase(world.office.family(family["code"]).members[1].id)
    world.carry(OFFICE, "A")
    assert [(one.erased, one.to_erase) for one in desks(world.office) if one.letter == "A"] == [(0, 1), (0, 1)]
    world.carry("A", OFFICE)
    [one] = [one for one in desks(world.office) if one.device == world["A"].settings.device]
    assert (one.erased, one.to_erase) == (1, 1)


def test_what_waits_for_judgement_and_who_is_revoked_is_told(world: World) -> None:
    world.revoke("A", upto=0)
    world.carry("A", OFFICE)
    [one] = [one for one in desks(world.office) if one.device == world["A"].settings.device]
    assert (one.status, one.operations, one.aside) == ("revoked", 0, 1)


def test_alarms_come_newest_first(world: World) -> None:
    clock = world.office.clock
    assert isinstance(clock, Clock)
    world.office.set_local("alarms", [
        {"code": code, "device": "d" * 16, "epoch": "e" * 16, "at": (clock.at + timedelta(days=day)).isoformat()}
        for day, code in enumerate(["two_copies", "office_lost"])
    ])  # fmt: skip
    assert [one.code for one in alarms(world.office)] == ["office_lost", "two_copies"]
    assert alarms(world["A"]) == []


def test_only_an_office_has_desks(world: World) -> None:
    with pytest.raises(Refused, match="wrong_desk_kind"):
        desks(world["A"])
