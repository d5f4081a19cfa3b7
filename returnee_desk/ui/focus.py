"""The ring around whatever has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from returnee_desk.ui import theme
from returnee_desk.ui.parts import Scroll, alive


class FocusRing(QWidget):
    """Two pixels of primary, two pixels away from whatever has the focus, over everything.

    It never asks Qt for a widget it does not know: that makes PySide build every class of widget there is.
    """

    GAP, WIDTH = 2, 2

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("focus_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._around: QWidget | None = None
        self._areas: list[Scroll] = []
        QApplication.instance().focusChanged.connect(self._moved)  # type: ignore[union-attr]
        self.hide()

    def watch(self, area: Scroll) -> None:
        """Follow what moves inside this area, and stay within it."""
        self._areas = [one for one in self._areas if alive(one)]
        if area not in self._areas:
            self._areas.append(area)
            area.shifted.connect(self._soon)

    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._around is not None and alive(self._around):
            self._around.removeEventFilter(self)
        ours = new is not None and new is not self.window() and new.window() is self.window()
        self._around = new if ours else None
        if self._around is not None:
            self._around.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show):
            self._soon()
        return False

    def _soon(self) -> None:
        QTimer.singleShot(0, self, self._place)

    def _place(self) -> None:
        around = self._around
        if around is None or not alive(around) or not around.isVisible() or around.visibleRegion().isEmpty():
            self.hide()
            return
        out = self.GAP + self.WIDTH
        box = QRect(around.mapTo(self.window(), QPoint(0, 0)), around.size()).adjusted(-out, -out, out, out)
        for area in self._areas:
            if alive(area) and area.isAncestorOf(around):
                inside = QRect(area.mapTo(self.window(), QPoint(0, 0)), area.size())
                box = box.intersected(inside.adjusted(-out, -out, out, out))
        self.setGeometry(box)
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.look().colours.primary), self.WIDTH))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)
