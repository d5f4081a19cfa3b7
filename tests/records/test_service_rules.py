"""The services list as a table: what each of its services allows, tried out one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from returnee_desk.records.arrivals import Arrival
from returnee_desk.records.dates import LOCAL, Born
from returnee_desk.records.lists import ServiceRule, lists
from returnee_desk.records.people import Person
from returnee_desk.records.service_rules import Refusal, may_give, suits
from returnee_desk.records.services import Service

NOW = datetime(2026, 11, 22, 15, 2, tzinfo=LOCAL)
BUS = Arrival(mode="land", label="Bus 3", country="MEX", at=NOW, headcount=36, id="a1")
WOMAN = Person(n=1, role="MADRE", born=Born(edtf="1994-05-02"))
CHILD = Person(n=2, role="HIJO", born=Born(age=4, unit="years", on=date(2026, 11, 22)))

TABLE = {
    # code: (per, limit, window, only, excluded_by) as the project proposes them
    "KIT_HIG": ("person", 1, "arrival", "", ()),
    "KIT_ROPA": ("person", 1, "arrival", "", ()),
    "KIT_LUD": ("person", 1, "arrival", "minor", ()),
    "KIT_REF": ("person", 1, "arrival", "", ()),
    "VIVERES": ("family", 1, "arrival", "", ()),
    "ALIM": ("person", 3, "day", "", ()),
    "LLAM_NAC": ("family", 1, "arrival", "", ()),
    "LLAM_INT": ("family", 1, "arrival", "", ()),
    "CONECT": ("family", 0, "", "", ()),
    "RECARGA": ("family", 1, "arrival", "", ()),
    "TRANS_TER": ("person", 1, "arrival", "", ("TRANS_COM",)),
    "TRANS_COM": ("person", 1, "arrival", "", ("TRANS_TER",)),
    "VALE_TRA": ("person", 1, "arrival", "", ("TRANS_COM",)),
    "APOYO_ECO": ("family", 1, "arrival", "", ()),
    "HOSP": ("person", 1, "day", "", ()),
    "DUCHA": ("person", 1, "day", "", ()),
    "MED_NNA": ("person", 0, "", "minor", ()),
    "MED_ADU": ("person", 0, "", "adult", ()),
    "MEDICAM": ("person", 0, "", "", ()),
    "REF_SAL": ("person", 0, "", "", ()),
    "PSICO": ("family", 0, "", "", ()),
    "AREA_LUD": ("person", 0, "", "minor", ()),
    "LACTANCIA": ("person", 0, "", "", ()),
    "ENTREV": ("family", 1, "arrival", "", ()),
    "ORIENT": ("family", 1, "arrival", "", ()),
    "DOC_REN": ("person", 0, "", "", ()),
    "INTERP": ("family", 0, "", "", ()),
    "CAMBIO": ("family", 0, "", "", ()),
    "REF_PRO": ("family", 0, "", "", ()),
    "REF_EXT": ("family", 0, "", "", ()),
    "PRH_BOL": ("person", 1, "arrival", "adult", ()),
    "PRH_CAR": ("family", 1, "arrival", "", ()),
    "SEG_TEL": ("family", 0, "", "", ()),
    "SEG_VIS": ("family", 0, "", "", ()),
}
every_service = pytest.mark.parametrize("code", sorted(TABLE))


def given(
    code: str,
    *,
    to: Person | None = None,
    at: datetime = NOW,
    quantity: int = 1,
    undone: bool = False,
    arrival: str = "a1",
) -> Service:
    return Service(code=code, person=to and to.n, quantity=quantity, at=at, slip="", undone=undone, arrival=arrival)


def ask(
    rule: ServiceRule, already: list[Service], *, to: Person | None = None, at: datetime = NOW, quantity: int = 1
) -> Refusal | None:
    return may_give(rule, member=to, already=already, arrival=BUS, at=at, quantity=quantity)


def receiver(rule: ServiceRule) -> Person | None:
    """Somebody it suits, None for a family's service."""
    if rule.per == "family":
        return None
    return CHILD if rule.only == "minor" else WOMAN


def test_the_table_is_the_services_list() -> None:
    read = {
        code: (rule.per, rule.limit, rule.window, rule.only, rule.excluded_by)
        for code, rule in lists().services.items()
    }
    assert read == TABLE


@every_service
def test_the_first_one_is_given(code: str) -> None:
    rule = lists().services[code]
    assert ask(rule, [], to=receiver(rule)) is None


@every_service
def test_up_to_the_limit_it_is_given_and_then_refused_with_when_again(code: str) -> None:
    rule = lists().services[code]
    to = receiver(rule)
    already: list[Service] = []
    for _time in range(rule.limit or 20):
        assert ask(rule, already, to=to) is None
        already.append(given(code, to=to))
    refusal = ask(rule, already, to=to)
    if rule.limit == 0:
        assert refusal is None
        return
    assert refusal is not None
    assert refusal.code == "service_limit"
    assert refusal.details() == {
        "blocked_until": "2026-11-23T00:00:00-06:00" if rule.window == "day" else None,
        "why": f"limit_{rule.window}",
    }


@every_service
def test_the_next_local_day_gives_again_only_where_the_limit_is_a_day(code: str) -> None:
    rule = lists().services[code]
    to = receiver(rule)
    full = [given(code, to=to) for _time in range(rule.limit)]
    tomorrow = ask(rule, full, to=to, at=NOW.replace(day=23, hour=0, minute=0))
    assert (tomorrow is None) == (rule.limit == 0 or rule.window == "day")


@every_service
def test_what_was_taken_back_or_given_on_another_arrival_does_not_count(code: str) -> None:
    rule = lists().services[code]
    to = receiver(rule)
    already = [given(code, to=to, undone=True), given(code, to=to, arrival="a0")] * 5
    already += [given(other, to=to, undone=True) for other in rule.excluded_by]
    assert ask(rule, already, to=to) is None


@every_service
def test_another_members_share_counts_only_for_a_familys_service(code: str) -> None:
    rule = lists().services[code]
    other = (
        Person(n=7, role="HIJA", born=CHILD.born) if rule.only == "minor" else Person(n=7, role="TIA", born=WOMAN.born)
    )
    full = [given(code, to=other) for _time in range(rule.limit)]
    refusal = ask(rule, full, to=receiver(rule))
    assert (refusal is not None) == (rule.per == "family" and rule.limit > 0)


@every_service
def test_minors_and_adults_get_what_is_meant_for_them(code: str) -> None:
    rule = lists().services[code]
    if rule.per == "family":
        return
    for member, minor in ((WOMAN, False), (CHILD, True)):
        refusal = ask(rule, [], to=member)
        assert (refusal is None) == suits(rule, minor)
        if refusal is not None:
            assert refusal == Refusal(why=f"only_{rule.only}")
    assert ask(rule, []) == Refusal(why="person_needed")


@every_service
def test_what_the_list_excludes_is_refused_for_the_same_person_alone(code: str) -> None:
    rule = lists().services[code]
    for excluding in rule.excluded_by:
        refusal = ask(rule, [given(excluding, to=WOMAN)], to=WOMAN)
        assert refusal == Refusal(why=f"excluded_by:{excluding}")
        assert ask(rule, [given(excluding, to=CHILD)], to=WOMAN) is None
    if not rule.excluded_by:
        others = [given(other, to=receiver(rule)) for other in TABLE if other != code]
        assert ask(rule, others, to=receiver(rule)) is None


def test_exclusions_hold_as_the_list_writes_them() -> None:
    services = lists().services
    assert ask(services["TRANS_TER"], [given("TRANS_COM", to=WOMAN)], to=WOMAN) is not None
    assert ask(services["TRANS_COM"], [given("TRANS_TER", to=WOMAN)], to=WOMAN) is not None
    assert ask(services["VALE_TRA"], [given("TRANS_COM", to=WOMAN)], to=WOMAN) is not None
    assert ask(services["TRANS_COM"], [given("VALE_TRA", to=WOMAN)], to=WOMAN) is None


def test_quantities_count_towards_the_limit_and_too_many_at_once_will_not_do_tomorrow_either() -> None:
    meal = lists().services["ALIM"]
    assert ask(meal, [], to=WOMAN, quantity=3) is None
    assert ask(meal, [given("ALIM", to=WOMAN, quantity=2)], to=WOMAN, quantity=2) == Refusal(
        why="limit_day", blocked_until=datetime(2026, 11, 23, tzinfo=LOCAL)
    )
    assert ask(meal, [], to=WOMAN, quantity=4) == Refusal(why="limit_day", blocked_until=None)


def test_money_is_limited_by_times_not_by_the_sum() -> None:
    money = lists().services["APOYO_ECO"]
    assert ask(money, [], quantity=250) is None
    assert ask(money, [given("APOYO_ECO", quantity=50)], quantity=50) == Refusal(why="limit_arrival")


def test_the_day_of_a_limit_is_guatemalas_not_utcs() -> None:
    shower = lists().services["DUCHA"]
    at_five = datetime(2026, 11, 22, 17, 0, tzinfo=LOCAL)
    at_seven = at_five + timedelta(hours=2)  # already the 23rd by UTC
    refusal = ask(shower, [given("DUCHA", to=WOMAN, at=at_five)], to=WOMAN, at=at_seven)
    assert refusal is not None
    assert refusal.details()["blocked_until"] == "2026-11-23T00:00:00-06:00"
    told_in_utc = given("DUCHA", to=WOMAN, at=at_seven.astimezone(UTC))
    assert ask(shower, [told_in_utc], to=WOMAN, at=at_five) is not None
    assert ask(shower, [told_in_utc], to=WOMAN, at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) is None
    before_midnight = datetime(2026, 11, 22, 23, 59, tzinfo=LOCAL)
    assert (
        ask(shower, [given("DUCHA", to=WOMAN, at=before_midnight)], to=WOMAN, at=before_midnight + timedelta(minutes=1))
        is None
    )


def test_ages_are_those_of_the_arrivals_day_not_of_the_hour_of_giving() -> None:
    seventeen = Person(n=3, role="HIJO", born=Born(edtf="2008-11-23"))
    kit = lists().services["KIT_LUD"]
    assert ask(kit, [], to=seventeen, at=NOW + timedelta(days=2)) is None
