"""First start: making the desk, its first administrator, and the recovery code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QCheckBox, QStackedLayout, QWidget

from returnee_desk.errors import DeskError, Refused
from returnee_desk.ui import choices
from returnee_desk.ui.actions import bind
from returnee_desk.ui.inputs import Complaint, Edit, Field, FieldGrid, Pick, is_enter
from returnee_desk.ui.parts import Button, Card, Label, row, say_error, sign
from returnee_desk.ui.unlock import Opened, Passphrase, brand, middle
from returnee_desk.words import _

if TYPE_CHECKING:
    from returnee_desk.ui.unlock import UnlockScreen

SHORTEST = 8
"""Letters below which a passphrase is not taken at first start."""


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
        self._form.inside.addWidget(brand())
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
        self._layout.addWidget(middle(self._form, 680))
        self._layout.addWidget(middle(self._code_card, 680))
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
        except Refused:
            self._printed.say(
                _("No hay impresora que responda. Escriba el código a mano y compárelo letra por letra."), "attention"
            )
        else:
            self._printed.say(_("Enviado a la impresora. Vea que se pueda leer antes de seguir."), "attention")

    def begin_work(self) -> None:
        if self._made is not None and self._written.isChecked():
            self._code = ""
            self._code_label.clear()
            self._screen.opened.emit(self._made)


def _kinds() -> list[choices.Entry]:
    return [
        ("post", _("Frontera o centro de recepción")),
        ("office", _("Oficina central")),
        ("delegation", _("Delegación departamental")),
    ]
