from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.records.dates import Born
from returnee_desk.records.kinds import KINDS, Kind, is_minor, kind_of_family
from returnee_desk.records.lists import lists
from returnee_desk.records.people import Person

DAY = date(2026, 11, 22)


def aged(role: str, age: int | None, n: int = 0) -> Person:
    return Person(role=role, n=n, born=None if age is None else Born(age=age, unit="years", on=DAY))


def family(*members: tuple[str, int | None]) -> Kind:
    return kind_of_family([aged(role, age) for role, age in members], DAY)


def codes(kind: Kind) -> set[str]:
    return {remark.code for remark in kind.warnings}


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        # mother or father with children: SOSEP's family unit
        ([("MADRE", 32), ("HIJO", 4)], "family_unit"),
        ([("PADRE", 40), ("HIJA", 17)], "family_unit"),
        ([("MADRE", 32), ("PADRE", 33), ("HIJO", 4), ("HIJA", 0)], "family_unit"),
        ([("MADRE", None), ("HIJO", None)], "family_unit"),
        # older brothers and sisters are children of any age
        ([("MADRE", 45), ("HIJA", 22), ("HIJO", 9)], "family_unit"),
        # three generations
        ([("ABUELA", 61), ("MADRE", 30), ("HIJA", 3)], "family_unit"),
        ([("ABUELO", 70), ("ABUELA", 61), ("PADRE", 30), ("HIJA", 3), ("HIJO", 1)], "family_unit"),
        # an adolescent mother is a parent by role
        ([("MADRE", 16), ("HIJA", 0)], "family_unit"),
        ([("ABUELA", 40), ("MADRE", 16), ("HIJA", 0)], "family_unit"),
        ([("MADRE", 16), ("PADRE", 17), ("HIJA", 0)], "family_unit"),
        # a stepfather beside the mother, an aunt beside the mother
        ([("MADRE", 30), ("PADRASTRO", 30), ("HIJO", 5)], "family_unit"),
        ([("MADRE", 30), ("TIA", 25), ("HIJO", 5)], "family_unit"),
        ([("MADRE", 30), ("TUTOR", 25), ("HIJO", 5)], "family_unit"),
        ([("MADRE", 30), ("HIJO", 5), ("SOBRINO", 10)], "family_unit"),
        # a guardian and no parent
        ([("TUTOR", 50), ("SOBRINA", 12)], "guardian_unit"),
        ([("TUTOR", 50), ("HIJO", 12)], "guardian_unit"),
        ([("TUTOR", 50), ("NIETA", 12), ("NIETO", 3)], "guardian_unit"),
        # children without parent or guardian
        ([("HIJO", 11)], "child_without_parent"),
        ([("HERMANA", 11), ("HERMANA", 1)], "child_without_parent"),
        ([("HERMANO", 20), ("HERMANA", 11)], "child_without_parent"),
        ([("TIA", 40), ("SOBRINO", 12)], "child_without_parent"),
        ([("ABUELA", 60), ("NIETO", 12), ("NIETA", 8)], "child_without_parent"),
        ([("MADRASTRA", 30), ("HIJASTRO", 6)], "child_without_parent"),
        ([("TUTOR", 17), ("HERMANO", 8)], "child_without_parent"),
        ([("NO_FAM", 30), ("DESC", 8)], "child_without_parent"),
        ([("MADRE", 16)], "child_without_parent"),
        ([("MADRE", 50), ("HIJO", 25), ("SOBRINO", 12)], "child_without_parent"),
        # adults only
        ([("MADRE", 50), ("HIJO", 25)], "adults_only"),
        ([("MADRE", 50), ("PADRE", 52), ("HIJA", 18)], "adults_only"),
        ([("CONYUGE", 30), ("NO_FAM", 33)], "adults_only"),
        ([("TUTOR", 50), ("SOBRINO", 18)], "adults_only"),
        ([("PADRE", None)], "adults_only"),
        ([], "adults_only"),
    ],
)
def test_every_composition_has_its_kind(members: list[tuple[str, int | None]], kind: str) -> None:
    found = family(*members)
    assert found.kind == kind
    assert found.handover == (kind == "child_without_parent" or bool(found.separated))


def test_a_nephew_in_a_family_unit_is_separated_and_handed_over_on_his_own() -> None:
    found = family(("MADRE", 30), ("HIJO", 5), ("SOBRINO", 10), ("SOBRINA", 19))
    assert (found.kind, found.separated, found.handover) == ("family_unit", (3,), True)
    assert "separated_child" in codes(found)


def test_numbers_given_at_the_desk_are_kept_and_those_who_left_do_not_count() -> None:
    members = [aged("MADRE", 30, n=2), aged("HIJO", 5, n=5), aged("SOBRINO", 10, n=9)]
    assert kind_of_family(members, DAY).separated == (9,)
    gone = Person(role="HIJO", born=Born(age=5, unit="years", on=DAY), n=5, state="left")
    assert kind_of_family([members[0], gone], DAY).kind == "adults_only"


def test_a_parent_under_18_is_named_to_pgn_unless_a_parent_of_hers_is_there() -> None:
    alone = family(("MADRE", 16), ("HIJA", 0))
    assert (alone.minor_parents, alone.handover) == ((1,), False)
    assert "minor_parent" in codes(alone)
    both = family(("MADRE", 16), ("PADRE", 17), ("HIJA", 0))
    assert both.minor_parents == (1, 2)
    with_her_mother = family(("MADRE", 16), ("HIJA", 0), ("ABUELA", 41))
    assert (with_her_mother.minor_parents, with_her_mother.separated) == ((), ())
    assert family(("MADRE", 16), ("PADRE", 20), ("HIJA", 0)).minor_parents == (1,)
    assert family(("MADRE", 18), ("HIJA", 0)).minor_parents == ()


def test_a_child_who_turns_18_that_day_is_an_adult() -> None:
    mother, child = aged("MADRE", 40), Person(role="HIJO", born=Born(edtf="2008-11-22"))
    assert kind_of_family([mother, child], DAY).kind == "adults_only"
    assert kind_of_family([mother, child], date(2026, 11, 21)).kind == "family_unit"


def test_where_the_date_leaves_the_age_open_it_is_a_minor_with_a_warning() -> None:
    found = kind_of_family([aged("MADRE", 40), Person(role="HIJO", born=Born(edtf="2008"))], DAY)
    assert found.kind == "family_unit"
    assert [(remark.code, remark.n) for remark in found.warnings] == [("age_uncertain", 2)]


def test_two_mothers_with_a_child_each_are_asked_whether_they_are_two_families() -> None:
    assert "two_families" in codes(family(("MADRE", 30), ("HIJO", 5), ("MADRE", 28), ("HIJA", 3)))
    assert "two_families" not in codes(family(("MADRE", 30), ("HIJO", 5), ("MADRE", 28)))
    assert "two_families" not in codes(family(("MADRE", 30), ("PADRE", 28), ("HIJO", 5), ("HIJA", 3)))


def test_roles_that_are_likely_another_are_asked_about() -> None:
    assert "sibling_or_child" in codes(family(("MADRE", 30), ("HIJO", 5), ("HERMANO", 10)))
    assert "grandchild_role" in codes(family(("MADRE", 45), ("HIJA", 17), ("NIETO", 0)))
    assert "grandchild_role" in codes(family(("MADRE", 45), ("HIJA", 19), ("NIETO", 0)))


def test_without_any_age_children_are_minors_and_parents_adults() -> None:
    assert is_minor(Person(role="HIJA"), DAY)
    assert not is_minor(Person(role="MADRE"), DAY)
    assert is_minor(Person(role="TIA"), DAY)


people = st.builds(aged, st.sampled_from(sorted(lists().roles)), st.none() | st.integers(0, 90))


@given(st.lists(people, max_size=8), st.randoms())
def test_the_order_of_members_never_matters_and_no_minor_is_overlooked(members: list[Person], random: object) -> None:
    numbered = [Person(role=one.role, born=one.born, n=n) for n, one in enumerate(members, 1)]
    shuffled = list(numbered)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found, again = kind_of_family(numbered, DAY), kind_of_family(shuffled, DAY)
    assert (found.kind, set(found.separated), set(found.minor_parents)) == (
        again.kind,
        set(again.separated),
        set(again.minor_parents),
    )
    assert found.kind in KINDS
    minors = [one for one in numbered if is_minor(one, DAY)]
    assert (found.kind == "adults_only") == (not minors)
    for one in minors if found.kind == "family_unit" else []:
        assert one.n in found.separated or one.role in ("HIJA", "HIJO", "MADRE", "PADRE")
