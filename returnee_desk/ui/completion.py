"""The list that opens under a field while one types."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListView, QVBoxLayout

from returnee_desk.ui import theme
from returnee_desk.words import _


class CompletionList(QFrame):
    """The list of a `Pick`: drawn over the window, beside its field, without ever taking the focus."""

    clicked = Signal(int)
    ROWS = 8

    def __init__(self, editor: QLineEdit) -> None:
        super().__init__(editor.window())
        self._editor = editor
        self.setProperty("card", "popup")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view = QListView()
        self._view.setObjectName("completion")
        self._view.setAccessibleName(_("Lista de opciones"))
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = QStringListModel(self)
        self._view.setModel(self._model)
        self._view.clicked.connect(lambda index: self.clicked.emit(index.row()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._view)
        self.hide()

    @property
    def marked(self) -> int:
        return max(0, self._view.currentIndex().row())

    def offer(self, words: list[str]) -> None:
        words = words[: self.ROWS]
        self._model.setStringList(words)
        self._view.setCurrentIndex(self._model.index(0))
        metrics = self._view.fontMetrics()
        wide = max(metrics.horizontalAdvance(line) for line in words) + 48
        height = len(words) * max(theme.look().px(32), self._view.sizeHintForRow(0)) + 12
        window = self._editor.window()
        corner = self._editor.mapTo(window, QPoint(0, self._editor.height() + 4))
        wide = min(max(wide, self._editor.width()), window.width() - 16)
        left = max(8, min(corner.x(), window.width() - wide - 8))
        top = corner.y() if corner.y() + height < window.height() else corner.y() - self._editor.height() - height - 8
        self.setGeometry(left, max(0, top), wide, height)
        self.raise_()
        self.show()

    def move_mark(self, step: int) -> None:
        count = self._model.rowCount()
        self._view.setCurrentIndex(self._model.index((self.marked + step) % count))
