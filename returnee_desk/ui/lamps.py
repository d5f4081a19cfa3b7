"""What the lamps in the status bar tell: battery, disk, clock. Plain readings of this PC; no Qt."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

DISK_LOW = 500 * 1024 * 1024
"""Bytes free below which a save may soon find no room (fault 10)."""
EARLIEST_YEAR, LATEST_YEAR = 2026, 2060
JUMP = 300.0
"""Seconds by which the wall clock may drift from the steady one before we say that it jumped."""


class Battery(NamedTuple):
    percent: int
    plugged: bool


def battery(supplies: Path = Path("/sys/class/power_supply")) -> Battery | None:
    """The battery's charge, or None where there is none to be seen."""
    if sys.platform == "win32":
        return _windows_battery()
    try:
        for supply in sorted(supplies.iterdir()):
            if (supply / "type").read_text().strip() == "Battery":
                percent = int((supply / "capacity").read_text())
                return Battery(percent, (supply / "status").read_text().strip() != "Discharging")
    except (OSError, ValueError):
        return None
    return None


def _windows_battery() -> Battery | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("line", ctypes.c_byte), ("flag", ctypes.c_byte), ("percent", ctypes.c_ubyte), ("system", ctypes.c_byte),
            ("left", ctypes.c_ulong), ("full", ctypes.c_ulong),
        )  # fmt: skip

    status = Status()
    known = ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status))  # type: ignore[attr-defined]
    return Battery(status.percent, status.line == 1) if known and status.percent <= 100 else None


def disk_free(folder: Path) -> int | None:
    """Bytes free where the desk file is."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


class ClockWatch:
    """Notices a clock that cannot be right, or that was moved while the program ran. Work goes on: no rule of
    the desk trusts the clock; only what is shown and printed does."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._start = wall() - steady()

    def looks_wrong(self) -> bool:
        year = datetime.fromtimestamp(max(0.0, min(self._wall(), 4e9)), UTC).year
        return not EARLIEST_YEAR <= year <= LATEST_YEAR or abs(self._wall() - self._steady() - self._start) > JUMP
