"""The window's beginning: look, worker, window, and the one handler for what is our own fault."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from returnee_desk.words import _, set_language

if TYPE_CHECKING:
    from returnee_desk.ui.window import Window


def run(folder: Path, *, user: str | None = None, passphrase: str | None = None, lang: str | None = None) -> int:
    """Open the window over the desk in `folder` and stay until it is closed. With a passphrase, unlock at once."""
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    window = build(app, folder, user=user, lang=lang)
    window.resize(app.primaryScreen().availableGeometry().size())
    window.showMaximized()
    window.activateWindow()
    if passphrase is not None:
        window.enter_with(passphrase)
    return app.exec()


def build(app: object, folder: Path, *, user: str | None = None, lang: str | None = None) -> Window:
    """The window over a desk folder, not yet shown."""
    from PySide6.QtWidgets import QApplication

    from returnee_desk.ui import theme
    from returnee_desk.ui.window import Window
    from returnee_desk.ui.work import Work

    assert isinstance(app, QApplication)
    app.setApplicationName("returnee-desk")
    app.setApplicationDisplayName("Returnee Desk")
    app.setWindowIcon(theme.icon("users-group", "primary", 64))
    look = theme.read_look(folder / "look.txt")
    if lang is not None:
        look = look._replace(language=lang)
    set_language(look.language)
    theme.apply(app, look)
    window = Window(Work(), folder, user=user)
    sys.excepthook = Handler(window)
    return window


class Handler:
    """Takes what nobody caught: our own fault. The log gets where it happened, never a value; staff get a
    sentence; the draft in the file and everything saved stay as they are."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._telling = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return sys.__excepthook__(kind, error, trace)
        import logging
        import traceback

        where = " < ".join(
            f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(traceback.extract_tb(trace))
        )
        logging.getLogger("returnee_desk").error("unexpected %s at %s", kind.__name__, where)
        sys.stderr.write(f"unexpected {kind.__name__} at {where}\n")
        if self._telling:
            return None
        self._telling = True
        try:
            self._window.tell(
                _(
                    "Algo falló dentro del programa ({what}). Lo guardado está a salvo y lo que escribía está en su "
                    "borrador. Puede seguir; si se repite, cierre y abra el programa."
                ).format(what=kind.__name__),
                "stop",
            )
        finally:
            self._telling = False
