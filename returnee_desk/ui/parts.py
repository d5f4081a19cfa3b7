"""The pieces screens are made of. Every label shows its text as it is, never as markup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from returnee_desk.errors import DeskError
from returnee_desk.ui import theme
from returnee_desk.ui.actions import COMMANDS

if TYPE_CHECKING:
    from returnee_desk.ui.completion import CompletionList


class Screen(QWidget):
    """A place in the window. `name` is the first part of its commands and inputs.

    `told` announces a sentence for the quiet bar: the words, a tone (`good`, `attention`, `stop`), and what
    undoes it, or None. Once `closed`, answers still on their way to it are dropped.
    """

    told = Signal(str, str, object)
    name = ""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.closed = False
        self.setProperty("surface", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def arrive(self) -> None:
        """Called when the screen comes to the front: put the focus where work begins."""

    def reload(self, changed: frozenset[str]) -> None:
        """Called when records of these kinds changed."""

    def leave_for_good(self) -> None:
        self.closed = True
        self.deleteLater()


class Label(QLabel):
    """Text as it is. `kind`: body, caption, strong, heading, number; `tone` colours it by meaning."""

    def __init__(self, text: str = "", kind: str = "body", *, tone: str = "", wrap: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", kind)
        if tone:
            self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        self.setText(text)

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)


class Elided(Label):
    """One line that gives way: a text too long ends in an ellipsis, whole in the tooltip and for readers."""

    def __init__(self, text: str = "", kind: str = "body", *, tone: str = "") -> None:
        super().__init__(text, kind, tone=tone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        self.setToolTip(plain_tip(self.text()) if shown != self.text() else "")


def plain_tip(text: str) -> str:
    """A text for a tooltip that Qt cannot take for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;") if "<" in text or "&" in text else text


def restyle(widget: QWidget) -> None:
    """Make the stylesheet look at a property that changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def sign(name: str, tone: str = "text", size: int = 20) -> QLabel:
    """An icon beside words; it says nothing a reader of the words would miss."""
    label = Label()
    label.setPixmap(theme.pixmap(name, tone, size))
    label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    return label


def column(*widgets: QWidget, spacing: int = 8, margin: int = 0) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(spacing)
    layout.setContentsMargins(margin, margin, margin, margin)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def row(*widgets: QWidget | None, spacing: int = 8) -> QHBoxLayout:
    """Widgets in a line; None is a gap that takes what is left."""
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addStretch(1) if widget is None else layout.addWidget(widget)
    return layout


class Card(QFrame):
    """A white surface with a line around it. `tone` other than "true": attention, stop, primary."""

    def __init__(self, tone: str = "true") -> None:
        super().__init__()
        self.setProperty("card", tone)
        self.inside = QVBoxLayout(self)
        self.inside.setContentsMargins(16, 12, 16, 12)
        self.inside.setSpacing(8)

    def set_tone(self, tone: str) -> None:
        if self.property("card") != tone:
            self.setProperty("card", tone)
            restyle(self)


def rule() -> QFrame:
    line = QFrame()
    line.setProperty("rule", "true")
    return line


def empty(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            empty(inner)  # type: ignore[arg-type]


class Button(QPushButton):
    """A command as a button, its key written on it. Its objectName is the command's name."""

    def __init__(
        self,
        name: str,
        slot: Callable[[], object],
        *,
        primary: bool = False,
        quiet: bool = False,
        text: str | None = None,
        called: str | None = None,
    ) -> None:
        """`called` is its objectName where another button has the command's."""
        super().__init__()
        self._command = COMMANDS[name]
        self._words = text
        self._brevity = 0
        self.setObjectName(called or name)
        self.setProperty("primary", primary)
        self.setProperty("quiet", quiet)
        self._tone = "on_primary" if primary else "primary" if quiet else "text"
        self.setAutoDefault(True)
        self._dress()
        self.clicked.connect(lambda _checked=False: slot())

    def _dress(self) -> None:
        words = self._words or self._command.text
        key = self._command.key_text
        shown = (f" {words}   {key}" if key else f" {words}", f" {words}", "")[self._brevity]
        self.setText(shown)
        self.setToolTip(f"{words}  {key}" if self._brevity else "")
        self.setIcon(theme.icon(self._command.icon, self._tone if self.isEnabled() else "muted"))
        self.setIconSize(theme.pixmap(self._command.icon).deviceIndependentSize().toSize())
        self.setAccessibleName(words)

    def say(self, words: str) -> None:
        self._words = words
        self._dress()

    def be_brief(self, brevity: int) -> None:
        """0: words and key; 1: words; 2: the icon alone. What is not shown is in the tooltip."""
        if brevity != self._brevity:
            self._brevity = brevity
            self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.EnabledChange):
            self._dress()


class Lamp(QFrame):
    """An icon and a word about one thing that is well or not: never a colour alone."""

    ICONS: ClassVar = {
        "good": "circle-check",
        "attention": "alert-triangle",
        "stop": "alert-octagon",
        "muted": "circle",
    }

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("lamp", "true")
        self._sign, self._words = Label(), Label("", "caption")
        line = row(self._sign, self._words, spacing=6)
        line.setContentsMargins(4, 0, 4, 0)
        self.setLayout(line)
        self._state = ("muted", "")

    def show_state(self, tone: str, words: str, icon: str = "") -> None:
        self._state = (tone, words)
        self._sign.setPixmap(theme.pixmap(icon or self.ICONS[tone], tone, 16))
        self._words.setText(words)
        self._words.set_tone(tone)
        self.setAccessibleName(words)

    @property
    def tone(self) -> str:
        return self._state[0]

    @property
    def words(self) -> str:
        return self._state[1]


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


class QuietBar(QFrame):
    """What was done, for ten seconds, with a way to undo it. It never takes the focus."""

    SECONDS = 10

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("quiet_bar")
        self.setProperty("card", "popup")
        self._sign, self._words = Label(), Label("", wrap=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._undo: Callable[[], object] | None = None
        self._button = Button("window.undo", self.undo, quiet=True)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        line = row(self._sign, self._words, self._button, spacing=12)
        line.setContentsMargins(16, 2, 8, 2)
        self.setLayout(line)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.hide)
        parent.installEventFilter(self)
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

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        width = parent.width() - 16
        self.setFixedWidth(width)
        height = max(self.heightForWidth(width), theme.look().px(44))
        self.setGeometry((parent.width() - width) // 2, parent.height() - height - 2, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False


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
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.look().colours.primary), self.WIDTH))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)


def alive(widget: QWidget) -> bool:
    """Whether Qt still has the widget behind our object."""
    return shiboken6.isValid(widget)


class Scroll(QScrollArea):
    """Room for more than fits, upwards and downwards; follows the focus. `shifted` when what is inside moves."""

    shifted = Signal()

    def __init__(self, layout: QVBoxLayout, *, widest: int = 1100) -> None:
        super().__init__()
        inside = QWidget()
        inside.setObjectName("inside")
        inside.setLayout(layout)
        self._widest = widest
        holder = QWidget()
        holder.setObjectName("inside")
        line = QHBoxLayout(holder)
        line.setContentsMargins(24, 16, 24, 16)
        line.addWidget(inside, 1)
        line.addStretch(0)
        self._inside = inside
        self.setWidget(holder)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        QApplication.instance().focusChanged.connect(self._follow)  # type: ignore[union-attr]
        self.verticalScrollBar().valueChanged.connect(self.shifted)
        self.horizontalScrollBar().valueChanged.connect(self.shifted)
        inside.installEventFilter(self)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        ring = getattr(self.window(), "ring", None)
        if ring is not None:
            ring.watch(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.shifted.emit()
        return False

    def resizeEvent(self, event: object) -> None:
        self._inside.setMaximumWidth(theme.look().px(self._widest))
        super().resizeEvent(event)  # type: ignore[arg-type]

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and alive(self) and self.isAncestorOf(new):
            QTimer.singleShot(0, self, self._show_focus)

    def _show_focus(self) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            self.ensureWidgetVisible(focus, 16, 24)


def is_enter(event: QEvent) -> bool:
    """Enter or Return pressed alone: on to the next thing."""
    return (
        event.type() == QEvent.Type.KeyPress
        and isinstance(event, QKeyEvent)
        and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    )


def say_error(error: DeskError) -> str:
    """The sentences for an error, as one text."""
    from returnee_desk.tell import tell_error

    return str(tell_error(error))


def clock_text(moment: object) -> str:
    """A time of day on the place's clock: 14:22."""
    from returnee_desk.records.dates import LOCAL

    return moment.astimezone(LOCAL).strftime("%H:%M")  # type: ignore[attr-defined]


def day_text(day: object) -> str:
    """d/MM/yyyy."""
    return f"{day.day}/{day.month:02d}/{day.year}"  # type: ignore[attr-defined]


class Foot(QFrame):
    """The buttons under a screen. Where there is little width they leave out their keys."""

    def __init__(self, *widgets: QWidget | None) -> None:
        super().__init__()
        self.setObjectName("foot")
        self._buttons = [widget for widget in widgets if isinstance(widget, Button)]
        self._line = row(*widgets, spacing=12)
        for at, widget in enumerate(widgets):
            if isinstance(widget, Elided):
                self._line.setStretch(at, 1)
        self._line.setContentsMargins(24, 10, 24, 10)
        self.setLayout(self._line)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: object) -> None:
        for brevity in (0, 1, 2):
            for button in self._buttons:
                button.be_brief(min(brevity, 1) if button.property("primary") else brevity)
            if sum(one.sizeHint().width() + 12 for one in self._buttons) + 48 <= self.width():
                break
        super().resizeEvent(event)  # type: ignore[arg-type]


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
        painter = QPainter(self)
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


class FieldGrid(QWidget):
    """Fields side by side on twelve columns; on six, in more lines, where there is little width."""

    def __init__(self, fields: Sequence[tuple[QWidget, int]], *, narrow_below: int = 760) -> None:
        """`fields`: each with how many of twelve columns it takes."""
        super().__init__()
        self._fields = list(fields)
        self._narrow_below = narrow_below
        self._narrow: bool | None = None
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(12)
        self._lines.setVerticalSpacing(10)
        for at in range(12):
            self._lines.setColumnStretch(at, 1)
        self._lay_out(False)

    def resizeEvent(self, event: object) -> None:
        self._lay_out(self.width() * 100 / theme.look().scale < self._narrow_below)
        super().resizeEvent(event)  # type: ignore[arg-type]

    def _lay_out(self, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        while self._lines.takeAt(0) is not None:
            pass
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
