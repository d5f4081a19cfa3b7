"""The same person twice, or two people who look alike: links between records, never rewriting."""

from __future__ import annotations

import re
from dataclasses import replace

from returnee_desk.acts.operation import Done, Write
from returnee_desk.acts.view import View, member
from returnee_desk.acts.writing import edit, require
from returnee_desk.errors import Refused
from returnee_desk.records.people import Person

_MEMBER = re.compile(r"(.+)#([0-9]{1,4}|[0-9a-f]{32})\Z")


def member_named(view: View, text: str) -> Person:
    """The member a text such as `TUM1-A3-00439-K#2` names, gone or not;
    the record's id may stand for the number. Refused `invalid_member`, `unknown_member`,
    `ambiguous_member`."""
    found = _MEMBER.match(text.strip())
    if not found:
        raise Refused("invalid_member")
    family = view.family(found[1])
    number = int(found[2]) if len(found[2]) <= 4 else found[2]
    return member(replace(family, members=(*family.members, *family.gone)), number)


def same(view: View, a: str, b: str) -> Done:
    """These two records are one person. Answers the ids of the group."""
    return _link(view, a, b, "same")


def distinct(view: View, a: str, b: str) -> Done:
    """These two records are two people: the pair is not proposed again. Answers the ids of the pair."""
    return _link(view, a, b, "distinct")


def _link(view: View, a: str, b: str, kind: str) -> Done:
    require(view, "register")
    one, other = member_named(view, a), member_named(view, b)
    if one.id == other.id:
        raise Refused("same_record")
    first, second = sorted((one.id, other.id))
    links = [link for link in view.links(one.id) if {link.a, link.b} == {first, second}]
    writes: list[Write] = []
    for link in links:
        if link.active and link.kind != kind:
            writes.append(edit(view, "link", link.id, state="retracted"))
    known = [link for link in links if link.kind == kind]
    if not any(link.active for link in known):
        if known:
            writes.append(edit(view, "link", known[0].id, state="active"))
        else:
            pair = {"kind": kind, "a": first, "b": second}
            writes.append(Write("link", view.new_id(), {"pair": pair, "state": "active"}))
    return Done(act=kind, writes=writes, answer=[one.id, other.id])


def unlink(view: View, a: str, b: str) -> Done:
    """Take back what was said of these two, `same` or `distinct`. Refused `not_linked`. The records are as they
    were: nothing had been copied. Answers the ids of the pair."""
    require(view, "register")
    one, other = member_named(view, a), member_named(view, b)
    links = [link for link in view.links(one.id) if {link.a, link.b} == {one.id, other.id} and link.active]
    if not links:
        raise Refused("not_linked")
    return Done(
        act="unlink",
        writes=[edit(view, "link", link.id, state="retracted") for link in links],
        answer=[one.id, other.id],
    )
