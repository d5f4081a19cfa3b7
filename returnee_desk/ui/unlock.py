"""Opening the desk with a passphrase, and making it the first time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QStackedLayout, QWidget

from returnee_desk.errors import DeskError, Refused
from returnee_desk.ui import choices, theme
from returnee_desk.ui.actions import bind
from returnee_desk.ui.parts import (
    Button,
    Card,
    Complaint,
    Edit,
    Field,
    FieldGrid,
    Label,
    Pick,
    Screen,
    Scroll,
    column,
    is_enter,
    restyle,
    row,
    say_error,
    sign,
)
from returnee_desk.ui.work import Work
from returnee_desk.words import _, ngettext

SHORTEST = 8
"""Letters below which a passphrase is not taken at first start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the screens need to know of the desk that was opened."""

    kind: str
    place: str
    place_name: str
    letter: str
    user: str
    role: str
    enrolled: bool
    practice: bool

    @classmethod
    def of(cls, desk: Any) -> Opened:
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
        self.begin: Begin | None = None
        self._layout.addWidget(self.enter)
        if not (folder / "desk.db").exists():
            self.begin = Begin(self)
            self._layout.addWidget(self.begin)
            self._layout.setCurrentWidget(self.begin)

    def arrive(self) -> None:
        (self.begin or self.enter).arrive()


def _middle(card: QWidget, width: int) -> Scroll:
    """A card in the middle of the window, scrolling where it does not fit."""
    card.setMaximumWidth(theme.look().px(width))
    across = row(None, card, None)
    across.setStretch(1, 100)
    inside = column(spacing=0)
    inside.addStretch(1)
    inside.addLayout(across)
    inside.addStretch(2)
    return Scroll(inside, widest=4000)


def _brand() -> QWidget:
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
        card.inside.addWidget(_brand())
        for field in self._fields:
            card.inside.addWidget(field)
        card.inside.addLayout(row(self._keyboard, None, self._show))
        card.inside.addWidget(self._complaint)
        card.inside.addLayout(row(None, self._button))
        layout = column(_middle(card, 460), spacing=0)
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


class Begin(QWidget):
    """First start: what this desk is, the first administrator, and the recovery code, shown once."""

    def __init__(self, screen: UnlockScreen) -> None:
        super().__init__()
        self._screen = screen
        self._working = False
        self._made: Opened | None = None
        self._code = ""
        self.kind = Pick(choices.of_pairs(_kinds))
        self.place = Pick(self._places)
        self.place_name, self.letter, self.user = Edit(), Edit(), Edit()
        self.passphrase, self.again = Passphrase(), Passphrase()
        self.kind.suggest_code("post", dict(_kinds())["post"])
        self.letter.suggest("A")
        self.fields = {
            "kind": Field(_("Tipo de puesto"), self.kind, "first.kind"),
            "place": Field(_("Puesto o lugar"), self.place, "first.place",
                           hint=_("Escriba parte del nombre, o un código propio de 3 o 4 mayúsculas o números.")),
            "place_name": Field(_("Nombre del lugar"), self.place_name, "first.place_name",
                                hint=_("Solo si no está en la lista.")),
            "letter": Field(_("Letra de esta computadora"), self.letter, "first.letter"),
            "user": Field(_("Su nombre de usuario"), self.user, "first.user"),
            "passphrase": Field(_("Contraseña"), self.passphrase, "first.passphrase",
                                hint=_("Varias palabras que recuerde. Al menos 8 letras.")),
            "again": Field(_("La misma contraseña otra vez"), self.again, "first.passphrase_again"),
        }  # fmt: skip
        self._complaint = Complaint()
        self._button = Button("first.create", self.make_desk, primary=True)
        self._form = Card()
        self._form.inside.setContentsMargins(24, 24, 24, 24)
        self._form.inside.setSpacing(12)
        self._form.inside.addWidget(_brand())
        self._form.inside.addWidget(Label(_("Primer inicio en esta computadora"), "strong"))
        f = self.fields
        self._form.inside.addWidget(
            FieldGrid(
                [
                    (f["kind"], 5),
                    (f["place"], 7),
                    (f["place_name"], 8),
                    (f["letter"], 4),
                    (f["user"], 12),
                    (f["passphrase"], 6),
                    (f["again"], 6),
                ],
                narrow_below=520,
            )
        )
        self._form.inside.addWidget(self._complaint)
        self._form.inside.addLayout(row(Button("unlock.show", self._show_typed, quiet=True), None, self._button))
        self._build_code()
        self._layout = QStackedLayout(self)
        self._layout.addWidget(_middle(self._form, 680))
        self._layout.addWidget(_middle(self._code_card, 680))
        bind(self._form, "first.create", self.make_desk)
        bind(self, "unlock.show", self._show_typed)
        for editor in (self.kind, self.place, self.place_name, self.letter, self.user, self.passphrase, self.again):
            editor.installEventFilter(self)
        self.kind.textChanged.connect(self._offer_place)

    def _build_code(self) -> None:
        self._code_card = Card()
        self._code_card.inside.setContentsMargins(24, 24, 24, 24)
        self._code_card.inside.setSpacing(16)
        self._code_label = Label("", "heading", wrap=True)
        self._code_label.setObjectName("first.recovery_code")
        self._code_label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._written = QCheckBox(_("Lo escribí o lo imprimí, y queda guardado bajo llave"))
        self._written.setObjectName("first.written")
        self._written.setAccessibleName(self._written.text())
        self._begin = Button("first.begin", self.begin_work, primary=True)
        self._begin.setEnabled(False)
        self._written.toggled.connect(self._begin.setEnabled)
        self._printed = Complaint()
        card = self._code_card.inside
        card.addLayout(row(sign("key", "primary", 28), Label(_("Código de recuperación"), "heading"), None))
        card.addWidget(
            Label(
                _(
                    "Se muestra solo ahora. Si se olvida la contraseña, este código abre el puesto y no se "
                    "pierde nada. Quien lo tenga puede leerlo todo: guárdelo lejos de la computadora."
                ),
                wrap=True,
            )
        )
        card.addWidget(self._code_label)
        card.addWidget(self._written)
        card.addWidget(self._printed)
        card.addLayout(row(Button("first.print", self.print_code), None, self._begin))
        bind(self._code_card, "first.begin", self.begin_work)
        bind(self._code_card, "first.print", self.print_code)

    def arrive(self) -> None:
        (self._written if self._made else self.kind).setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if is_enter(event) and isinstance(watched, Edit):
            if isinstance(watched, Pick):
                watched.take_best()
            if watched is self.again:
                self.make_desk()
            else:
                watched.focusNextChild()
            return True
        return False

    def _places(self, text: str) -> list[choices.Entry]:
        kind = self.kind.code()
        if kind == "office":
            return choices.best(text, [("OFFICE", _("Oficina central"))])
        if kind == "delegation":
            from returnee_desk.records.lists import lists

            return choices.best(text, [(f"D{one.code}", one.name) for one in lists().departments.values()])
        return choices.of_list("places")(text)

    def _offer_place(self, _text: str) -> None:
        office = self.kind.code() == "office"
        self.place.suggest_code("OFFICE" if office else None, _("Oficina central"))

    def _show_typed(self) -> None:
        self.passphrase.show_or_hide()
        self.again.show_or_hide()

    def _say(self, name: str, words: str) -> bool:
        self.fields[name].complain(words)
        self.fields[name].editor.setFocus()
        return False

    def _ready(self) -> bool:
        for field in self.fields.values():
            field.complain("")
        self._complaint.say("")
        if self.kind.code() is None:
            return self._say("kind", _("Elija puesto, oficina central o delegación."))
        if not self.place.value():
            return self._say("place", _("Escriba el puesto o su código."))
        if not self.user.value():
            return self._say("user", _("Escriba su nombre de usuario."))
        if len(self.passphrase.value()) < SHORTEST:
            return self._say("passphrase", _("Escriba al menos 8 letras; varias palabras son mejores que una."))
        if self.passphrase.value() != self.again.value():
            return self._say("again", _("Las dos contraseñas no son iguales. Escríbala otra vez."))
        return True

    def make_desk(self) -> None:
        for editor in (self.kind, self.place):
            if editor.list_open:
                editor.take_best()
        if self._working or self._made is not None or not self._ready():
            return
        self._working = True
        self._button.setEnabled(False)
        self._button.say(_("Creando…"))
        folder = self._screen.folder
        asked: dict[str, Any] = {
            "kind": self.kind.code() or "post",
            "place": self.place.code() or self.place.value().upper(),
            "place_name": self.place_name.value() or None,
            "letter": self.letter.value().upper(),
            "user": self.user.value(),
            "passphrase": self.passphrase.value(),
        }

        def make() -> tuple[Any, tuple[Opened, str]]:
            from returnee_desk.sync.founding import found_desk

            founded = found_desk(folder, **asked)
            return founded.desk, (Opened.of(founded.desk), founded.recovery_code)

        self._screen.work.open(self._screen, make, done=self._created, failed=self._failed)

    def _created(self, answer: tuple[Opened, str]) -> None:
        self._made, self._code = answer
        self.passphrase.clear()
        self.again.clear()
        self._code_label.setText(self._code)
        self._layout.setCurrentIndex(1)
        self._written.setFocus(Qt.FocusReason.OtherFocusReason)

    def _failed(self, error: DeskError) -> None:
        self._working = False
        self._button.say(_("Crear este puesto"))
        self._button.setEnabled(True)
        if error.path in self.fields:
            self._say(str(error.path), say_error(error))
        else:
            self._complaint.say(say_error(error))

    def print_code(self) -> None:
        """Print the code, and nothing else, on whatever printer there is."""
        from returnee_desk.ui.printing import print_text

        try:
            print_text(_("Código de recuperación de Returnee Desk"), self._code)
        except Refused as error:
            self._printed.say(say_error(error), "attention")
        else:
            self._printed.say(_("Enviado a la impresora. Vea que se pueda leer antes de seguir."), "attention")

    def begin_work(self) -> None:
        if self._made is not None and self._written.isChecked():
            self._code = ""
            self._code_label.clear()
            restyle(self._code_label)
            self._screen.opened.emit(self._made)


def _kinds() -> list[choices.Entry]:
    return [
        ("post", _("Frontera o centro de recepción")),
        ("office", _("Oficina central")),
        ("delegation", _("Delegación departamental")),
    ]
