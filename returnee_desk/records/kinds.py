"""What kind of family stands here: computed from roles and ages, never typed, never a reason to refuse.

The rules are SOSEP's: a family unit (UFAMI) is a minor with one or both parents. MADRE and PADRE are parents
of a child in the group, HIJA and HIJO that parent's children of any age; other roles are toward the youngest
child. A child without a parent or guardian is PGN's and SBS's at once (Decreto 27-2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from returnee_desk.records.people import Person

PARENTS = frozenset({"MADRE", "PADRE"})
CHILDREN = frozenset({"HIJA", "HIJO"})
GRANDPARENTS = frozenset({"ABUELA", "ABUELO"})
SIBLINGS = frozenset({"HERMANA", "HERMANO"})
GRANDCHILDREN = frozenset({"NIETA", "NIETO"})
GUARDIANS = frozenset({"TUTOR"})

KINDS = ("family_unit", "guardian_unit", "child_without_parent", "adults_only")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should look at: a stable code, and the number of the member it is about, if one."""

    code: str
    n: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`kind` is one of `KINDS`. `separated`: members of a family unit who are children without parents of
    their own there, handed over and counted apart. `minor_parents`: mothers and fathers under 18 without a
    parent of theirs, of whom PGN and SBS are told. `handover`: PGN/SBS must take over somebody at once.
    """

    kind: str
    separated: tuple[int, ...] = ()
    minor_parents: tuple[int, ...] = ()
    warnings: tuple[Remark, ...] = ()

    @property
    def handover(self) -> bool:
        return self.kind == "child_without_parent" or bool(self.separated)


def is_minor(person: Person, day: date) -> bool:
    """Under 18 on that local day. Without any age HIJA and HIJO are minors and MADRE and PADRE adults; of
    others the form asks the age, and where it is missing all the same they are taken for minors."""
    if person.born is not None:
        return person.born.is_minor_on(day)
    return person.role not in PARENTS


def age_uncertain(person: Person, day: date) -> bool:
    """Whether the birth date leaves open if this is a minor or an adult that day."""
    return person.born is not None and person.born.minor_uncertain_on(day)


def numbered(members: Sequence[Person]) -> list[tuple[int, Person]]:
    """Active members with their numbers; in a draft, where none is given yet, their places from 1."""
    return [(member.n or place, member) for place, member in enumerate(members, 1) if member.state == "active"]


def kind_of_family(members: Sequence[Person], day: date) -> Kind:
    """The kind of family these members are on the local day of their arrival. Order does not matter."""
    people = numbered(members)
    minors = {n for n, person in people if is_minor(person, day)}
    parents = [n for n, person in people if person.role in PARENTS]
    children = [n for n, person in people if person.role in CHILDREN and n in minors]
    doubtful = tuple(Remark("age_uncertain", n) for n, person in people if age_uncertain(person, day))

    if parents and children:
        return _family_unit(people, minors, doubtful)
    if not minors:
        return Kind(kind="adults_only", warnings=doubtful)
    if any(person.role in GUARDIANS and n not in minors for n, person in people):
        return Kind(kind="guardian_unit", warnings=doubtful)
    grandchild = _grandchildren(people, minors) if parents else ()
    return Kind(kind="child_without_parent", warnings=(Remark("handover_needed"), *grandchild, *doubtful))


def _family_unit(people: list[tuple[int, Person]], minors: set[int], doubtful: tuple[Remark, ...]) -> Kind:
    separated = tuple(n for n, person in people if n in minors and person.role not in PARENTS | CHILDREN)
    with_own_parent = any(person.role in GRANDPARENTS for _n, person in people)
    minor_parents = tuple(n for n, person in people if n in minors and person.role in PARENTS and not with_own_parent)
    return Kind(
        kind="family_unit",
        separated=separated,
        minor_parents=minor_parents,
        warnings=(
            *(Remark("separated_child", n) for n in separated),
            *(Remark("minor_parent", n) for n in minor_parents),
            *(Remark("sibling_or_child", n) for n, person in people if n in separated and person.role in SIBLINGS),
            *(remark for remark in _grandchildren(people, minors)),
            *((Remark("two_families"),) if _may_be_two(people, minors) else ()),
            *doubtful,
        ),
    )


def _grandchildren(people: list[tuple[int, Person]], minors: set[int]) -> tuple[Remark, ...]:
    """Roles are toward the youngest child, so a grandchild beside a parent was likely written from the
    grandmother's side: she is ABUELA, her daughter MADRE, the child HIJA or HIJO. Worth a question."""
    return tuple(Remark("grandchild_role", n) for n, person in people if n in minors and person.role in GRANDCHILDREN)


def _may_be_two(people: list[tuple[int, Person]], minors: set[int]) -> bool:
    """Two mothers, or two fathers, and a child for each."""
    roles = [person.role for _n, person in people]
    children = sum(person.role in CHILDREN for n, person in people if n in minors)
    return children >= 2 and (roles.count("MADRE") >= 2 or roles.count("PADRE") >= 2)
