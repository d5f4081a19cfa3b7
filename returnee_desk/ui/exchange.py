"""Exchange: a stick out, a stick in, and how far everything saved here has come."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QStorageInfo, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QProgressBar, QWidget

from returnee_desk.errors import DeskError
from returnee_desk.ui.actions import bind
from returnee_desk.ui.inputs import Complaint, Edit, Field, is_enter
from returnee_desk.ui.parts import Button, Card, Label, Lamp, Screen, Scroll, column, empty, row, say_error, sign
from returnee_desk.ui.unlock import Opened
from returnee_desk.ui.work import Job, Work
from returnee_desk.words import _, ngettext

STATES = ("unsent", "sent", "arrived", "safe")
FOLDER = "exchange_folder"
"""Desk-local value: where the last stick was."""


def sticks() -> list[Path]:
    """Places that look like a stick put into this PC, the first the most likely."""
    found = []
    for volume in QStorageInfo.mountedVolumes():
        path = volume.rootPath()
        usable = volume.isValid() and volume.isReady() and not volume.isRoot()
        if usable and _looks_removable(path, bytes(volume.device().data())):
            found.append(Path(path))
    return found


def likely_folder(last: str | None) -> str:
    """Where the last stick was, else a stick that is in; empty when neither. A stick that does not answer can
    take seconds."""
    if last is not None and Path(last).is_dir():
        return last
    found = sticks()
    return str(found[0]) if found else ""


def _looks_removable(path: str, device: bytes) -> bool:
    if sys.platform == "win32":
        import ctypes

        return int(ctypes.windll.kernel32.GetDriveTypeW(path)) == 2  # type: ignore[attr-defined]
    return device.startswith(b"/dev/") and path.startswith(("/media/", "/run/media/", "/mnt/", "/Volumes/"))


class ExchangeScreen(Screen):
    """One long job at a time; each says what it does, how far it is, and can be stopped."""

    name = "exchange"
    joined = Signal()

    def __init__(self, work: Work, opened: Opened) -> None:
        super().__init__()
        self.work, self.opened = work, opened
        self._job: Job | None = None
        self._working = False
        self._enrolled = opened.enrolled
        self._build()
        for name, slot in (
            ("exchange.make", self.make_stick),
            ("exchange.read", self.read_stick),
            ("exchange.folder", self.choose_folder),
            ("exchange.request", self.ask_to_join),
            ("exchange.install", self.join),
            ("exchange.stop", self.stop),
        ):
            bind(self, name, slot)

    def _build(self) -> None:
        self._numbers: dict[str, Label] = {}
        self._lamps: dict[str, Lamp] = {}
        steps = row(spacing=16)
        for at, state in enumerate(STATES):
            if at:
                steps.addWidget(sign("chevron-right", "muted", 20))
            number, lamp = Label("0", "number"), Lamp(f"exchange.{state}")
            self._numbers[state], self._lamps[state] = number, lamp
            number.setAlignment(Qt.AlignmentFlag.AlignLeft)
            number.setIndent(4)
            holder = QWidget()
            holder.setLayout(column(number, lamp, spacing=0))
            steps.addWidget(holder)
        steps.addStretch(1)
        counts = Card()
        counts.inside.addWidget(Label(_("Lo guardado en esta computadora"), "strong"))
        counts.inside.addLayout(steps)
        self._sentence = Label("", tone="muted", wrap=True)
        counts.inside.addWidget(self._sentence)

        self.folder = Edit()
        self.folder.installEventFilter(self)
        self._folder_field = Field(_("Memoria o carpeta"), self.folder, "exchange.folder_path")
        self.make_button = Button("exchange.make", self.make_stick, primary=self.opened.enrolled)
        self.read_button = Button("exchange.read", self.read_stick)
        self._folder_button = Button("exchange.folder", self.choose_folder)
        stick = Card()
        stick.inside.addWidget(Label(_("Memoria USB"), "strong"))
        stick.inside.addWidget(self._folder_field)
        stick.inside.addLayout(row(self._folder_button, None, self.read_button, self.make_button, spacing=12))
        self._doing = Label("", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Avance"))
        self._stop = Button("exchange.stop", self.stop, quiet=True)
        self._busy = QWidget()
        busy = column(self._doing, self._bar, spacing=6)
        busy.addLayout(row(None, self._stop))
        self._busy.setLayout(busy)
        self._busy.hide()
        self._said = Complaint()
        self._done_sign, self._done_words = (
            sign("circle-check", "good", 24),
            Label("", "strong", tone="good", wrap=True),
        )
        self._done_words.setObjectName("exchange.done")
        self._done_line = QWidget()
        done = row(self._done_sign, self._done_words, spacing=10)
        done.setStretch(1, 1)
        self._done_line.setLayout(done)
        self._done_line.hide()
        self._results = column(spacing=4)
        for widget in (self._busy, self._done_line, self._said):
            stick.inside.addWidget(widget)
        stick.inside.addLayout(self._results)

        self._join = Card("attention")
        self._join.inside.addWidget(
            Label(_("Esta computadora todavía no está inscrita en la oficina central"), "strong")
        )
        self._how = Label(
            _(
                "Puede registrar desde ya; nada se pierde. Para enviar, escriba la solicitud en una memoria, "
                "llévela a la central y traiga su respuesta. Las seis palabras se leen por teléfono y deben ser "
                "iguales."
            ),
            wrap=True,
        )
        self._join.inside.addWidget(self._how)
        self._words = Label("", "heading", tone="primary", wrap=True)
        self._words.setObjectName("exchange.words")
        self._words.hide()
        self._join.inside.addWidget(self._words)
        self.install_button = Button("exchange.install", self.join)
        self.request_button = Button("exchange.request", self.ask_to_join, primary=not self.opened.enrolled)
        self._join.inside.addLayout(
            row(
                self.request_button,
                self.install_button,
                None,
                spacing=12,
            )
        )
        if self.opened.enrolled:
            self._join.hide()

        self._doubts = Label("", tone="attention", wrap=True)
        inside = column(spacing=12)
        inside.addWidget(Label(_("Intercambio con la oficina central"), "heading"))
        for card in (counts, self._join, stick):
            inside.addWidget(card)
        inside.addWidget(self._doubts)
        inside.addStretch(1)
        self.setLayout(column(Scroll(inside), spacing=0))

    # -- showing ---------------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        self.reload(frozenset({"exchange"}))
        self.work.run(self, lambda desk: desk.local(FOLDER), done=self._look_for_sticks)
        self._focus_first()

    def _focus_first(self) -> None:
        """What comes first here: to join the office, and then to make a stick."""
        first = self.make_button if self._enrolled else self.request_button
        (first if first.isEnabled() else self.folder).setFocus(Qt.FocusReason.OtherFocusReason)

    def _look_for_sticks(self, last: str | None) -> None:
        self.work.aside(self, lambda: likely_folder(last), done=self._offer_folder)

    def _offer_folder(self, folder: str) -> None:
        if folder:
            self.folder.suggest(folder)

    def reload(self, changed: frozenset[str]) -> None:
        if changed & {"family", "arrival", "service", "exchange"}:
            self.work.run(self, lambda desk: desk.status(), done=self.show_status)

    def show_status(self, status: dict[str, Any]) -> None:
        """Counts by how far they came; a lamp for each step."""
        steps = {
            "unsent": _("sin enviar"),
            "sent": _("enviado"),
            "arrived": _("llegó"),
            "safe": _("a salvo"),
        }
        tones = {"unsent": "attention", "sent": "attention", "arrived": "primary", "safe": "good"}
        icons = {"unsent": "database", "sent": "usb", "arrived": "inbox", "safe": "cloud-check"}
        for state in STATES:
            n = int(status.get(state, 0))
            self._numbers[state].setText(str(n))
            self._lamps[state].show_state(tones[state] if n else "muted", steps[state], icons[state])
        unsent = int(status.get("unsent", 0))
        if not unsent:
            words = _("No hay nada pendiente de enviar en esta computadora.")
        elif self._enrolled:
            words = ngettext(
                "{n} cambio existe solo en esta computadora: haga una memoria.",
                "{n} cambios existen solo en esta computadora: haga una memoria.",
                unsent,
            )
        else:
            words = ngettext(
                "{n} cambio está solo en esta computadora.", "{n} cambios están solo en esta computadora.", unsent
            )
        self._sentence.setText(words.format(n=unsent))
        doubts = int(status.get("doubts", 0))
        self._doubts.setText(
            ngettext("{n} dato tiene dos respuestas.", "{n} datos tienen dos respuestas.", doubts).format(n=doubts)
            if doubts
            else ""
        )

    # -- the stick ---------------------------------------------------------------------------------------------------

    def choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, _("Elegir carpeta"), self.folder.value(), QFileDialog.Option.DontUseNativeDialog
        )
        if chosen:
            self.folder.setText(chosen)
            self._focus_first()

    def _chosen(self) -> Path | None:
        if not self.folder.value():
            self._folder_field.complain(_("Ponga la memoria y elija su carpeta (3)."))
            self.folder.setFocus()
            return None
        self._folder_field.complain("")
        return Path(self.folder.value())

    def make_stick(self) -> None:
        folder = self._chosen()
        if folder is None or self._working:
            return

        def make(desk: Any, report: Any) -> Any:
            from returnee_desk.sync import exchange

            desk.set_local(FOLDER, str(folder))
            return exchange.export(desk, folder, progress=report)

        self._begin(_("Escribiendo y leyendo de vuelta…"))
        self._job = self.work.run(
            self, make, done=self._made, failed=self._failed, progress=self._progress, changed={"exchange"}
        )

    def read_stick(self) -> None:
        folder = self._chosen()
        if folder is None or self._working:
            return

        def read(desk: Any, report: Any) -> Any:
            from returnee_desk.sync import exchange

            desk.set_local(FOLDER, str(folder))
            return exchange.import_(desk, folder, progress=report)

        self._begin(_("Leyendo la memoria…"))
        self._job = self.work.run(
            self,
            read,
            done=self._read,
            failed=self._failed,
            progress=self._progress,
            changed={"exchange", "family", "arrival", "service"},
        )

    def _begin(self, words: str) -> None:
        self._working = True
        self._doing.setText(words)
        self._bar.setRange(0, 0)
        self._busy.show()
        self._done_line.hide()
        self._said.say("")
        empty(self._results)
        self._enable(False)
        self._stop.setFocus()

    def _enable(self, on: bool) -> None:
        for button in (self.make_button, self.read_button, self._folder_button):
            button.setEnabled(on)

    def _progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(done)

    def stop(self) -> None:
        if self._working and self._job is not None:
            self._job.stop()
            self._doing.setText(_("Deteniendo…"))

    def _end(self) -> None:
        self._working = False
        self._busy.hide()
        self._enable(True)
        self._focus_first()

    def _made(self, done: Any) -> None:
        self._end()
        self._done_words.setText(_("Leída de vuelta y es igual. Ya puede sacar la memoria."))
        self._done_line.show()
        self._list_counts(done)

    def _read(self, done: Any) -> None:
        self._end()
        self._done_words.setText(_("La memoria está leída. Ya puede sacarla."))
        self._done_line.show()
        self._list_counts(done)

    def _list_counts(self, done: Any) -> None:
        self._results.addWidget(
            Label(
                _("Paquetes {bundles} · cambios {operations} · familias {families}").format(
                    bundles=done.bundles, operations=done.operations, families=done.families
                ),
                tone="muted",
                wrap=True,
            )
        )
        for one in getattr(done, "refused", None) or []:
            complaint = Complaint()
            complaint.say(f"{one['file']}: {say_error(DeskError(one['code']))}")
            self._results.addWidget(complaint)

    def _failed(self, error: DeskError) -> None:
        self._end()
        if error.code == "stopped":
            self._said.say(_("Detenido. Lo guardado sigue igual; la memoria puede hacerse otra vez."), "attention")
        else:
            self._said.say(say_error(error))

    # -- joining the office --------------------------------------------------------------------------------------------

    def ask_to_join(self) -> None:
        folder = self._chosen()
        if folder is None or self.opened.enrolled:
            return
        file = folder / f"inscripcion-{self.opened.place}-{self.opened.letter}.pedido"

        def request(desk: Any) -> str:
            from returnee_desk.sync.founding import request_enrolment

            return str(request_enrolment(desk, file).words)

        self.work.run(self, request, done=self._show_words, failed=self._failed)

    def _show_words(self, words: str) -> None:
        self._words.setText(words)
        self._words.show()
        self.told.emit(_("Solicitud escrita. Lea las seis palabras por teléfono a la central."), "good", None)

    def join(self) -> None:
        if self.opened.enrolled:
            return
        chosen, _kind = QFileDialog.getOpenFileName(
            self, _("Instalar la respuesta"), self.folder.value(), options=QFileDialog.Option.DontUseNativeDialog
        )
        if chosen:
            self.install(Path(chosen))

    def install(self, answer: Path) -> None:
        """Install the office's answer from a file."""

        def take(desk: Any) -> str:
            from returnee_desk.sync.founding import install_enrolment

            return str(install_enrolment(desk, answer).words)

        self.work.run(self, take, done=self._joined, failed=self._failed, changed={"exchange"})

    def _joined(self, words: str) -> None:
        self._join.inside.itemAt(0).widget().setText(_("Inscrita en la oficina central"))  # type: ignore[union-attr,attr-defined]
        self._join.set_tone("true")
        self._enrolled = True
        self.joined.emit()
        for done_with in (self._how, self.request_button, self.install_button):
            done_with.hide()
        self.make_button.be_primary(True)
        self._focus_first()
        self._words.setText(words)
        self._words.show()
        self.told.emit(_("Inscrita. Compare las seis palabras con la central."), "good", None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.folder and is_enter(event):
            self.folder.take_default()
            self._focus_first()
            return True
        return False
