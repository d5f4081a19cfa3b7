"""Opening a desk, and making one the first time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from returnee_desk.store.desk import Desk
from returnee_desk.ui.window import Window
from returnee_desk.ui.work import AtOnce
from tests.ui.desks import PASSPHRASE, USER
from tests.ui.keyboard import Keyboard


@pytest.fixture
def locked(qapp: QApplication, desk_folder: Path) -> Iterator[Window]:
    yield from _shown(desk_folder)


@pytest.fixture
def first(qapp: QApplication, tmp_path: Path) -> Iterator[Window]:
    yield from _shown(tmp_path / "new")


def _shown(folder: Path) -> Iterator[Window]:
    folder.mkdir(exist_ok=True)
    window = Window(AtOnce(), folder)
    window.resize(1366, 768)
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    yield window
    window.close()
    window.deleteLater()


def test_the_passphrase_opens_the_desk(locked: Window) -> None:
    hands = Keyboard(locked)
    assert hands.at == "unlock.passphrase"
    hands.write(PASSPHRASE)
    hands.press("Return")
    assert locked.shell is not None
    assert locked.shell.opened.user == USER
    assert hands.at == "today.new_family"


def test_a_wrong_passphrase_is_told_and_then_waited_for(locked: Window) -> None:
    hands = Keyboard(locked)
    assert locked.unlock is not None
    enter = locked.unlock.enter
    for _ in range(6):
        hands.go("unlock.passphrase")
        hands.press("Ctrl+A")
        hands.write("otra cosa")
        hands.press("Return")
        if not enter._button.isEnabled():
            break
    assert locked.shell is None
    assert "contraseña no son correctos" in enter._complaint.words
    assert "a salvo" in enter._complaint.words or "sigue en el archivo" in enter._complaint.words
    assert not enter._button.isEnabled()
    hands.press("Ctrl+A")
    hands.write(PASSPHRASE)
    hands.press("Return")
    assert locked.shell is None, "the right passphrase must wait as well"


def test_f2_shows_what_is_typed(locked: Window) -> None:
    hands = Keyboard(locked)
    hands.write("ñandú")
    assert hands.find("unlock.passphrase").property("displayText") != "ñandú"
    hands.press("F2")
    assert hands.find("unlock.passphrase").property("displayText") == "ñandú"


def test_a_desk_open_elsewhere_is_told_as_such(locked: Window, desk_folder: Path, monkeypatch: Any) -> None:
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE):
        opened = Desk.open
        monkeypatch.setattr(Desk, "open", lambda folder, **asked: opened(folder, **asked, wait=0.0))
        hands = Keyboard(locked)
        hands.write(PASSPHRASE)
        hands.press("Return")
    assert locked.unlock is not None
    assert "abierto en otra ventana" in locked.unlock.enter._complaint.words


def test_a_first_start_by_keyboard_makes_a_desk_and_shows_the_code_once(first: Window, tmp_path: Path) -> None:
    hands = Keyboard(first)
    assert hands.at == "first.kind"
    hands.press("Tab")
    hands.write("tecun")
    hands.press("Tab", 3)
    hands.write("Rosa")
    hands.press("Tab")
    hands.write("maíz azul")
    hands.press("Tab")
    hands.write("maíz azul")
    hands.press("Ctrl+Return")
    code = str(hands.find("first.recovery_code").property("text"))
    assert len(code.replace("-", "")) >= 26
    assert hands.at == "first.written"
    hands.press("Ctrl+Return")
    assert first.shell is None, "the code must be written down first"
    hands.press("Space")
    hands.press("Ctrl+Return")
    assert first.shell is not None
    assert (first.shell.opened.place, first.shell.opened.letter) == ("TUM1", "A")
    first.close()
    with Desk.open(tmp_path / "new", user="Rosa", passphrase="maíz azul") as desk:
        assert desk.me.role == "administrator"
        assert code not in str(desk.settings)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (("", "Rosa", "maíz azul", "maíz azul"), "place"),
        (("tecun", "", "maíz azul", "maíz azul"), "user"),
        (("tecun", "Rosa", "corta", "corta"), "passphrase"),
        (("tecun", "Rosa", "maíz azul", "maíz rojo"), "again"),
    ],
)
def test_what_is_missing_at_first_start_is_told_where_it_is(first: Window, typed: tuple[str, ...], field: str) -> None:
    hands = Keyboard(first)
    assert first.unlock is not None
    begin = first.unlock.begin
    assert begin is not None
    for name, text in zip(("place", "user", "passphrase", "passphrase_again"), typed, strict=True):
        hands.go(f"first.{name}")
        hands.write(text)
    hands.press("Ctrl+Return")
    assert begin.fields[field].complaint
    assert begin._made is None
