"""Who works here: added, given another role, removed; somebody always stays who can let people in."""

from __future__ import annotations

from pathlib import Path

import pytest

from returnee_desk import acts
from returnee_desk.store.desk import Desk
from tests.making import USER, Founding, exchange, make_family, nothing_written, refusal, register, reopened


def names(desk: Desk) -> dict[str, tuple[str, bool]]:
    return {one.name: (one.role, one.active) for one in desk.staff()}


def test_a_colleague_is_added_and_removed_and_may_come_back(desk: Desk) -> None:
    first = desk.do(acts.add_user, "Beto  Ajú", role="clerk")
    assert names(desk) == {USER: ("administrator", True), "Beto Ajú": ("clerk", True)}
    desk.do(acts.remove_user, "beto aju")
    assert names(desk)["Beto Ajú"] == ("clerk", False)
    assert desk.do(acts.add_user, "Beto Ajú", role="supervisor") == first
    assert names(desk)["Beto Ajú"] == ("supervisor", True)


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        ("ana lucia", "clerk", "user_exists"),
        ("  ", "clerk", "user_empty"),
        ("x" * 121, "clerk", "text_too_long"),
        ("Beto", "boss", "unknown_role"),
        ("Beto", "analyst", "unknown_role"),
    ],
)
def test_a_colleague_told_wrongly_is_refused(desk: Desk, name: str, role: str, code: str) -> None:
    with nothing_written(desk):
        assert refusal(desk.do, acts.add_user, name, role=role) == code


def test_an_office_has_analysts(founding: Founding, tmp_path: Path) -> None:
    with founding.copy(tmp_path / "office", kind="office", place="OFFICE") as office:
        office.do(acts.add_user, "Nora", role="analyst")
        assert names(office)["Nora"] == ("analyst", True)


def test_the_last_administrator_stays(desk: Desk) -> None:
    desk.do(acts.add_user, "Beto", role="supervisor")
    with nothing_written(desk):
        assert refusal(desk.do, acts.remove_user, USER) == "last_administrator"
        assert refusal(desk.do, acts.remove_user, "Nadie") == "unknown_user"
    desk.do(acts.add_user, "Carla", role="administrator")
    with nothing_written(desk):  # Carla has no passphrase here yet
        assert refusal(desk.do, acts.remove_user, USER) == "last_administrator"
    desk.add_slot("Carla", "otra frase larga")
    desk.do(acts.remove_user, USER)
    assert not names(desk)[USER][1]


def test_an_administrator_of_another_desk_does_not_let_the_last_one_here_go(founding: Founding, tmp_path: Path) -> None:
    with founding.copy(tmp_path / "A") as here, founding.copy(tmp_path / "B", letter="B", user="Berta") as there:
        exchange(here, there)
        assert "Berta" in names(here)
        assert refusal(here.do, acts.remove_user, USER) == "last_administrator"
        here.do(acts.remove_user, "Berta")


def test_a_desk_with_one_passphrase_opens_without_a_name_though_other_desks_have_people_too(
    founding: Founding, tmp_path: Path
) -> None:
    from tests.making import PASSPHRASE

    with founding.copy(tmp_path / "A") as here, founding.copy(tmp_path / "B", letter="B", user="Berta") as there:
        exchange(here, there)
    with Desk.open(tmp_path / "A", user=None, passphrase=PASSPHRASE) as again:
        assert again.me.name == USER


@pytest.mark.parametrize("role", ["clerk", "care_worker", "supervisor", "analyst"])
def test_nobody_but_an_administrator_changes_who_works_here(desk: Desk, role: str) -> None:
    family = register(desk)["code"]
    desk.do(acts.add_user, "Beto", role="clerk")
    someone = next(one for one in desk.staff() if one.name == "Beto")
    desk.me = type(someone)(id="0" * 32, name="Beto", role=role)
    with nothing_written(desk):
        assert refusal(desk.do, acts.add_user, "Carla", role="clerk") == "not_allowed"
        assert refusal(desk.do, acts.remove_user, "Beto") == "not_allowed"
        if role in ("clerk", "care_worker"):
            assert refusal(desk.do, acts.void, family, reason="error") == "not_allowed"
        if role == "analyst":
            assert refusal(desk.do, acts.register_family, make_family()) == "not_allowed"
            assert refusal(desk.do, acts.deliver, family, "VIVERES") == "not_allowed"
            assert refusal(desk.do, acts.note, family, "x") == "not_allowed"
            assert refusal(desk.do, acts.consent, family, {"register": True}) == "not_allowed"


def test_whoever_is_removed_while_working_can_do_nothing_more_and_keeps_what_was_done(desk: Desk) -> None:
    desk.do(acts.add_user, "Beto", role="clerk")
    administrator = desk.me
    desk.me = next(one for one in desk.staff() if one.name == "Beto")
    family = register(desk)
    desk.me, beto = administrator, desk.me
    desk.do(acts.remove_user, "Beto")
    desk.me = beto
    with nothing_written(desk):
        assert refusal(desk.do, acts.register_family, make_family()) == "not_allowed"
    again = reopened(desk)
    assert again.family(family["code"]).registered_by == beto.id
    again.close()
