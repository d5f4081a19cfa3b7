"""Real desks for the screens: an encrypted file with its keys, opened through the unlock screen's own path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from returnee_desk import acts
from returnee_desk.sync.founding import found_desk
from returnee_desk.ui import theme
from returnee_desk.ui.window import Window
from returnee_desk.ui.work import AtOnce, Work

USER, PASSPHRASE = "Rosa", "maíz azul del patio"


def make_desk(folder: Path, *, arrival: bool = True, practice: bool = False) -> Path:
    """A post with one administrator and, unless told otherwise, one open bus of 45 with 31 without family."""
    founded = found_desk(
        folder, kind="post", place="TUM1", letter="A", user=USER, passphrase=PASSPHRASE, practice=practice
    )
    if arrival:
        founded.desk.do(acts.open_arrival, bus())
    founded.desk.close()
    return folder


def bus(label: str = "Bus 3") -> dict[str, Any]:
    return {
        "mode": "land",
        "label": label,
        "from": "MEX",
        "at": "2026-11-22T14:20-06:00",
        "headcount": 45,
        "others": 31,
    }


def open_window(folder: Path, *, work: Work | None = None, size: tuple[int, int] = (1366, 768)) -> Window:
    """The window over a desk, unlocked by typing the passphrase."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, theme.read_look(folder / "look.txt"))
    window = Window(work if work is not None else AtOnce(), folder)
    window.resize(*size)
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.enter_with(PASSPHRASE)
    QApplication.processEvents()
    return window
