"""The window around the screens: lock, look, clipboard, lamps, help, our own faults."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from returnee_desk import app as app_module
from returnee_desk.store.desk import Desk
from returnee_desk.ui import theme, today
from returnee_desk.ui.lamps import Battery, ClockWatch, battery
from returnee_desk.ui.window import IDLE_MINUTES, Window
from tests.ui.desks import PASSPHRASE, USER, make_desk, open_window
from tests.ui.keyboard import Keyboard


def settle() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def test_locking_clears_the_screens_and_closes_the_file(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Ctrl+L")
    settle()
    assert window.shell is None
    assert window.work._desk is None
    shown = [one.text() for one in (*window.findChildren(QLabel), *window.findChildren(QLineEdit))]
    assert not any("Ana" in text for text in shown)
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE, wait=0.0) as desk:
        assert [draft.data["family"]["members"][0]["given_names"] for draft in desk.drafts()] == ["Ana"]


def test_idle_minutes_lock(window: Window) -> None:
    assert window._idle.isActive()
    assert window._idle.interval() == IDLE_MINUTES * 60_000
    window._idle.timeout.emit()
    settle()
    assert window.shell is None
    assert window.unlock is not None


def test_a_key_puts_the_lock_off(window: Window, qtbot: QtBot) -> None:
    window._idle.setInterval(1_000_000)
    qtbot.waitUntil(lambda: window._idle.remainingTime() < 999_000)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    assert window._idle.remainingTime() > 999_000


def test_what_was_copied_does_not_stay_in_the_clipboard(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Ctrl+A")
    hands.press("Ctrl+C")
    assert QApplication.clipboard().text() == "Ana"
    assert window._wipe.isActive()
    window._wipe.timeout.emit()
    assert QApplication.clipboard().text() == ""


def test_another_look_keeps_what_is_being_typed(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab")
    hands.write("Cho")
    hands.press("Ctrl++")
    settle()
    assert theme.look().scale > 100
    assert hands.at == "family.member.surnames"
    assert hands.text("family.member.given_names") == "Ana"
    assert hands.text("family.member.surnames") == "Cho"
    hands.write("c")
    assert hands.text("family.member.surnames") == "Choc"
    hands.press("Ctrl+Shift+D")
    settle()
    assert theme.look().dark
    assert theme.read_look(desk_folder / "look.txt") == theme.look()


def test_the_language_changes_on_the_spot(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+Shift+E")
    settle()
    assert theme.look().language == "en"
    hands.press("Ctrl+Shift+E")
    settle()
    assert hands.find("window.new_family").accessibleName() == "Nueva familia"


def test_help_tells_the_keys_of_the_screen_in_front(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+3")
    hands.press("F1")
    assert hands.at == "guide.text"
    assert window.shell is not None
    guide = window.shell._guide
    assert guide is not None
    words = {label.text() for label in guide.findChildren(QLabel)}
    assert "Hacer la memoria" in words
    assert "Quitar esta línea" not in words
    hands.press("Esc")
    settle()
    assert window.shell._guide is None


def test_the_rail_shrinks_to_icons_and_keeps_its_names(opening: Callable[..., Window]) -> None:
    shell = opening(size=(1100, 700)).shell
    assert shell is not None
    assert all(button.text() == "" and button.accessibleName() for button in shell.rail._buttons.values())


@pytest.mark.parametrize("size", [(1366, 768), (1024, 600), (800, 600)])
@pytest.mark.parametrize("scale", [100, 200])
def test_nothing_is_wider_than_the_window(
    opening: Callable[..., Window], desk_folder: Path, size: tuple[int, int], scale: int
) -> None:
    theme.keep_look(desk_folder / "look.txt", theme.Look(scale=scale))
    window = opening(size=size)
    shell = window.shell
    assert shell is not None
    for name in ("today", "family", "view", "exchange"):
        shell.go(name)
        QApplication.processEvents()
        assert window.width() <= size[0] + 1, name


def test_practice_is_told_on_every_screen(qapp: QApplication, tmp_path: Path) -> None:
    window = open_window(make_desk(tmp_path / "practice", practice=True))
    words = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert any("PRÁCTICA" in text for text in words)
    window.close()


def test_our_own_fault_is_told_and_nothing_personal_is_written(
    window: Window, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    handler = app_module.Handler(window)
    try:
        name = "Reyna Isabel"
        raise ValueError(name)
    except ValueError as error:
        handler(type(error), error, error.__traceback__)
    assert window.shell is not None
    assert "a salvo" in window.shell.quiet.words
    written = capsys.readouterr().err + caplog.text
    assert "ValueError at test_window.py" in written
    assert "Reyna" not in written


def test_a_clock_that_jumps_or_cannot_be_is_noticed() -> None:
    wall, steady = [1_795_000_000.0], [100.0]
    watch = ClockWatch(lambda: wall[0], lambda: steady[0])
    assert not watch.looks_wrong()
    wall[0] += 3_600
    assert watch.looks_wrong()
    steady[0] += 3_600
    assert not watch.looks_wrong()
    for year in (0.0, 4_071_000_000.0):
        assert ClockWatch(lambda year=year: year, lambda: 0.0).looks_wrong()


def test_the_battery_is_read_where_there_is_one(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("read through the system there")
    assert battery(tmp_path) is None
    supply = tmp_path / "BAT0"
    supply.mkdir()
    for name, text in (("type", "Battery"), ("capacity", "37"), ("status", "Discharging")):
        (supply / name).write_text(text + "\n")
    assert battery(tmp_path) == Battery(37, plugged=False)


def test_a_closed_window_asks_nothing_more_of_the_desk(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    work: Any = window.work
    window.close()
    settle()
    assert work._desk is None
    assert work.idle


@pytest.mark.parametrize(("size", "scale"), [((1366, 768), 100), ((640, 480), 100), ((1366, 768), 200)])
def test_what_is_told_never_covers_a_lamp(
    opening: Callable[..., Window], qapp: QApplication, size: tuple[int, int], scale: int
) -> None:
    window = opening(size=size)
    window.take_look(theme.Look(scale=scale))
    assert window.shell is not None
    window.shell.quiet.tell("Entregado: Kit de higiene ×11.", "good", lambda: None)
    QApplication.processEvents()
    window.shell.status.show_exchange({"unsent": 1_234})
    QApplication.processEvents()
    bar = window.shell.quiet.geometry()
    assert bar.width() > window.shell.width() / 3
    assert bar.height() <= window.shell.status.height() or size == (640, 480)  # there it grows upwards
    assert window.shell.rect().contains(bar)
    for lamp in window.shell.status.lamps.values():
        if lamp.isVisible():
            assert not bar.intersects(QRect(lamp.mapTo(window.shell, QPoint(0, 0)), lamp.size()))
            assert lamp.accessibleName()
    window.shell.quiet.hide()
    QApplication.processEvents()
    assert all(lamp._words.isVisible() for lamp in window.shell.status.lamps.values() if lamp.isVisible())


def test_a_screen_behind_another_is_read_again_only_when_it_comes_to_the_front(
    window: Window, hands: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    monkeypatch.setattr(
        today, "read_today", lambda desk, day, real=today.read_today: read.append(day) or real(desk, day)
    )
    hands.press("Ctrl+N")
    hands.write("Ana")
    assert window.shell is not None
    window.shell.keep_everything()
    assert read == []
    hands.press("Ctrl+1")
    assert len(read) == 1
    assert hands.find("today.draft[1]")


def test_the_screens_of_the_look_before_are_gone_at_once(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    before = window.shell
    hands.press("Ctrl+Shift+D")
    assert before is not None
    assert not shiboken6.isValid(before)
    assert hands.at == "family.member.given_names"
