"""People who work here and their roles."""

from __future__ import annotations

from returnee_desk.acts.operation import Done, Write
from returnee_desk.acts.view import View
from returnee_desk.acts.writing import edit, require
from returnee_desk.errors import Refused
from returnee_desk.records.names import clean, fold
from returnee_desk.records.staff import ROLES


def add_user(view: View, user: str, *, role: str) -> Done:
    """A new member of staff, or one who comes back. `analyst` only at an office. Answers the staff id."""
    require(view, "users")
    name = clean(user, path="user")
    if not name:
        raise Refused("user_empty", path="user")
    if role not in ROLES or (role == "analyst" and view.settings.kind != "office"):
        raise Refused("unknown_role", path="role")
    known = next((one for one in view.staff() if fold(one.name) == fold(name)), None)
    if known and known.active:
        raise Refused("user_exists", path="user")
    if known:
        return Done(act="add_user", writes=[edit(view, "staff", known.id, role=role, state="active")], answer=known.id)
    record = view.new_id()
    write = Write("staff", record, {"name": name, "role": role, "state": "active"})
    return Done(act="add_user", writes=[write], answer=record)


def remove_user(view: View, user: str) -> Done:
    """Someone no longer works here; what they did stays theirs. The last administrator who can open this desk
    stays, whoever else is known from other desks: `last_administrator`."""
    require(view, "users")
    staff = view.staff()
    known = next((one for one in staff if one.active and fold(one.name) == fold(user)), None)
    if known is None:
        raise Refused("unknown_user", path="user")
    others = [one for one in staff if one.active and one.role == "administrator" and one.id != known.id]
    if known.role == "administrator" and not any(view.opens(one.name) for one in others):
        raise Refused("last_administrator", path="user")
    return Done(act="remove_user", writes=[edit(view, "staff", known.id, state="removed")], answer=known.id)
