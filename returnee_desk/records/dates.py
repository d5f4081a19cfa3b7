"""Local days, times with a zone, and birth dates of which we may know only a part.

Guatemala keeps UTC−6 all year, so the local day is a fixed shift and needs no zone data. Birth dates are
a small part of EDTF (Library of Congress, Extended Date/Time Format, 2019): `1994`, `1994-05`,
`1994-05-02` and `1980~` ("about 1980"), which here means 1979 to 1981. Whoever was told an age instead of
a date gets the age, its unit and the day it was told for: nothing is made up.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from returnee_desk.errors import Refused
from returnee_desk.words import language, translator

LOCAL = timezone(timedelta(hours=-6))
"""Time in Guatemala: UTC−6, no summer time (none since 2006)."""

ADULT_AT = 18
OLDEST = 120
ABOUT_YEARS = 1
"""How far either way `1980~` reaches."""

_EDTF = re.compile(r"([0-9]{4})(?:(~)|-([0-9]{2})(?:-([0-9]{2}))?)?")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_YEARS_KEPT = range(1900, 2200)


def local_day(at: datetime) -> date:
    """The day in Guatemala at that moment, whatever zone the PC or the text has. `at` must carry a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone has no local day")
    return at.astimezone(LOCAL).date()


def local_midnight_after(at: datetime) -> datetime:
    """The moment the next local day begins."""
    following = local_day(at) + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=LOCAL)


def read_time(text: str, *, path: str | None = None) -> datetime:
    """An ISO 8601 time with its offset (`2026-11-22T15:02-06:00`, `…Z`). Keeps the offset it came with.

    Refuses `time_without_zone` without an offset (also a day alone) and `invalid_time` for anything else.
    """
    form = _TIME.fullmatch(text)
    if form is None:
        raise Refused("invalid_time", path=path, reason="form")
    if form["zone"] is None:
        raise Refused("time_without_zone", path=path)
    try:
        at = datetime.fromisoformat(text)
        local_day(at)
    except (ValueError, OverflowError):
        raise Refused("invalid_time", path=path, reason="no_such_time") from None
    if at.year not in _YEARS_KEPT:
        raise Refused("invalid_time", path=path, reason="range")
    return at


def day_text(day: date) -> str:
    """A day as it is written in Guatemala: 2/05/1994."""
    return f"{day.day}/{day.month:02d}/{day.year:04d}"


def years_between(born: date, day: date) -> int:
    """Whole years of age on a day. Born on 29 February: a year older on 1 March where there is no 29th."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class Born:
    """When somebody was born, as far as known: either `edtf`, or an `age` in `unit` (`years`, `months`)
    told for the day `on`. Made by `read` or `from_json`, which check it."""

    edtf: str | None = None
    age: int | None = None
    unit: str | None = None
    on: date | None = None

    @classmethod
    def read(
        cls,
        *,
        birth_date: str | None = None,
        age: int | None = None,
        age_months: int | None = None,
        on: date,
        path: str | None = None,
    ) -> Born | None:
        """What was told on the local day `on`; None when nothing was. `path` names the member.

        Refuses `invalid_date` (form, no such day, after `on`, over 120 years) and `invalid_age`; and
        `two_ages` where more than one of the three is given, because they may disagree.
        """
        told = [
            (name, value)
            for name, value in (("birth_date", birth_date), ("age", age), ("age_months", age_months))
            if value is not None
        ]
        if not told:
            return None
        name, value = told[-1]
        where = name if path is None else f"{path}.{name}"
        if len(told) > 1:
            raise Refused("two_ages", path=where)
        if isinstance(value, str):
            return cls._of_date(value, on, where)
        unit, most = ("years", OLDEST) if name == "age" else ("months", OLDEST * 12)
        if not 0 <= value <= most:
            raise Refused("invalid_age", path=where, reason="range", most=most)
        return cls(age=value, unit=unit, on=on)

    @classmethod
    def _of_date(cls, text: str, on: date, path: str | None) -> Born:
        earliest, latest = _span(text, path)
        if earliest > on:
            raise Refused("invalid_date", path=path, reason="future")
        if years_between(latest, on) > OLDEST:
            raise Refused("invalid_date", path=path, reason="too_old", most=OLDEST)
        return cls(edtf=text)

    @classmethod
    def from_json(cls, data: Any) -> Born:
        """What `as_json` wrote. Refuses `invalid_date` for anything else."""
        match data:
            case {"edtf": str(text), **rest} if not rest:
                _span(text, None)
                return cls(edtf=text)
            case {"age": int(age), "unit": "years" | "months" as unit, "on": str(on), **rest} if (
                not rest
                and type(age) is int
                and 0 <= age <= OLDEST * 12
                and re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2}", on)
            ):
                try:
                    return cls(age=age, unit=unit, on=date.fromisoformat(on))
                except ValueError:
                    raise Refused("invalid_date", reason="no_such_day") from None
        raise Refused("invalid_date", reason="form")

    def as_json(self) -> dict[str, Any]:
        """`{"edtf": "1994-05"}` or `{"age": 4, "unit": "years", "on": "2026-11-22"}`."""
        if self.edtf is not None:
            return {"edtf": self.edtf}
        assert self.on is not None
        return {"age": self.age, "unit": self.unit, "on": self.on.isoformat()}

    @property
    def exact(self) -> date | None:
        """The day of birth where it is known whole."""
        earliest, latest = self.span()
        return earliest if self.edtf is not None and earliest == latest else None

    def span(self) -> tuple[date, date]:
        """First and last day this person may have been born on."""
        return _span_of_born(self)

    def earliest(self) -> date:
        return self.span()[0]

    def latest(self) -> date:
        return self.span()[1]

    def ages_on(self, day: date) -> tuple[int, int]:
        """Lowest and highest age in whole years on that day; equal where there is no doubt. Never below 0."""
        return _ages(self, day)

    def is_minor_on(self, day: date) -> bool:
        """Under 18 that day. Where the date leaves it open: yes, because a child's protection comes first."""
        return self.ages_on(day)[0] < ADULT_AT

    def minor_uncertain_on(self, day: date) -> bool:
        """Whether what we know leaves open if this is a minor or an adult that day."""
        low, high = self.ages_on(day)
        return low < ADULT_AT <= high

    def text(self, words: NullTranslations | None = None) -> str:
        """For screens and paper: 2/05/1994, mayo 1994, 1994, hacia 1980, 4 años, 3 meses.

        `words` are those of a paper in another language than the one in force.
        """
        words = words or translator(language())
        _ = words.gettext
        if self.edtf is None:
            return _age_words(self.age or 0, self.unit, words)
        if self.edtf.endswith("~"):
            return _("hacia {year}").format(year=self.edtf[:4])
        match self.edtf.split("-"):
            case [year, month]:
                return _("{month} {year}").format(month=_month_name(int(month), words), year=year)
            case [_year, _month, _day]:
                return day_text(self.earliest())
        return self.edtf

    def age_text(self, day: date, words: NullTranslations | None = None) -> str:
        """Age on a day for screens and paper: 32 años, 3 meses (under two years, where known), 16 a 18 años."""
        words = words or translator(language())
        _ = words.gettext
        low, high = self.ages_on(day)
        if low != high:
            return _("{low} a {high} años").format(low=low, high=high)
        if self.unit == "months" and self.on == day and self.age is not None and self.age < 24:
            return _age_words(self.age, "months", words)
        if low < 2 and (born := self.exact):
            return _age_words(_whole_months(born, day), "months", words)
        return _age_words(low, "years", words)


def _age_words(age: int, unit: str | None, words: NullTranslations) -> str:
    ngettext = words.ngettext
    if unit == "months":
        return ngettext("{n} mes", "{n} meses", age).format(n=age)
    return ngettext("{n} año", "{n} años", age).format(n=age)


def _month_name(month: int, words: NullTranslations) -> str:
    _ = words.gettext
    return (
        _("enero"),
        _("febrero"),
        _("marzo"),
        _("abril"),
        _("mayo"),
        _("junio"),
        _("julio"),
        _("agosto"),
        _("septiembre"),
        _("octubre"),
        _("noviembre"),
        _("diciembre"),
    )[month - 1]


def _whole_months(born: date, day: date) -> int:
    return max(0, (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day))


def _months_before(day: date, months: int) -> date:
    """The last day on which somebody who is that many months old on `day` may have been born."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


@lru_cache(maxsize=4096)
def _span_of(text: str) -> tuple[date, date] | str:
    form = _EDTF.fullmatch(text)
    if form is None:
        return "form"
    year, about, month, day = int(form[1]), form[2], form[3], form[4]
    if year not in range(1850, 2200):
        return "range"
    if about:
        return date(year - ABOUT_YEARS, 1, 1), date(year + ABOUT_YEARS, 12, 31)
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= int(month) <= 12:
        return "no_such_day"
    if day is None:
        return date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1])
    if not 1 <= int(day) <= monthrange(year, int(month))[1]:
        return "no_such_day"
    return (exact := date(year, int(month), int(day))), exact


def _span(text: str, path: str | None) -> tuple[date, date]:
    span = _span_of(text)
    if isinstance(span, str):
        raise Refused("invalid_date", path=path, reason=span)
    return span


@lru_cache(maxsize=4096)
def _ages(born: Born, day: date) -> tuple[int, int]:
    earliest, latest = born.span()
    return max(0, years_between(latest, day)), max(0, years_between(earliest, day))


@lru_cache(maxsize=4096)
def _span_of_born(born: Born) -> tuple[date, date]:
    if born.edtf is not None:
        return _span(born.edtf, None)
    assert born.age is not None and born.on is not None
    if born.unit == "months":
        return _months_before(born.on, born.age + 1) + timedelta(days=1), _months_before(born.on, born.age)
    return _months_before(born.on, 12 * (born.age + 1)) + timedelta(days=1), _months_before(born.on, 12 * born.age)
