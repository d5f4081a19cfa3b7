"""`keys.csv` says the truth about every command and every input, and everything has a name to be read out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QLineEdit, QWidget

from returnee_desk.ui.actions import COMMANDS, key_rows
from returnee_desk.ui.inputs import KeyChoice
from returnee_desk.ui.parts import Screen
from returnee_desk.ui.unlock import UnlockScreen
from returnee_desk.ui.window import Window
from returnee_desk.ui.work import AtOnce
from returnee_desk.words import translator
from tests.ui.keyboard import Keyboard

LISTED = {row.object_name for row in key_rows()}


def general(name: str) -> str:
    """`family.member[2].sex` as `family.member[n].given_names` lists it."""
    name = re.sub(r"\[\d+\]", "[n]", name)
    return "family.member[n].given_names" if name.startswith("family.member[n]") else name


@pytest.fixture
def every_screen(opening: Callable[..., Window], qapp: object, tmp_path: Path) -> list[QWidget]:
    """The window with all its screens made, and the first start."""
    window = opening()
    shell = window.shell
    assert shell is not None
    for name in ("today", "family", "view", "exchange"):
        shell._place(name)
    hands = Keyboard(window)
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F4")
    hands.answer("1sn")
    hands.go("family.services")
    hands.write("kit de hig")
    hands.press("Ctrl+S")
    hands.press("Ctrl+N")
    hands.write("Luz")
    hands.press("Tab", 3)
    hands.write("3")
    hands.press("Return")
    hands.write("Eva")
    hands.press("Ctrl+1")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    shell.show_guide()
    today: Any = shell._place("today")
    today._arrivals.addWidget(today._no_arrivals())
    first = UnlockScreen(AtOnce(), tmp_path / "nowhere")
    return [window, first]


def test_the_list_of_keys_is_the_registry() -> None:
    listed = {row.command: row for row in key_rows() if row.command}
    assert list(listed) == list(COMMANDS)
    for name, command in COMMANDS.items():
        assert (listed[name].key, listed[name].es) == (command.key, command.words)
        assert listed[name].screen == name.split(".")[0]
        assert listed[name].en == translator("en").gettext(command.words)
    assert all(row.es and row.en and row.screen for row in key_rows())


def test_no_key_means_two_things_on_one_screen() -> None:
    window = [command.key for command in COMMANDS.values() if command.name.startswith("window.") and command.key]
    for screen in ("unlock", "today", "family", "view", "exchange"):
        own = [command.key for command in COMMANDS.values() if command.name.startswith(f"{screen}.") and command.key]
        twice = [key for key, times in Counter(own + (window if screen != "unlock" else [])).items() if times > 1]
        assert twice == []


def test_every_command_is_wired_with_its_key(every_screen: list[QWidget]) -> None:
    actions = {a.objectName(): a for widget in every_screen for a in widget.findChildren(QAction)}
    actions |= {a.objectName(): a for widget in every_screen for a in widget.actions()}
    for name, command in COMMANDS.items():
        if name == "unlock.enter":
            continue  # Enter in either field, without a shortcut of its own
        assert f"{name}.action" in actions, name
        if command.key:
            assert actions[f"{name}.action"].shortcuts(), name


def test_every_input_and_button_is_listed_and_has_a_name_to_be_read_out(every_screen: list[QWidget]) -> None:
    for widget in every_screen:
        for kind in (QLineEdit, QAbstractButton, QAbstractItemView, KeyChoice):
            for one in widget.findChildren(kind):
                if one.focusPolicy() == Qt.FocusPolicy.NoFocus and not isinstance(one, QAbstractButton):
                    continue
                name = one.objectName()
                if name.startswith(("qt_", "ScrollLeft", "ScrollRight")) or name == "completion":
                    continue
                assert general(name) in LISTED, f"{type(one).__name__} «{name}» is not in keys.csv"
                assert one.accessibleName(), name


def test_every_input_listed_is_there(every_screen: list[QWidget]) -> None:
    there = {general(one.objectName()) for widget in every_screen for one in widget.findChildren(QWidget)}
    for row in key_rows():
        if not row.command:
            assert row.object_name in there, row.object_name


def test_no_label_reads_its_text_as_markup(every_screen: list[QWidget]) -> None:
    for widget in every_screen:
        for label in widget.findChildren(QLabel):
            assert label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_screens_are_only_left_and_not_kept(every_screen: list[QWidget]) -> None:
    screens = every_screen[0].findChildren(Screen)
    assert {screen.name for screen in screens} == {"today", "family", "view", "exchange"}


def test_nothing_opens_a_window_of_its_own(every_screen: list[QWidget], qapp: object) -> None:
    from PySide6.QtWidgets import QApplication

    shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    assert shown == [every_screen[0]]
