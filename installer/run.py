"""Starts Returnee Desk with a practice desk: `python3 installer/run.py`.

Makes the environment first (see environment.py). Where there is no screen, or with `--text`, the same day is walked
through in text instead: buses, families, services, papers, a stick to the office, and the figures.
Everything it makes lies in the folder `practice` beside the README; the families are invented.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from environment import ROOT, Missing, clean_environment, prepare, say

PASSPHRASE = "practica"  # noqa: S105 - every practice desk has it, and real desks refuse what practice desks write
LOCAL = timezone(timedelta(hours=-6))  # Guatemala


def main() -> int:
    words = argparse.ArgumentParser(prog="installer/run.py", description="Returnee Desk with a practice desk.")
    words.add_argument("--text", action="store_true", help="walk through the day in text, without a window")
    words.add_argument(
        "--folder", type=Path, default=ROOT / "practice", help="where practice lives (default: practice)"
    )
    asked = words.parse_args()
    text = asked.text or not has_screen()
    try:
        python = prepare(window=not text)
    except Missing as missing:
        say(str(missing))
        return 1
    folder = asked.folder.resolve()
    try:
        return walk(python, folder) if text else window(python, folder)
    except KeyboardInterrupt:
        return 130


def has_screen() -> bool:
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def desk(python: Path, *words: str) -> int:
    """Runs the program and answers how it ended."""
    return subprocess.run([str(python), "-m", "returnee_desk", *words], env=clean_environment()).returncode


def window(python: Path, folder: Path) -> int:
    """The program itself on the practice desk, which is made the first time and kept."""
    day = folder / "window"
    if not (day / "post" / "desk.db").exists():
        ended = desk(python, "demo", str(day))
        if ended != 0:
            return ended
    say(f"Opening the practice desk in {day / 'post'}. Its passphrase is: {PASSPHRASE}")
    return desk(python, "--desk", str(day / "post"))


def walk(python: Path, folder: Path) -> int:
    """From the bus to the figures in text; what comes out stays in a new folder."""
    day = folder / f"text-{datetime.now(LOCAL):%Y%m%d-%H%M%S}"
    say("The day in text, with invented families:")
    ended = desk(python, "demo", str(day))
    if ended == 0:
        say(f"The papers (pdf), the stick (usb) and both desks are in {day}")
    return ended


if __name__ == "__main__":
    raise SystemExit(main())
