"""A bus is opened once, counted row by row, and closed when nobody is missing."""

from __future__ import annotations

import pytest

from returnee_desk import acts
from returnee_desk.errors import Refused
from returnee_desk.store.desk import Desk
from tests.making import BUS, Clock, Founding, make_family, nothing_written, open_bus, refusal, register, reopened


def test_a_bus_is_kept_as_it_was_told(desk: Desk) -> None:
    arrival = desk.arrival(open_bus(desk, others=31))
    assert (arrival.mode, arrival.label, arrival.country, arrival.headcount, arrival.others, arrival.place) == (
        "land", "Bus 1", "MEX", 40, 31, "TUM1",
    )  # fmt: skip
    assert arrival.at.isoformat() == "2026-11-22T11:30:00-06:00"
    assert (arrival.state, arrival.row_count, arrival.missing_rows) == ("open", 9, tuple(range(1, 10)))


def test_the_same_bus_told_twice_is_the_first_one(desk: Desk) -> None:
    first = desk.do(acts.open_arrival, BUS)
    with nothing_written(desk):
        again = desk.do(acts.open_arrival, BUS | {"at": "2026-11-22T17:30Z"})
    assert again == {"arrival_id": first["arrival_id"], "repeated": True}
    assert not first["repeated"]
    with nothing_written(desk):
        assert refusal(desk.do, acts.open_arrival, BUS | {"headcount": 41}) == "arrival_exists"
        assert refusal(desk.do, acts.open_arrival, BUS | {"others": 3}) == "arrival_exists"
    for other in ({"label": "Bus 2"}, {"mode": "air"}, {"from": "USA"}, {"at": "2026-11-22T11:31-06:00"}):
        assert not desk.do(acts.open_arrival, BUS | other)["repeated"]
    assert len(desk.arrivals()) == 5


@pytest.mark.parametrize(
    ("told", "code", "path"),
    [
        ({"mode": "sea"}, "unknown_code", "arrival.mode"),
        ({"mode": ["land"]}, "unknown_code", "arrival.mode"),
        ({"from": "XYZ"}, "unknown_code", "arrival.from"),
        ({"from": ["MEX"]}, "unknown_code", "arrival.from"),
        ({"from": None}, "unknown_code", "arrival.from"),
        ({"label": " "}, "missing", "arrival.label"),
        ({"label": 7}, "missing", "arrival.label"),
        ({"label": "x" * 121}, "text_too_long", "arrival.label"),
        ({"at": "2026-11-22T11:30"}, "time_without_zone", "arrival.at"),
        ({"at": "hoy"}, "invalid_time", "arrival.at"),
        ({"at": None}, "invalid_time", "arrival.at"),
        ({"headcount": -1}, "out_of_range", "arrival.headcount"),
        ({"headcount": 2001}, "out_of_range", "arrival.headcount"),
        ({"headcount": True}, "wrong_type", "arrival.headcount"),
        ({"headcount": "40"}, "wrong_type", "arrival.headcount"),
        ({"others": 41}, "others_above_headcount", "arrival.others"),
        ({"others": -1}, "out_of_range", "arrival.others"),
    ],
)
def test_a_bus_told_wrongly_is_refused_with_its_field(desk: Desk, told: dict, code: str, path: str) -> None:
    with nothing_written(desk), pytest.raises(Refused) as caught:
        desk.do(acts.open_arrival, BUS | told)
    assert (caught.value.code, caught.value.path) == (code, path)


def test_only_a_post_receives_buses(founding: Founding, tmp_path) -> None:
    with founding.copy(tmp_path / "office", kind="office", place="OFFICE") as office:
        assert refusal(office.do, acts.open_arrival, BUS) == "wrong_desk_kind"


def test_rows_are_the_headcount_less_the_others(desk: Desk) -> None:
    bus = open_bus(desk, headcount=10)
    desk.do(acts.set_arrival, bus, others=6)
    assert desk.arrival(bus).missing_rows == (1, 2, 3, 4)
    with nothing_written(desk):
        desk.do(acts.set_arrival, bus, others=6)
        assert refusal(desk.do, acts.set_arrival, bus, others=11) == "others_above_headcount"
        assert refusal(desk.do, acts.set_arrival, "f" * 32, others=1) == "unknown_arrival"
        assert refusal(desk.do, acts.set_arrival, "no id", others=1) == "unknown_arrival"


def test_people_registered_left_or_handed_over_are_accounted_for(desk: Desk) -> None:
    bus = open_bus(desk, headcount=9, others=3)
    desk.do(acts.mark_row, bus, 2, state="left")
    desk.do(acts.mark_row, bus, 6, mark="child_alone", state="handed", to="PGN")
    register(desk, size=3)
    arrival = desk.arrival(bus)
    assert arrival.registered == 3
    assert arrival.missing_rows == (5,)
    row = next(row for row in arrival.rows if row.number == 6)
    assert (row.mark, row.state, row.to) == ("child_alone", "handed", "PGN")
    with pytest.raises(Refused) as caught:
        desk.do(acts.close_arrival, bus)
    assert caught.value.details["missing_rows"] == [5]
    desk.do(acts.mark_row, bus, 5, state="left")
    desk.do(acts.close_arrival, bus)
    assert desk.arrival(bus).state == "closed"
    with nothing_written(desk):
        desk.do(acts.close_arrival, bus)


def test_a_row_is_one_record_however_often_it_is_marked(desk: Desk) -> None:
    bus = open_bus(desk)
    for mark in ("ill", "pregnant", "afraid"):
        desk.do(acts.mark_row, bus, 4, mark=mark)
    desk.do(acts.mark_row, bus, 4, state="handed", to="  Hospital   Nacional ")
    desk.do(acts.mark_row, bus, 4, state="counted")
    (row,) = desk.arrival(bus).rows
    assert (row.number, row.mark, row.state, row.to) == (4, "afraid", "counted", None)
    with nothing_written(desk):
        desk.do(acts.mark_row, bus, 4, mark="afraid", state="counted")


@pytest.mark.parametrize(
    ("number", "asked", "code"),
    [
        (0, {"mark": "ill"}, "unknown_row"),
        (41, {"mark": "ill"}, "unknown_row"),
        (1, {"mark": "tired"}, "unknown_code"),
        (1, {"state": "lost"}, "unknown_code"),
        (1, {"state": "handed"}, "handed_to_needed"),
        (1, {"state": "left", "to": "PGN"}, "handed_to_unused"),
        (1, {}, "missing"),
    ],
)
def test_a_row_marked_wrongly_is_refused(desk: Desk, number: int, asked: dict, code: str) -> None:
    bus = open_bus(desk)
    with nothing_written(desk):
        assert refusal(desk.do, acts.mark_row, bus, number, **asked) == code


def test_a_closed_bus_takes_nobody_and_no_marks(desk: Desk) -> None:
    bus = open_bus(desk, headcount=0)
    desk.do(acts.close_arrival, bus)
    with nothing_written(desk):
        assert refusal(desk.do, acts.set_arrival, bus, others=0) == "arrival_closed"
        assert refusal(desk.do, acts.mark_row, bus, 1, mark="ill") == "arrival_closed"
        assert refusal(desk.do, acts.register_family, make_family(arrival=bus)) == "arrival_closed"
        described = BUS | {"headcount": 1}
        assert refusal(desk.do, acts.register_family, make_family(arrival=described)) == "arrival_closed"


def test_a_bus_is_corrected_field_by_field_with_a_reason(desk: Desk) -> None:
    bus = open_bus(desk)
    family = register(desk, members=[{"given_names": "Ana", "sex": "F", "role": "NO_FAM", "birth_date": "2008-11-23"}])
    assert desk.families()[0].minors == 1
    changes = {"label": "Bus 7", "mode": "air", "from": "USA", "headcount": 12, "others": 2}
    desk.do(acts.correct_arrival, bus, changes | {"at": "2026-11-23T08:00-06:00"}, reason="Era el vuelo")
    arrival = desk.arrival(bus)
    assert (arrival.label, arrival.mode, arrival.country, arrival.headcount, arrival.others) == (
        "Bus 7", "air", "USA", 12, 2,
    )  # fmt: skip
    line = desk.families()[0]
    assert (line.code, line.day, line.minors, line.kind) == (family["code"], "2026-11-23", 0, "adults_only")
    with nothing_written(desk):
        desk.do(acts.correct_arrival, bus, {"label": "Bus 7", "at": "2026-11-23T14:00Z"}, reason="otra vez")
        assert refusal(desk.do, acts.correct_arrival, bus, {"label": "x"}, reason=" ") == "reason_needed"
        assert refusal(desk.do, acts.correct_arrival, bus, {"place": "x"}, reason="y") == "unknown_key"
        assert refusal(desk.do, acts.correct_arrival, bus, {"from": ["USA"]}, reason="y") == "unknown_code"
        assert refusal(desk.do, acts.correct_arrival, bus, {"headcount": 1}, reason="y") == "others_above_headcount"


@pytest.mark.parametrize("zone", ["America/Mexico_City", "America/New_York", "Asia/Tokyo", "UTC"])
def test_the_day_of_a_bus_is_the_day_at_the_post_whatever_zone_the_computer_has(
    desk: Desk, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    if hasattr(time, "tzset"):
        time.tzset()
    try:
        late = desk.arrival(open_bus(desk, at="2026-11-22T23:59-06:00"))
        early = desk.arrival(open_bus(desk, at="2026-11-23T06:00Z"))
        family = register(desk, arrival=late.id)
    finally:
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()
    assert (late.day.isoformat(), early.day.isoformat()) == ("2026-11-22", "2026-11-23")
    assert [line.day for line in desk.families() if line.id == family["id"]] == ["2026-11-22"]


def test_a_bus_stays_open_over_a_restart_and_a_wrong_clock(desk: Desk) -> None:
    bus = open_bus(desk)
    assert isinstance(desk.clock, Clock)
    for wrong in ("1970-01-01T00:00-06:00", "2099-12-31T23:59-06:00"):
        desk.clock.set(wrong)
        register(desk)
        desk = reopened(desk)
    assert desk.arrival(bus).families == 2
    assert {line.day for line in desk.families()} == {"2026-11-22"}
    desk.close()
