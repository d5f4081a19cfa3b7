"""Every command of the window: its name, its words, its icon and its key, in one registry.

Screens ask for a command by name and say what it does there. `resources/help/keys.csv` lists the same
commands for the help panel and for other programs; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from returnee_desk.words import _, mark


class Command(NamedTuple):
    """`name` is stable (`family.save`), its first part names the screen; `words` is the Spanish msgid."""

    name: str
    words: str
    icon: str
    key: str = ""

    @property
    def text(self) -> str:
        return _(self.words)

    @property
    def key_text(self) -> str:
        """The key as written on buttons, in the words of the keyboard's language."""
        return _written(self.key) if self.key else ""


@lru_cache(maxsize=128)
def _written(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command(name="window.today", words=mark("Hoy"), icon="home-2", key="Ctrl+1"),
        Command(name="window.family", words=mark("Familia"), icon="users", key="Ctrl+2"),
        Command(name="window.exchange", words=mark("Intercambio"), icon="arrows-exchange", key="Ctrl+3"),
        Command(name="window.new_family", words=mark("Nueva familia"), icon="user-plus", key="Ctrl+N"),
        Command(name="window.find", words=mark("Buscar"), icon="search", key="Ctrl+F"),
        Command(name="window.help", words=mark("Ayuda"), icon="help-circle", key="F1"),
        Command(name="window.lock", words=mark("Bloquear"), icon="lock", key="Ctrl+L"),
        Command(name="window.larger", words=mark("Letra más grande"), icon="plus", key="Ctrl++"),
        Command(name="window.smaller", words=mark("Letra más pequeña"), icon="minus", key="Ctrl+-"),
        Command(name="window.dark", words=mark("Claro u oscuro"), icon="moon", key="Ctrl+Shift+D"),
        Command(name="window.language", words=mark("Español o inglés"), icon="language", key="Ctrl+Shift+E"),
        Command(name="window.undo", words=mark("Deshacer"), icon="arrow-back-up", key="Ctrl+Z"),
        Command(name="unlock.enter", words=mark("Entrar"), icon="key", key="Return"),
        Command(name="unlock.show", words=mark("Ver lo escrito"), icon="eye", key="F2"),
        Command(name="first.create", words=mark("Crear este puesto"), icon="check", key="Ctrl+Return"),
        Command(name="first.print", words=mark("Imprimir el código"), icon="printer", key="Ctrl+P"),
        Command(name="first.begin", words=mark("Empezar a trabajar"), icon="arrow-right", key="Ctrl+Return"),
        Command(name="today.new_arrival", words=mark("Abrir llegada"), icon="bus", key="Ctrl+B"),
        Command(name="today.save_arrival", words=mark("Guardar la llegada"), icon="check", key="Ctrl+S"),
        Command(name="today.cancel", words=mark("Dejar sin abrir"), icon="x", key="Esc"),
        Command(name="family.save", words=mark("Guardar"), icon="device-floppy", key="Ctrl+S"),
        Command(name="family.save_slip", words=mark("Guardar y ver boleta"), icon="printer", key="Ctrl+P"),
        Command(name="family.consent", words=mark("Consentimiento"), icon="shield-check", key="F4"),
        Command(name="family.services", words=mark("Servicios"), icon="package", key="F5"),
        Command(name="family.look", words=mark("Ver el registro anterior"), icon="eye", key="F6"),
        Command(name="family.same", words=mark("Es la misma persona"), icon="link", key="F7"),
        Command(name="family.distinct", words=mark("No es la misma"), icon="unlink", key="Shift+F7"),
        Command(name="family.more", words=mark("Más datos de la persona"), icon="chevron-down", key="F3"),
        Command(name="family.remove_line", words=mark("Quitar esta línea"), icon="trash", key="Ctrl+Delete"),
        Command(name="family.discard", words=mark("Descartar el borrador"), icon="x", key="Ctrl+Shift+Delete"),
        Command(name="view.slip", words=mark("Ver boleta"), icon="file-text", key="Ctrl+P"),
        Command(name="view.sheet", words=mark("Ver hoja de ingreso"), icon="file-text", key="Ctrl+H"),
        Command(name="view.paper", words=mark("Otro papel"), icon="file-text", key="Ctrl+R"),
        Command(name="view.print", words=mark("Imprimir"), icon="printer", key="Ctrl+Shift+P"),
        Command(name="view.pdf", words=mark("Guardar PDF"), icon="device-floppy", key="Ctrl+Shift+S"),
        Command(name="view.next", words=mark("Siguiente familia"), icon="user-plus", key="Ctrl+Return"),
        *(Command(name=f"view.give.{n}", words=mark("Entregar el servicio de la línea"), icon="check", key=str(n))
          for n in range(1, 10)),
        Command(name="exchange.make", words=mark("Hacer la memoria"), icon="usb", key="1"),
        Command(name="exchange.read", words=mark("Leer la memoria"), icon="download", key="2"),
        Command(name="exchange.folder", words=mark("Elegir carpeta"), icon="folder", key="3"),
        Command(name="exchange.request", words=mark("Escribir la solicitud"), icon="upload", key="4"),
        Command(name="exchange.install", words=mark("Instalar la respuesta"), icon="download", key="5"),
        Command(name="exchange.stop", words=mark("Detener"), icon="x", key="Esc"),
    )
}  # fmt: skip


def bind(owner: QWidget, name: str, slot: Callable[[], object]) -> QAction:
    """Give `owner` a command. While the owner is in front a key held with Ctrl or Shift, or an F key, works wherever
    the focus is, so that Ctrl+S is never lost in the rail; a bare key (1, Esc) only while the focus is inside."""
    command = COMMANDS[name]
    action = QAction(command.text, owner)
    action.setObjectName(f"{name}.action")
    if command.key:
        action.setShortcuts(_keys(command.key))
        action.setShortcutContext(
            Qt.ShortcutContext.WindowShortcut
            if "+" in command.key or command.key[0] == "F"
            else Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
    action.setAutoRepeat(False)
    action.triggered.connect(lambda _checked=False: slot())
    owner.addAction(action)
    return action


def _keys(key: str) -> list[QKeySequence]:
    keys = [QKeySequence(key)]
    if "Return" in key:
        keys.append(QKeySequence(key.replace("Return", "Enter")))
    if key == "Ctrl++":
        keys.append(QKeySequence("Ctrl+="))
    return keys


class KeyRow(NamedTuple):
    """One line of `keys.csv`: a command (with its key) or an input (without)."""

    command: str
    key: str
    object_name: str
    screen: str
    es: str
    en: str


@lru_cache(maxsize=1)
def key_rows() -> tuple[KeyRow, ...]:
    """What `resources/help/keys.csv` says, in its order."""
    import csv
    from importlib.resources import files

    text = files("returnee_desk.resources").joinpath("help", "keys.csv").read_text("utf-8")
    return tuple(KeyRow(**row) for row in csv.DictReader(text.splitlines()))
