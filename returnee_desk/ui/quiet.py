"""The quiet bar: what was just done, and the way back, beside the lamps and never over them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from returnee_desk.ui import theme
from returnee_desk.ui.lamp_bar import LampBar
from returnee_desk.ui.parts import Button, Label, row

ROOM = 560
"""Pixels at 100 per cent of room for words; where there is less, the lamps that are well give up theirs."""


class QuietBar(QFrame):
    """What was done, for ten seconds, with a way to undo it; twice as long what needs to be looked at.

    It stands to the right of the lamps, grows upwards where a sentence is long, and never takes the focus.
    """

    SECONDS = 10

    def __init__(self, parent: QWidget, lamps: LampBar) -> None:
        super().__init__(parent)
        self._lamps = lamps
        self.setObjectName("quiet_bar")
        self.setProperty("card", "popup")
        self._sign, self._words = Label(), Label("", wrap=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._undo: Callable[[], object] | None = None
        self._button = Button("window.undo", self.undo, quiet=True)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        line = row(self._sign, self._words, self._button, spacing=12)
        line.setContentsMargins(12, 1, 8, 1)
        self.setLayout(line)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.hide)
        parent.installEventFilter(self)
        lamps.changed.connect(self._keep_off)
        self.hide()

    def tell(self, words: str, tone: str = "good", undo: Callable[[], object] | None = None) -> None:
        self._undo = undo
        icon = {"good": "circle-check", "attention": "alert-triangle", "stop": "alert-octagon"}[tone]
        self._sign.setPixmap(theme.pixmap(icon, tone))
        self._words.setText(words)
        self.setAccessibleName(words)
        self._button.setVisible(undo is not None)
        self._place()
        self.show()
        self.raise_()
        self._clock.start(self.SECONDS * (1000 if tone == "good" else 2000))

    @property
    def words(self) -> str:
        return "" if self.isHidden() else self._words.text()

    def undo(self) -> None:
        if not self.isHidden() and self._undo is not None:
            undo, self._undo = self._undo, None
            self.hide()
            undo()

    def _keep_off(self) -> None:
        """A lamp has other words now: stand beside them again."""
        if not self.isHidden():
            self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        self._lamps.be_brief(False)
        room = min(theme.look().px(ROOM), self._wanted())
        if parent.width() - self._lamps.taken() - 8 < room:
            self._lamps.be_brief(True)
        left = self._lamps.taken()
        width = parent.width() - left - 8
        self.setFixedWidth(width)
        height = max(self.heightForWidth(width), self._lamps.height() - 4)
        self.setGeometry(left, parent.height() - height - 2, width, height)

    def _wanted(self) -> int:
        """The width in which the words stand on one line."""
        words = self._words.fontMetrics().horizontalAdvance(self._words.text())
        button = 0 if self._button.isHidden() else self._button.sizeHint().width() + 12
        return words + button + self._sign.sizeHint().width() + 48

    def hideEvent(self, event: QHideEvent) -> None:
        self._lamps.be_brief(False)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False
