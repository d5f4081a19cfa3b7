"""The search box in the header: names, codes, documents, telephones; a hit opens the family."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy

from returnee_desk.ui.actions import COMMANDS
from returnee_desk.ui.completion import CompletionList
from returnee_desk.ui.inputs import Edit
from returnee_desk.ui.work import Work
from returnee_desk.words import _

REST = 120
SHOWN = 8


class FindBox(Edit):
    """Hits appear under the box while one types; Enter opens the marked one."""

    family_chosen = Signal(str)

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work
        self.closed = False
        self.setObjectName("find.text")
        self.setAccessibleName(_("Buscar familia por nombre, código, documento o teléfono"))
        self.setPlaceholderText(f"{COMMANDS['window.find'].text}  {COMMANDS['window.find'].key_text}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._hits: list[Any] = []
        self._list: CompletionList | None = None
        self._question: object = None
        self._go_on = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._ask)
        self.textEdited.connect(self._typed)

    def begin(self) -> None:
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def _typed(self, text: str) -> None:
        self._hits = []
        if text.strip():
            self._rest.start()
        else:
            self.close_list()

    def _ask(self) -> None:
        self._rest.stop()
        question = self._question = object()
        text = self.text().strip()

        def show(hits: list[Any]) -> None:
            if question is self._question and self.hasFocus():
                self._show(hits)

        if text:
            self.work.run(self, lambda desk: desk.find(text, limit=SHOWN), done=show)

    def _show(self, hits: list[Any]) -> None:
        self._hits = hits
        if self._list is None:
            self._list = CompletionList(self)
            self._list.clicked.connect(self._take)
        self._list.offer([f"{hit.code}  ·  {hit.name or '–'}" for hit in hits] or [_("Nada con ese texto.")])
        if self._go_on:
            self._go_on = False
            self._take(self._list.marked)

    def _take(self, at: int) -> None:
        if at < len(self._hits):
            code = self._hits[at].code
            self.close_list()
            self.clear()
            self.family_chosen.emit(code)

    def close_list(self) -> None:
        self._question = None
        self._rest.stop()
        self._go_on = False
        if self._list is not None:
            self._list.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shown = self._list is not None and self._list.isVisible()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if shown and self._list is not None and self._hits:
                self._take(self._list.marked)
                return
            self._go_on = True
            self._ask()
            return
        if shown and self._list is not None:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._list.move_mark(1 if event.key() == Qt.Key.Key_Down else -1)
                return
            if event.key() == Qt.Key.Key_Escape:
                self.close_list()
                return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: object) -> None:
        self.close_list()
        super().focusOutEvent(event)
