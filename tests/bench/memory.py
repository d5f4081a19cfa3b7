"""How much memory the running app takes over a practice desk of the season, against a bare PySide6 window.

Both are new processes, offscreen; what counts is the resident set once the window is painted, the desk unlocked and
the Today screen filled. Linux alone can tell it this way.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench._season import PASSPHRASE, fill

_RESIDENT = """
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) // 1024
"""
BARE = (
    _RESIDENT
    + """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv[:1])
window = QMainWindow()
window.resize(1366, 768)
window.show()
app.processEvents()
print(resident())
"""
)
OURS = (
    _RESIDENT
    + """
import os, sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from returnee_desk.app import build
app = QApplication(sys.argv[:1])
window = build(app, Path(sys.argv[1]))
window.resize(1366, 768)
window.show()
window.enter_with(sys.argv[2])
end = time.monotonic() + 30
while (window.shell is None or not window.work.idle) and time.monotonic() < end:
    app.processEvents()
assert window.shell is not None
print(resident())
sys.stdout.flush()
os._exit(0)
"""
)


def run(quick: bool) -> dict[str, Any]:
    """MB resident. Goal: ours 150."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder) / "post", quick).close()
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

        def resident(program: str) -> int:
            command = [sys.executable, "-c", program, str(Path(folder) / "post"), PASSPHRASE]
            return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

        floor, ours = resident(BARE), resident(OURS)
    return {"floor_mb": floor, "ours_mb": ours, "ratio": round(ours / floor, 2), "goal_mb": 150}
