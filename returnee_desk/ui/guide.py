"""F1: what this screen is for and which keys it knows, beside the work, not over it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from returnee_desk.ui import theme
from returnee_desk.ui.actions import COMMANDS
from returnee_desk.ui.parts import Button, Label, Scroll, column, row, rule
from returnee_desk.words import _


def about(screen: str) -> str:
    """What a screen is for, in a few sentences."""
    return {
        "today": _(
            "Aquí empieza el turno. Abra la llegada de cada bus o vuelo y escriba cuántas personas trae; registre "
            "sus familias; vea qué falta. Lo que quedó sin terminar está en la lista de la derecha."
        ),
        "family": _(
            "Una línea por persona. Tab pasa al dato siguiente; Enter agrega otra persona; Enter en una línea vacía "
            "sigue con el destino. Lo gris es una propuesta: se acepta al seguir, o se escribe encima. La fecha de "
            "nacimiento se escribe 2/5/94, 5/1994 o 1994; la edad 4, y en meses 3m. Los documentos se separan con "
            "punto y coma; un «!» al final guarda un número que en el papel mismo está mal. Todo queda guardado "
            "como borrador mientras escribe."
        ),
        "view": _(
            "La familia registrada. Las teclas 1 a 9 entregan un servicio a quien todavía puede recibirlo; Deshacer "
            "retira la entrega. La boleta se ve a la derecha antes de imprimirla."
        ),
        "exchange": _(
            "Lleva lo registrado a la oficina central en una memoria USB y trae sus respuestas. Sin enviar: solo "
            "está en esta computadora. Enviado: está en una memoria. Llegó: la central lo leyó. A salvo: la central "
            "ya tiene copia de respaldo."
        ),
    }.get(screen, "")


class Guide(QFrame):
    """A panel at the right edge; F1 or Escape closes it."""

    def __init__(self, parent: QWidget, screen: str, close: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setProperty("card", "popup")
        self.setObjectName("guide")
        self._close = close
        inside = column(Label(_("Ayuda"), "heading"), Label(about(screen), wrap=True), rule(), spacing=12)
        for command in COMMANDS.values():
            of = command.name.split(".")[0]
            if (command.key and of in (screen, "window") and not command.name.startswith("view.give.")) or (
                screen == "view" and command.name == "view.give.1"
            ):
                key = Label("1 … 9" if command.name == "view.give.1" else command.key_text, tone="primary")
                key.setFixedWidth(theme.look().px(130))
                line = row(key, Label(command.text, wrap=True), spacing=8)
                line.setStretch(1, 1)
                inside.addLayout(line)
        inside.addStretch(1)
        scroll = Scroll(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scroll.setObjectName("guide.text")
        scroll.setAccessibleName(_("Ayuda de esta pantalla"))
        button = Button("window.help", close, quiet=True, text=_("Cerrar"), called="guide.close")
        foot = row(None, button)
        foot.setContentsMargins(12, 8, 12, 8)
        layout = column(scroll, spacing=0)
        layout.addLayout(foot)
        self.setLayout(layout)
        parent.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()
        scroll.setFocus()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(theme.look().px(420), parent.width() - 80)
        self.setGeometry(parent.width() - width - 8, 8, width, parent.height() - 16)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
            return
        super().keyPressEvent(event)
