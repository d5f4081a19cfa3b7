"""How long the program takes from the beginning of the process to a painted window, against a bare PySide6 window.

Both are new processes, offscreen, in turn. The floor shows an empty window and ends once it is painted and idle.
Ours is the real program over a practice desk of the season, unlocked with a passphrase given beforehand: the same
until the window is painted and idle (the passphrase's own 0.2 s of Argon2 run on the worker and are not waited for).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench._season import compared, fill, timed

BARE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv[:1])
window = QMainWindow()
window.resize(1366, 768)
window.show()
app.processEvents()
QTimer.singleShot(0, app.quit)
app.exec()
"""
OURS = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from returnee_desk.app import build
app = QApplication(sys.argv[:1])
window = build(app, Path(sys.argv[1]))
window.resize(1366, 768)
window.show()
app.processEvents()
QTimer.singleShot(0, app.quit)
app.exec()
heavy = [name for name in ("pandas", "numpy", "reportlab", "phonenumbers", "cryptography.hazmat.primitives.asymmetric")
         if name in sys.modules]
print(" ".join(heavy))
sys.stdout.flush()
import os
os._exit(0)
"""


def run(quick: bool) -> dict[str, Any]:
    """Milliseconds a start. `ratio`: ours to the bare window; goal 1.6. `heavy` must be empty: what is imported
    at first paint though nothing on the screen needs it."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder) / "post", quick).close()
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

        def start(program: str) -> str:
            done = subprocess.run(
                [sys.executable, "-c", program, str(Path(folder) / "post")],
                env=environment, capture_output=True, text=True, check=True,
            )  # fmt: skip
            return done.stdout.strip()

        for program in (BARE, OURS):
            start(program)
        pairs = [(timed(lambda: start(BARE)), timed(lambda: start(OURS))) for _ in range(5 if quick else 20)]
        heavy = start(OURS).split()
    return {**compared(pairs), "goal": 1.6, "heavy": heavy}
