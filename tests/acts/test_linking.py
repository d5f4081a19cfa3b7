"""The same person twice is linked, never rewritten, so that taking it back is exact."""

from __future__ import annotations

import itertools
import random

import pytest

from returnee_desk import acts
from returnee_desk.store.desk import Desk
from tests.making import BUS, nothing_written, refusal, register


@pytest.fixture
def codes(desk: Desk) -> list[str]:
    return [register(desk, arrival=BUS | {"label": f"Bus {n}"})["code"] for n in range(5)]


def ids(desk: Desk, code: str) -> list[str]:
    return [one.id for one in desk.family(code).members]


def group(desk: Desk, code: str) -> list[str]:
    return sorted(code for code, n in desk.group(ids(desk, code)[0]) if n == 1)


def test_groups_grow_and_fall_apart_exactly(desk: Desk, codes: list[str]) -> None:
    a, b, c, d, _e = codes
    families = [desk.family(code) for code in codes]
    assert desk.do(acts.same, f"{a}#1", f"{b}#1") == [ids(desk, a)[0], ids(desk, b)[0]]
    desk.do(acts.same, f"{c}#1", f"{b}#1")
    desk.do(acts.same, f"{c}#1", f"{d}#1")
    assert group(desk, a) == group(desk, d) == sorted([a, b, c, d])
    desk.do(acts.unlink, f"{b}#1", f"{c}#1")
    assert (group(desk, a), group(desk, d)) == (sorted([a, b]), sorted([c, d]))
    desk.do(acts.same, f"{b}#1", f"{c}#1")
    assert group(desk, a) == sorted([a, b, c, d])
    assert [desk.family(code) for code in codes] == families
    assert len(desk.db.execute("SELECT 1 FROM link").fetchall()) == 3


def test_saying_it_twice_writes_nothing(desk: Desk, codes: list[str]) -> None:
    a, b = codes[:2]
    for act in (acts.same, acts.distinct):
        desk.do(act, f"{a}#1", f"{b}#1")
        with nothing_written(desk):
            desk.do(act, f"{b}#1", f"{a}#1")


def test_distinct_takes_same_back_and_the_other_way_round(desk: Desk, codes: list[str]) -> None:
    a, b = codes[:2]
    desk.do(acts.same, f"{a}#1", f"{b}#1")
    desk.do(acts.distinct, f"{a}#1", f"{b}#1")
    assert group(desk, a) == [a]
    desk.do(acts.same, f"{a}#1", f"{b}#1")
    assert group(desk, a) == sorted([a, b])
    active = desk.db.execute("SELECT kind FROM link WHERE state = 'active'").fetchall()
    assert active == [("same",)]
    desk.do(acts.unlink, f"{a}#1", f"{b}#1")
    with nothing_written(desk):
        assert refusal(desk.do, acts.unlink, f"{a}#1", f"{b}#1") == "not_linked"


def test_links_told_wrongly_are_refused(desk: Desk, codes: list[str]) -> None:
    a, b = codes[:2]
    with nothing_written(desk):
        assert refusal(desk.do, acts.same, f"{a}#1", f"{a}#1") == "same_record"
        assert refusal(desk.do, acts.same, a, f"{b}#1") == "invalid_member"
        assert refusal(desk.do, acts.same, f"{a}#1", f"{b}#7") == "unknown_member"
        assert refusal(desk.do, acts.same, f"{a}#1", f"{b}#x") == "invalid_member"
        assert refusal(desk.do, acts.same, f"{a}#1", f"{b}#99999") == "invalid_member"
        assert refusal(desk.do, acts.distinct, "TUM1#1", f"{b}#1") == "invalid_code"


def test_who_left_may_still_be_linked(desk: Desk, codes: list[str]) -> None:
    a, b = codes[:2]
    desk.do(acts.remove_member, a, 2, reason="se fue", how="left")
    desk.do(acts.same, f"{a}#2", f"{b}#2")
    assert desk.group(desk.family(b).members[1].id) == sorted([(a, 2), (b, 2)])


def test_any_history_of_links_shows_the_components_of_those_that_stand(desk: Desk, codes: list[str]) -> None:
    """Against a plain model: pairs that stand, joined however far."""
    chance = random.Random(7)
    pairs = list(itertools.combinations(codes, 2))
    standing: set[tuple[str, str]] = set()
    for _ in range(60):
        pair = chance.choice(pairs)
        act = chance.choice([acts.same, acts.unlink, acts.distinct])
        if (
            act is acts.unlink
            and not desk.db.execute(
                "SELECT 1 FROM link WHERE state = 'active' AND a IN (?1, ?2) AND b IN (?1, ?2)",
                [bytes.fromhex(ids(desk, code)[0]) for code in pair],
            ).fetchone()
        ):
            continue
        desk.do(act, f"{pair[0]}#1", f"{pair[1]}#1")
        (standing.add if act is acts.same else standing.discard)(pair)
        for code in codes:
            joined = {code}
            while more := {one for link in standing if joined & set(link) for one in link} - joined:
                joined |= more
            assert group(desk, code) == sorted(joined)
