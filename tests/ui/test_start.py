"""Starting is quick, and a killed program loses nothing that was typed: both told by a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from returnee_desk.store.desk import Desk
from tests.ui.desks import PASSPHRASE, USER

HEAVY = ("reportlab", "cryptography.hazmat.primitives.asymmetric", "phonenumbers", "pyrage", "zstandard", "numpy",
         "pandas", "PySide6.QtPdf", "PySide6.QtPrintSupport", "PySide6.QtNetwork", "rapidfuzz", "segno")  # fmt: skip

START = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from returnee_desk import app
application = QApplication([])
window = app.build(application, Path(sys.argv[1]))
window.show()
application.processEvents()
print(",".join(sorted(sys.modules)))
window.close()
"""

TYPE = """
import signal, sys, time
signal.alarm(120)
from pathlib import Path
from PySide6.QtWidgets import QApplication
from returnee_desk.ui.work import Work
from tests.ui.desks import open_window
from tests.ui.keyboard import Keyboard
application = QApplication([])
window = open_window(Path(sys.argv[1]), work=Work())
hands = Keyboard(window)
while window.shell is None or not window.shell.isVisible():
    application.processEvents()
hands.press("Ctrl+N")
for letter in "ana lucrecia choc":
    hands.write(letter)
end = time.monotonic() + 0.2
while time.monotonic() < end:
    application.processEvents()
print("typed", flush=True)
while True:
    application.processEvents()
"""


def environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": root}


def test_the_first_screen_is_painted_without_the_heavy_parts(desk_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, str(desk_folder)], env=environment(), capture_output=True, text=True, check=True
    )
    loaded = done.stdout.strip().splitlines()[-1].split(",")
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not there")
def test_killed_after_two_tenths_of_a_second_what_was_typed_is_offered_back(desk_folder: Path) -> None:
    typing = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", TYPE, str(desk_folder)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert typing.stdout is not None
    assert typing.stdout.readline().strip() == "typed"
    typing.send_signal(signal.SIGKILL)
    typing.wait()
    typing.stdout.close()
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        [draft] = desk.drafts()
    kept: dict[str, Any] = draft.data
    assert kept["lines"][0]["given_names"]["text"] == "ana lucrecia choc"
    assert (kept["row"], kept["field"], kept["cursor"]) == (0, "given_names", 17)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not there")
def test_nothing_typed_can_be_read_outside_the_encrypted_file(desk_folder: Path) -> None:
    typing = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", TYPE.replace("choc", "zzquetzal"), str(desk_folder)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert typing.stdout is not None
    assert typing.stdout.readline().strip() == "typed"
    typing.send_signal(signal.SIGKILL)
    typing.wait()
    typing.stdout.close()
    for file in desk_folder.rglob("*"):
        if file.is_file():
            assert b"zzquetzal" not in file.read_bytes().lower(), file.name
