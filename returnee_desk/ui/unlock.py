"""Opening the desk with a passphrase; where there is no desk yet, `first` makes it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget

from returnee_desk.errors import DeskError
from returnee_desk.ui import theme
from returnee_desk.ui.actions import bind
from returnee_desk.ui.inputs import Complaint, Edit, Field
from returnee_desk.ui.parts import Button, Card, Label, Screen, Scroll, column, row, say_error, sign
from returnee_desk.ui.work import Work
from returnee_desk.words import _, ngettext


class Opened(NamedTuple):
    """What the screens need to know of the desk that was opened."""

    kind: str
    place: str
    place_name: str
    letter: str
    user: str
    role: str
    enrolled: bool
    practice: bool

    rights: frozenset[str]

    def may(self, right: str) -> bool:
        """Whether this person may do such things here (`records.staff.RIGHTS`)."""
        return right in self.rights

    @classmethod
    def of(cls, desk: Any) -> Opened:
        from returnee_desk.records.staff import RIGHTS

        settings = desk.settings
        return cls(
            kind=settings.kind,
            place=settings.place,
            place_name=settings.place_name,
            letter=settings.letter,
            user=desk.me.name,
            role=desk.me.role,
            enrolled=settings.enrolled,
            practice=settings.practice,
            rights=RIGHTS.get(desk.me.role, frozenset()),
        )


class Passphrase(Edit):
    """Typed unseen; F2 shows it while it is being typed."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)

    def show_or_hide(self) -> None:
        hidden = self.echoMode() == QLineEdit.EchoMode.Password
        self.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)

    def value(self) -> str:
        """As typed, with every space."""
        return self.text()


class UnlockScreen(Screen):
    """Shows `Enter` where there is a desk, `Begin` where there is none. `opened` tells what was opened."""

    name = "unlock"
    opened = Signal(object)

    def __init__(self, work: Work, folder: Path, *, user: str | None = None) -> None:
        super().__init__()
        self.setObjectName("window")
        self.work, self.folder = work, folder
        self._layout = QStackedLayout(self)
        self.enter = Enter(self, user)
        self.begin: Any = None
        self._layout.addWidget(self.enter)
        if not (folder / "desk.db").exists():
            from returnee_desk.ui.first import Begin

            self.begin = Begin(self)
            self._layout.addWidget(self.begin)
            self._layout.setCurrentWidget(self.begin)

    def arrive(self) -> None:
        (self.begin or self.enter).arrive()


def middle(card: QWidget, width: int) -> Scroll:
    """A card in the middle of the window, scrolling where it does not fit."""
    card.setMaximumWidth(theme.look().px(width))
    across = row(None, card, None)
    across.setStretch(1, 100)
    inside = column(spacing=0)
    inside.addStretch(1)
    inside.addLayout(across)
    inside.addStretch(2)
    return Scroll(inside, widest=4000)


def brand() -> QWidget:
    holder = QWidget()
    words = column(
        Label("Returnee Desk", "heading"),
        Label(_("Registro y atención de familias retornadas"), tone="muted", wrap=True),
        spacing=2,
    )
    line = row(sign("users-group", "primary", 36), spacing=12)
    line.addLayout(words, 1)
    holder.setLayout(line)
    return holder


class Enter(QWidget):
    """User and passphrase. A wrong one makes the next try wait; the wait is shown and counted down."""

    def __init__(self, screen: UnlockScreen, user: str | None) -> None:
        super().__init__()
        self._screen = screen
        self._trying = False
        self._until = 0.0
        self.user, self.passphrase = Edit(), Passphrase()
        self.user.setText(user or "")
        self._fields = [
            Field(
                _("Usuario"), self.user, "unlock.user", hint=_("Puede quedar vacío si aquí trabaja una sola persona.")
            ),
            Field(_("Contraseña"), self.passphrase, "unlock.passphrase"),
        ]
        self._complaint = Complaint()
        self._keyboard = Label("", "caption")
        self._button = Button("unlock.enter", self.try_it, primary=True)
        self._show = Button("unlock.show", self.passphrase.show_or_hide, quiet=True)
        card = Card()
        card.inside.setContentsMargins(24, 24, 24, 24)
        card.inside.setSpacing(16)
        card.inside.addWidget(brand())
        for field in self._fields:
            card.inside.addWidget(field)
        card.inside.addLayout(row(self._keyboard, None, self._show))
        card.inside.addWidget(self._complaint)
        card.inside.addLayout(row(None, self._button))
        layout = column(middle(card, 460), spacing=0)
        self.setLayout(layout)
        for editor in (self.user, self.passphrase):
            editor.installEventFilter(self)
        bind(self, "unlock.show", self.passphrase.show_or_hide)
        self._clock = QTimer(self)
        self._clock.setInterval(250)
        self._clock.timeout.connect(self._count_down)

    def arrive(self) -> None:
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.try_it()
                return True
            if event.key() == Qt.Key.Key_CapsLock or event.text():
                self._show_keyboard()
        return False

    def _show_keyboard(self) -> None:
        """Which keyboard is in force: a ñ typed on another one is another passphrase."""
        locale = QGuiApplication.inputMethod().locale()
        self._keyboard.setText(_("Teclado: {name}").format(name=locale.nativeLanguageName() or locale.name()))

    def try_it(self) -> None:
        if self._trying or time.monotonic() < self._until:
            return
        if not self.passphrase.text():
            self._complaint.say(_("Escriba su contraseña."))
            self.passphrase.setFocus()
            return
        self._trying = True
        self._button.setEnabled(False)
        self._complaint.say("")
        self._button.say(_("Abriendo…"))
        folder, user, passphrase = self._screen.folder, self.user.text().strip() or None, self.passphrase.value()

        def make() -> tuple[Any, Opened]:
            from returnee_desk.store.desk import Desk

            desk = Desk.open(folder, user=user, passphrase=passphrase)
            return desk, Opened.of(desk)

        self._screen.work.open(self._screen, make, done=self._opened, failed=self._failed)

    def _free(self) -> None:
        self._trying = False
        self._button.say(_("Entrar"))
        self._button.setEnabled(True)

    def _opened(self, opened: Opened) -> None:
        self.passphrase.clear()
        self._screen.opened.emit(opened)

    def _failed(self, error: DeskError) -> None:
        self._free()
        self.passphrase.selectAll()
        (self.user if error.code == "user_needed" else self.passphrase).setFocus()
        seconds = float(error.details.get("seconds", 0) or 0)
        if seconds > 0:
            self._until = time.monotonic() + seconds
            self._clock.start()
            self._count_down()
        else:
            self._complaint.say(say_error(error))

    def _count_down(self) -> None:
        left = int(self._until - time.monotonic() + 0.999)
        if left <= 0:
            self._clock.stop()
            self._button.setEnabled(True)
            self._complaint.say(_("Ya puede intentar otra vez."), "attention")
            return
        self._button.setEnabled(False)
        self._complaint.say(
            ngettext(
                "El usuario o la contraseña no son correctos. Intente en {n} segundo. Los datos están a salvo.",
                "El usuario o la contraseña no son correctos. Intente en {n} segundos. Los datos están a salvo.",
                left,
            ).format(n=left)
        )
