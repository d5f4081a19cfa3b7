from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from returnee_desk.errors import Refused
from returnee_desk.records.dates import LOCAL, Born, day_text, local_day, local_midnight_after, read_time, years_between
from returnee_desk.words import set_language

DAY = date(2026, 11, 22)
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31))
birthdays = st.dates(min_value=date(1925, 1, 1), max_value=date(2040, 12, 31))


def born(birth_date: str, on: date = DAY) -> Born:
    read = Born.read(birth_date=birth_date, on=on)
    assert read is not None
    return read


def refused(code: str, **told: object) -> Refused:
    with pytest.raises(Refused) as no:
        Born.read(**told)  # type: ignore[arg-type]
    assert no.value.code == code
    return no.value


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1994", date(1994, 1, 1), date(1994, 12, 31)),
        ("1994-02", date(1994, 2, 1), date(1994, 2, 28)),
        ("1996-02", date(1996, 2, 1), date(1996, 2, 29)),
        ("1994-05-02", date(1994, 5, 2), date(1994, 5, 2)),
        ("1980~", date(1979, 1, 1), date(1981, 12, 31)),
    ],
)
def test_a_birth_date_spans_exactly_the_days_it_leaves_open(text: str, earliest: date, latest: date) -> None:
    assert (born(text).earliest(), born(text).latest()) == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "94",
        "1994-5-2",
        "1994-05~",
        "1994-05-02~",
        "1994?",
        "199X",
        "1994-XX",
        "1994/2000",
        "2/5/1994",
        "~1994",
        "1994-13",
        "1994-00",
        "2025-02-29",
        "1994-05-32",
        "1994-05-00",
        "١٩٩٤",
        "1994-05-02T00:00",
        " 1994",
        "0000",
        "99999",
    ],
)
def test_other_writings_of_a_birth_date_are_refused(text: str) -> None:
    assert refused("invalid_date", birth_date=text, on=DAY, path="members[0]").path == "members[0].birth_date"


def test_nobody_is_born_after_arriving_nor_over_a_hundred_and_twenty_years_before() -> None:
    assert refused("invalid_date", birth_date="2026-11-23", on=DAY).details["reason"] == "future"
    assert refused("invalid_date", birth_date="2026-12", on=DAY).details["reason"] == "future"
    assert refused("invalid_date", birth_date="1905-11-22", on=DAY).details["reason"] == "too_old"
    assert born("2026-11-22").ages_on(DAY) == (0, 0)
    assert born("2026-11").ages_on(DAY) == (0, 0)
    assert born("1905-11-23").ages_on(DAY) == (120, 120)
    refused("invalid_age", age=121, on=DAY)
    refused("invalid_age", age=-1, on=DAY)
    refused("invalid_age", age_months=1441, on=DAY)


def test_a_date_and_an_age_together_are_refused_because_they_may_disagree() -> None:
    assert refused("two_ages", birth_date="1994", age=3, on=DAY, path="members[2]").path == "members[2].age"
    refused("two_ages", age=1, age_months=12, on=DAY)
    assert Born.read(on=DAY) is None


def test_born_on_29_february_is_18_on_1_march_where_there_is_no_29th() -> None:
    leap = born("2008-02-29")
    assert leap.is_minor_on(date(2026, 2, 28))
    assert not leap.is_minor_on(date(2026, 3, 1))
    assert born("2004-02-29").ages_on(date(2024, 2, 29)) == (20, 20)


def test_a_child_who_turns_18_that_day_is_an_adult() -> None:
    assert born("2008-11-23").is_minor_on(DAY)
    assert not born("2008-11-22").is_minor_on(DAY)


def test_where_the_date_leaves_it_open_it_is_a_minor_and_uncertain() -> None:
    open_year = born("2008")
    assert open_year.ages_on(DAY) == (17, 18)
    assert open_year.is_minor_on(DAY)
    assert open_year.minor_uncertain_on(DAY)
    assert born("2009~").minor_uncertain_on(DAY)
    assert not born("2010~").minor_uncertain_on(DAY)
    assert not born("2006~").is_minor_on(DAY)
    assert not born("2008-11").minor_uncertain_on(date(2026, 12, 1))


def test_an_age_told_on_one_day_is_a_range_on_another() -> None:
    four = Born.read(age=4, on=DAY)
    assert four is not None
    assert (four.earliest(), four.latest()) == (date(2021, 11, 23), date(2022, 11, 22))
    assert four.ages_on(DAY) == (4, 4)
    assert four.ages_on(date(2027, 11, 21)) == (4, 5)
    assert four.ages_on(date(2027, 11, 22)) == (5, 5)
    assert four.ages_on(date(2020, 1, 1)) == (0, 0)


def test_an_age_in_months_counts_whole_months() -> None:
    three = Born.read(age_months=3, on=date(2026, 5, 31))
    assert three is not None
    assert (three.earliest(), three.latest()) == (date(2026, 2, 1), date(2026, 2, 28))
    assert three.ages_on(date(2026, 5, 31)) == (0, 0)


@given(birthday=birthdays, day=days)
def test_a_full_date_gives_the_one_true_age(birthday: date, day: date) -> None:
    assume(birthday <= day)
    low, high = born(birthday.isoformat(), on=day).ages_on(day)
    assert low == high == years_between(birthday, day)


@given(birthday=birthdays, told_on=days, later=days)
def test_whoever_tells_a_true_age_is_always_within_its_range(birthday: date, told_on: date, later: date) -> None:
    assume(birthday <= told_on <= later and years_between(birthday, told_on) <= 120)
    age = years_between(birthday, told_on)
    told = Born.read(age=age, on=told_on)
    assert told is not None
    assert told.earliest() <= birthday <= told.latest()
    assert told.ages_on(told_on) == (age, age)
    low, high = told.ages_on(later)
    assert low <= years_between(birthday, later) <= high
    assert high - low <= 1


@given(birthday=birthdays, told_on=days)
def test_whoever_tells_true_months_is_always_within_their_range(birthday: date, told_on: date) -> None:
    assume(birthday <= told_on)
    months = (told_on.year - birthday.year) * 12 + told_on.month - birthday.month - (told_on.day < birthday.day)
    assume(months <= 1440)
    told = Born.read(age_months=months, on=told_on)
    assert told is not None
    assert told.earliest() <= birthday <= told.latest()
    assert (told.latest() - told.earliest()).days <= 31


@given(birthday=birthdays, day=days)
def test_knowing_less_never_turns_a_minor_into_an_adult(birthday: date, day: date) -> None:
    assume(birthday <= day)
    exact = born(birthday.isoformat(), on=day)
    for less in (f"{birthday:%Y-%m}", f"{birthday.year:04d}", f"{birthday.year:04d}~"):
        vague = born(less, on=day)
        low, high = vague.ages_on(day)
        assert low <= exact.ages_on(day)[0] <= high
        assert vague.is_minor_on(day) or not exact.is_minor_on(day)


@given(
    st.one_of(
        birthdays.map(lambda day: Born(edtf=day.isoformat())),
        st.integers(1930, 2030).map(lambda y: Born(edtf=f"{y}~")),
        st.builds(Born, age=st.integers(0, 120), unit=st.sampled_from(["years", "months"]), on=days),
    )
)
def test_json_gives_back_what_was_told(told: Born) -> None:
    assert Born.from_json(told.as_json()) == told


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "1994",
        {},
        {"edtf": 1994},
        {"edtf": "1994", "age": 3},
        {"age": 3},
        {"age": True, "unit": "years", "on": "2026-11-22"},
        {"age": 3, "unit": "weeks", "on": "2026-11-22"},
        {"age": 3, "unit": "years", "on": "20261122"},
        {"age": -3, "unit": "years", "on": "2026-11-22"},
        {"age": 3, "unit": "years", "on": "2026-02-30"},
        {"edtf": "garbage"},
    ],
)
def test_json_of_another_shape_is_refused(data: object) -> None:
    with pytest.raises(Refused) as no:
        Born.from_json(data)
    assert no.value.code == "invalid_date"


def test_birth_dates_and_ages_read_well_in_both_languages() -> None:
    texts = [born(text).text() for text in ("1994-05-02", "1994-05", "1994", "1980~")]
    assert texts == ["2/05/1994", "mayo 1994", "1994", "hacia 1980"]
    ages = [Born(age=4, unit="years", on=DAY), Born(age=1, unit="years", on=DAY), Born(age=3, unit="months", on=DAY)]
    assert [age.text() for age in ages] == ["4 años", "1 año", "3 meses"]
    assert ages[2].age_text(DAY) == "3 meses"
    assert born("2008").age_text(DAY) == "17 a 18 años"
    assert born("2026-10-20").age_text(DAY) == "1 mes"
    assert born("1994-05-02").age_text(DAY) == "32 años"
    set_language("en")
    assert day_text(DAY) == "22/11/2026"


def test_the_local_day_is_guatemalas_whatever_zone_a_time_has() -> None:
    assert local_day(datetime(2026, 11, 23, 5, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert local_day(datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert local_day(datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-8)))) == date(2026, 11, 23)
    with pytest.raises(ValueError, match="zone"):
        local_day(datetime(2026, 11, 22))  # noqa: DTZ001
    midnight = local_midnight_after(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    assert midnight.isoformat() == "2026-11-23T00:00:00-06:00"


def test_times_keep_their_offset_and_need_one() -> None:
    assert read_time("2026-11-22T15:02-06:00") == datetime(2026, 11, 22, 15, 2, tzinfo=LOCAL)
    assert read_time("2026-11-22T21:02:33.5Z").isoformat() == "2026-11-22T21:02:33.500000+00:00"
    assert read_time("2026-11-22T15:02:00-0600") == datetime(2026, 11, 22, 15, 2, tzinfo=LOCAL)
    for text in ("2026-11-22T15:02", "2026-11-22 15:02:10", "2026-11-22"):
        with pytest.raises(Refused, match=r"time_without_zone at arrival\.at"):
            read_time(text, path="arrival.at")
    for text in (
        "",
        "now",
        "2026-13-01T00:00Z",
        "2026-11-22T24:00Z",
        "2026-11-22T15:02+99:00",
        "1754-01-01T00:00Z",
        "2026-W01-1T00:00Z",
        "20261122T150200Z",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:00-14:00",
    ):
        with pytest.raises(Refused, match="invalid_time"):
            read_time(text)


@given(st.text(max_size=30))
def test_any_text_as_a_time_is_read_or_refused(text: str) -> None:
    try:
        assert read_time(text).tzinfo is not None
    except Refused as no:
        assert no.code in ("invalid_time", "time_without_zone")


@given(st.text(max_size=12))
def test_any_text_as_a_birth_date_is_read_or_refused(text: str) -> None:
    try:
        assert born(text).earliest() <= born(text).latest()
    except Refused as no:
        assert no.code == "invalid_date"
