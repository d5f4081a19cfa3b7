"""The window: the unlock screen or the shell, the look, the lock after idle minutes, the end of the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from returnee_desk.ui import theme
from returnee_desk.ui.actions import bind
from returnee_desk.ui.focus import FocusRing
from returnee_desk.ui.unlock import Opened, UnlockScreen
from returnee_desk.ui.work import Work
from returnee_desk.words import set_language

if TYPE_CHECKING:
    from returnee_desk.ui.shell import Shell

IDLE_MINUTES = 5
CLIPBOARD_SECONDS = 30


class Window(QMainWindow):
    """The unlock screen or the shell, the look, the lock after idle minutes, the end of the program."""

    def __init__(self, work: Work, folder: Path, *, user: str | None = None) -> None:
        super().__init__()
        self.work, self.folder = work, folder
        self.shell: Shell | None = None
        self.unlock: UnlockScreen | None = None
        self._user = user
        self.setWindowTitle("Returnee Desk")
        self.setMinimumSize(640, 480)
        self.ring = FocusRing(self)
        for name, slot in (
            ("window.larger", self.larger),
            ("window.smaller", self.smaller),
            ("window.dark", self.other_colours),
            ("window.language", self.other_language),
        ):
            bind(self, name, slot)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MINUTES * 60_000)
        self._idle.timeout.connect(self.lock)
        self._wipe = QTimer(self)
        self._wipe.setSingleShot(True)
        self._wipe.setInterval(CLIPBOARD_SECONDS * 1000)
        self._wipe.timeout.connect(self._clear_clipboard)
        self._copied_here = ""
        QApplication.clipboard().dataChanged.connect(self._copied)
        self.show_unlock()

    # -- unlock and lock ---------------------------------------------------------------------------------------

    def show_unlock(self) -> None:
        self.unlock = UnlockScreen(self.work, self.folder, user=self._user)
        self.unlock.opened.connect(self._opened)
        self.setCentralWidget(self.unlock)
        self.ring.raise_()
        self.unlock.arrive()

    def _opened(self, opened: Opened) -> None:
        if self.unlock is not None:
            self.unlock.leave_for_good()
            self.unlock = None
        self._user = opened.user
        self._show_shell(opened)

    def _show_shell(self, opened: Opened) -> Shell:
        from returnee_desk.ui.shell import Shell

        self.shell = Shell(self.work, opened, self.folder)
        self.shell.lock_wanted.connect(self.lock)
        self.setCentralWidget(self.shell)
        self.ring.raise_()
        self.shell.current.arrive()
        self._idle.start()
        return self.shell

    def lock(self) -> None:
        """Clear the screens and close the file: afterwards nothing here holds the key."""
        if self.shell is None:
            return
        self._idle.stop()
        self._clear_clipboard()
        self.shell.leave_for_good()
        self.shell = None
        self.work.close(self, done=lambda _answer: self.show_unlock())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys and clicks as the window system hands them in, so that other events cost nothing here."""
        pressed = event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)
        if pressed and self._idle.isActive():
            self._idle.start()
        return False

    def _copied(self) -> None:
        """What is copied while this window is at work is taken out of the clipboard again."""
        if QApplication.activeWindow() is not None:
            self._copied_here = QApplication.clipboard().text()
            self._wipe.start()

    def _clear_clipboard(self) -> None:
        self._wipe.stop()
        copied, self._copied_here = self._copied_here, ""
        if copied and QApplication.clipboard().text() == copied:
            QApplication.clipboard().clear()

    def enter_with(self, passphrase: str) -> None:
        """Unlock with a passphrase given at the start."""
        if self.unlock is not None:
            self.unlock.enter.passphrase.setText(passphrase)
            self.unlock.enter.try_it()

    def tell(self, words: str, tone: str) -> None:
        """A sentence in the quiet bar, whatever is in front."""
        if self.shell is not None:
            self.shell.quiet.tell(words, tone)

    # -- the look ------------------------------------------------------------------------------------------------

    def larger(self) -> None:
        self.take_look(theme.look()._replace(scale=theme.look().larger()))

    def smaller(self) -> None:
        self.take_look(theme.look()._replace(scale=theme.look().smaller()))

    def other_colours(self) -> None:
        self.take_look(theme.look()._replace(dark=not theme.look().dark))

    def other_language(self) -> None:
        self.take_look(theme.look()._replace(language="en" if theme.look().language == "es" else "es"))

    def take_look(self, chosen: theme.Look) -> None:
        """Put another look in force and make the screens anew; what was being typed comes back from its draft."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        set_language(chosen.language)
        theme.keep_look(self.folder / "look.txt", chosen)
        if self.shell is not None:
            self._again(self.shell, lambda: theme.apply(app, chosen))
            return
        theme.apply(app, chosen)
        if self.unlock is not None:
            self.unlock.leave_for_good()
            self.show_unlock()

    def _again(self, before: Shell, apply: Callable[[], None]) -> None:
        """The screens anew, in another look; the old ones are gone first, so that Qt need not dress them."""
        name = before.current.name
        form = before._places.get("family")
        view = before._places.get("view")
        draft = (form.screen.draft_id, form.screen.draft()) if form is not None else None  # type: ignore[attr-defined]
        code = view.screen.code if view is not None else ""  # type: ignore[attr-defined]
        opened = before.opened
        before.leave_for_good()
        self.shell = None
        QCoreApplication.sendPostedEvents(before, QEvent.Type.DeferredDelete)
        apply()
        shell = self._show_shell(opened)
        if draft is not None:
            shell._place("family").open_draft(*draft)  # type: ignore[attr-defined]
        if name == "view" and code:
            shell.show_family(code)
        else:
            shell.go(name)

    # -- the end -------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self._idle.stop()
        if self.shell is not None:
            self.shell.leave_for_good()
            self.shell = None
        self.work.finish()
        super().closeEvent(event)
