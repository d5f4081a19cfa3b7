"""Figures over a real encrypted file: what is counted, where, on which day, and that the sums hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from returnee_desk import acts
from returnee_desk.errors import Refused
from returnee_desk.records.dates import LOCAL
from returnee_desk.reports.figures import checks, figures, read_period
from returnee_desk.store.desk import Desk
from returnee_desk.sync.founding import found_desk
from tests.make_year import Year, make_year

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=LOCAL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for the module: every test puts its families on a day of its own."""
    folder = tmp_path_factory.mktemp("figures") / "post"
    founded = found_desk(folder, kind="post", place="TUM1", letter="A", user="ana", passphrase="frase de prueba")
    founded.desk.clock = lambda: NOW
    yield founded.desk
    founded.desk.close()


Register = Callable[..., str]


@pytest.fixture
def day(request: pytest.FixtureRequest) -> str:
    """A day no other test uses."""
    number = sum(map(ord, request.node.name)) % 7_000
    return datetime.fromordinal(datetime(2005, 1, 1).toordinal() + number).date().isoformat()  # noqa: DTZ001


@pytest.fixture
def register(desk: Desk, day: str) -> Register:
    """Registers a family of (role, sex, age) members on the test's day; answers its code."""

    def registered(*members: tuple[str, str, int], at: str = "14:20", name: str = "Ana Coc", **more: Any) -> str:
        arrival = {"mode": "land", "label": f"Bus {at}", "from": "MEX", "at": f"{day}T{at}-06:00", "headcount": 36}
        told = {
            "arrival": arrival,
            "destination": {"municipality": "1217"},
            "members": [
                {"given_names": name.split()[0], "surnames": name.split()[1], "role": role, "sex": sex, "age": age}
                for role, sex, age in members
            ],
        }
        return str(desk.do(acts.register_family, told | more)["code"])

    return registered


MOTHER, CHILD = ("MADRE", "F", 30), ("HIJO", "M", 4)


def picked(found: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(found[name] for name in names)


def test_only_family_units_stand_in_the_first_part(desk: Desk, day: str, register: Register) -> None:
    register(MOTHER, CHILD, ("HIJA", "F", 19), ("ABUELA", "F", 60))
    register(("PADRE", "M", 40), ("MADRE", "F", 17), ("HIJA", "F", 1))
    register(("TIA", "F", 33), ("SOBRINO", "M", 9))
    register(("HERMANA", "F", 11), ("HERMANO", "M", 1))
    register(("TUTOR", "M", 50), ("OTRO_FAM", "F", 9))
    register(("CONYUGE", "F", 30), ("CONYUGE", "M", 30))
    found = figures(desk, day)
    assert picked(found, "families", "persons", "men", "women", "minors") == (2, 7, 1, 3, 3)
    assert picked(found, "boys", "girls", "fathers", "mothers", "sons", "daughters") == (1, 2, 1, 2, 1, 2)
    assert picked(found, "guardian_units", "child_without_parent", "children_without_parent", "adults_only") == (
        1,
        2,
        3,
        1,
    )
    assert found["arrivals"] == 1 and found["places"] == ["TUM1"] and found["missing_places"] == []
    assert all(check["holds"] for check in found["checks"])


def test_a_nephew_in_a_family_unit_is_counted_apart_and_not_in_it(desk: Desk, day: str, register: Register) -> None:
    register(MOTHER, CHILD, ("SOBRINO", "M", 9))
    found = figures(desk, day)
    assert picked(found, "families", "persons", "minors", "boys") == (1, 2, 1, 1)
    assert picked(found, "child_without_parent", "children_without_parent", "separated_children") == (1, 1, 1)


def test_void_families_and_people_who_left_are_not_counted(desk: Desk, day: str, register: Register) -> None:
    register(MOTHER, CHILD)
    twice, smaller = register(MOTHER, CHILD), register(MOTHER, CHILD, ("HIJA", "F", 2))
    desk.do(acts.void, twice, reason="anotada dos veces")
    desk.do(acts.remove_member, smaller, 3, reason="anotada por error")
    assert picked(figures(desk, day), "families", "persons", "minors") == (2, 4, 2)


def test_a_family_counts_on_the_local_day_of_its_arrival(desk: Desk, day: str, register: Register) -> None:
    register(MOTHER, CHILD, at="00:00")
    register(MOTHER, CHILD, at="23:59")
    assert figures(desk, day)["families"] == 2
    following = datetime.fromordinal(datetime.fromisoformat(day).toordinal() + 1).date().isoformat()
    assert figures(desk, following)["families"] == 0
    assert figures(desk, f"{day}..{following}")["families"] == 2
    assert figures(desk, day[:7])["by_month"][day[:7]]["families"] >= 2
    assert figures(desk, day[:4])["families"] >= 2


def test_a_shift_over_midnight_counts_by_the_hour(desk: Desk, day: str, register: Register) -> None:
    for at in ("18:59", "19:00", "23:30"):
        register(MOTHER, CHILD, at=at)
    following = datetime.fromordinal(datetime.fromisoformat(day).toordinal() + 1).date().isoformat()
    night = figures(desk, f"{day}T19:00..{following}T07:00")
    assert picked(night, "families", "arrivals", "persons") == (2, 2, 4)
    assert figures(desk, f"{day}T18:00..{day}T19:00")["families"] == 1
    assert figures(desk, f"{day}T18:00-06:00..{following}T01:00Z")["families"] == 1
    assert all(check["holds"] for check in night["checks"])


def test_services_and_needs_are_those_of_the_counted_families(desk: Desk, day: str, register: Register) -> None:
    code = register(MOTHER, CHILD, services=["KIT_HIG", "LLAM_NAC", {"code": "APOYO_ECO", "quantity": 200}])
    register(("TIA", "F", 33), ("SOBRINO", "M", 9), services=["KIT_HIG"])
    taken_back = desk.do(acts.deliver, code, "RECARGA")
    desk.do(acts.undo, taken_back["service_id"])
    desk.do(acts.correct_family, code, {"needs": ["LACT", "EMB"]}, person=1, reason="dicho después")
    found = figures(desk, day)
    assert found["by_service"] == {"APOYO_ECO": 200, "KIT_HIG": 2, "LLAM_NAC": 1}
    assert found["by_need"] == {"EMB": 1, "LACT": 1}


def test_groups_hold_every_mode_and_say_unknown(desk: Desk, day: str, register: Register) -> None:
    register(MOTHER, CHILD, destination={}, language="mam")
    register(MOTHER, ("HIJA", "X", 3), destination={"municipality": "0101"}, origin={"municipality": "1301"})
    found = figures(desk, day)
    assert (
        picked(found["by_mode"]["land"], "families", "persons") == (2, 4) and found["by_mode"]["air"]["families"] == 0
    )
    assert set(found["by_department"]) == {"13", "unknown"} and set(found["by_destination"]) == {"01", "unknown"}
    assert set(found["by_language"]) == {"mam", "unknown"} and set(found["by_country_from"]) == {"MEX"}
    assert found["by_age_band"] == {"0-5": 2, "6-11": 0, "12-17": 0, "18-59": 2, "60+": 0, "unknown": 0}
    assert picked(found, "boys", "girls", "minors_sex_unknown") == (1, 0, 1)


def test_a_birth_year_that_leaves_it_open_counts_as_a_minor_and_is_named(
    desk: Desk, day: str, register: Register
) -> None:
    year = str(int(day[:4]) - 18)
    code = register(MOTHER, CHILD)
    desk.do(acts.correct_family, code, {"birth_date": year}, person=2, reason="partida de nacimiento")
    found = figures(desk, day)
    assert picked(found, "minors", "age_uncertain") == (1, 1)
    assert found["by_age_band"]["12-17"] == 1 and found["by_age_band"]["18-59"] == 1


def test_who_returned_before_is_counted_through_any_chain_of_links(desk: Desk, day: str, register: Register) -> None:
    first, second, third = (register(MOTHER, CHILD, at=at) for at in ("06:00", "08:00", "10:00"))
    assert figures(desk, day)["returned_before"] == 0
    desk.do(acts.same, f"{first}#1", f"{second}#1")
    desk.do(acts.same, f"{third}#1", f"{second}#1")
    assert figures(desk, day)["returned_before"] == 2
    assert figures(desk, f"{day}T09:00..{day}T12:00")["returned_before"] == 1
    desk.do(acts.unlink, f"{third}#1", f"{second}#1")
    assert figures(desk, day)["returned_before"] == 1


def test_another_place_has_no_figures_here(desk: Desk, day: str, register: Register) -> None:
    register(MOTHER, CHILD)
    assert figures(desk, day, place="TUM1")["families"] == 1
    assert picked(figures(desk, day, place="FAG"), "families", "arrivals", "places") == (0, 0, [])


def test_a_mistyped_place_is_refused_rather_than_counted_as_nothing(desk: Desk, day: str) -> None:
    with pytest.raises(Refused, match="unknown_place") as caught:
        figures(desk, day, place="TUM")
    assert caught.value.path == "place"


def test_a_part_of_the_published_year_gives_exactly_its_sums(desk: Desk) -> None:
    what = Year.scaled(0.005)
    for place, family in make_year(scale=0.005, year=1990):
        desk.do(acts.register_family, {**family, "key": f"1990-{place}-{family['key']}"})
    found = figures(desk, "1990")
    assert picked(found, "families", "men", "women", "minors", "persons") == (
        what.families, what.men, what.women, what.minors, what.persons,
    )  # fmt: skip
    assert sum(found["by_service"].values()) == 2 * what.families
    assert all(check["holds"] for check in found["checks"])


def test_a_check_that_does_not_hold_says_so(desk: Desk, day: str, register: Register) -> None:
    register(MOTHER, CHILD)
    found = figures(desk, day)
    wrong = {
        **found,
        "men": found["men"] + 1,
        "by_mode": {**found["by_mode"], "air": {**found["by_mode"]["air"], "families": 5}},
    }
    failing = {name for name, holds in checks(wrong) if not holds}
    assert failing == {"men+women+sex_unknown+minors=persons", "sum(by_mode.families)=families"}


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-22", "2026-11-22T00:00-06:00", "2026-11-23T00:00-06:00"),
        ("2026-12", "2026-12-01T00:00-06:00", "2027-01-01T00:00-06:00"),
        ("2026", "2026-01-01T00:00-06:00", "2027-01-01T00:00-06:00"),
        ("2024-02", "2024-02-01T00:00-06:00", "2024-03-01T00:00-06:00"),
        ("2026-11-01..2026-11-15", "2026-11-01T00:00-06:00", "2026-11-16T00:00-06:00"),
        ("2026-11-22T19:00..2026-11-23T07:00", "2026-11-22T19:00-06:00", "2026-11-23T07:00-06:00"),
    ],
)
def test_periods_are_read(text: str, start: str, end: str) -> None:
    period = read_period(text)
    assert (period.start, period.end) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(
    "text",
    ["", "..", "22/11/2026", "2026-13", "2026-02-30", "26-11-22", "2026-11-22..2026-11-01", "2026-11-22T19:00",
     "2026-1", "2026-11-22..", "9999",
     "2026-11-22T19:00..2026-11-23", "２０２６", "2026-11-22T19:00..2026-11-22T19:00"],
)  # fmt: skip
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_period(text)
    assert refused.value.code == "invalid_period"


def test_who_has_not_sent_anything_yet_is_named_at_the_office(tmp_path: Path) -> None:
    from returnee_desk.sync.founding import accept_enrolment, install_enrolment, request_enrolment

    def found(kind: str, place: str, letter: str) -> Desk:
        folder = tmp_path / f"{place}{letter}"
        return found_desk(folder, kind=kind, place=place, letter=letter, user="ana", passphrase="frase").desk

    office = found("office", "OFFICE", "A")
    for place in ("TUM1", "FAG"):
        with found("post", place, "A") as post:
            request_enrolment(post, tmp_path / "request")
            accept_enrolment(office, tmp_path / "request", tmp_path / "answer", passphrase="frase")
            install_enrolment(post, tmp_path / "answer")
            device = post.settings.device
    with office:
        assert figures(office, "2022")["missing_places"] == ["FAG", "TUM1"]
        office.set_local(f"desk:{device}", {"at": office.clock().isoformat(), "offset": None})
        assert figures(office, "2022")["missing_places"] == ["TUM1"]
        assert figures(office, str(office.clock().year))["missing_places"] == ["TUM1"]
        assert figures(office, "2022", place="TUM1")["missing_places"] == ["TUM1"]
        assert figures(office, "2022", place="FAG")["missing_places"] == []
        office.clock = lambda later=office.clock: replace_day(later(), days=2)  # type: ignore[misc]
        assert figures(office, office.clock().date().isoformat())["missing_places"] == ["FAG", "TUM1"]


def replace_day(at: datetime, *, days: int) -> datetime:
    from datetime import timedelta

    return at + timedelta(days=days)
