"""How many keys a family costs, at the real window with key events, from "new family" to "slip previewed".

Counted is every key beyond the letters and digits of what the family tells: spaces and strokes inside the data,
Tab, Enter, the keys that answer questions, and each Ctrl or Shift held down as a key of its own.
The data are those of the specification's example, and a family of four from another place.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from tests.ui.desks import make_desk, open_window
from tests.ui.keyboard import Keyboard

GOALS = {"mother_and_child": 25, "family_of_four": 45}


def mother_and_child(hands: Keyboard) -> None:
    """María Elena Xiloj Tzul, 2/5/94, CUI, breastfeeding; José, 4. Tajumulco, a village, a phone, Mam."""
    hands.press("Return")
    hands.write("maría elena")
    hands.press("Return")
    hands.write("xiloj tzul")
    hands.press("Return")
    hands.write("020594")
    hands.press("Tab", 2)
    hands.write("2345678991217")
    hands.press("Tab")
    hands.write("lact")
    hands.press("Return")
    hands.write("josé")
    hands.press("Return")
    hands.write("m")
    hands.press("Return")
    hands.write("4")
    hands.press("Down")
    hands.write("tajum")
    hands.press("Return")
    hands.write("aldea la independencia")
    hands.press("Return")
    hands.write("55512345")
    hands.press("Return")
    hands.write("mam")
    hands.press("Return")
    hands.answer("pn")
    hands.answer("2sn")
    hands.press("Ctrl+P")


def family_of_four(hands: Keyboard) -> None:
    """Mother, father and two children, one of them with a paper; Huehuetenango, Q'anjob'al, an interpreter."""
    hands.press("Return")
    hands.write("eulalia")
    hands.press("Return")
    hands.write("pedro juan")
    hands.press("Return")
    hands.write("1991")
    hands.press("Return")
    hands.write("mateo")
    hands.press("Tab")
    hands.write("francisco domingo")
    hands.press("Return")
    hands.write("m")
    hands.press("Return")
    hands.write("34")
    hands.press("Return")
    hands.write("ana lucía")
    hands.press("Return")
    hands.write("f")
    hands.press("Return")
    hands.write("120315")
    hands.press("Tab", 2)
    hands.write("part 4511")
    hands.press("Return")
    hands.write("juan mateo")
    hands.press("Return")
    hands.write("m")
    hands.press("Return")
    hands.write("7m")
    hands.press("Down")
    hands.write("barillas")
    hands.press("Return", 2)
    hands.write("40125678")
    hands.press("Return")
    hands.write("kjb")
    hands.press("Return")
    hands.answer("ps")
    hands.answer("4sn")
    hands.press("Ctrl+P")


def run(quick: bool) -> dict[str, Any]:
    """Keys beyond the data per family, with the letters and digits of the data beside them."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    found: dict[str, Any] = {"bench": "typing", "goals": GOALS}
    with tempfile.TemporaryDirectory() as folder:
        window = open_window(make_desk(Path(folder) / "desk"))
        for walk in (mother_and_child, family_of_four):
            hands = Keyboard(window)
            hands.press("Ctrl+1")
            assert hands.at == "today.new_family", "Today does not begin at its primary button"
            hands.beyond = hands.held = 0
            begun = time.perf_counter()
            walk(hands)
            seconds = time.perf_counter() - begun
            shell = window.shell
            assert shell is not None
            screen = shell.current
            assert screen.name == "view", "the family was not saved"
            assert screen.pages.count == 1, "no slip is shown"  # type: ignore[attr-defined]
            found[walk.__name__] = {
                "keys_beyond_data": hands.beyond,
                "with_ctrl_held_as_no_key": hands.beyond - hands.held,
                "data_keys": hands.data,
                "goal": GOALS[walk.__name__],
                "program_ms_per_key": round(1000 * seconds / (hands.beyond + hands.data), 1),
            }
        window.close()
    return found


if __name__ == "__main__":
    import json

    sys.stdout.write(json.dumps(run(False), indent=1) + "\n")
