"""What is handed out follows the services list and the local day; a second person may say yes against it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from returnee_desk import acts
from returnee_desk.errors import Refused
from returnee_desk.records.staff import Staff
from returnee_desk.store.desk import Desk
from tests.making import (
    Clock,
    Founding,
    exchange,
    lines_of,
    make_child,
    make_member,
    nothing_written,
    refusal,
    register,
)


def deliver(desk: Desk, code: str, service: str, **asked: Any) -> dict[str, Any]:
    answer: dict[str, Any] = desk.do(acts.deliver, code, service, **asked)
    return answer


def at(desk: Desk, text: str) -> None:
    assert isinstance(desk.clock, Clock)
    desk.clock.set(text)


def blocked(desk: Desk, code: str, service: str, **asked: Any) -> tuple[str, str | None]:
    with nothing_written(desk), pytest.raises(Refused) as caught:
        deliver(desk, code, service, **asked)
    assert caught.value.code == "service_limit"
    return caught.value.details["why"], caught.value.details["blocked_until"]


def second_of(desk: Desk, role: str = "supervisor") -> Staff:
    desk.do(acts.add_user, "Beto", role=role)
    return next(one for one in desk.staff() if one.name == "Beto")


def test_a_service_is_kept_with_who_when_and_its_slip(desk: Desk) -> None:
    code = register(desk)["code"]
    answer = deliver(desk, code, "KIT_HIG", person=2, quantity=1)
    (service,) = desk.family(code).services
    assert answer == {
        "service_id": service.id, "service_ids": [service.id], "slip": service.slip, "stock_left": None,
    }  # fmt: skip
    assert (service.code, service.person, service.quantity, service.at, service.by) == (
        "KIT_HIG", 2, 1, desk.clock(), desk.me.id,
    )  # fmt: skip
    assert service.arrival == desk.family(code).arrival.id
    assert desk.arrivals()[0].served == 1


def test_without_a_person_everybody_it_suits_receives_it_on_one_slip(desk: Desk) -> None:
    code = register(desk, size=3)["code"]
    answer = deliver(desk, code, "KIT_LUD")
    services = desk.family(code).services
    assert [one.person for one in services] == [2, 3]
    assert answer["service_ids"] == [one.id for one in services] and {one.slip for one in services} == {answer["slip"]}
    assert [one.person for one in desk.family(code).services if one.code == "VIVERES"] == []
    deliver(desk, code, "VIVERES")
    assert desk.family(code).services[-1].person is None


def test_an_office_hands_out_nothing(desk: Desk, founding: Founding, tmp_path: Path) -> None:
    code = register(desk)["code"]
    with founding.copy(tmp_path / "office", kind="office", place="OFFICE") as office:
        exchange(desk, office)
        assert office.family(code).members
        with nothing_written(office):
            assert refusal(office.do, acts.deliver, code, "LLAM_NAC") == "wrong_desk_kind"


def test_a_limit_of_the_arrival_holds_for_ever(desk: Desk) -> None:
    code = register(desk)["code"]
    deliver(desk, code, "KIT_HIG", person=1)
    deliver(desk, code, "VIVERES")
    at(desk, "2027-11-22T12:00-06:00")
    assert blocked(desk, code, "KIT_HIG", person=1) == ("limit_arrival", None)
    assert blocked(desk, code, "VIVERES") == ("limit_arrival", None)
    assert blocked(desk, code, "KIT_HIG") == ("limit_arrival", None)  # one of the two has it
    deliver(desk, code, "KIT_HIG", person=2)


@pytest.mark.parametrize("zone", ["UTC", "America/Mexico_City", "America/Los_Angeles", "Asia/Tokyo"])
def test_a_limit_of_the_day_ends_at_local_midnight_whatever_zone_the_computer_has(
    desk: Desk, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = register(desk)["code"]
    monkeypatch.setenv("TZ", zone)
    if hasattr(time, "tzset"):
        time.tzset()
    try:
        at(desk, "2026-11-22T23:59:59-06:00")
        deliver(desk, code, "ALIM", person=1, quantity=3)
        deliver(desk, code, "DUCHA", person=1)
        assert blocked(desk, code, "ALIM", person=1) == ("limit_day", "2026-11-23T00:00:00-06:00")
        at(desk, "2026-11-23T05:59:59+00:00")  # the same moment, told in UTC
        assert blocked(desk, code, "DUCHA", person=1) == ("limit_day", "2026-11-23T00:00:00-06:00")
        at(desk, "2026-11-23T06:00:00+00:00")
        deliver(desk, code, "DUCHA", person=1)
        deliver(desk, code, "ALIM", person=1, quantity=2)
        at(desk, "2026-11-23T23:59-06:00")
        deliver(desk, code, "ALIM", person=1)
        assert blocked(desk, code, "ALIM", person=1)[0] == "limit_day"
    finally:
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()
    days = [row[0] for row in desk.db.execute("SELECT day FROM service ORDER BY n")]
    assert days == ["2026-11-22", "2026-11-22", "2026-11-23", "2026-11-23", "2026-11-23"]


def test_more_at_once_than_a_day_allows_is_never_allowed(desk: Desk) -> None:
    code = register(desk)["code"]
    assert blocked(desk, code, "ALIM", person=1, quantity=4) == ("limit_day", None)
    for _ in range(3):
        deliver(desk, code, "ALIM", person=1)
    assert blocked(desk, code, "ALIM", person=1)[0] == "limit_day"


def test_money_counts_by_times_not_by_its_amount(desk: Desk) -> None:
    code = register(desk)["code"]
    deliver(desk, code, "APOYO_ECO", quantity=350)
    assert blocked(desk, code, "APOYO_ECO", quantity=1) == ("limit_arrival", None)


def test_one_service_shuts_out_another_for_whoever_got_it(desk: Desk) -> None:
    code = register(desk)["code"]
    deliver(desk, code, "TRANS_COM", person=1)
    assert blocked(desk, code, "TRANS_TER", person=1)[0] == "excluded_by:TRANS_COM"
    assert blocked(desk, code, "VALE_TRA", person=1)[0] == "excluded_by:TRANS_COM"
    deliver(desk, code, "TRANS_TER", person=2)


def test_a_service_for_children_or_adults_goes_to_nobody_else(desk: Desk) -> None:
    code = register(desk)["code"]
    assert blocked(desk, code, "KIT_LUD", person=1)[0] == "only_minor"
    assert blocked(desk, code, "MED_ADU", person=2)[0] == "only_adult"


def test_a_service_without_a_limit_is_given_again_and_again(desk: Desk) -> None:
    code = register(desk)["code"]
    slips = {deliver(desk, code, "MEDICAM", person=1, quantity=5)["slip"] for _ in range(4)}
    assert len(slips) == 4


def test_a_service_taken_back_counts_no_more_and_may_be_given_again(desk: Desk) -> None:
    code = register(desk)["code"]
    first = deliver(desk, code, "VIVERES")["service_id"]
    assert desk.do(acts.undo, first) == {"service_id": first, "repeated": False}
    with nothing_written(desk):
        assert desk.do(acts.undo, first) == {"service_id": first, "repeated": True}
        desk.do(acts.void, first, reason="otra vez")
    assert desk.arrivals()[0].served == 0
    second = deliver(desk, code, "VIVERES")["service_id"]
    desk.do(acts.void, second, reason="era de otra familia")
    assert [one.undone for one in desk.family(code).services] == [True, True]
    assert any(b"era de otra familia" in line for line in lines_of(desk))
    with nothing_written(desk):
        assert refusal(desk.do, acts.undo, "f" * 32) == "unknown_service"
        assert refusal(desk.do, acts.undo, "VIVERES") == "unknown_service"


@pytest.mark.parametrize(
    ("service", "asked", "code"),
    [
        ("CASA", {}, "unknown_code"),
        ("VIVERES", {"quantity": 0}, "out_of_range"),
        ("VIVERES", {"quantity": -1}, "out_of_range"),
        ("VIVERES", {"quantity": 100_001}, "out_of_range"),
        ("VIVERES", {"quantity": True}, "out_of_range"),
        ("VIVERES", {"person": 1}, "service_per_family"),
        ("KIT_HIG", {"person": 9}, "unknown_member"),
        ("PRH_BOL", {"person": 2}, "service_limit"),
    ],
)
def test_what_cannot_be_handed_out_is_refused(desk: Desk, service: str, asked: dict, code: str) -> None:
    family = register(desk)["code"]
    with nothing_written(desk):
        assert refusal(desk.do, acts.deliver, family, service, **asked) == code
        assert refusal(desk.do, acts.deliver, "TUM1-A1-00001-0", service, **asked) == "invalid_code"


def test_nobody_there_whom_a_service_suits(desk: Desk) -> None:
    adults = register(desk, members=[make_member(), make_member(role="HERMANA", age=30)])["code"]
    with nothing_written(desk):
        assert refusal(desk.do, acts.deliver, adults, "KIT_LUD") == "service_suits_nobody"


def test_a_second_person_may_say_yes_against_the_list(desk: Desk) -> None:
    code = register(desk)["code"]
    second = second_of(desk)
    deliver(desk, code, "VIVERES")
    answer = deliver(desk, code, "VIVERES", override="  La bolsa se rompió ", second=second)
    given = desk.family(code).services[-1]
    assert (given.id, given.override) == (answer["service_id"], "La bolsa se rompió")
    row = desk.db.execute("SELECT override, second, staff FROM service ORDER BY n DESC LIMIT 1").fetchone()
    assert row == ("La bolsa se rompió", second.id, desk.me.id)
    deliver(desk, code, "LLAM_NAC", override="por si acaso", second=second)
    assert desk.family(code).services[-1].override is None  # it was allowed anyway


def test_an_override_needs_a_reason_and_another_person_with_the_right(desk: Desk) -> None:
    code = register(desk)["code"]
    deliver(desk, code, "VIVERES")
    clerk = second_of(desk, "clerk")
    supervisor = Staff(id="1" * 32, name="Sara", role="supervisor")
    with nothing_written(desk):
        assert refusal(deliver, desk, code, "VIVERES", override="x") == "second_needed"
        assert refusal(deliver, desk, code, "VIVERES", override="x", second=desk.me) == "second_needed"
        assert refusal(deliver, desk, code, "VIVERES", override="x", second=clerk) == "not_allowed"
        assert refusal(deliver, desk, code, "VIVERES", override="  ", second=supervisor) == "reason_needed"
        gone = Staff(id="2" * 32, name="Sara", role="supervisor", active=False)
        assert refusal(deliver, desk, code, "VIVERES", override="x", second=gone) == "not_allowed"
        assert refusal(deliver, desk, code, "VIVERES", second=supervisor) == "service_limit"


def test_the_second_person_says_yes_with_a_passphrase_of_their_own(desk: Desk) -> None:
    second_of(desk)
    desk.add_slot("Beto", "otra frase larga")
    assert desk.second("beto", "otra frase larga").role == "supervisor"
    assert refusal(desk.second, "Beto", "otra frase corta") == "wrong_passphrase"
    assert refusal(desk.second, "Nadie", "otra frase larga") == "wrong_passphrase"
    desk.do(acts.remove_user, "Beto")
    assert refusal(desk.second, "Beto", "otra frase larga") == "user_removed"


def test_a_family_registered_late_at_night_and_served_after_midnight_has_two_days(desk: Desk) -> None:
    at(desk, "2026-11-22T23:58-06:00")
    code = register(desk, members=[make_member(), make_child()], services=[{"code": "ALIM", "persons": [1]}])["code"]
    at(desk, "2026-11-23T00:02-06:00")
    deliver(desk, code, "ALIM", person=1, quantity=3)
    assert desk.families()[0].day == "2026-11-22"
    assert [row[0] for row in desk.db.execute("SELECT day FROM service ORDER BY n")] == ["2026-11-22", "2026-11-23"]
