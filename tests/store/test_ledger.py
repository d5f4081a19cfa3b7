"""How far each operation has come: ranges add up, gaps are exact, the digest of a history stays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from returnee_desk.store.desk import Desk
from returnee_desk.store.ledger import Range, merged, without
from tests.making import Founding, lines_of, receive, register
from tests.store.history import craft, erase, op_of

_ranges = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 8)).map(lambda one: (one[0], one[0] + one[1])), max_size=8
)


def numbers(ranges: list[Range]) -> set[int]:
    return {n for low, high in ranges for n in range(low, high + 1)}


def in_form(ranges: list[Range]) -> bool:
    """Sorted, no two touching."""
    return all(low <= high for low, high in ranges) and all(
        one[1] + 1 < other[0] for one, other in itertools.pairwise(ranges)
    )


@given(_ranges)
def test_merging_keeps_every_number_and_no_other(ranges: list[Range]) -> None:
    assert numbers(merged(ranges)) == numbers(ranges)
    assert in_form(merged(ranges))
    assert merged(merged(ranges)) == merged(ranges) == merged(reversed(ranges))


@given(_ranges, _ranges)
def test_taking_ranges_away_leaves_what_is_in_the_first_alone(ranges: list[Range], taken: list[Range]) -> None:
    left = without(ranges, taken)
    assert numbers(left) == numbers(ranges) - numbers(taken)
    assert in_form(left)
    assert merged([*left, *taken]) == merged([*ranges, *taken])


@pytest.fixture(scope="module")
def busy(founding: Founding, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with twenty operations of its own and some of others."""
    with founding.copy(tmp_path_factory.mktemp("busy") / "A") as desk:
        for _ in range(19):
            register(desk)
        receive(desk, *(craft(["note", f"{n:032x}", {"said": {"text": "x"}}], seq=n) for n in (1, 2, 4, 7, 8, 9)))
        yield desk


@given(sent=_ranges, imported=_ranges, durable=_ranges)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_own_is_unsent_sent_arrived_or_safe(
    busy: Desk, sent: list[Range], imported: list[Range], durable: list[Range]
) -> None:
    device, epoch = busy.settings.device, busy.settings.epoch
    with busy.receiving() as intake:
        for state, ranges in (("sent", sent), ("imported", imported), ("durable", durable)):
            intake.withdraw(device, epoch, state)
            for one in ranges:
                intake.acknowledge(device, epoch, state, [one])
    own = set(range(1, 21))
    safe, arrived, away = numbers(durable), numbers(imported), numbers(sent)
    status = busy.status()
    assert {name: status[name] for name in ("own", "unsent", "sent", "arrived", "safe")} == {
        "own": 20,
        "safe": len(own & safe),
        "arrived": len(own & (arrived - safe)),
        "sent": len(own & (away - arrived - safe)),
        "unsent": len(own - away - arrived - safe),
    }
    left = busy.ledger.not_durable()
    assert numbers(left.get((device, epoch), [])) == own - safe
    assert numbers(left[("d" * 16, "e" * 16)]) == {1, 2, 4, 7, 8, 9}


def test_gaps_are_told_exactly(busy: Desk) -> None:
    author = busy.ledger.authors()[("d" * 16, "e" * 16)]
    assert busy.ledger.have(author) == [(1, 2), (4, 4), (7, 9)]
    assert busy.ledger.gaps(author) == [(3, 3), (5, 6)]
    own = busy.ledger.authors()[(busy.settings.device, busy.settings.epoch)]
    assert (busy.ledger.have(own), busy.ledger.gaps(own)) == ([(1, 20)], [])


def test_what_goes_out_is_what_was_asked_letter_by_letter(busy: Desk) -> None:
    own = (busy.settings.device, busy.settings.epoch)
    lines = lines_of(busy)
    assert list(busy.ledger.outgoing({own: [(2, 3), (20, 99)]})) == [lines[1], lines[2], lines[19]]
    both = busy.ledger.outgoing({("d" * 16, "e" * 16): [(4, 8)], own: [(1, 1)]})
    assert sorted(both) == sorted([lines[0], *lines[22:25]])
    assert list(busy.ledger.outgoing({("f" * 16, "e" * 16): [(1, 99)]})) == list(busy.ledger.outgoing({})) == []
    scattered = [(n, n) for n in range(1, 1_000)]
    assert sorted(busy.ledger.outgoing({own: scattered})) == sorted(lines[:20])


def test_the_digest_of_a_history_knows_every_operation_and_nothing_of_their_content(
    desk: Desk, founding: Founding, tmp_path: Path
) -> None:
    answer = register(desk)
    register(desk)
    mine = (desk.settings.device, desk.settings.epoch)
    whole, first = desk.history_digest(), desk.ledger.history_digest({mine: 2})
    assert whole != first
    with founding.copy(tmp_path / "B", letter="B") as other:
        receive(other, *reversed(lines_of(desk)))
        assert other.ledger.history_digest({mine: 2**53}) == desk.ledger.history_digest({mine: 3})
        assert other.ledger.history_digest({mine: 2}) == first
        assert other.history_digest() != whole
    erase(desk, answer["id"], *(one.id for one in desk.family(answer["code"]).members))
    assert (desk.history_digest(), desk.ledger.history_digest({mine: 2})) == (whole, first)


def test_two_copies_of_one_computer_may_use_a_number_twice(desk: Desk) -> None:
    lines = [craft(["note", f"{n:032x}", {"said": {"text": "x"}}], seq=5) for n in (1, 2)]
    assert receive(desk, *lines) == 2
    assert [op_of(line) for line in lines_of(desk)[1:]] == [op_of(line) for line in lines]
    author = desk.ledger.authors()[("d" * 16, "e" * 16)]
    assert (desk.ledger.have(author), desk.ledger.gaps(author)) == ([(5, 5)], [(1, 4)])
