"""The pieces screens are made of. Every label shows its text as it is, never as markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from returnee_desk.errors import DeskError
from returnee_desk.ui import theme
from returnee_desk.ui.actions import COMMANDS


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
        self.stale: frozenset[str] = frozenset()
        self.setProperty("surface", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def arrive(self) -> None:
        """Called when the screen comes to the front: put the focus where work begins."""

    def reload(self, changed: frozenset[str]) -> None:
        """Called when records of these kinds changed, or on coming to the front when they changed meanwhile."""

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
        with QPainter(self) as painter:
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
        self._dressed: tuple[object, ...] = ()
        self.setObjectName(called or name)
        self.setProperty("primary", primary)
        self.setProperty("quiet", quiet)
        self._tone = "on_primary" if primary else "primary" if quiet else "text"
        self.setAutoDefault(True)
        self._dress()
        self.clicked.connect(lambda _checked=False: slot())

    def _dress(self) -> None:
        words = self._words or self._command.text
        now = (words, self._brevity, self._tone, self.isEnabled(), theme.look())
        if now == self._dressed:
            return
        self._dressed = now
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

    def be_primary(self, on: bool) -> None:
        """Make it the one thing to do here, or one of several."""
        self.setProperty("primary", on)
        self._tone = "on_primary" if on else "text"
        restyle(self)
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

    def be_brief(self, on: bool) -> None:
        """Show the icon alone; the words stay in the tooltip and for readers of the screen."""
        self._words.setVisible(not on)
        self.updateGeometry()
        if (layout := self.layout()) is not None:
            layout.invalidate()
        self.setToolTip(plain_tip(self.words) if on else "")

    @property
    def tone(self) -> str:
        return self._state[0]

    @property
    def words(self) -> str:
        return self._state[1]


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
