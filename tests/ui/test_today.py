"""Today: an arrival is opened, its counts follow, what is unfinished and unsafe is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from returnee_desk import acts
from returnee_desk.errors import Refused
from returnee_desk.records.dates import LOCAL
from returnee_desk.store.desk import Desk
from returnee_desk.ui.today import home_of, read_clock
from returnee_desk.ui.window import Window
from tests.bench.typing import mother_and_child
from tests.ui.desks import PASSPHRASE, USER, bus, make_desk, open_window
from tests.ui.keyboard import Keyboard

NOW = datetime(2026, 11, 22, 15, 2, tzinfo=LOCAL)


def words(window: Window) -> str:
    assert window.shell is not None
    shown = [label for label in window.shell.current.findChildren(QLabel) if label.isVisibleTo(window)]
    return "\n".join(label.text() for label in shown)


def test_an_arrival_is_opened_by_keyboard(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+B")
    assert hands.at == "arrival.label"
    hands.write("Bus 4")
    hands.press("Tab", 3)
    hands.press("Ctrl+A")
    hands.write("6:30")
    hands.press("Tab")
    hands.write("38")
    hands.press("Tab")
    hands.write("30")
    hands.press("Return")
    assert "Bus 4" in words(window)
    window.close()
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        arrival = next(one for one in desk.arrivals() if one.label == "Bus 4")
    assert (arrival.mode, arrival.country, arrival.headcount, arrival.others) == ("land", "MEX", 38, 30)
    assert (arrival.at.hour, arrival.at.minute, arrival.at.utcoffset()) == (6, 30, NOW.utcoffset())


def test_a_missing_headcount_is_told_at_its_field(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+B")
    hands.press("Ctrl+S")
    assert hands.at == "arrival.headcount"
    assert "cuántas personas" in words(window)
    hands.press("Esc")
    assert hands.at == "today.new_arrival"


def test_more_without_family_than_aboard_is_refused_with_a_sentence(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+B")
    hands.go("arrival.headcount")
    hands.write("10")
    hands.press("Tab")
    hands.write("11")
    hands.press("Return")
    assert hands.at == "arrival.others"


def test_counts_follow_what_is_registered_and_given(window: Window, hands: Keyboard) -> None:
    assert "faltan 14" in words(window)
    mother_and_child(hands)
    hands.answer("1")
    hands.press("Ctrl+1")
    assert "faltan 12" in words(window)
    assert "1 familia con servicios" in words(window)
    assert hands.find("today.families_count").property("text") == "1"
    assert hands.find("today.persons_count").property("text") == "2"
    assert hands.find("today.services_count").property("text") == "2"


def test_marked_rows_stand_out(desk_folder: Path, opening: Any) -> None:
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        desk.do(acts.mark_row, desk.arrivals()[0].id, 6, mark="child_alone")
    assert "fila 6: niñez no acompañada" in words(opening())


def test_a_family_of_today_opens_by_enter(window: Window, hands: Keyboard) -> None:
    mother_and_child(hands)
    hands.press("Ctrl+1")
    hands.go("today.families")
    hands.press("Return")
    assert window.shell is not None
    assert window.shell.current.name == "view"


def test_what_is_not_safe_is_told_in_numbers(window: Window) -> None:
    assert "solo en esta computadora" in words(window)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14:20", datetime(2026, 11, 22, 14, 20, tzinfo=LOCAL)),
        ("1420", datetime(2026, 11, 22, 14, 20, tzinfo=LOCAL)),
        ("6.05", datetime(2026, 11, 22, 6, 5, tzinfo=LOCAL)),
        ("21/11 23:50", datetime(2026, 11, 21, 23, 50, tzinfo=LOCAL)),
        ("31/12/25 1:00", datetime(2025, 12, 31, 1, 0, tzinfo=LOCAL)),
    ],
)
def test_a_time_is_read_on_the_places_clock(typed: str, meant: datetime) -> None:
    assert read_clock(typed, NOW) == meant


@pytest.mark.parametrize("typed", ["25:00", "31/2 10:00", "mañana", ""])
def test_no_time_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_clock(typed, NOW)


def test_a_place_knows_how_people_come_to_it() -> None:
    assert home_of("TUM1") == ("land", "MEX")
    assert home_of("FAG") == ("air", "USA")
    assert home_of("COR") == ("land", "HND")
    assert home_of("XYZ1") == ("land", "MEX")


def test_of_many_open_arrivals_the_newest_are_shown_and_the_rest_counted(desk_folder: Path, opening: Any) -> None:
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        for n in range(10):
            desk.do(acts.open_arrival, {**bus(f"Bus 2{n}"), "at": f"2026-11-22T15:{n:02d}-06:00"})
    said = words(opening())
    assert "Bus 29" in said
    assert "Bus 24" in said
    assert "Bus 23" not in said
    assert "Y 5 llegadas abiertas más antiguas." in said


def test_without_an_arrival_the_one_thing_to_do_is_to_open_one(qapp: QApplication, tmp_path: Path) -> None:
    window = open_window(make_desk(tmp_path / "new", arrival=False))
    hands = Keyboard(window)
    assert hands.at == "today.first_arrival"
    primary = [one.objectName() for one in window.shell.current.findChildren(QPushButton)  # type: ignore[union-attr]
               if one.isVisibleTo(window) and one.property("primary")]  # fmt: skip
    assert primary == ["today.first_arrival"]
    hands.press("Return")
    hands.press("Tab", 4)
    hands.write("20")
    hands.press("Tab")
    hands.press("Return")
    assert hands.at == "today.new_family"
    assert hands.find("today.new_family").property("primary") is True
    window.close()
