"""Screens are tested on real widgets over a real encrypted desk; the worker does each job when it is asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from returnee_desk.store import slots
from returnee_desk.ui import theme
from returnee_desk.ui.window import Window
from returnee_desk.ui.work import Work
from tests.ui.desks import make_desk, open_window
from tests.ui.keyboard import Keyboard


@pytest.fixture(scope="session", autouse=True)
def passphrases_stretched_once() -> Iterator[None]:
    """Argon2 gives the same bytes for the same passphrase and slot; the screens' tests need not wait for it again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slots, "_stretched", cache(slots._stretched))
        yield


@pytest.fixture(scope="session")
def made_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A post with an open bus, made once; each test works on its own copy."""
    return make_desk(tmp_path_factory.mktemp("desk") / "post")


@pytest.fixture
def desk_folder(made_desk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_desk, tmp_path / "desk"))


@pytest.fixture
def opening(qapp: QApplication, desk_folder: Path) -> Iterator[Callable[..., Window]]:
    """Opens windows over the desk and closes them after the test."""
    opened: list[Window] = []

    def open_one(*, work: Work | None = None, size: tuple[int, int] = (1366, 768)) -> Window:
        opened.append(open_window(desk_folder, work=work, size=size))
        return opened[-1]

    yield open_one
    for window in opened:
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.apply(qapp, theme.Look())


@pytest.fixture
def window(opening: Callable[..., Window]) -> Window:
    return opening()


@pytest.fixture
def hands(window: Window) -> Keyboard:
    return Keyboard(window)
