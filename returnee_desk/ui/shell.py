"""Everything around the screens of an open desk: rail, header, lamps, quiet bar, help.

Screens announce facts; here they are connected. What staff may do and see is decided by the screens and below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QPushButton, QSizePolicy, QStackedWidget, QWidget

from returnee_desk.errors import DeskError
from returnee_desk.ui import theme
from returnee_desk.ui.actions import COMMANDS, bind
from returnee_desk.ui.find import FindBox
from returnee_desk.ui.inputs import Edit
from returnee_desk.ui.lamp_bar import LampBar
from returnee_desk.ui.parts import Button, Elided, Label, Screen, clock_text, column, row, say_error, sign
from returnee_desk.ui.quiet import QuietBar
from returnee_desk.ui.unlock import Opened
from returnee_desk.ui.work import Work
from returnee_desk.words import _

RAIL_BELOW = 1280
"""Pixels at 100 per cent below which the rail shows icons alone."""
LAMPS_EVERY = 15_000
WARM_AFTER = 1_500
"""Milliseconds after which the screens gone to next are made ready, so that the first family waits for nothing."""
WARM_NEXT = 200


class Rail(QFrame):
    """Where one can go, at the left; icons alone where there is little width."""

    def __init__(self, places: list[tuple[str, Callable[[], None]]]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self._buttons: dict[str, QPushButton] = {}
        self._wide: bool | None = None
        layout = column(spacing=4)
        layout.setContentsMargins(12, 16, 12, 16)
        for name, slot in places:
            button = QPushButton()
            button.setObjectName(name)
            button.setAccessibleName(COMMANDS[name].text)
            button.setCheckable(name != "window.new_family")
            button.clicked.connect(lambda _checked=False, go=slot: go())
            self._buttons[name] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self.setLayout(layout)
        self.fit(True)

    def mark(self, name: str) -> None:
        for known, button in self._buttons.items():
            if button.isCheckable():
                button.setChecked(known == name)
            self._dress(known, button)

    def fit(self, wide: bool) -> None:
        if wide == self._wide:
            return
        self._wide = wide
        self.setFixedWidth(theme.look().px(200 if wide else 64))
        for name, button in self._buttons.items():
            button.setProperty("rail", "true" if wide else "icons")
            self._dress(name, button)
            button.style().unpolish(button)
            button.style().polish(button)

    def _dress(self, name: str, button: QPushButton) -> None:
        command = COMMANDS[name]
        button.setText(f"  {command.text}" if self._wide else "")
        button.setToolTip(f"{command.text}  {command.key_text}")
        button.setIcon(theme.icon(command.icon, "primary" if button.isChecked() else "text"))
        side = theme.look().px(20)
        button.setIconSize(QSize(side, side))


class Header(QFrame):
    """The place, the arrival being worked on, the search box, and who works here."""

    def __init__(self, opened: Opened, find: FindBox, lock: Callable[[], None], guide: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("header")
        place = Elided(f"{opened.place_name} · {opened.place} {opened.letter}", "strong")
        place.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._chip = QFrame()
        self._chip.setObjectName("chip")
        self._chip_words = Elided("", "caption")
        self._chip.setMinimumWidth(theme.look().px(120))
        chip = row(sign("bus", "muted", 16), self._chip_words, spacing=6)
        chip.setStretch(1, 1)
        chip.setContentsMargins(10, 4, 10, 4)
        self._chip.setLayout(chip)
        self._chip.hide()
        user = Elided(opened.user, "body")
        user.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        user.setMaximumWidth(theme.look().px(180))
        self._lock = Button("window.lock", lock, quiet=True)
        self._guide = Button("window.help", guide, quiet=True)
        line = row(place, self._chip, find, sign("user", "muted", 18), user, self._guide, self._lock, spacing=12)
        line.setStretch(1, 5)
        line.setStretch(2, 4)
        line.setContentsMargins(20, 6, 12, 6)
        self.setLayout(line)
        self._user = user
        find.setMinimumWidth(theme.look().px(120))

    def fit(self, wide: bool) -> None:
        """Icons alone where there is little width."""
        for button in (self._guide, self._lock):
            button.be_brief(0 if wide else 2)
        self._user.setVisible(wide)

    def show_arrival(self, arrival: Any) -> None:
        self._chip.setVisible(arrival is not None)
        if arrival is not None:
            done = arrival.row_count - len(arrival.missing_rows)
            self._chip_words.setText(
                _("{label} · {time} · {done} de {rows} registradas").format(
                    label=arrival.label, time=clock_text(arrival.at), done=done, rows=arrival.row_count
                )
            )


@dataclass(eq=False)
class Place:
    """A screen of the shell and the rail's button for it."""

    screen: Screen
    button: str


class Shell(QWidget):
    """Everything around the screens of an open desk."""

    lock_wanted = Signal()

    def __init__(self, work: Work, opened: Opened, folder: Path) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.work, self.opened, self.folder = work, opened, folder
        self.closed = False
        self._places: dict[str, Place] = {}
        self._registers = opened.kind == "post" and opened.may("register")
        self._stack = QStackedWidget()
        self.find_box = FindBox(work)
        self.find_box.family_chosen.connect(self.show_family)
        self.find_box.setEnabled(opened.may("read"))
        self.header = Header(opened, self.find_box, self.lock_wanted.emit, self.show_guide)
        self.status = LampBar(folder)
        places: list[tuple[str, Callable[[], None]]] = [("window.today", self.show_today)]
        if self._registers:
            places += [("window.new_family", self.new_family), ("window.family", self.show_form)]
        if opened.may("exchange"):
            places.append(("window.exchange", self.show_exchange))
        self.rail = Rail(places)
        middle = column(self.header, self._stack, spacing=0)
        middle.setStretch(1, 1)
        across = row(self.rail, spacing=0)
        across.addLayout(middle, 1)
        whole = column(spacing=0)
        if opened.practice:
            whole.addWidget(_practice_band())
        whole.addLayout(across, 1)
        whole.addWidget(self.status)
        self.setLayout(whole)
        self.quiet = QuietBar(self, self.status)
        self._guide: QWidget | None = None
        for name, slot in (
            *places,
            ("window.find", self.find_box.begin),
            ("window.help", self.show_guide),
            ("window.undo", self.quiet.undo),
            ("window.lock", self.lock_wanted.emit),
        ):
            bind(self, name, slot)
        work.changed.connect(self._reload)
        work.failed.connect(self._tell_failed)
        self._lamp_clock = QTimer(self)
        self._lamp_clock.timeout.connect(self.status.read)
        self._lamp_clock.start(LAMPS_EVERY)
        QTimer.singleShot(WARM_AFTER, self, self._warm)
        self.show_today()
        self._reload(frozenset({"exchange", "arrival"}))

    # -- places ------------------------------------------------------------------------------------------------

    def _place(self, name: str) -> Screen:
        """The screen, made when it is first gone to."""
        if name not in self._places:
            made: Screen
            if name == "today":
                from returnee_desk.ui.today import TodayScreen

                made = TodayScreen(self.work, self.opened)
                made.new_family_wanted.connect(self.new_family)
                made.draft_chosen.connect(self.open_draft)
                made.family_chosen.connect(self.show_family)
                made.exchange_wanted.connect(self.show_exchange)
            elif name == "family":
                from returnee_desk.ui.family import FamilyScreen

                made = FamilyScreen(self.work)
                made.registered.connect(self._registered)
            elif name == "view":
                from returnee_desk.ui.family_view import FamilyView

                made = FamilyView(self.work, self.opened)
                made.next_wanted.connect(self.new_family)
            else:
                from returnee_desk.ui.exchange import ExchangeScreen

                made = ExchangeScreen(self.work, self.opened)
                made.joined.connect(self._joined)
            made.told.connect(self.quiet.tell)
            self._stack.addWidget(made)
            self._places[name] = Place(made, "window.family" if name == "view" else f"window.{name}")
        return self._places[name].screen

    @property
    def current(self) -> Screen:
        screen = self._stack.currentWidget()
        assert isinstance(screen, Screen)
        return screen

    def go(self, name: str) -> Any:
        screen = self._place(name)
        self._stack.setCurrentWidget(screen)
        self.rail.mark(self._places[name].button)
        screen.arrive()
        stale, screen.stale = screen.stale, frozenset()
        if stale:
            screen.reload(stale)
        return screen

    def show_today(self) -> None:
        self.go("today")

    def show_form(self) -> None:
        self.go("family")

    def show_exchange(self) -> None:
        self.go("exchange")

    def new_family(self) -> None:
        self.go("family").begin()

    def open_draft(self, draft_id: str, data: dict[str, Any]) -> None:
        self.go("family").open_draft(draft_id, data)

    def show_family(self, code: str) -> None:
        self.go("view").show_family(code)

    def _registered(self, code: str, slip: bool) -> None:
        self.go("view").show_family(code, slip=slip)

    def _joined(self) -> None:
        self.opened = self.opened._replace(enrolled=True)

    def show_guide(self) -> None:
        """Open or close the help for the screen in front."""
        from returnee_desk.ui.guide import Guide

        if self._guide is not None:
            self._guide.deleteLater()
            self._guide = None
            self.current.arrive()
            return
        self._guide = Guide(self, self.current.name, self.show_guide)

    def _warm(self) -> None:
        """Make one screen that is not there yet, then leave the window to its events before the next one."""
        if self.closed:
            return
        if isinstance(QApplication.focusWidget(), Edit):  # somebody is typing: not now
            QTimer.singleShot(WARM_AFTER, self, self._warm)
            return
        wanted = ["family", "view"] if self._registers else []
        wanted += ["exchange"] if self.opened.may("exchange") else []
        missing = next((name for name in wanted if name not in self._places), None)
        if missing is not None:
            self._place(missing)
            QTimer.singleShot(WARM_NEXT, self, self._warm)
        elif self._registers:
            from PySide6 import QtPdf  # noqa: F401 - the first slip need not wait for it

    # -- reactions ---------------------------------------------------------------------------------------------

    def _reload(self, changed: frozenset[str]) -> None:
        if self.closed:
            return
        for place in self._places.values():
            if place.screen is self.current:
                place.screen.reload(changed)
            else:
                place.screen.stale |= changed
        if changed & {"family", "arrival", "service", "exchange"}:
            self.work.run(self, _counts_and_arrival, done=self._show_counts)

    def _show_counts(self, answer: tuple[dict[str, int], Any]) -> None:
        counts, arrival = answer
        self.status.show_exchange(counts)
        self.header.show_arrival(arrival)

    def _tell_failed(self, error: DeskError) -> None:
        if not self.closed:
            self.quiet.tell(say_error(error), "stop")

    def resizeEvent(self, event: object) -> None:
        wide = self.width() * 100 / theme.look().scale >= RAIL_BELOW
        self.rail.fit(wide)
        self.header.fit(wide)
        super().resizeEvent(event)  # type: ignore[arg-type]

    def keep_everything(self) -> None:
        """Ask the worker to write what is not yet written."""
        place = self._places.get("family")
        if place is not None:
            place.screen.keep_draft()  # type: ignore[attr-defined]

    def leave_for_good(self) -> None:
        self.keep_everything()
        self.closed = True
        self._lamp_clock.stop()
        for place in self._places.values():
            place.screen.leave_for_good()
        self.hide()
        self.deleteLater()


def _counts_and_arrival(desk: Any) -> tuple[dict[str, int], Any]:
    arrivals = desk.arrivals(open_only=True)
    return desk.status(), max(arrivals, key=lambda one: one.at, default=None)


def _practice_band() -> QWidget:
    band = QFrame()
    band.setObjectName("practice")
    line = row(None, Label(_("PRÁCTICA: nada de lo que escriba aquí es real"), tone="on_practice"), None)
    line.setContentsMargins(8, 2, 8, 2)
    band.setLayout(line)
    return band
