"""The bar of lamps under every screen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from returnee_desk.ui import theme
from returnee_desk.ui.lamps import DISK_LOW, ClockWatch, battery, disk_free
from returnee_desk.ui.parts import Lamp, row
from returnee_desk.words import _, ngettext


class LampBar(QFrame):
    """One lamp for each thing that can go wrong outside the program: what is not sent, disk, battery, clock."""

    changed = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.setObjectName("status")
        self._folder = folder
        self._clock = ClockWatch()
        self.lamps = {name: Lamp(f"lamp.{name}") for name in ("exchange", "disk", "battery", "clock")}
        line = row(*self.lamps.values(), None, spacing=16)
        line.setContentsMargins(16, 4, 16, 4)
        self.setLayout(line)
        self.setMinimumHeight(theme.look().px(46))
        self.read()

    def be_brief(self, on: bool) -> None:
        """Lamps that are well show their icon alone, so that there is room for a sentence beside them."""
        for lamp in self.lamps.values():
            lamp.be_brief(on and lamp.tone == "good")

    def taken(self) -> int:
        """Pixels from the left edge to the end of the last lamp."""
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        return layout.sizeHint().width()

    def read(self) -> None:
        free, charge = disk_free(self._folder), battery()
        if free is None or free < DISK_LOW:
            self.lamps["disk"].show_state("stop", _("Disco casi lleno"), "database")
        else:
            self.lamps["disk"].show_state("good", _("Disco: {n} GB libres").format(n=free // 1024**3), "database")
        self.lamps["battery"].setVisible(charge is not None)
        if charge is not None:
            tone = "good" if charge.plugged or charge.percent > 40 else "attention" if charge.percent > 15 else "stop"
            words = _("Batería {n} %").format(n=charge.percent)
            self.lamps["battery"].show_state(tone, words, "battery-charging" if charge.plugged else "battery")
        wrong = self._clock.looks_wrong()
        self.lamps["clock"].show_state(
            "attention" if wrong else "good", _("Revise el reloj") if wrong else _("Reloj correcto"), "clock"
        )
        self.changed.emit()

    def show_exchange(self, counts: dict[str, int]) -> None:
        waiting = counts.get("unsent", 0)
        if waiting:
            words = ngettext("{n} cambio sin enviar", "{n} cambios sin enviar", waiting).format(n=waiting)
            self.lamps["exchange"].show_state("attention", words, "usb")
        elif counts.get("sent", 0) or counts.get("arrived", 0):
            n = counts.get("sent", 0) + counts.get("arrived", 0)
            words = ngettext("{n} cambio enviado, aún no a salvo", "{n} cambios enviados, aún no a salvo", n)
            self.lamps["exchange"].show_state("attention", words.format(n=n), "usb")
        else:
            self.lamps["exchange"].show_state("good", _("Todo a salvo en la central"), "cloud-check")
        self.changed.emit()
