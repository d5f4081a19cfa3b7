"""Runs the tests: `python3 installer/test.py`, with anything pytest takes behind it.

Makes the environment first (see environment.py), with what the tests need besides.
"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT, Missing, clean_environment, prepare, say


def main() -> int:
    try:
        python = prepare(tests=True)
    except Missing as missing:
        say(str(missing))
        return 1
    asked = sys.argv[1:]
    command = [str(python), "-m", "pytest", *([] if any(word.startswith("-n") for word in asked) else ["-n", "auto"])]
    environment = {**clean_environment(), "QT_QPA_PLATFORM": "offscreen"}
    try:
        return subprocess.run([*command, *asked], cwd=ROOT, env=environment).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
