"""What people type into and answer with: lines, lists found by any part of a name, answers by one key, fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLineEdit, QScrollArea, QSizePolicy, QWidget

from returnee_desk.ui import theme
from returnee_desk.ui.parts import Label, column, restyle, row

if TYPE_CHECKING:
    from returnee_desk.ui.completion import CompletionList

_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.OtherFocusReason,
)


class Edit(QLineEdit):
    """A line to type in. `left` announces that the focus went on; a default shown in muted type is taken
    when the focus moves on, and can be put right as any text."""

    left = Signal()

    def __init__(self, *, grid: bool = False) -> None:
        super().__init__()
        self._suggested = ""
        if grid:
            self.setProperty("grid", "true")
        self.setClearButtonEnabled(False)

    def suggest(self, text: str) -> None:
        """Show a default. It never replaces what was typed, only an earlier default that was taken."""
        taken = bool(self.text()) and self.property("taken") is True and self.text() == self._suggested
        self._suggested = text
        self.setPlaceholderText(text)
        if taken and self.text() != text:
            self.setText(text)
            self.setProperty("taken", bool(text))

    @property
    def suggested(self) -> str:
        return self._suggested

    @property
    def is_default(self) -> bool:
        """True while what counts is the default, shown or taken, and nothing typed."""
        return bool(self._suggested) and (not self.text() or (self.property("taken") is True))

    def value(self) -> str:
        """What is typed, else the default shown."""
        return self.text().strip() or self._suggested

    def take_default(self) -> None:
        if not self.text().strip() and self._suggested:
            self.setText(self._suggested)
            self.setProperty("taken", True)
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.text()
        super().keyPressEvent(event)
        if self.text() != before:
            self.setProperty("taken", False)

    def focusOutEvent(self, event: object) -> None:
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):  # type: ignore[attr-defined]
            self.take_default()
            self.left.emit()
            self.home(False)  # what is too long shows its beginning, not its end
        super().focusOutEvent(event)  # type: ignore[arg-type]

    def focusInEvent(self, event: object) -> None:
        super().focusInEvent(event)  # type: ignore[arg-type]
        if event.reason() in _BY_KEY:  # type: ignore[attr-defined]
            self.selectAll()


Entry = tuple[str, str]
"""A code and the words shown for it."""

Source = Callable[[str], Sequence[Entry]]


class Pick(Edit):
    """An input for one entry of a list: typed by any part of it, the best one taken by moving on.

    The list opens as one types, beside the field, and never takes the focus. Up and Down choose, Escape
    closes it. `code()` is None while nothing on the list is meant.
    """

    chosen = Signal(str)

    def __init__(self, source: Source, *, grid: bool = False, several: bool = False, by_code: bool = False) -> None:
        """`several`: parts between commas, each an entry. `by_code`: the field shows the code, the list the words."""
        super().__init__(grid=grid)
        self._by_code = by_code
        self._source = source
        self._several = several
        self._entries: Sequence[Entry] = ()
        self._popup: CompletionList | None = None
        self._codes: dict[str, str] = {}
        self.textEdited.connect(self._typed)

    # -- what is meant -----------------------------------------------------------------------------------------

    def set_code(self, code: str | None, words: str) -> None:
        if code is not None:
            self._codes[words] = code
        self.setText(words)
        self.setProperty("taken", False)

    def suggest_code(self, code: str | None, words: str) -> None:
        if code:
            self._codes[words] = code
        self.suggest(words if code else "")

    def code(self) -> str | None:
        codes = self.codes()
        return codes[0] if codes else None

    def codes(self) -> list[str]:
        """The codes meant, in order; with `several`, one for each part between commas."""
        return [code for part in self._parts() if (code := self._code_of(part)) is not None]

    def unknown(self) -> str:
        """The first part typed that means nothing on the list, or an empty text."""
        return next((part for part in self._parts() if self._code_of(part) is None), "")

    def _parts(self) -> list[str]:
        if not self._several:
            return [value] if (value := self.value()) else []
        return [part.strip() for part in self.value().split(",") if part.strip()]

    def _code_of(self, part: str) -> str | None:
        if part in self._codes:
            return self._codes[part]
        found = self._source(part)
        if found and (
            len(found) == 1 or found[0][0].casefold() == part.casefold() or found[0][1].casefold() == part.casefold()
        ):
            return found[0][0]
        return None

    # -- the list ----------------------------------------------------------------------------------------------

    def _last_part(self) -> str:
        return self.text().rsplit(",", 1)[-1].strip() if self._several else self.text().strip()

    def _typed(self, _text: str) -> None:
        part = self._last_part()
        self._entries = self._source(part) if part else ()
        if not self._entries:
            self.close_list()
            return
        if self._popup is None:
            from returnee_desk.ui.completion import CompletionList

            self._popup = CompletionList(self)
            self._popup.clicked.connect(self._take)
        self._popup.offer([words for _code, words in self._entries])

    @property
    def list_open(self) -> bool:
        return self._popup is not None and self._popup.isVisible()

    def close_list(self) -> None:
        if self._popup is not None:
            self._popup.hide()
        self._entries = ()

    def take_best(self) -> None:
        """Take the entry marked in the open list, if one is."""
        if self.list_open and self._entries and self._popup is not None:
            self._take(self._popup.marked)

    def _take(self, at: int) -> None:
        code, words = self._entries[at]
        words = code if self._by_code else words
        self._codes[words] = code
        if self._several:
            before = self.text().rsplit(",", 1)[0].strip() + ", " if "," in self.text() else ""
            self.setText(before + words)
        else:
            self.setText(words)
        self.setProperty("taken", False)
        self.close_list()
        self.chosen.emit(code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.list_open and self._popup is not None:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._popup.move_mark(1 if event.key() == Qt.Key.Key_Down else -1)
                return
            if event.key() == Qt.Key.Key_Escape:
                self.close_list()
                return
            if (event.text() == "," and self._several) or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take_best()
        super().keyPressEvent(event)

    def focusOutEvent(self, event: object) -> None:
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:  # type: ignore[attr-defined]
            self.take_best()
        self.close_list()
        super().focusOutEvent(event)

    def hideEvent(self, event: object) -> None:
        self.close_list()
        super().hideEvent(event)  # type: ignore[arg-type]


class KeyChoice(QWidget):
    """A few answers side by side, each with its key. Pressing the key answers and goes on to the next field.

    Nothing is chosen to begin with. Backspace takes the answer back; Left and Right go through the answers.
    """

    changed = Signal()

    def __init__(self, answers: Sequence[tuple[str, str, str]]) -> None:
        """`answers`: code, key, words."""
        super().__init__()
        self._answers = list(answers)
        self._value: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def value(self) -> str | None:
        return self._value

    def set_value(self, code: str | None) -> None:
        if code != self._value:
            self._value = code if any(code == known for known, _key, _words in self._answers) else None
            words = next((words for known, _key, words in self._answers if known == self._value), "")
            self.setAccessibleDescription(words)
            self.update()
            self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            super().keyPressEvent(event)
            return
        for code, key, _words in self._answers:
            if event.text().casefold() == key.casefold():
                self.set_value(code)
                self.focusNextChild()
                return
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.set_value(None)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        codes = [code for code, _key, _words in self._answers]
        at = codes.index(self._value) + by if self._value in codes else (0 if by > 0 else len(codes) - 1)
        self.set_value(codes[at % len(codes)])

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> object:
        return False if query == Qt.InputMethodQuery.ImEnabled else super().inputMethodQuery(query)

    def mousePressEvent(self, event: object) -> None:
        for (code, _key, _words), box in zip(self._answers, self._boxes(), strict=True):
            if box.contains(event.position().toPoint()):  # type: ignore[attr-defined]
                self.setFocus(Qt.FocusReason.MouseFocusReason)
                self.set_value(code)

    def _boxes(self) -> list[QRect]:
        metrics, boxes, left = self.fontMetrics(), [], 0
        for _code, key, words in self._answers:
            width = metrics.horizontalAdvance(f"{key.upper()}  {words}") + 24
            boxes.append(QRect(left, 0, width, self.height()))
            left += width + 6
        return boxes

    def sizeHint(self) -> QSize:
        return QSize(self._boxes()[-1].right() + 2, theme.look().px(36))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            c = theme.look().colours
            for (code, key, words), box in zip(self._answers, self._boxes(), strict=True):
                on = code == self._value
                painter.setPen(QPen(QColor(c.primary if on else c.edge), 1))
                painter.setBrush(QColor(c.primary if on else c.card))
                painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 6, 6)
                painter.setPen(QColor(c.on_primary if on else c.muted))
                painter.drawText(box.adjusted(12, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, key.upper())
                painter.setPen(QColor(c.on_primary if on else c.text))
                shift = self.fontMetrics().horizontalAdvance(f"{key.upper()}  ")
                painter.drawText(box.adjusted(12 + shift, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, words)


class Complaint(QWidget):
    """One sentence under a field, with an icon: what is wrong (stop) or to be looked at (attention)."""

    def __init__(self) -> None:
        super().__init__()
        self._sign, self._words = Label(), Label("", "caption", wrap=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        line = row(self._sign, self._words, spacing=6)
        self.setLayout(line)
        self.hide()

    def say(self, words: str, tone: str = "stop") -> None:
        if words:
            self._sign.setPixmap(theme.pixmap("alert-triangle" if tone == "attention" else "alert-octagon", tone, 16))
            self._words.setText(words)
            self._words.set_tone(tone)
        self.setVisible(bool(words))

    @property
    def words(self) -> str:
        return "" if self.isHidden() else self._words.text()


class Field(QWidget):
    """A label above, an input, and room for one sentence below."""

    def __init__(self, words: str, editor: QWidget, name: str, *, hint: str = "") -> None:
        super().__init__()
        self.editor = editor
        editor.setObjectName(name)
        editor.setAccessibleName(words)
        label = Label(words, "caption")
        label.setBuddy(editor)
        self._complaint = Complaint()
        layout = column(label, editor, spacing=4)
        if hint:
            layout.addWidget(Label(hint, "caption", wrap=True))
            editor.setAccessibleDescription(hint)
        layout.addWidget(self._complaint)
        self.setLayout(layout)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def complain(self, words: str, tone: str = "stop") -> None:
        self._complaint.say(words, tone)
        mark(self.editor, bool(words) and tone == "stop")

    @property
    def complaint(self) -> str:
        return self._complaint.words


def mark(editor: QWidget, wrong: bool) -> None:
    if bool(editor.property("wrong")) != wrong:
        editor.setProperty("wrong", wrong)
        restyle(editor)


class FieldGrid(QWidget):
    """Fields side by side on twelve columns; on six, in more lines, where there is little width."""

    def __init__(self, fields: Sequence[tuple[QWidget, int]], *, narrow_below: int = 760) -> None:
        """`fields`: each with how many of twelve columns it takes."""
        super().__init__()
        self._fields = list(fields)
        self._narrow_below = narrow_below
        self._narrow: bool | None = None
        self._needs = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(12)
        self._lines.setVerticalSpacing(10)
        for at in range(12):
            self._lines.setColumnStretch(at, 1)
        self._lay_out(False)

    @property
    def narrow(self) -> bool:
        return bool(self._narrow)

    def resizeEvent(self, event: object) -> None:
        if not self._narrow:
            self._needs = self._lines.minimumSize().width()
        self._lay_out(self.width() < max(theme.look().px(self._narrow_below), self._needs))
        super().resizeEvent(event)  # type: ignore[arg-type]

    def _lay_out(self, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for widget, _span in self._fields:
            self._lines.removeWidget(
                widget
            )  # takeAt would leave an item that keeps the next one from forgetting heights
        lines: list[list[tuple[QWidget, int]]] = [[]]
        for widget, span in self._fields:
            span = min(12, span * 2) if narrow else span
            if lines[-1] and sum(wide for _one, wide in lines[-1]) + span > 12:
                lines.append([])
            lines[-1].append((widget, span))
        for at, fields in enumerate(lines):
            place = 0
            for widget, span in fields:
                last = narrow and widget is fields[-1][0]
                wide = 12 - place if last else span
                self._lines.addWidget(widget, at, place, 1, wide, Qt.AlignmentFlag.AlignTop)
                place += wide
        QTimer.singleShot(0, self, self._tell_height)

    def _tell_height(self) -> None:
        """Have the layouts around forget the height they reckoned with while they gave out the new width."""
        around: QWidget | None = self
        while around is not None and not isinstance(around, QScrollArea):
            if (layout := around.layout()) is not None:
                layout.invalidate()
            around.updateGeometry()
            around = around.parentWidget()


def is_enter(event: QEvent) -> bool:
    """Enter or Return pressed alone: on to the next thing."""
    return (
        event.type() == QEvent.Type.KeyPress
        and isinstance(event, QKeyEvent)
        and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    )
