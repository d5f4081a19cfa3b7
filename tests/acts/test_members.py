"""Who belongs to which family. A number names one member for ever."""

from __future__ import annotations

import pytest

from returnee_desk import acts
from returnee_desk.records.codes import family_code
from returnee_desk.store.desk import Desk
from tests.making import BUS, lines_of, make_child, make_member, nothing_written, open_bus, refusal, register


def numbers(desk: Desk, code: str) -> dict[int, str]:
    return {one.n: one.given_names for one in desk.family(code).members}


def test_a_member_is_added_with_the_next_number(desk: Desk) -> None:
    code = register(desk, size=2)["code"]
    assert desk.do(acts.add_member, code, make_child(2)) == desk.family(code).id
    assert numbers(desk, code) == {1: "Marta", 2: "Brenda", 3: "Dulce"}
    assert desk.arrivals()[0].registered == 3
    with nothing_written(desk):
        assert refusal(desk.do, acts.add_member, code, {}) == "missing"
        assert refusal(desk.do, acts.add_member, code, [make_child()]) == "wrong_type"
        assert refusal(desk.do, acts.add_member, code, make_child(favourite="x")) == "unknown_key"


def test_a_split_passes_over_a_code_that_a_sheet_already_bears(desk: Desk) -> None:
    first = register(desk, size=4)["code"]
    sheet = register(desk, paper_code=family_code("TUM1", "A", "1", 2))["code"]
    _left, made = desk.do(acts.split_family, first, [3, 4])
    assert desk.family_by_id(made).code == family_code("TUM1", "A", "1", 3) != sheet


@pytest.mark.parametrize("how", ["void", "left"])
def test_a_number_is_never_given_again(desk: Desk, how: str) -> None:
    code, other = register(desk, size=4)["code"], register(desk, size=2)["code"]
    desk.do(acts.remove_member, code, 4, reason="se fue", how=how)
    desk.do(acts.add_member, code, make_child(3))
    assert list(numbers(desk, code)) == [1, 2, 3, 5]
    desk.do(acts.move_member, code, 5, other)
    desk.do(acts.add_member, code, make_child(4))
    assert list(numbers(desk, code)) == [1, 2, 3, 6]
    desk.do(acts.split_family, code, [6])
    desk.do(acts.add_member, code, make_child(4))
    assert list(numbers(desk, code)) == [1, 2, 3, 7]
    desk.do(acts.move_member, other, 3, code)  # who comes back gets a new number too
    assert list(numbers(desk, code)) == [1, 2, 3, 7, 8]
    assert [(one.n, one.state) for one in desk.family(code).gone] == [(4, how)]
    assert desk.check() == []


def test_a_member_who_goes_is_kept_apart_with_what_was_received(desk: Desk) -> None:
    code = register(desk, size=3)["code"]
    desk.do(acts.deliver, code, "KIT_HIG", person=2)
    desk.do(acts.remove_member, code, 2, reason="no vino")
    family = desk.family(code)
    assert ([one.n for one in family.members], [one.n for one in family.gone]) == ([1, 3], [2])
    assert [service.person for service in family.services] == [2]
    with nothing_written(desk):
        assert refusal(desk.do, acts.remove_member, code, 2, reason="x") == "unknown_member"
        assert refusal(desk.do, acts.remove_member, code, 9, reason="x") == "unknown_member"
        assert refusal(desk.do, acts.remove_member, code, 3, reason=" ") == "reason_needed"
        assert refusal(desk.do, acts.remove_member, code, 3, reason="x", how="lost") == "unknown_code"
        assert refusal(desk.do, acts.deliver, code, "KIT_HIG", person=2) == "unknown_member"
        assert refusal(desk.do, acts.note, code, "x", person=2) == "unknown_member"


def test_another_contact_person_takes_over(desk: Desk) -> None:
    father = make_member("Juan", role="PADRE", sex="M", age=30)
    code = register(desk, members=[make_child(), make_member(), father], contact=2)["code"]
    desk.do(acts.remove_member, code, 2, reason="error")
    assert desk.family(code).contact == 3
    desk.do(acts.remove_member, code, 3, reason="error")
    assert desk.family(code).contact == 1
    with nothing_written(desk):
        assert refusal(desk.do, acts.remove_member, code, 1, reason="error") == "last_member"


def test_a_member_moves_with_what_was_received_and_both_kinds_follow(desk: Desk) -> None:
    children = register(desk, members=[make_child(), make_child(1)])["code"]
    mother = register(desk, members=[make_member(), make_child(2)])["code"]
    desk.do(acts.deliver, children, "KIT_LUD", person=1)
    answer = desk.do(acts.move_member, children, 1, mother)
    assert answer == [desk.family(children).id, desk.family(mother).id]
    assert numbers(desk, mother) == {1: "Marta", 2: "Dulce", 3: "Brenda"}
    assert [(one.code, one.person) for one in desk.family(mother).services] == [("KIT_LUD", 3)]
    assert desk.family(children).services == ()
    assert refusal(desk.do, acts.deliver, mother, "KIT_LUD", person=3) == "service_limit"
    assert {line.code: (line.kind, line.persons) for line in desk.families()} == {
        children: ("child_without_parent", 1), mother: ("family_unit", 3),
    }  # fmt: skip
    assert [hit.code for hit in desk.find("Brenda")] == [mother]
    with nothing_written(desk):
        assert refusal(desk.do, acts.move_member, children, 2, mother) == "last_member"
        assert refusal(desk.do, acts.move_member, children, 9, mother) == "unknown_member"
        desk.do(acts.move_member, mother, 1, mother)
    assert desk.check() == []


def test_nobody_moves_to_another_arrival_or_a_void_family(desk: Desk) -> None:
    code, void = register(desk, size=3)["code"], register(desk)["code"]
    desk.do(acts.void, void, reason="error")
    other = register(desk, arrival=BUS | {"label": "Bus 2"})["code"]
    with nothing_written(desk):
        assert refusal(desk.do, acts.move_member, code, 2, other) == "another_arrival"
        assert refusal(desk.do, acts.move_member, code, 2, void) == "family_void"
        assert refusal(desk.do, acts.move_member, void, 2, code) == "family_void"
        assert refusal(desk.do, acts.split_family, void, [2]) == "family_void"
        assert refusal(desk.do, acts.remove_member, void, 2, reason="x") == "family_void"


def test_a_family_is_split_in_one_operation(desk: Desk) -> None:
    open_bus(desk)
    code = register(
        desk, language="mam", spanish="none", interpreter=True, contact=3,
        members=[make_member(), make_child(), make_member("Olga", "Ajú"), make_child(2)],
    )["code"]  # fmt: skip
    operations = len(lines_of(desk))
    old, new = desk.do(acts.split_family, code, [3, 4, 3])
    assert len(lines_of(desk)) == operations + 1
    first, second = desk.family_by_id(old), desk.family_by_id(new)
    assert (numbers(desk, first.code), numbers(desk, second.code)) == (
        {1: "Marta", 2: "Brenda"}, {1: "Olga", 2: "Dulce"},
    )  # fmt: skip
    assert (first.contact, second.contact) == (1, 1)
    assert (second.language, second.spanish, second.interpreter, second.destination, second.consent) == (
        first.language, first.spanish, first.interpreter, first.destination, first.consent,
    )  # fmt: skip
    assert second.arrival == first.arrival
    assert {line.kind for line in desk.families()} == {"family_unit"}
    with nothing_written(desk):
        assert refusal(desk.do, acts.split_family, code, []) == "missing"
        assert refusal(desk.do, acts.split_family, code, [1, 2]) == "last_member"
        assert refusal(desk.do, acts.split_family, code, [1, 9]) == "unknown_member"
    assert desk.check() == []
