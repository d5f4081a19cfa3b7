"""Hands at the real window: key events to whatever has the focus, and a count of what they cost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from returnee_desk.ui.window import Window

_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Keyboard:
    """Types at a window as a person does. `data` counts the letters and digits of what is told at the desk,
    `beyond` every other key pressed, a Ctrl or Shift held down counted as a key of its own (`held`)."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.data = 0
        self.beyond = 0
        self.held = 0

    def press(self, keys: str, times: int = 1) -> None:
        """`Tab`, `Ctrl+P`, `Return`, … as Qt names them."""
        for _ in range(times):
            chord = QKeySequence(keys)[0]
            modifiers = chord.keyboardModifiers()
            held = sum(1 for one in _MODIFIERS if modifiers & one)
            self.held += held
            self.beyond += 1 + held
            QTest.keyClick(self.target(), chord.key(), modifiers)
            QApplication.processEvents()

    def write(self, text: str) -> None:
        """Data, letter by letter. What the keyboard has no ASCII key for comes as its input method commits it."""
        for letter in text:
            if letter.isalnum():
                self.data += 1
            else:
                self.beyond += 1
            self._letter(letter)
        QApplication.processEvents()

    def answer(self, keys: str) -> None:
        """Keys that answer a question: none of them is a letter of the data."""
        self.beyond += len(keys)
        for letter in keys:
            self._letter(letter)
            QApplication.processEvents()

    def _letter(self, letter: str) -> None:
        if ord(letter) < 128:
            QTest.keyClicks(self.target(), letter)
        else:
            event = QInputMethodEvent()
            event.setCommitString(letter)
            QApplication.sendEvent(self.target(), event)

    def target(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    @property
    def at(self) -> str:
        """The objectName of what has the focus."""
        return self.target().objectName()

    def find(self, name: str) -> QWidget:
        """The one widget with that objectName that is not hidden."""
        found = [one for one in self.window.findChildren(QWidget, name) if one.isVisibleTo(self.window)]
        assert len(found) == 1, f"{len(found)} widgets are called {name}"
        return found[0]

    def text(self, name: str) -> str:
        editor = self.find(name)
        assert isinstance(editor, QLineEdit)
        return editor.text()

    def go(self, name: str) -> None:
        self.find(name).setFocus(Qt.FocusReason.OtherFocusReason)
        QApplication.processEvents()
