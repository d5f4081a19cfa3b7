"""Who works here and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("clerk", "care_worker", "supervisor", "administrator", "analyst")

RIGHTS: dict[str, frozenset[str]] = {
    "clerk": frozenset({"read", "register", "deliver", "exchange"}),
    "care_worker": frozenset({"read", "register", "deliver", "exchange", "care"}),
    "supervisor": frozenset({"read", "register", "deliver", "exchange", "care", "override", "void", "report"}),
    "administrator": frozenset(
        {"read", "register", "deliver", "exchange", "care", "override", "void", "report", "users", "keys"}
    ),
    "analyst": frozenset({"report"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    id: str
    name: str
    role: str
    active: bool = True

    def may(self, right: str) -> bool:
        return self.active and right in RIGHTS.get(self.role, frozenset())
