"""`python -m tests.screenshots FOLDER`: a picture of every screen, to be looked at by people.

Spanish, 1366 × 768: light, dark, and at 200 per cent; the desk is a real one with invented families.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from returnee_desk import acts
from returnee_desk.store.desk import Desk
from returnee_desk.ui import theme
from returnee_desk.ui.window import Window
from returnee_desk.ui.work import AtOnce
from tests.ui.desks import PASSPHRASE, USER, make_desk, open_window
from tests.ui.keyboard import Keyboard

LOOKS = {
    "light": theme.Look(),
    "dark": theme.Look(dark=True),
    "light200": theme.Look(scale=200),
    "dark130": theme.Look(dark=True, scale=130),
}
NAMES = (
    ("Reyna Isabel", "Choc Caal", "Kevin"),
    ("Guadalupe de los Ángeles", "de la Cruz Monterroso", "Ángel Gabriel"),
    ("Micaela", "Us Tzoc", "Tomasa"),
    ("Wendy Maribel", "Ramírez", "Dylan"),
)


def fill(folder: Path) -> None:
    """Some families, so that lists have something to show."""
    with Desk.open(folder, user=USER, passphrase=PASSPHRASE) as desk:
        arrival = desk.arrivals()[0].id
        desk.do(acts.mark_row, arrival, 12, mark="child_alone")
        desk.do(acts.mark_row, arrival, 13, mark="ill")
        for n, (given, surnames, child) in enumerate(NAMES):
            desk.do(
                acts.register_family,
                {
                    "arrival": arrival,
                    "consent": {"register": True, "share": False, "how": "spoken", "asked_in": "spa"},
                    "destination": {"municipality": "1601"},
                    "members": [
                        {"given_names": given, "surnames": surnames, "sex": "F", "age": 24 + n, "role": "MADRE"},
                        {"given_names": child, "surnames": surnames, "sex": "M", "age": 2 + n, "role": "HIJO"},
                    ],
                    "services": ["KIT_HIG", "ALIM"] if n % 2 else [],
                },
            )


def type_family(hands: Keyboard, window: Window, picture: Callable[[str], None]) -> None:
    hands.press("Ctrl+N")
    picture("family-empty")
    hands.write("guadalupe")
    hands.press("Return")
    hands.write("de la cruz monterroso")
    hands.press("Return")
    hands.write("12/3/98")
    hands.press("Tab")
    hands.press("Tab")
    hands.write("2345678981217")
    hands.press("Tab")
    hands.write("emb")
    picture("family-typing")
    hands.press("Return")
    hands.write("josé")
    hands.press("Return")
    hands.write("m")
    hands.press("Return")
    hands.write("4")
    hands.press("Return")
    hands.write("ana lucía")
    hands.press("Return")
    hands.write("f")
    hands.press("Return")
    hands.write("7m")
    hands.press("Down")
    hands.write("barillas")
    picture("family-municipality")
    hands.press("Return")
    hands.press("Return")
    hands.write("40125678")
    hands.press("Return")
    hands.write("kjb")
    hands.press("Return")
    hands.answer("p")
    hands.press("F4")
    picture("family-consent")
    hands.answer("2sn")
    hands.press("Ctrl+S")
    picture("family-wrong-document")
    shell = window.shell
    assert shell is not None
    line = shell.current.grid.lines[0]  # type: ignore[attr-defined]
    line.editors["documents"].setText("2345678991217")
    hands.press("Ctrl+P")
    picture("view-slip")
    hands.answer("12")
    picture("view-given")
    hands.press("Ctrl+H")
    picture("view-sheet")


def take(target: Path, name: str, look: theme.Look) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory() as temporary:
        desk = Path(temporary) / "desk"
        theme.apply(app, look)

        def save(window: Window, what: str) -> None:
            for _ in range(3):
                QApplication.processEvents()
            window.grab().save(str(target / f"{name}-{what}.png"))

        desk.mkdir()
        theme.keep_look(desk / "look.txt", look)
        first = Window(AtOnce(), desk)
        first.resize(1366, 768)
        first.show()
        save(first, "first-start")
        first.close()
        make_desk(desk)
        locked = Window(AtOnce(), desk)
        locked.resize(1366, 768)
        locked.show()
        locked.enter_with("otra cosa")
        save(locked, "unlock-wrong")
        locked.close()
        empty = open_window(desk)
        save(empty, "today-empty")
        empty.close()
        fill(desk)
        window = open_window(desk)
        hands = Keyboard(window)
        save(window, "today")
        hands.press("Ctrl+B")
        save(window, "today-arrival")
        hands.press("Esc")
        type_family(hands, window, lambda what: save(window, what))
        hands.press("Ctrl+3")
        save(window, "exchange")
        hands.press("F1")
        save(window, "help")
        hands.press("F1")
        hands.press("Ctrl+N")
        hands.write("reina isabel")
        hands.press("Return")
        hands.write("chok cal")
        hands.press("Return")
        hands.write("24")
        shell = window.shell
        assert shell is not None
        shell.current.earlier._ask()  # type: ignore[attr-defined]  # the picture does not wait for typing to rest
        hands.press("F6")
        save(window, "family-earlier")
        hands.press("Ctrl+N")
        hands.write("kevin")
        hands.press("Return")
        hands.write("choc")
        hands.press("Return")
        hands.press("Tab")
        hands.write("hijo")
        save(window, "family-child-alone")
        hands.press("Ctrl+1")
        save(window, "today-draft")
        hands.press("Ctrl+F")
        hands.write("choc")
        box = hands.target()
        box._ask()  # type: ignore[attr-defined]  # the picture does not wait for the pause after typing
        save(window, "find")
        window.close()


def main() -> int:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:] or list(LOOKS)
    for name in wanted:
        take(target, name, LOOKS[name])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
